"""A video being made: `Job` for the person who waits for it, `JobReporter` for the pipeline that makes it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import logging
import queue
import secrets
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from dataclasses import replace
from typing import Any, Literal

from . import display, runtime
from .errors import JobCanceled, VoxweaveError
from .models import JobEvent, JobState, Stage
from .providers.types import Plan
from .request import VideoRequest
from .result import GeneratedVideo

__all__ = ["Job", "JobReporter"]

_log = logging.getLogger(__name__)

Listener = Callable[[JobEvent], None]


class _Subscription:
    """A listener and the events that it has not seen yet."""

    def __init__(self, listener: Listener, pending: deque[JobEvent]) -> None:
        self.listener = listener
        self.pending = pending
        self.delivering = False


class _EventLog:
    """The events of one job, in order; delivers them to listeners, never while holding its lock."""

    def __init__(self, name: str) -> None:
        self.started = time.monotonic()
        self.warnings: list[str] = []
        self.history: list[JobEvent] = []
        self.last = JobEvent("state", JobState.QUEUED, None, 0.0, "", time.time(), 0.0)
        self._name = name
        self._lock = threading.Lock()
        self._subscriptions: list[_Subscription] = []
        self._generating: tuple[float, float] | None = None

    def emit(self, kind: Literal["progress", "state", "warning", "log"], **changes: Any) -> None:
        """Append an event and deliver it."""
        with self._lock:
            event = replace(
                self.last,
                kind=kind,
                at=time.time(),
                elapsed=time.monotonic() - self.started,
                **{"message": "", **changes},
            )
            event = replace(event, remaining=self._remaining(event))
            # Only the last of several progress events in a row is kept for late listeners.
            if self.history and self.history[-1].kind == kind == "progress":
                self.history.pop()
            self.history.append(event)
            self.last = event
            subscriptions = tuple(self._subscriptions)
            for subscription in subscriptions:
                subscription.pending.append(event)
        for subscription in subscriptions:
            self._deliver(subscription)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Deliver all events to a listener, past ones first; return a function that ends this."""
        with self._lock:
            subscription = _Subscription(listener, deque(self.history))
            self._subscriptions.append(subscription)
        self._deliver(subscription)
        return lambda: self._drop(subscription)

    def advance(self, stage: Stage, fraction: float | None, message: str = "") -> None:
        """Move the bar to a fraction (0 to 1) of a stage; None if the progress is unknown."""
        low, high = stage.span
        share = 0.0 if fraction is None else min(1.0, max(0.0, fraction))
        figure = max(self.last.progress, low + (high - low) * share)
        if stage is not Stage.UPLOAD and self._generating is None:
            self._generating = (time.monotonic(), figure)
        moved = stage is not self.last.stage or figure > self.last.progress
        if message or moved or fraction is None:
            self.emit(
                "log" if message else "progress",
                stage=stage,
                progress=figure,
                message=message,
                indeterminate=fraction is None,
            )

    def _deliver(self, subscription: _Subscription) -> None:
        """Call a listener with its pending events, one thread at a time, so that they arrive in order."""
        while True:
            with self._lock:
                if subscription.delivering or not subscription.pending:
                    return
                subscription.delivering = True
                event = subscription.pending.popleft()
            try:
                subscription.listener(event)
            except Exception:  # noqa: BLE001  a broken view must not break the job
                _log.exception("A listener of job %s failed and is dropped", self._name)
                self._drop(subscription)
            finally:
                subscription.delivering = False

    def _drop(self, subscription: _Subscription) -> None:
        with self._lock:
            subscription.pending.clear()
            with contextlib.suppress(ValueError):
                self._subscriptions.remove(subscription)

    def _remaining(self, event: JobEvent) -> float | None:
        if event.state is not JobState.RUNNING or self._generating is None or event.indeterminate:
            return None
        began, figure = self._generating
        elapsed, moved = time.monotonic() - began, event.progress - figure
        return elapsed * (100.0 - event.progress) / moved if elapsed > 0.5 and moved > 2.0 else None


class Job:
    """A video being made. Displayed in a notebook it shows its progress and then the video.

    `await job` works on any event loop, `job.result()` blocks, `job.cancel()` cancels, and
    `async for event in job.events()` follows it. All of them may be used from any thread, more than once.

    Attributes:
        id: Our own id of the job.
        request: The request.
        provider: The provider that accepted the job; before that, the first one that is asked.
        provider_job_id: The provider's id of the job, or None before it is accepted.
        plan: The plan that was sent, or is about to be sent, or None before it is made.
        on_interrupt: The effect of an interrupt or a canceled await: `"detach"` (a paid job goes on at its provider
            and can be resumed, a free one is canceled) or `"cancel"`.
        detaching: True once it was told to let a paid job go on.
        fate: The state of a canceled job at the provider, in words; empty if nothing is left of it.
        staged: True: its work goes through the stages, which its views show.
    """

    staged = True

    def __init__(
        self,
        request: VideoRequest,
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
        self.plan: Plan | None = None
        self.fate = ""
        self._events = _EventLog(self.id)
        self._lock = threading.Lock()
        self._video: GeneratedVideo | None = None
        self._task: asyncio.Task[None] | None = None
        self._cancel_requested = False
        self._done: concurrent.futures.Future[GeneratedVideo] = concurrent.futures.Future()
        self._events.emit("state", state=JobState.QUEUED)

    @property
    def state(self) -> JobState:
        """The state."""
        return self._events.last.state

    @property
    def stage(self) -> Stage | None:
        """The stage of the work, or None before the first and after the last."""
        return self._events.last.stage

    @property
    def progress(self) -> float:
        """The progress of the whole run, 0 to 100; it never moves backwards."""
        return self._events.last.progress

    @property
    def message(self) -> str:
        """The newest message."""
        return next((event.message for event in reversed(self._events.history) if event.message), "")

    @property
    def last_event(self) -> JobEvent:
        """The newest event, with state, stage and progress of one moment."""
        return self._events.last

    @property
    def warnings(self) -> tuple[str, ...]:
        """All warnings so far, in sentences."""
        return tuple(self._events.warnings)

    @property
    def video(self) -> GeneratedVideo | None:
        """The finished video, or None."""
        return self._video

    @property
    def elapsed(self) -> float:
        """Seconds since it was submitted, until it was done."""
        last = self._events.last
        return last.elapsed if last.state.final else time.monotonic() - self._events.started

    def done(self) -> bool:
        """Return True once the job has finished, failed or been canceled."""
        return self._done.done()

    def result(self, timeout: float | None = None) -> GeneratedVideo:
        """Block until the video is finished. An interrupt detaches or cancels the job, see `on_interrupt`.

        Args:
            timeout: Seconds to wait; None waits without limit. The job goes on after a time-out.

        Raises:
            TimeoutError: The job is not done yet.
            JobCanceled: The job was canceled.
            VoxweaveError: The job failed; the error says why.
        """
        if runtime.on_background() and not self.done():
            raise RuntimeError("result() would block the loop that the job runs on; await the job instead.")
        try:
            with display.waiting_for(self):
                return runtime.block(self._done, timeout)
        except KeyboardInterrupt:
            self._interrupted()
            concurrent.futures.wait([self._done], 3.0)
            raise

    def exception(self) -> BaseException | None:
        """Return the error of a job that ended without a video, else None."""
        return self._done.exception() if self.done() else None

    @property
    def keeps(self) -> bool:
        """True if a paid job is to go on at its provider: nobody canceled it, or it was detached."""
        return self.detaching or not self._cancel_requested

    def cancel(self) -> bool:
        """Cancel the job, at its provider too, even after `detach`. Return False if it had ended already."""
        self.detaching = False
        return self._request_cancel()

    def detach(self) -> bool:
        """Stop waiting: a paid job goes on at its provider and can be resumed; a free one is canceled.

        Returns:
            False if the job had ended already.
        """
        self.detaching = True
        return self._request_cancel()

    def _request_cancel(self) -> bool:
        with self._lock:
            if self.done() or self.state.final:
                return False
            # Once is enough: a second cancel would interrupt the stop at the provider that the first one began.
            task = None if self._cancel_requested else self._task
            self._cancel_requested = True
        if task is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed, and the job with it
                task.get_loop().call_soon_threadsafe(task.cancel)
        return True

    def _interrupted(self) -> None:
        if self.on_interrupt == "cancel":
            self.cancel()
        else:
            self.detach()

    async def events(self) -> AsyncIterator[JobEvent]:
        """Yield every event from the start until the final state."""
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
        """Call `listener` with each event, past ones first (of progress only the last).

        Calls come from the background thread, where nothing may block, print or display.

        Returns:
            A function that ends the listening.
        """
        return self._events.listen(listener)

    def __await__(self) -> Generator[Any, None, GeneratedVideo]:
        return self._wait().__await__()

    async def _wait(self) -> GeneratedVideo:
        try:
            with display.waiting_for(self):
                while not self._done.done():
                    await asyncio.sleep(runtime.TICK)
        except asyncio.CancelledError:
            self._interrupted()
            raise
        return self._done.result()

    def __repr__(self) -> str:
        return f"<Job {self.id}: {self.state}, {self.progress:.0f} %>"

    def _ipython_display_(self) -> None:
        display.show_job(self)

    def _display_(self) -> object:
        """Return what marimo displays."""
        return display.job_widget(self)


class JobReporter:
    """The pipeline's side of a job: reports progress, messages and the outcome, on the background loop.

    Args:
        job: The job.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self._events = job._events

    def advance(self, stage: Stage, fraction: float | None, message: str = "") -> None:
        """Move the bar to a fraction (0 to 1) of a stage; None if the progress is unknown."""
        self._events.advance(stage, fraction, message)

    def log(self, message: str) -> None:
        """Report a message."""
        self._events.emit("log", message=message)

    def warn(self, *messages: str) -> None:
        """Report differences from what was asked; each reaches the result once."""
        for message in messages:
            if message not in self._events.warnings:
                self._events.warnings.append(message)
                self._events.emit("warning", message=message)

    def planned(self, plan: Plan) -> None:
        """Show the plan that is about to be sent."""
        self.job.plan = plan

    def accepted(self, provider: str, job_id: str, message: str) -> None:
        """Report that a provider has accepted the job."""
        self.job.provider, self.job.provider_job_id = provider, job_id
        self.advance(Stage.GENERATE, 0.0, message)

    def failed_at_provider(self) -> None:
        """Report that the accepted job has failed there, before another provider is asked."""
        self.job.provider_job_id = None

    async def drive(self, work: Callable[[JobReporter], Awaitable[GeneratedVideo]]) -> None:
        """Do the work and keep its outcome; called once per job."""
        job = self.job
        with job._lock:
            job._task = asyncio.current_task()
        try:
            if job._cancel_requested:
                raise asyncio.CancelledError
            self._events.emit("state", state=JobState.RUNNING)
            video = await work(self)
        except asyncio.CancelledError:
            fate = job.fate or "nothing was left behind"
            self._fail(
                JobState.CANCELED, JobCanceled(f"The job was canceled at {job.progress:.0f} %; {fate}.")
            )
        except VoxweaveError as error:
            self._fail(JobState.FAILED, error)
        except Exception as error:  # noqa: BLE001  any error belongs to the person who waits for the job
            _log.debug("job %s failed", job.id, exc_info=True)
            self._fail(JobState.FAILED, error)
        else:
            job._video = video
            self._events.emit(
                "state", state=JobState.SUCCEEDED, stage=None, progress=100.0, message=str(video)
            )
            job._done.set_result(video)

    def _fail(self, state: JobState, error: Exception) -> None:
        self._events.emit("state", state=state, message=str(error) or type(error).__name__)
        self.job._done.set_exception(error)
