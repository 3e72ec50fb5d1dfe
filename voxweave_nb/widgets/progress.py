"""A job to look at: its bar, its four stages, its log, and at the end its video."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from html import escape

import ipywidgets as widgets
from IPython.display import display

from .. import runtime
from ..job import Job
from ..models import JobEvent, JobState, Stage
from ..timecode import clock
from . import texts
from .assets import stylesheet
from .parts import error
from .place import ResultPlace

__all__ = ["JobProgress", "display_job"]

_PAUSE = 0.1
"""Seconds between two updates of the page; a notebook server drops messages above 1000 a second."""

_COLORS = {JobState.SUCCEEDED: "success", JobState.FAILED: "danger", JobState.CANCELED: "warning"}


class JobProgress(widgets.VBox):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """The progress of a job: give it one with `follow`.

    Args:
        job: The job to follow from the start, or None.
        on_end: Called once, on the background thread, when the job has ended.
        styled: Whether it brings its style sheet along; in the panel it is there already.
    """

    def __init__(
        self, job: Job | None = None, *, on_end: Callable[[Job], None] | None = None, styled: bool = True
    ) -> None:
        self._stages = widgets.HTML()
        self._bar = widgets.FloatProgress(
            min=0.0, max=100.0, tooltip=texts.PROGRESS, layout=widgets.Layout(width="auto")
        )
        self._line = widgets.HTML()
        self._stop = widgets.Button(description=texts.CANCEL, tooltip=texts.STOP_TIP)
        self._stop.add_class("vx-go")
        self._stop.on_click(lambda _: self.cancel())
        self._notes = widgets.HTML()
        self._open = widgets.ToggleButton(description=texts.LOG, tooltip=texts.LOG_TIP)
        self._open.add_class("vx-open")
        self._open.observe(lambda _: self._show_log(), "value")
        self._log = widgets.HTML()
        look = [widgets.HTML(stylesheet("job"))] if styled else []
        row = widgets.HBox(
            [self._line, self._stop],
            layout=widgets.Layout(justify_content="space-between", align_items="center"),
        )
        super().__init__(
            [
                *look,
                self._stages,
                self._bar,
                row,
                self._notes,
                self._open,
                self._log,
            ],
            layout=widgets.Layout(overflow="visible"),
        )
        self.add_class("voxweave-job")
        self._on_end = on_end
        self._job: Job | None = None
        self._forget: Callable[[], None] = lambda: None
        self._lines: list[JobEvent] = []
        self._pace = _Pace(self._show)
        self.layout.display = "none"
        if job is not None:
            self.follow(job)

    @property
    def job(self) -> Job | None:
        """The job that is followed."""
        return self._job

    @property
    def value(self) -> float:
        """What the bar shows, 0 to 100."""
        return float(self._bar.value)

    def follow(self, job: Job) -> None:
        """Shows a job from its start."""
        self._forget()
        self._job, self._lines = job, []
        self._bar.value, self._bar.bar_style = 0.0, ""
        self._notes.value = self._log.value = ""
        self._stop.layout.display = None
        self.layout.display = None
        self._forget = job.listen(self._hear)

    def cancel(self) -> None:
        """Asks the job to stop."""
        if self._job is not None and not self._job.state.final:
            self._line.value = '<span class="vx-note">' + texts.STOPPING + "</span>"
            self._job.cancel()

    def fail(self, message: str) -> None:
        """Shows an error that came before there was a job."""
        self._forget()
        self._job = None
        self._stages.value = self._line.value = self._log.value = ""
        self._bar.layout.display = self._stop.layout.display = self._open.layout.display = "none"
        self._notes.value = error(message)
        self.layout.display = None

    def _hear(self, event: JobEvent) -> None:
        if event.message:
            self._lines.append(event)
        self._pace.say(event, now=event.state.final)
        if event.kind == "state" and event.state.final and self._on_end and self._job:
            self._on_end(self._job)

    def _show(self, event: JobEvent) -> None:
        final = event.state.final
        self._bar.layout.display = None
        self._bar.value = event.progress
        self._bar.bar_style = _COLORS.get(event.state, "info" if event.indeterminate else "")
        self._stages.value = _stages(event)
        self._line.value = f'<span class="vx-note" role="status">{self._where(event)}</span>'
        if final:
            self._stop.layout.display = "none"
        self._notes.value = self._remarks(event)
        self._open.layout.display = None
        self._show_log()

    def _show_log(self) -> None:
        """The log is a widget of its own, because a `<details>` would close with each new line."""
        lines = "".join(map(_log_line, self._lines[-200:])) if self._open.value else ""
        self._log.value = f'<div class="vx-log">{lines}</div>' if lines else ""

    def _where(self, event: JobEvent) -> str:
        """How far it is and what it does now, or who made it."""
        video = self._job.video if self._job else None
        if event.state is JobState.SUCCEEDED and video is not None:
            return escape(texts.DONE_BY.format(time=clock(event.elapsed), story=video.provenance.story))
        now = "" if event.state.final or not self._lines else f"<br>{escape(self._lines[-1].message)}"
        return escape(_where(event)) + now

    def _remarks(self, event: JobEvent) -> str:
        warnings = self._job.warnings if self._job else ()
        remarks = "".join(f'<div class="vx-warning">{escape(text)}</div>' for text in warnings)
        if event.state is JobState.FAILED:
            remarks = error(self._job.message if self._job else event.message) + remarks
        return remarks


class _Pace:
    """Lets the page breathe: at most ten updates a second, and the last one always."""

    def __init__(self, show: Callable[[JobEvent], None]) -> None:
        self._show = show
        self._lock = threading.Lock()
        self._next: JobEvent | None = None
        self._shown = 0.0
        self._due = False

    def say(self, event: JobEvent, *, now: bool) -> None:
        with self._lock:
            self._next = event
            wait = 0.0 if now else self._shown + _PAUSE - time.monotonic()
            if wait > 0:
                if not self._due:
                    self._due = True
                    loop = runtime.background().loop
                    loop.call_soon_threadsafe(loop.call_later, wait, self._flush)
                return
        self._flush()

    def _flush(self) -> None:
        with self._lock:
            event, self._next, self._due = self._next, None, False
            self._shown = time.monotonic()
        if event is not None:
            self._show(event)


def display_job(job: Job) -> JobProgress:
    """Shows a job's progress in a cell and, when there is one, its video as an output of its own, which stays."""
    place = ResultPlace()
    progress = JobProgress(on_end=place.show)
    display(progress)
    place.make_room()
    progress.follow(job)
    return progress


def _stages(event: JobEvent) -> str:
    order = list(Stage)
    now = (
        order.index(event.stage) if event.stage else (len(order) if event.state is JobState.SUCCEEDED else -1)
    )
    marks = ("vx-past" if place < now else "vx-now" if place == now else "" for place in range(len(order)))
    spans = (
        f'<span class="{mark}">{texts.STAGES[stage.value]}</span>'
        for stage, mark in zip(order, marks, strict=True)
    )
    return f'<div class="vx-stages">{"".join(spans)}</div>'


def _where(event: JobEvent) -> str:
    if event.state is JobState.SUCCEEDED:
        return texts.DONE.format(time=clock(event.elapsed))
    if event.state.final:
        return texts.ENDED[event.state.value].format(time=clock(event.elapsed))
    left = "" if event.remaining is None else texts.LEFT.format(time=clock(event.remaining))
    figure = "…" if event.indeterminate else f"{event.progress:.0f} %"
    return f"{figure} · {clock(event.elapsed)}{left}"


def _log_line(event: JobEvent) -> str:
    mark = ' class="vx-marked"' if event.kind == "warning" else ""
    return f"<div{mark}><span>{clock(event.elapsed)}</span><span>{escape(event.message)}</span></div>"
