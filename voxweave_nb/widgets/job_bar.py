"""The progress of a job as one anywidget, for a front end that shows no controls of ipywidgets, such as marimo."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import anywidget
import traitlets

from ..job import Job
from ..models import JobEvent, JobState
from ..timecode import clock
from . import texts
from .assets import module, stylesheet
from .elements import error_html, warnings_html
from .progress import Throttle, stages_html, time_text

__all__ = ["JobBar"]


class JobBar(anywidget.AnyWidget):  # type: ignore[misc,unused-ignore]  # traitlets are untyped
    """Shows a job's bar, stage, time and warnings, with a button that cancels it, and then how to play its video.

    Args:
        job: The job to follow.
    """

    _html = traitlets.Unicode(help="Everything that changes.").tag(sync=True)
    _running = traitlets.Bool(True, help="True while the job can be canceled.").tag(sync=True)
    _cancel = traitlets.Unicode(texts.CANCEL, help="The button's label.").tag(sync=True)
    _style = traitlets.Unicode(help="The style sheet as an element.").tag(sync=True)
    _esm = traitlets.Unicode().tag(sync=True)

    def __init__(self, job: Job) -> None:
        self._job = job
        super().__init__(_style=stylesheet("job"), _esm=module("job_bar"))
        throttle = Throttle(self._show)
        job.listen(lambda event: throttle.update(event, now=event.state.final))
        self.on_msg(self._on_message)

    def _show(self, event: JobEvent) -> None:
        with self.hold_sync():
            self._running = not event.state.final
            self._html = self._page(event)

    def _page(self, event: JobEvent) -> str:
        message, video = self._job.message, self._job.video
        notes = warnings_html(self._job.warnings)
        if event.state is JobState.SUCCEEDED and video is not None:
            done = texts.DONE_BY.format(time=clock(event.elapsed), story=video.provenance.story)
            where = texts.PLAY_WITH.format(path=video.path)
            return f'<div class="vx-note" role="status">{escape(done)}<br>{escape(where)}</div>{notes}'
        if event.state is JobState.SUCCEEDED and not self._job.staged:
            done = f"{escape(time_text(event))}<br>{escape(message)}"
            return f'<div class="vx-note" role="status">{done}</div>{notes}'
        if event.state.final:
            return error_html(message) + notes
        value = "" if event.indeterminate else f' value="{event.progress:.1f}"'
        bar = f'<progress max="100"{value} aria-label="{escape(texts.PROGRESS)}"></progress>'
        status = f'<div class="vx-note" role="status">{escape(time_text(event))}<br>{escape(message)}</div>'
        stages = stages_html(event) if self._job.staged else ""
        return stages + bar + status + notes

    def _on_message(self, _: Any, message: Any, __: Any) -> None:
        if isinstance(message, Mapping) and message.get("kind") == "cancel" and self._job.cancel():
            self._html = f'<div class="vx-note" role="status">{texts.CANCELING}</div>'
