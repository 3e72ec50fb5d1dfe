"""Making a board: the missing takes side by side, each paid for once, with one budget."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

from .. import display, runtime
from ..errors import ConfigError, ContentRefused, JobCanceled, VoxweaveError
from ..handle import Handle
from ..job import Job, JobReporter
from ..journal import Run, RunLedger, RunState, file_sha
from ..kept_files import KeptFiles
from ..models import JobEvent, JobState
from ..outputs import work_folder
from ..pipeline.film import reference_frame
from ..pipeline.studio import Studio
from ..request import VideoRequest
from ..result import GeneratedVideo
from ..run_view import RunProgress, RunView, sentences
from .folder import BoardFolder
from .orders import Orders, advised, named
from .state import BoardState
from .takes import ELSEWHERE, Film, Order, TakeMaker, is_underway, take_of

__all__ = ["Bench", "BoardProgress", "BoardRun", "collect"]

_SOONEST = 2.0
"""Seconds after which the time left is estimated."""


@dataclass(frozen=True, slots=True, repr=False)
class BoardProgress(RunProgress):
    """The state of a board's run: of its scenes, made ones have a take or a picture or clip of one's own."""

    noun: ClassVar[str] = "scenes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What the making of takes needs.

    Attributes:
        studio: The providers and the journal.
        folder: The board's folder.
        narration: The narration's file.
        unknown_prices: Allow submissions of unknown price although there is a budget.
        anew: The ids of scenes to submit again although a submission is in doubt.
        once_more: The ids of scenes to make one more take of although they have one.
    """

    studio: Studio
    folder: BoardFolder
    narration: Path
    unknown_prices: bool = False
    anew: frozenset[str] = frozenset()
    once_more: frozenset[str] = frozenset()

    def now(self) -> BoardState:
        """Return the board as it is on disk.

        Raises:
            ConfigError: It is gone or damaged.
        """
        state = self.folder.read()
        if state is None:
            raise ConfigError(f"The board {self.folder.path} is gone.")
        return state

    def finished(self) -> frozenset[str]:
        """Return the ids of the board's finished runs."""
        runs = self.studio.journal.runs_of(self.now().purpose.group)
        return frozenset(run.id for run in runs if run.state is RunState.FINISHED)

    def runs_of(self, order: Order, group: str) -> list[Run]:
        """Return the unfinished runs of an order, newest first."""
        runs = reversed(self.studio.journal.runs_of(group))
        return [run for run in runs if run.reuse_key == order.reuse_key and not run.state.ended]

    def resume(self, run: Run) -> Job:
        """Resume a run. Nothing is submitted.

        Raises:
            JobCanceled: Another process works on it, or has just ended it.
        """
        taken = self.studio.journal.take(run.id)
        if taken is None or taken.attempt is None:
            if taken is not None:
                self.studio.journal.release(run.id)
            raise JobCanceled(ELSEWHERE)
        return self.studio.resume(taken, TakeMaker, output_dir=self.folder.takes)

    def submit(
        self, order: Order, film: Film, group: str, samples: Path, sha: str, known: frozenset[str]
    ) -> Job:
        """Start a new take; the submission is journaled and budgeted like any other."""
        studio, anew = self.studio, order.scene.id in self.anew
        providers = studio.pool.usable((order.config.provider,) if order.config.provider else studio.chain)

        async def work(reporter: JobReporter) -> GeneratedVideo:
            journal = await asyncio.to_thread(studio.journal_for, providers, reporter.warn)
            ledger = RunLedger(
                journal,
                job.id,
                budgets=studio.budgets(),
                unknown_prices=self.unknown_prices,
                warn=reporter.warn,
            )
            maker = TakeMaker(reporter, providers, studio.pool, studio.settings, ledger)
            return await maker.make_take(
                order,
                self.folder,
                film=film,
                group=group,
                source=self.narration,
                sha=sha,
                samples=samples,
                unless=functools.partial(is_underway, known=known, anew=anew),
            )

        job = Job(VideoRequest(self.narration, None, order.config), provider=providers[0].name)
        runtime.submit(JobReporter(job).drive(work))
        return job


def collect(studio: Studio, folder: BoardFolder) -> BoardState:
    """Take up finished takes of the journal that the board does not have, and return the board.

    There are such takes where a process was killed between two steps, and where `board.json` came from a copy.
    """
    state = folder.read()
    if state is None:
        raise ConfigError(f"{folder.path} holds no board.")
    known = {take.run for scene in state.scenes for take in scene.takes}
    found = []
    for run in studio.journal.runs_of(state.purpose.group):
        if run.state is not RunState.FINISHED or run.id in known or run.scene is None or not run.result:
            continue
        video = GeneratedVideo.from_dict(run.result)
        path = folder.takes / video.path.name
        if not path.is_file() and video.path.is_file():
            path = folder.publish(video.path, run.scene)
        if path.is_file():
            key = run.reuse_key.rpartition(" ")[2]
            found.append((run.scene, take_of(run.id, key, replace(video, path=path))))
    if not found:
        return state

    def add(now: BoardState) -> BoardState:
        for scene, take in found:
            now = now.with_take(scene, take)
        return now

    return folder.change(add)


@dataclass(slots=True)
class _Piece:
    """A scene that is made in a run, or a run of an earlier edit of it that is fetched."""

    scene: str
    number: int
    words: str
    left: Run | None = None
    job: Job | None = None
    fraction: float = 0.0
    ended: bool = False
    failed: bool = False
    done: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def name(self) -> str:
        return named(self.number, self.words)


class BoardRun(Handle[BoardProgress, BoardProgress]):
    """The making of a board. Displayed in a notebook it shows its progress.

    `await run` works on any event loop, `run.result()` blocks, `run.cancel()` cancels. All of it may be used from any
    thread, more than once.

    Args:
        bench: What the making needs.
        scenes: The ids of the scenes to make.
        at_once: The number of jobs side by side.
        total: The number of scenes of the board.
        made: The number of them that need nothing.
    """

    def __init__(self, bench: Bench, scenes: Sequence[str], *, at_once: int, total: int, made: int) -> None:
        self._bench, self._at_once, self._before = bench, at_once, made
        state = bench.now()
        self._pieces = {
            name: _Piece(name, state.number(name), state.words_of(scene))
            for name in scenes
            if (scene := state.scene(name)) is not None
        }
        super().__init__(BoardProgress(total=total, made=made))
        self._state, self._errors = state, dict[int, VoxweaveError]()
        self._notes: dict[str, list[str]] = {}
        self._began = time.monotonic()
        self._start(self._make_all())

    @property
    def errors(self) -> Mapping[int, VoxweaveError]:
        """The errors of scenes that have no new take, by the scene's number."""
        return dict(self._errors)

    @property
    def notes(self) -> Mapping[str, Sequence[str]]:
        """The names of the scenes that have an error or a warning, by its text, oldest first."""
        with self._lock:
            return {text: tuple(names) for text, names in self._notes.items()}

    @property
    def warnings(self) -> tuple[str, ...]:
        """The errors and warnings of all scenes, in sentences, each once."""
        return sentences(self.notes, BoardProgress.noun)

    def job_of(self, scene: str) -> Job | None:
        """Return the job of a scene that is being made, by the scene's id, or None."""
        piece = self._pieces.get(scene)
        return piece.job if piece is not None and not piece.ended else None

    def makes(self, scene: str) -> bool:
        """Return True while a scene, found by its id, waits in the run or is being made."""
        piece = self._pieces.get(scene)
        return piece is not None and not piece.ended

    def result(self, timeout: float | None = None) -> BoardProgress:
        """Block until every scene has a take or an error; one failure does not stop the others.

        Args:
            timeout: Seconds to wait; None waits without limit. The run goes on after a time-out.

        Raises:
            TimeoutError: The run is not done yet.
            JobCanceled: The run was canceled.
        """
        return self._block(timeout)

    def cancel(self) -> bool:
        """Stop the run: free jobs are canceled, paid ones go on at their providers, and the next run fetches them.

        Returns:
            False if the run had ended.
        """
        with self._lock:
            if self.done():
                return False
            self._canceled = True
            jobs = [piece.job for piece in self._pieces.values() if piece.job is not None and not piece.ended]
        for job in jobs:
            job.detach()
        return True

    def __repr__(self) -> str:
        return f"<BoardRun: {self._progress}>"

    def _ipython_display_(self) -> None:
        display.show_job(RunView(self))

    def _display_(self) -> object:
        """Return what marimo displays."""
        return display.job_widget(RunView(self))

    def _waiting(self) -> AbstractContextManager[object]:
        return display.waiting_for(RunView(self))

    def _is_canceled(self) -> bool:
        return self._canceled

    async def _make_all(self) -> BoardProgress:
        try:
            with work_folder(self._bench.folder.takes) as work:
                await self._make_in(work)
            if self._is_canceled():
                raise JobCanceled(
                    f"The making of the board was canceled: {self._progress}. make() goes on with it."
                )
        except BaseException as error:
            canceled = isinstance(error, JobCanceled | asyncio.CancelledError)
            self._update(error, JobState.CANCELED if canceled else JobState.FAILED)
            raise
        self._update("", JobState.SUCCEEDED)
        return self._progress

    async def _make_in(self, work: Path) -> None:
        bench, state = self._bench, self._state
        sha = await asyncio.to_thread(file_sha, bench.narration)
        if sha != state.purpose.narration_sha:
            raise ConfigError(
                f"The narration {bench.narration.name} has changed since the board was made. Make a new board, or put "
                "the old file back."
            )
        samples = await asyncio.to_thread(self._decode, work)
        left = await asyncio.to_thread(self._left_runs)
        gate = asyncio.Semaphore(self._at_once)
        fetching = [self._make(piece, gate, samples, sha) for piece in left]
        await asyncio.gather(
            *fetching, *(self._make(each, gate, samples, sha) for each in self._pieces.values())
        )

    def _decode(self, work: Path) -> Path:
        from ..media.narration import open_narration

        limits = self._bench.studio.settings
        narration = open_narration(
            self._bench.narration,
            work=work,
            max_seconds=limits.max_narration_seconds,
            max_bytes=limits.max_narration_bytes,
            canceled=lambda: self._canceled,
        )
        return narration.samples

    def _left_runs(self) -> list[_Piece]:
        """Return the runs of earlier prompts that were paid and left: their takes are fetched, too."""
        state, journal = self._state, self._bench.studio.journal
        orders = Orders(self._bench.studio, state, self._bench.folder)
        current = set()
        for number, each in enumerate(state.scenes, 1):
            with contextlib.suppress(VoxweaveError):
                current.add(orders.order(number, each).reuse_key)
        found = []
        for run in journal.runs_of(state.purpose.group):
            scene = state.scene(run.scene or "")
            making = run.reuse_key in current and run.scene in self._pieces
            if run.resumable and run.state is not RunState.IN_DOUBT and scene is not None and not making:
                number = state.number(scene.id)
                found.append(_Piece(scene.id, number, state.words_of(scene), left=run))
        return found

    async def _make(self, piece: _Piece, gate: asyncio.Semaphore, samples: Path, sha: str) -> None:
        """Make one scene, and keep what became of it before the next one begins."""
        error: VoxweaveError | None = None
        try:
            await self._wait_for_the_one_before(piece)
            async with gate:
                await self._take_of(piece, samples, sha)
        except VoxweaveError as found:
            error = found
        except Exception as found:  # noqa: BLE001  whatever it is, it stops no other scene
            error = VoxweaveError(f"{type(found).__name__}: {found}")
        piece.ended, piece.failed = True, error is not None
        piece.done.set()
        if error is not None:
            self._fail(piece, error)
            if not isinstance(error, JobCanceled) and piece.left is None:
                try:
                    await asyncio.to_thread(self._record_error, piece, error)
                except VoxweaveError as found:
                    self._note(piece, str(found))
        self._update(error or "")

    async def _wait_for_the_one_before(self, piece: _Piece) -> None:
        """Wait for the take that a scene starts from, before it takes a place at the gate."""
        scene = self._state.scene(piece.scene)
        number = self._state.number(piece.scene)
        if piece.left is not None or scene is None or not scene.follows or number < 2:
            return
        before = self._pieces.get(self._state.scenes[number - 2].id)
        if before is None:
            return
        await before.done.wait()
        if before.failed:
            raise VoxweaveError(
                f"It starts from the last frame of scene {number - 1}, which could not be made."
            )

    async def _take_of(self, piece: _Piece, samples: Path, sha: str) -> None:
        if self._is_canceled():
            raise JobCanceled("The making of the board was canceled before this scene began.")
        job = await self._begin(piece, samples, sha)
        if job is None:
            return
        piece.job = job
        stop = job.listen(lambda event: self._follow(piece, event))
        try:
            if self._is_canceled():  # while the job began
                job.detach()
            video = await job
        finally:
            stop()
        piece.fraction = 1.0
        self._note(piece, *job.warnings)
        with self._lock:
            spent = video.provenance.usd or 0.0
            self._progress = replace(self._progress, usd=self._progress.usd + spent)

    async def _begin(self, piece: _Piece, samples: Path, sha: str) -> Job | None:
        """Resume what was left of a scene, else submit it; None if it has been made meanwhile.

        Raises:
            JobCanceled: Another process makes it.
        """
        bench = self._bench
        if piece.left is not None:
            return await asyncio.to_thread(bench.resume, piece.left)
        # Read before the board: what another process finishes from now on is seen when the request is written.
        finished = await asyncio.to_thread(bench.finished)
        state = await asyncio.to_thread(collect, bench.studio, bench.folder)
        scene = state.scene(piece.scene)
        if scene is None or scene.id != piece.scene:
            raise ConfigError("It was merged into another scene meanwhile; make() makes that one.")
        orders = Orders(bench.studio, state, bench.folder)
        number = state.number(scene.id)
        order = await asyncio.to_thread(orders.order, number, scene)
        group = state.purpose.group
        for run in await asyncio.to_thread(bench.runs_of, order, group):
            if run.held:
                raise JobCanceled(ELSEWHERE)
            doubt = run.state is RunState.IN_DOUBT and scene.id in bench.anew
            if run.resumable and not doubt:
                return await asyncio.to_thread(bench.resume, run)
        more = scene.id in bench.once_more
        if not more and orders.status(number, scene).state in ("made", "own"):
            return None
        # Takes that the board has are no reason not to make one more; those whose files are gone neither.
        known = finished | (frozenset(take.run for take in scene.takes) if more else frozenset())
        if order.follows:
            order = await self._with_first_frame(order, state, number)
        film = await asyncio.to_thread(orders.film_of_takes)
        return await asyncio.to_thread(bench.submit, order, film, group, samples, sha, known)

    async def _with_first_frame(self, order: Order, state: BoardState, number: int) -> Order:
        """Return an order with the last frame of the scene before, its colours matched to the first of the chain."""
        bench, before = self._bench, state.scenes[number - 2]
        first = number - 1
        while first > 1 and state.scenes[first - 1].follows:
            first -= 1
        source, chain = bench.folder.source_of(before), bench.folder.source_of(state.scenes[first - 1])
        with work_folder(bench.folder.takes) as work:
            frame = await reference_frame(
                source,
                seconds=before.length,
                to=work / "first-frame.png",
                first=None if chain == source else chain,
                size=order.config.size,
                move=before.move,
            )
            config = order.config.replace(image=frame)
            kept = await asyncio.to_thread(config.keep_image, KeptFiles.of(bench.studio.settings))
        return replace(order, config=kept)

    def _record_error(self, piece: _Piece, error: VoxweaveError) -> None:
        refused = isinstance(error, ContentRefused)

        def note(now: BoardState) -> BoardState:
            scene = now.scene(piece.scene)
            if scene is None:
                return now
            return now.changed(replace(scene, error=str(error)[:2000], refused=refused))

        self._bench.folder.change(note)

    def _fail(self, piece: _Piece, error: VoxweaveError) -> None:
        self._errors[piece.number] = error
        self._note(piece, advised(piece.number, error))

    def _note(self, piece: _Piece, *texts: str) -> None:
        with self._lock:
            for text in texts:
                self._notes.setdefault(text, []).append(piece.name)

    def _follow(self, piece: _Piece, event: JobEvent) -> None:
        piece.fraction = max(piece.fraction, event.progress / 100)
        if event.kind in ("progress", "state"):
            self._update("")

    def _update(self, message: object, state: JobState = JobState.RUNNING) -> None:
        with self._lock:
            pieces = list(self._pieces.values())
            ended, failed = (sum(each.ended for each in pieces), sum(each.failed for each in pieces))
            share = (
                sum(1.0 if each.ended else each.fraction for each in pieces) / len(pieces) if pieces else 1.0
            )
            elapsed = time.monotonic() - self._began
            left = elapsed * (1 - share) / share if share and elapsed > _SOONEST else None
            self._progress = replace(
                self._progress,
                made=self._before + ended - failed,
                failed=failed,
                running=sum(each.job is not None and not each.ended for each in pieces),
                fraction=max(self._progress.fraction, share),
                message=str(message) or self._progress.message,
                state=state,
                elapsed=elapsed,
                remaining=None if state.final else left,
            )
            listeners, progress = list(self._listeners), self._progress
        for listener in listeners:
            self._tell(listener, progress)
