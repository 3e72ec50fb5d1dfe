"""A video on its way: its state, its one progress figure, its events, and how to wait for it or stop it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import logging
import queue
import secrets
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from dataclasses import replace
from typing import Any, Literal

from . import runtime
from .errors import JobCanceled, VoxweaveError
from .models import JobEvent, JobState, Stage
from .request import VideoRequest
from .result import GeneratedVideo

__all__ = ["Job"]

_log = logging.getLogger(__name__)


class Job:
    """One video on its way; displayed in a notebook it shows its progress and then the video.

    `await job` works on any event loop, `job.result()` blocks, `job.cancel()` stops it, and
    `async for event in job.events()` follows it. All of them may be used from any thread, more than once.

    Attributes:
        id: Our own name for the job.
        request: What is being made.
        provider: Who makes the picture, or is asked first while nobody has taken the job.
        provider_job_id: The provider's own id of the job, or None before acceptance.
        on_interrupt: What an interrupt or a cancelled await does: `"detach"` (a paid job goes on at its provider and
            can be resumed, a free one is stopped) or `"cancel"`.
        detaching: Whether it was told to let a paid job go on.
        fate: What became of a stopped job at the provider, for a person; empty when nothing is left of it.
    """

    def __init__(
        self,
        request: VideoRequest,
        work: Callable[[Job], Awaitable[GeneratedVideo]],
        *,
        provider: str,
        id: str | None = None,
        on_interrupt: Literal["detach", "cancel"] = "detach",
    ) -> None:
        self.id = id or f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(4)}"
        self.on_interrupt = on_interrupt
        self.detaching = False
        self.request = request
        self.provider = provider
        self.provider_job_id: str | None = None
        self.fate = ""
        self._work = work
        self._lock = threading.RLock()
        self._listeners: list[Callable[[JobEvent], None]] = []
        self._history: list[JobEvent] = []
        self._warnings: list[str] = []
        self._video: GeneratedVideo | None = None
        self._started = time.monotonic()
        self._generating: tuple[float, float] | None = None
        self._task: asyncio.Task[None] | None = None
        self._cancel_asked = False
        self._done: concurrent.futures.Future[GeneratedVideo] = concurrent.futures.Future()
        self._last = JobEvent("state", JobState.QUEUED, None, 0.0, "", time.time(), 0.0)
        self._emit("state", state=JobState.QUEUED)

    # What a person asks it

    @property
    def state(self) -> JobState:
        """Where it stands."""
        return self._last.state

    @property
    def stage(self) -> Stage | None:
        """The part of the work that it is in, or None before the first and after the last."""
        return self._last.stage

    @property
    def progress(self) -> float:
        """0 to 100 over the whole run; never goes back."""
        return self._last.progress

    @property
    def message(self) -> str:
        """The last sentence that it said."""
        return next((event.message for event in reversed(self._history) if event.message), "")

    @property
    def warnings(self) -> tuple[str, ...]:
        """Everything so far that is not as asked, in sentences."""
        return tuple(self._warnings)

    @property
    def video(self) -> GeneratedVideo | None:
        """The finished video, or None while there is none."""
        return self._video

    @property
    def elapsed(self) -> float:
        """Seconds since it was submitted; stands still once it is done."""
        return self._last.elapsed if self.state.final else time.monotonic() - self._started

    def done(self) -> bool:
        """Whether it has ended, in whatever way."""
        return self._done.done()

    def result(self, timeout: float | None = None) -> GeneratedVideo:
        """Blocks until the video is there. An interrupt lets go of the job, as `on_interrupt` says.

        Args:
            timeout: How many seconds to wait; None waits for ever. The job goes on when they are over.

        Raises:
            TimeoutError: It is not done yet.
            JobCanceled: It was stopped.
            VoxweaveError: It failed; the error says why.
        """
        if runtime.on_background() and not self.done():
            raise RuntimeError("result() would block the loop that the job runs on; await the job instead.")
        try:
            return runtime.block(self._done, timeout)
        except KeyboardInterrupt:
            self._let_go()
            concurrent.futures.wait([self._done], 3.0)
            raise

    def exception(self) -> BaseException | None:
        """Why it ended without a video, or None while it runs or when it succeeded."""
        return self._done.exception() if self.done() else None

    @property
    def keeps(self) -> bool:
        """Whether a paid job is to go on at its provider: nobody asked to stop it, or it was let go of."""
        return self.detaching or not self._cancel_asked

    def cancel(self) -> bool:
        """Asks it to stop, at its provider too, even after `detach`. False when it had ended already."""
        self.detaching = False
        return self._end_soon()

    def _end_soon(self) -> bool:
        with self._lock:
            if self.done() or self.state.final:
                return False
            self._cancel_asked = True
            task = self._task
        if task is not None:
            with contextlib.suppress(RuntimeError):  # the loop is gone: so is the job
                task.get_loop().call_soon_threadsafe(task.cancel)
        return True

    def detach(self) -> bool:
        """Stops waiting here: a paid job goes on at its provider and can be resumed; a free one is stopped.

        Returns:
            False when it had ended already.
        """
        self.detaching = True
        return self._end_soon()

    def _let_go(self) -> None:
        if self.on_interrupt == "cancel":
            self.cancel()
        else:
            self.detach()

    async def events(self) -> AsyncIterator[JobEvent]:
        """Everything that happened and happens to it, from the start until its final state."""
        arrived: queue.SimpleQueue[JobEvent] = queue.SimpleQueue()
        stop = self.listen(arrived.put)
        try:
            while True:
                while not arrived.empty():
                    event = arrived.get()
                    yield event
                    if event.kind == "state" and event.state.final:
                        return
                await asyncio.sleep(runtime.TICK / 2)
        finally:
            stop()

    def listen(self, listener: Callable[[JobEvent], None]) -> Callable[[], None]:
        """Calls `listener` with each event, those of the past first (mere progress: only the last).

        The calls come on the background thread, where nothing may block, print or display.

        Returns:
            What ends the listening.
        """
        with self._lock:
            for event in self._history:
                listener(event)
            self._listeners.append(listener)
        return lambda: self._drop(listener)

    def _drop(self, listener: Callable[[JobEvent], None]) -> None:
        with self._lock, contextlib.suppress(ValueError):
            self._listeners.remove(listener)

    def __await__(self) -> Generator[Any, None, GeneratedVideo]:
        return self._wait().__await__()

    async def _wait(self) -> GeneratedVideo:
        try:
            while not self._done.done():
                await asyncio.sleep(runtime.TICK)
        except asyncio.CancelledError:
            self._let_go()
            raise
        return self._done.result()

    def __repr__(self) -> str:
        return f"<Job {self.id}: {self.state}, {self.progress:.0f} %>"

    def _ipython_display_(self) -> None:
        # The widgets display a job; they lie above this room and bring ipywidgets. The package knows both rooms, and it
        # is there when a job is.
        sys.modules["voxweave_nb"].show_job(self)

    # What the service tells it, on the background loop

    async def drive(self) -> None:
        """Does the work and keeps its outcome; called once, by the service."""
        with self._lock:
            self._task = asyncio.current_task()
        try:
            if self._cancel_asked:
                raise asyncio.CancelledError
            self._emit("state", state=JobState.RUNNING)
            video = await self._work(self)
        except asyncio.CancelledError:
            fate = self.fate or "nothing was left behind"
            error = JobCanceled(f"The job was stopped at {self.progress:.0f} %; {fate}.")
            self._end(JobState.CANCELED, error)
        except VoxweaveError as error:
            self._end(JobState.FAILED, error)
        except Exception as error:  # noqa: BLE001  whatever it is, it belongs to whoever waits for the job
            _log.debug("job %s failed", self.id, exc_info=True)
            self._end(JobState.FAILED, error)
        else:
            self._video = video
            self._emit("state", state=JobState.SUCCEEDED, stage=None, progress=100.0, message=str(video))
            self._done.set_result(video)

    def _end(self, state: JobState, error: Exception) -> None:
        self._emit("state", state=state, message=str(error) or type(error).__name__)
        self._done.set_exception(error)

    def advance(self, stage: Stage, fraction: float | None, message: str = "") -> None:
        """Moves the bar to a fraction (0 to 1) of a stage; None when nobody knows how far it is."""
        low, high = stage.span
        share = 0.0 if fraction is None else min(1.0, max(0.0, fraction))
        figure = max(self.progress, low + (high - low) * share)
        if stage is not Stage.UPLOAD and self._generating is None:
            self._generating = (time.monotonic(), figure)
        if message or stage is not self.stage or figure > self.progress or fraction is None:
            kind: Literal["log", "progress"] = "log" if message else "progress"
            self._emit(kind, stage=stage, progress=figure, message=message, indeterminate=fraction is None)

    def log(self, message: str) -> None:
        """Says a sentence."""
        self._emit("log", message=message)

    def warn(self, message: str) -> None:
        """Says what is not as asked; the result repeats it."""
        if message not in self._warnings:
            self._warnings.append(message)
            self._emit("warning", message=message)

    def _emit(self, kind: Literal["progress", "state", "warning", "log"], **changes: Any) -> None:
        with self._lock:
            event = replace(
                self._last,
                kind=kind,
                at=time.time(),
                elapsed=time.monotonic() - self._started,
                **{"message": "", **changes},
            )
            event = replace(event, remaining=self._remaining(event))
            if self._history and self._history[-1].kind == kind == "progress":
                self._history.pop()
            self._history.append(event)
            self._last = event
            listeners = tuple(self._listeners)
            for listener in listeners:
                self._tell(listener, event)

    def _tell(self, listener: Callable[[JobEvent], None], event: JobEvent) -> None:
        try:
            listener(event)
        except Exception:  # noqa: BLE001  a view that breaks must not break the job
            _log.exception("A listener of job %s failed and is dropped", self.id)
            self._drop(listener)

    def _remaining(self, event: JobEvent) -> float | None:
        if event.state is not JobState.RUNNING or self._generating is None or event.indeterminate:
            return None
        began, figure = self._generating
        gone, moved = time.monotonic() - began, event.progress - figure
        return gone * (100.0 - event.progress) / moved if gone > 0.5 and moved > 2.0 else None
