"""The progress of a job: bar, stages, warnings and log."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from html import escape
from typing import Generic, TypeVar

import ipywidgets as widgets
from IPython.display import display

from .. import runtime
from ..job import Job
from ..models import JobEvent, JobState, Stage
from ..timecode import clock
from . import texts
from .connection import Connection
from .elements import error_html, note_html, set_visible, visible_overflow, warnings_html
from .saved_output import SavedOutput

__all__ = ["JobProgress", "Throttle", "display_job", "stages_html", "time_text"]

_PAUSE = 0.1
"""Seconds between two updates of the page; a notebook server drops messages above 1000 a second."""

_T = TypeVar("_T")

_LOG_LINES = 200
_BAR_STYLES = {JobState.SUCCEEDED: "success", JobState.FAILED: "danger", JobState.CANCELED: "warning"}


class JobProgress(widgets.VBox):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """Shows the progress of one job at a time; hidden until it follows one.

    Args:
        job: The job to follow, or None to call `follow` later.
        on_end: Called once, on the background thread, when the job has ended.
        styled: True to include the style sheet and the notice of a kernel that is gone; the panel has both already.
        cancel_button: True to show a button that cancels the job.
    """

    def __init__(
        self,
        job: Job | None = None,
        *,
        on_end: Callable[[Job], None] | None = None,
        styled: bool = True,
        cancel_button: bool = True,
    ) -> None:
        self._on_end = on_end
        self._job: Job | None = None
        self._stop_listening: Callable[[], None] = lambda: None
        self._messages: list[JobEvent] = []
        self._throttle = Throttle(self._show)
        self._build(cancel_button)
        connections = [Connection()] if styled else []
        row = widgets.HBox(
            [self._status, self._cancel_button],
            layout=widgets.Layout(justify_content="space-between", align_items="center"),
        )
        super().__init__(
            [*connections, self._stages, self._bar, row, self._notes, self._log_toggle, self._log],
            layout=visible_overflow(),
        )
        self.add_class("voxweave-job")
        set_visible(self, False)
        if job is not None:
            self.follow(job)

    def _build(self, cancel_button: bool) -> None:
        self._stages, self._status, self._notes = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self._bar = widgets.FloatProgress(
            min=0.0, max=100.0, tooltip=texts.PROGRESS, layout=widgets.Layout(width="auto")
        )
        self._cancel_button = widgets.Button(description=texts.CANCEL, tooltip=texts.CANCEL_TIP)
        self._cancel_button.add_class("vx-go")
        self._cancel_button.on_click(lambda _: self.cancel())
        if not cancel_button:
            self._cancel_button.layout.visibility = "hidden"  # keeps its space, so the row does not jump
        # The log is a toggle and a widget: a <details> element would close with each new line.
        self._log_toggle = widgets.ToggleButton(description=texts.LOG, tooltip=texts.LOG_TIP)
        self._log_toggle.add_class("vx-open")
        self._log_toggle.observe(lambda _: self._show_log(), "value")
        self._log = widgets.HTML()

    @property
    def job(self) -> Job | None:
        """The job that is followed."""
        return self._job

    @property
    def value(self) -> float:
        """The bar's value, 0 to 100."""
        return float(self._bar.value)

    def follow(self, job: Job) -> None:
        """Show a job, including its events so far, in place of the previous one."""
        self._stop_listening()
        self._job, self._messages = job, []
        self._bar.value, self._bar.bar_style = 0.0, ""
        self._notes.value = self._log.value = ""
        set_visible(self._cancel_button, True)
        set_visible(self, True)
        self._stop_listening = job.listen(self._on_event)

    def release(self) -> Job | None:
        """Stop following the job and return it if it is still running, so that another view can follow it."""
        job = self._job
        if job is None or job.state.final:
            return None
        self._stop_listening()
        return job

    def cancel(self) -> None:
        """Cancel the job if it is still running."""
        if self._job is not None and not self._job.state.final:
            self._status.value = '<span class="vx-note">' + texts.CANCELING + "</span>"
            self._job.cancel()

    def show_error(self, message: str) -> None:
        """Show an error that occurred before a job was started."""
        self._stop_listening()
        self._job = None
        self._stages.value = self._status.value = self._log.value = ""
        for widget in (self._bar, self._cancel_button, self._log_toggle):
            set_visible(widget, False)
        self._notes.value = error_html(message)
        set_visible(self, True)

    def tone_down_error(self) -> None:
        """Take back the error of input that was changed since; that of a job stays, as a note."""
        if self._job is None:
            set_visible(self, False)
        elif self._job.state is JobState.FAILED:
            self._stages.value = ""
            set_visible(self._bar, False)
            warnings = warnings_html(self._job.warnings)
            self._notes.value = note_html(texts.EARLIER_FAILURE.format(message=self._job.message)) + warnings

    def _on_event(self, event: JobEvent) -> None:
        if event.message:
            self._messages.append(event)
        self._throttle.update(event, now=event.state.final)
        if event.kind == "state" and event.state.final and self._on_end and self._job:
            self._on_end(self._job)

    def _show(self, event: JobEvent) -> None:
        set_visible(self._bar, True)
        self._bar.value = event.progress
        self._bar.bar_style = _BAR_STYLES.get(event.state, "info" if event.indeterminate else "")
        self._stages.value = stages_html(event) if self._job is None or self._job.staged else ""
        self._status.value = f'<span class="vx-note" role="status">{self._status_html(event)}</span>'
        if event.state.final:
            set_visible(self._cancel_button, False)
        self._notes.value = self._notes_html(event)
        set_visible(self._log_toggle, True)
        self._show_log()

    def _show_log(self) -> None:
        lines = "".join(map(_log_line_html, self._messages[-_LOG_LINES:])) if self._log_toggle.value else ""
        self._log.value = f'<div class="vx-log">{lines}</div>' if lines else ""

    def _status_html(self, event: JobEvent) -> str:
        """Return the elapsed time and the current step; after success, the provider and the price."""
        video = self._job.video if self._job else None
        if event.state is JobState.SUCCEEDED and video is not None:
            return escape(texts.DONE_BY.format(time=clock(event.elapsed), story=video.provenance.story))
        # A run of many has no video that tells what came of it.
        told = event.state is JobState.SUCCEEDED and self._job is not None and not self._job.staged
        step = (
            ""
            if (event.state.final and not told) or not self._messages
            else f"<br>{escape(self._messages[-1].message)}"
        )
        return escape(time_text(event)) + step

    def _notes_html(self, event: JobEvent) -> str:
        notes = warnings_html(self._job.warnings if self._job else ())
        if event.state is JobState.FAILED:
            notes = error_html(self._job.message if self._job else event.message) + notes
        return notes


class Throttle(Generic[_T]):
    """Passes on at most one event per `_PAUSE`, and always the last one.

    Args:
        show: Called with an event, on the thread that reported it or on the background thread.
    """

    def __init__(self, show: Callable[[_T], None]) -> None:
        self._show = show
        self._lock = threading.Lock()
        self._next: _T | None = None
        self._last_shown = 0.0
        self._scheduled = False

    def update(self, event: _T, *, now: bool) -> None:
        """Show an event: at once if `now` is true or the last one is long enough ago, else a little later."""
        with self._lock:
            self._next = event
            wait = 0.0 if now else self._last_shown + _PAUSE - time.monotonic()
            if wait > 0:
                if not self._scheduled:
                    self._scheduled = True
                    loop = runtime.background().loop
                    loop.call_soon_threadsafe(loop.call_later, wait, self._flush)
                return
        self._flush()

    def _flush(self) -> None:
        with self._lock:
            event, self._next, self._scheduled = self._next, None, False
            self._last_shown = time.monotonic()
        if event is not None:
            self._show(event)


def display_job(job: Job) -> JobProgress:
    """Display a job's progress in a cell and, once it has one, its video as an output that stays."""
    saved_output = SavedOutput()
    progress = JobProgress(on_end=saved_output.add_from)
    display(progress)
    saved_output.create()
    progress.follow(job)
    return progress


def stages_html(event: JobEvent) -> str:
    """Return the four stages as HTML, with the current one and those before it marked."""
    stages = list(Stage)
    finished = (
        len(stages) if event.state is JobState.SUCCEEDED else -1
    )  # past the last stage, or before the first
    current = stages.index(event.stage) if event.stage else finished
    spans = []
    for number, stage in enumerate(stages):
        mark = "vx-past" if number < current else "vx-now" if number == current else ""
        spans.append(f'<span class="{mark}">{texts.STAGES[stage.value]}</span>')
    return f'<div class="vx-stages">{"".join(spans)}</div>'


def time_text(event: JobEvent) -> str:
    """Return the percentage, the time that has passed and the time left; of an ended job, how long it took."""
    if event.state is JobState.SUCCEEDED:
        return texts.DONE.format(time=clock(event.elapsed))
    if event.state.final:
        return texts.ENDED[event.state.value].format(time=clock(event.elapsed))
    left = "" if event.remaining is None else texts.TIME_LEFT.format(time=clock(event.remaining))
    percent = "…" if event.indeterminate else f"{event.progress:.0f} %"
    return f"{percent} · {clock(event.elapsed)}{left}"


def _log_line_html(event: JobEvent) -> str:
    mark = ' class="vx-marked"' if event.kind == "warning" else ""
    return f"<div{mark}><span>{clock(event.elapsed)}</span><span>{escape(event.message)}</span></div>"
