"""The lab's run: makes the missing videos side by side, each paid for once."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, Self

from .. import display
from ..errors import ContentRefused, JobCanceled, VoxweaveError
from ..handle import Handle
from ..job import Job
from ..journal import Run, RunState
from ..models import JobEvent, JobState, SubtitleMode
from ..request import VideoRequest
from ..result import GeneratedVideo
from ..run_view import RunView, sentences
from ..service import VideoGenerationService
from .folder import LabFolder
from .progress import LabProgress, name_of
from .records import Flag, Made, Variant
from .videos import brought, lies_in, stored
from .weights import expected_seconds

__all__ = ["Crew", "LabProgress", "LabRun", "Workshop"]

_SOONEST = 2.0
"""Seconds after which the time left is estimated."""


class Crew(Protocol):
    """Other machines that work for a run, as long as it lasts."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *_: object) -> None: ...

    def blocks(self) -> bool:
        """Return True on a thread where waiting would keep the crew from working."""

    @property
    def find_flags(self) -> Callable[..., tuple[Flag, ...]]:
        """Check a video; see `flags.find_flags`."""

    @property
    def warnings(self) -> Sequence[str]:
        """The reasons why this machine did the crew's work itself."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """What the making of a variant needs.

    Attributes:
        folder: The lab's folder.
        service: The service that makes the videos; it saves into the lab's folder.
        narration: The narration.
        subtitles: The subtitles, or None.
        group: The lab's group in the journal.
        seconds: The length of the narration in seconds.
        unknown_prices: Allow submissions of unknown price although there is a budget.
        anew: The ids of variants to submit again although a submission is in doubt.
        crew: Other machines that render and check, or None.
    """

    folder: LabFolder
    service: VideoGenerationService
    narration: Path
    subtitles: Path | str | None
    group: str
    seconds: float
    unknown_prices: bool = False
    anew: frozenset[str] = frozenset()
    crew: Crew | None = None

    def request(self, variant: Variant) -> VideoRequest:
        """Return the request of a variant."""
        return VideoRequest(self.narration, self.subtitles, variant.config)

    def start(self, variant: Variant) -> Job | None:
        """Start or resume a variant's video; None if another process is making it now.

        A run of this lab that was left is resumed, whatever became of it: nothing is submitted a second time.
        """
        for run in self._runs(variant):
            if run.held:
                return None
            doubt = run.state is RunState.IN_DOUBT and variant.id in self.anew
            if run.resumable and not doubt:
                return self.service.resume(run.id)
        return self.service.submit(
            self.narration,
            subtitles=self.subtitles,
            config=variant.config,
            reuse=True,
            group=self.group,
            unknown_prices=self.unknown_prices,
        )

    def _runs(self, variant: Variant) -> list[Run]:
        """Return this lab's unfinished runs of a variant, newest first."""
        config, sha = variant.config, variant.source.narration
        return [
            run
            for run in reversed(self.service.journal.runs_of(self.group))
            if run.config == config and run.narration_sha == sha and run.state is not RunState.FINISHED
        ]


@dataclass(slots=True)
class _Piece:
    variant: Variant
    job: Job | None = None
    fraction: float = 0.0
    ended: bool = False
    reused: bool = False
    weight: float = 1.0

    @property
    def name(self) -> str:
        """The choices that tell it from others, else the id."""
        return name_of(self.variant)

    @property
    def done(self) -> float:
        return self.weight * (1.0 if self.ended else self.fraction)


class LabRun(Handle[LabProgress, LabProgress]):
    """A lab's run. Displayed in a notebook it shows its progress; a terminal shows a bar while it is waited for.

    `await run` works on any event loop, `run.result()` blocks, `run.cancel()` cancels. All of it may be used from any
    thread, more than once.

    Args:
        workshop: What the making of a variant needs.
        variants: The variants without a video.
        at_once: The number of jobs side by side.
        finished: The number of variants that have a video already.
    """

    def __init__(
        self, workshop: Workshop, variants: Sequence[Variant], *, at_once: int, finished: int = 0
    ) -> None:
        self._workshop, self._at_once, self._before = workshop, at_once, finished
        self._pieces = {each.id: _Piece(each) for each in variants}
        super().__init__(LabProgress(total=len(variants) + finished, made=finished))
        self._checking = threading.Lock()
        self._errors: dict[str, VoxweaveError] = {}
        self._notes: dict[str, list[str]] = {}
        self._began = time.monotonic()
        self._start(self._make_all())

    @property
    def errors(self) -> Mapping[str, VoxweaveError]:
        """The errors of variants that have no video, by the variant's id."""
        return dict(self._errors)

    @property
    def notes(self) -> Mapping[str, Sequence[str]]:
        """The names of the variants that have an error or a warning, by its text, oldest first."""
        with self._lock:
            return {text: tuple(names) for text, names in self._notes.items()}

    @property
    def warnings(self) -> tuple[str, ...]:
        """The errors and warnings of all variants, in sentences, each once."""
        return sentences(self.notes, LabProgress.noun)

    def job_of(self, variant: str) -> Job | None:
        """Return the job of a variant that is being made, or None."""
        piece = self._pieces.get(variant)
        return piece.job if piece is not None and not piece.ended else None

    def result(self, timeout: float | None = None) -> LabProgress:
        """Block until every variant has a video or an error; one failure does not stop the others.

        Args:
            timeout: Seconds to wait; None waits without limit. The run goes on after a time-out.

        Raises:
            TimeoutError: The run is not done yet.
            JobCanceled: The run was canceled.
            ConfigError: Dask's workers have another version of voxweave_nb or Python; nothing was made.
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
        return f"<LabRun: {self._progress}>"

    def _ipython_display_(self) -> None:
        display.show_job(RunView(self))

    def _display_(self) -> object:
        """Return what marimo displays."""
        return display.job_widget(RunView(self))

    def _would_hang(self) -> bool:
        crew = self._workshop.crew
        return super()._would_hang() or (crew is not None and crew.blocks())

    def _waiting(self) -> AbstractContextManager[object]:
        return display.waiting_for(RunView(self))

    def _is_canceled(self) -> bool:
        return self._canceled

    async def _make_all(self) -> LabProgress:
        try:
            crew = self._workshop.crew
            async with crew or contextlib.nullcontext():
                await asyncio.to_thread(self._weigh)
                gate = asyncio.Semaphore(self._at_once)
                await asyncio.gather(*(self._make(piece, gate) for piece in self._pieces.values()))
            for text in crew.warnings if crew is not None else ():
                self._notes.setdefault(text, [])
            if self._canceled:
                raise JobCanceled(
                    f"The run of the lab was canceled: {self._progress}. run() makes what is missing."
                )
        except BaseException as error:
            canceled = isinstance(error, JobCanceled | asyncio.CancelledError)
            self._update(error, JobState.CANCELED if canceled else JobState.FAILED)
            raise
        self._update("", JobState.SUCCEEDED)
        return self._progress

    def _weigh(self) -> None:
        expected = expected_seconds(self._workshop.service, self._workshop.seconds)
        for piece in self._pieces.values():
            piece.weight = expected(piece.variant.config)

    async def _make(self, piece: _Piece, gate: asyncio.Semaphore) -> None:
        """Make one variant, and keep what became of it before the next one begins."""
        async with gate:
            try:
                made = await self._video_of(piece)
            except VoxweaveError as error:
                made = self._fail(piece, error)
            except Exception as error:  # noqa: BLE001  whatever it is, it stops no other variant
                made = self._fail(piece, VoxweaveError(f"{type(error).__name__}: {error}"))
            piece.ended = True
            try:
                if made is not None:
                    await asyncio.to_thread(self._workshop.folder.record, made)
            except VoxweaveError as error:  # the journal has the video, and the next run finds it there
                self._fail(piece, error)
            self._update(self._errors.get(piece.variant.id, ""))

    def _fail(self, piece: _Piece, error: VoxweaveError) -> Made | None:
        self._errors[piece.variant.id] = error
        made = _failure(piece, error)
        if made is not None:
            self._note(piece, made.error)
        return made

    def _note(self, piece: _Piece, *texts: str) -> None:
        with self._lock:
            for text in texts:
                self._notes.setdefault(text, []).append(piece.name)

    async def _video_of(self, piece: _Piece) -> Made | None:
        """Return the finished variant; None if another process makes it."""
        if self._is_canceled():
            raise JobCanceled("The run of the lab was canceled before this variant began.")
        job = await asyncio.to_thread(self._workshop.start, piece.variant)
        if job is None:
            self._errors[piece.variant.id] = JobCanceled("Another process makes this variant at the moment.")
            self._note(piece, str(self._errors[piece.variant.id]))
            return None
        piece.job = job
        stop = job.listen(lambda event: self._follow(piece, event))
        try:
            if self._is_canceled():  # while the job began
                job.detach()
            video = await job
        finally:
            stop()
        piece.fraction, piece.reused = 1.0, job.provider_job_id is None
        self._note(piece, *job.warnings)
        return await asyncio.to_thread(self._keep, piece, job, video)

    def _keep(self, piece: _Piece, job: Job, video: GeneratedVideo) -> Made:
        """Bring a video into the lab's folder, if an identical request left it elsewhere."""
        usd = video.provenance.usd
        spent = (usd or 0.0) if job.provider_job_id is not None else 0.0  # a reused video costs nothing
        path = self._workshop.folder.path
        inside = video if lies_in(video.path, path) else brought(video, self._workshop.folder.videos)
        with self._lock:
            self._progress = replace(self._progress, usd=self._progress.usd + spent)
        self._check(piece.variant, inside)
        return Made(piece.variant.id, job.id, stored(inside, path), usd, at=time.time())

    def _check(self, variant: Variant, video: GeneratedVideo) -> None:
        """Keep what deserves a warning about a video. A check that fails does not lose the video."""
        from .flags import find_flags  # imports PyAV, which a view does not need

        config = variant.config
        burnt = video.subtitle_mode is SubtitleMode.BURN
        crew = self._workshop.crew
        # A check takes a core; elsewhere there are more of them.
        with self._checking if crew is None else contextlib.nullcontext():
            try:
                flags = (find_flags if crew is None else crew.find_flags)(
                    video.path,
                    variant=variant.id,
                    cues=video.cues,
                    look=config.subtitle_look,
                    burnt=burnt,
                    canceled=self._is_canceled,
                )
            except JobCanceled:
                return
            except VoxweaveError as error:
                flags = (Flag(variant.id, "unchecked", 1.0, f"could not be checked: {error}"),)
        self._workshop.folder.flag(flags)

    def _follow(self, piece: _Piece, event: JobEvent) -> None:
        piece.fraction = max(piece.fraction, event.progress / 100)
        if event.kind in ("progress", "state"):
            self._update("")

    def _update(self, message: object, state: JobState = JobState.RUNNING) -> None:
        with self._lock:
            pieces = self._pieces.values()
            ended = sum(piece.ended for piece in pieces)
            failed = sum(piece.ended and piece.variant.id in self._errors for piece in pieces)
            whole = sum(piece.weight for piece in pieces)
            share = sum(piece.done for piece in pieces) / whole if whole else 1.0
            self._progress = replace(
                self._progress,
                made=self._before + ended - failed,
                failed=failed,
                running=sum(piece.job is not None and not piece.ended for piece in pieces),
                fraction=max(self._progress.fraction, share),
                message=str(message) or self._progress.message,
                state=state,
                elapsed=time.monotonic() - self._began,
                remaining=None if state.final else self._remaining(),
            )
            listeners, progress = list(self._listeners), self._progress
        for listener in listeners:
            self._tell(listener, progress)

    def _remaining(self) -> float | None:
        """Estimate the seconds left from the pace so far; a reused video, there at once, tells nothing about it."""
        pieces = [piece for piece in self._pieces.values() if not piece.reused]
        whole, done = sum(piece.weight for piece in pieces), sum(piece.done for piece in pieces)
        elapsed = time.monotonic() - self._began
        if not whole or elapsed < _SOONEST or done < 0.02 * whole:
            return None
        return elapsed * (whole - done) / done


def _failure(piece: _Piece, error: VoxweaveError) -> Made | None:
    """Return the record of a failure; a canceled variant has none, it is made by the next run."""
    if isinstance(error, JobCanceled):
        return None
    run = piece.job.id if piece.job is not None else ""
    refused, words, prompt = isinstance(error, ContentRefused), str(error), piece.variant.config.prompt
    if refused and prompt not in words:
        words = f"{words} The prompt is {prompt!r}."
    return Made(piece.variant.id, run, error=words, refused=refused, at=time.time())
