"""The lab's run: makes the missing videos side by side, each paid for once."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .. import runtime
from ..errors import ContentRefused, JobCanceled, VoxweaveError
from ..job import Job
from ..journal import Run, RunState
from ..models import JobEvent, SubtitleMode
from ..request import VideoRequest
from ..result import GeneratedVideo
from ..service import VideoGenerationService
from .flags import find_flags
from .folder import LabFolder
from .records import Flag, Made, Variant
from .videos import brought, lies_in, stored

__all__ = ["LabProgress", "LabRun", "Workshop"]


@dataclass(frozen=True, slots=True)
class LabProgress:
    """The state of a lab's run.

    Attributes:
        total: The variants of this run.
        made: Those with a video, new or from before.
        failed: Those that failed, were refused, or are over the budget.
        running: Those that are being made now.
        fraction: The progress of the whole, 0 to 1, weighted by the seconds of video.
        usd: US dollars that this run has spent so far, as far as prices are known.
        message: The newest message.
    """

    total: int
    made: int = 0
    failed: int = 0
    running: int = 0
    fraction: float = 0.0
    usd: float = 0.0
    message: str = ""

    def __str__(self) -> str:
        parts = [f"{self.made} of {self.total} made", f"{self.failed} failed" if self.failed else ""]
        parts += [f"{self.running} running" if self.running else "", f"${self.usd:.2f}" if self.usd else ""]
        return ", ".join(part for part in parts if part)


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
    """

    folder: LabFolder
    service: VideoGenerationService
    narration: Path
    subtitles: Path | str | None
    group: str
    seconds: float
    unknown_prices: bool = False
    anew: frozenset[str] = frozenset()

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


class LabRun:
    """The handle of a lab's run: `await`, `result()`, `cancel()`, `listen()`. It may be used from any thread.

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
        self._lock, self._checking = threading.Lock(), threading.Lock()
        self._listeners: list[Callable[[LabProgress], None]] = []
        self._progress = LabProgress(total=len(variants) + finished, made=finished)
        self._canceled = False
        self._errors: dict[str, VoxweaveError] = {}
        self._work = runtime.submit(self._make_all())

    @property
    def progress(self) -> LabProgress:
        """How far the whole is."""
        return self._progress

    @property
    def errors(self) -> Mapping[str, VoxweaveError]:
        """The errors of variants that have no video, by the variant's id."""
        return dict(self._errors)

    def job_of(self, variant: str) -> Job | None:
        """Return the job of a variant that is being made, or None."""
        piece = self._pieces.get(variant)
        return piece.job if piece is not None and not piece.ended else None

    def done(self) -> bool:
        """Return True once every variant has a video or an error."""
        return self._work.done()

    def result(self, timeout: float | None = None) -> LabProgress:
        """Block until every variant has a video or an error; one failure does not stop the others.

        Args:
            timeout: Seconds to wait; None waits without limit. The run goes on after a time-out.

        Raises:
            TimeoutError: The run is not done yet.
            JobCanceled: The run was cancelled.
        """
        if runtime.on_background() and not self.done():
            raise RuntimeError("result() would block the loop that the run runs on; await the run instead.")
        try:
            return runtime.block(self._work, timeout)
        except KeyboardInterrupt:
            self.cancel()
            concurrent.futures.wait([self._work], 3.0)
            raise

    def cancel(self) -> bool:
        """Stop the run: free jobs are cancelled, paid ones go on at their providers, and the next run fetches them.

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

    def listen(self, listener: Callable[[LabProgress], None]) -> Callable[[], None]:
        """Call `listener` with each change, the present state first, from the background thread.

        Returns:
            A function that ends the listening.
        """
        with self._lock:
            self._listeners.append(listener)
        listener(self._progress)

        def stop() -> None:
            with self._lock, contextlib.suppress(ValueError):
                self._listeners.remove(listener)

        return stop

    def __await__(self) -> Generator[Any, None, LabProgress]:
        return self._wait().__await__()

    async def _wait(self) -> LabProgress:
        try:
            while not self._work.done():
                await asyncio.sleep(runtime.TICK)
        except asyncio.CancelledError:
            self.cancel()
            raise
        return self._work.result()

    def __repr__(self) -> str:
        return f"<LabRun: {self._progress}>"

    def _is_canceled(self) -> bool:
        return self._canceled

    async def _make_all(self) -> LabProgress:
        gate = asyncio.Semaphore(self._at_once)
        await asyncio.gather(*(self._make(piece, gate) for piece in self._pieces.values()))
        if self._canceled:
            raise JobCanceled(
                f"The run of the lab was cancelled: {self._progress}. run() makes what is missing."
            )
        return self._progress

    async def _make(self, piece: _Piece, gate: asyncio.Semaphore) -> None:
        """Make one variant, and keep what became of it before the next one begins."""
        async with gate:
            try:
                made = await self._video_of(piece)
            except VoxweaveError as error:
                self._errors[piece.variant.id] = error
                made = _failure(piece, error)
            piece.ended = True
            if made is not None:
                await asyncio.to_thread(self._workshop.folder.record, made)
            self._update(self._errors.get(piece.variant.id, ""))

    async def _video_of(self, piece: _Piece) -> Made | None:
        """Return the finished variant; None if another process makes it."""
        if self._is_canceled():
            raise JobCanceled("The run of the lab was cancelled before this variant began.")
        job = await asyncio.to_thread(self._workshop.start, piece.variant)
        if job is None:
            self._errors[piece.variant.id] = JobCanceled("Another process makes this variant at the moment.")
            return None
        piece.job = job
        stop = job.listen(lambda event: self._follow(piece, event))
        try:
            if self._is_canceled():  # while the job began
                job.detach()
            video = await job
        finally:
            stop()
        piece.fraction = 1.0
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
        config = variant.config
        burnt = video.subtitle_mode is SubtitleMode.BURN
        with self._checking:  # a check takes a core
            try:
                flags = find_flags(
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

    def _update(self, message: object) -> None:
        with self._lock:
            pieces = self._pieces.values()
            ended = sum(piece.ended for piece in pieces)
            failed = sum(piece.ended and piece.variant.id in self._errors for piece in pieces)
            done = sum(1.0 if piece.ended else piece.fraction for piece in pieces)
            self._progress = replace(
                self._progress,
                made=self._before + ended - failed,
                failed=failed,
                running=sum(piece.job is not None and not piece.ended for piece in pieces),
                fraction=max(self._progress.fraction, done / len(pieces) if pieces else 1.0),
                message=str(message) or self._progress.message,
            )
            listeners, progress = list(self._listeners), self._progress
        for listener in listeners:
            listener(progress)


def _failure(piece: _Piece, error: VoxweaveError) -> Made | None:
    """Return the record of a failure; a cancelled variant has none, it is made by the next run."""
    if isinstance(error, JobCanceled):
        return None
    run = piece.job.id if piece.job is not None else ""
    refused = isinstance(error, ContentRefused)
    return Made(piece.variant.id, run, error=str(error), refused=refused, at=time.time())
