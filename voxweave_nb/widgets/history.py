"""The list of recent runs, with a poster and actions for each."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import Callable, Sequence
from html import escape

import ipywidgets as widgets

from .. import runtime
from ..job import Job
from ..journal import Run, RunState
from ..models import JobEvent, Stage, price
from ..result import GeneratedVideo
from ..service import VideoGenerationService
from . import texts
from .elements import error_html, note_html, visible_overflow
from .formatting import date_and_time

__all__ = ["HistoryView"]

_LIMIT = 6
"""Runs that are shown. Each poster is part of the page's state, which must stay small."""

_POSTER_WIDTH = 96
_TITLE_LENGTH = 90
_MESSAGE_LENGTH = 300


class HistoryView(widgets.VBox):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """A collapsible list of recent runs; posters are loaded when it opens and dropped when it closes.

    Args:
        service: The service whose journal is read.
        on_show: Called with the video to show again.
        on_reuse: Called with the run whose settings are to be used again.
        on_resume: Called with the run to resume.

    Attributes:
        shared: One layout and one style for all rows: each is a model of its own in the notebook's state.
    """

    def __init__(
        self,
        service: VideoGenerationService,
        *,
        on_show: Callable[[GeneratedVideo], None],
        on_reuse: Callable[[Run], None],
        on_resume: Callable[[Run], None],
    ) -> None:
        self._service = service
        self._turn = 0
        self.on_show, self.on_reuse, self.on_resume = on_show, on_reuse, on_resume
        self._toggle = widgets.ToggleButton(description=texts.HISTORY, icon="angle-right")
        self._toggle.add_class("vx-open")
        self._toggle.observe(lambda _: self._on_toggle(), "value")
        self._list = widgets.VBox(layout=visible_overflow())
        self.shared = {"layout": widgets.Layout(), "style": widgets.ButtonStyle()}
        super().__init__([self._toggle, self._list], layout=visible_overflow())
        self.add_class("vx-history")

    @property
    def unfolded(self) -> bool:
        """True while the list is open; can be set."""
        return bool(self._toggle.value)

    @unfolded.setter
    def unfolded(self, value: bool) -> None:
        self._toggle.value = value

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs that are shown."""
        return tuple(row.run for row in self._list.children if isinstance(row, _HistoryRow))

    def follow(self, job: Job) -> None:
        """Show a job's row from its beginning: it is in the journal once a provider is asked."""
        listed = False

        def on_event(event: JobEvent) -> None:
            nonlocal listed
            if event.stage is Stage.GENERATE and not listed:
                listed = True
                self.refresh()

        job.listen(on_event)

    def refresh(self) -> None:
        """Read the journal again on another thread if the list is open."""
        if self.unfolded:
            self._turn += 1
            runtime.submit(self._load(self._turn))

    def _on_toggle(self) -> None:
        self._toggle.icon = "angle-down" if self.unfolded else "angle-right"
        if self.unfolded:
            self._list.children = (widgets.HTML(note_html(texts.LOADING_HISTORY)),)
            self.refresh()
        else:
            self._replace_rows(())

    def _replace_rows(self, rows: Sequence[widgets.Widget]) -> None:
        previous = self._list.children
        self._list.children = tuple(rows)
        for row in previous:  # an open widget, and with it its poster, stays in the notebook's state
            _close(row, tuple(self.shared.values()))

    async def _load(self, turn: int) -> None:
        try:
            loaded = await asyncio.to_thread(self._read_runs)
        except Exception as error:  # noqa: BLE001  nobody sees a traceback on the background thread
            rows = [widgets.HTML(error_html(str(error) or type(error).__name__))]
        else:
            rows = [_HistoryRow(self, run, video, poster) for run, video, poster in loaded]
        if self.unfolded and turn == self._turn:  # else it is not wanted, or a newer reading is on its way
            self._replace_rows(rows or [widgets.HTML(note_html(texts.NO_HISTORY))])

    def _read_runs(self) -> list[tuple[Run, GeneratedVideo | None, str]]:
        runs = self._service.history(_LIMIT)
        videos = [self._service.result_of(run) for run in runs]
        return [(run, video, _poster_url(video)) for run, video in zip(runs, videos, strict=True)]


class _HistoryRow(widgets.Box):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """A run's poster, its facts, and its buttons: show, use settings, resume, delete."""

    def __init__(self, history: HistoryView, run: Run, video: GeneratedVideo | None, poster: str) -> None:
        self.run, self._video, self._history = run, video, history
        layout = history.shared["layout"]
        self._facts = widgets.HTML(_facts_html(run, video, poster), layout=layout)
        self._delete_button = self._button(texts.DELETE, self._on_delete) if video else None
        buttons = [
            self._button(texts.SHOW, lambda: history.on_show(video)) if video else None,
            self._button(texts.USE_SETTINGS, lambda: history.on_reuse(run)),
            self._button(texts.RESUME, lambda: history.on_resume(run)) if run.resumable else None,
            self._delete_button,
        ]
        actions = widgets.HBox([button for button in buttons if button is not None], layout=layout)
        actions.add_class("vx-acts")
        super().__init__([self._facts, actions], layout=layout)
        self.add_class("vx-run")

    def _button(self, label: str, action: Callable[[], object]) -> widgets.Button:
        button = widgets.Button(
            description=label,
            **self._history.shared,
            tooltip=texts.ROW_TIP.format(button=label, title=_title(self.run)),
        )
        button.on_click(lambda _: action())
        return button

    def _on_delete(self) -> None:
        """Ask for a second click, then delete the video's files."""
        assert self._delete_button is not None
        assert self._video is not None
        if not self._delete_button.button_style:
            self._delete_button.description = texts.CONFIRM_DELETE
            self._delete_button.button_style = "danger"
            return
        for path in self._video.files:
            with contextlib.suppress(OSError):
                path.unlink()
        self._history.refresh()


def _close(widget: widgets.Widget, kept: Sequence[widgets.Widget]) -> None:
    """Close a widget, its children, and their layouts and styles except those in `kept`."""
    for child in getattr(widget, "children", ()):
        _close(child, kept)
    for part in (getattr(widget, "layout", None), getattr(widget, "style", None)):
        if part is not None and part not in kept:
            part.close()
    widget.close()


def _title(run: Run) -> str:
    return (run.config.prompt or run.narration.name)[:_TITLE_LENGTH]


def _facts_html(run: Run, video: GeneratedVideo | None, poster: str) -> str:
    facts = (
        date_and_time(run.created),
        run.config.style.value,
        run.provider,
        price(run.usd),
        _state(run, video),
    )
    still = f'<img alt="" src="{poster}">' if poster else "<span></span>"
    line = " · ".join(escape(fact) for fact in facts if fact)
    failed = run.state is RunState.FAILED
    message = f"<small>{escape(run.message[:_MESSAGE_LENGTH])}</small>" if failed else ""
    text = f"<div><b>{escape(_title(run))}</b><small>{line}</small>{message}</div>"
    return f'<div class="vx-past-run">{still}{text}</div>'


def _state(run: Run, video: GeneratedVideo | None) -> str:
    if run.state is RunState.FINISHED:
        return "" if video else texts.FILES_MISSING
    if run.held:
        return texts.RUNNING if run.lapses_in is None else texts.PERHAPS_RUNNING
    return texts.INTERRUPTED if run.interrupted else texts.RUN_STATES.get(run.state, run.state)


def _poster_url(video: GeneratedVideo | None) -> str:
    """Return a video's poster, scaled down, as a `data:` URL; empty if there is none."""
    from ..media.poster import tiny_still

    if video is None or video.poster is None or not video.poster.is_file():
        return ""
    try:
        image = tiny_still(video.poster, width=_POSTER_WIDTH)
    except Exception:  # noqa: BLE001  the file may have been replaced by anything since
        return ""
    return f"data:image/webp;base64,{base64.b64encode(image).decode('ascii')}"
