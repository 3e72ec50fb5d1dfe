"""The last runs, folded up: what became of each, and what can be done with it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import Callable, Sequence
from html import escape

import ipywidgets as widgets

from .. import runtime
from ..journal import Run, RunState
from ..result import GeneratedVideo
from ..service import VideoGenerationService
from . import texts
from .again import cost, moment
from .parts import error, note

__all__ = ["History"]

_MOST = 6
"""How many runs are shown: each poster is in the page's state, which may not grow large."""

_WIDTH = 96


class History(widgets.VBox):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """A folded list; posters are loaded when it is opened, and forgotten when it is closed.

    Args:
        service: Whose journal it is.
        on_show: Called with a video that is to be shown again.
        on_reuse: Called with a run whose settings are to be used again.
        on_resume: Called with a run that is to be picked up.

    Attributes:
        shared: A layout and a style for all rows: each of their own would be two more models in the state.
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
        self._on_show, self._on_reuse, self._on_resume = on_show, on_reuse, on_resume
        self._open = widgets.ToggleButton(description=texts.HISTORY, icon="angle-right")
        self._open.add_class("vx-open")
        self._open.observe(lambda _: self._on_open(), "value")
        self._list = widgets.VBox(layout=widgets.Layout(overflow="visible"))
        self.shared = {"layout": widgets.Layout(), "style": widgets.ButtonStyle()}
        super().__init__([self._open, self._list], layout=widgets.Layout(overflow="visible"))
        self.add_class("vx-history")

    @property
    def unfolded(self) -> bool:
        """Whether the list is open; can be set."""
        return bool(self._open.value)

    @unfolded.setter
    def unfolded(self, value: bool) -> None:
        self._open.value = value

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs that are shown."""
        return tuple(row.run for row in self._list.children if isinstance(row, _Row))

    def refresh(self) -> None:
        """Reads the journal again, on a thread of its own, if the list is open."""
        if self.unfolded:
            runtime.submit(self._load())

    def _on_open(self) -> None:
        self._open.icon = "angle-down" if self.unfolded else "angle-right"
        if self.unfolded:
            self._list.children = (widgets.HTML(note(texts.READING)),)
            self.refresh()
        else:
            self._fill(())

    def _fill(self, rows: Sequence[widgets.Widget]) -> None:
        """Shows other rows; those before are closed, or their posters would stay in the notebook's state."""
        before = self._list.children
        self._list.children = tuple(rows)
        for row in before:
            _close(row, tuple(self.shared.values()))

    async def _load(self) -> None:
        try:
            found = await asyncio.to_thread(self._read)
        except Exception as wrong:  # noqa: BLE001  shown in words, where a traceback would be seen by nobody
            self._fill([widgets.HTML(error(str(wrong) or type(wrong).__name__))])
            return
        if self.unfolded:
            rows = [_Row(self, run, video, poster) for run, video, poster in found]
            self._fill(rows or [widgets.HTML(note(texts.NOTHING_YET))])

    def _read(self) -> list[tuple[Run, GeneratedVideo | None, str]]:
        runs = self._service.history(_MOST)
        videos = [self._service.result_of(run) for run in runs]
        return [(run, video, _poster(video)) for run, video in zip(runs, videos, strict=True)]


class _Row(widgets.Box):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """One run with its poster and its buttons."""

    def __init__(self, history: History, run: Run, video: GeneratedVideo | None, poster: str) -> None:
        self.run, self._video, self._history = run, video, history
        layout = history.shared["layout"]
        self._facts = widgets.HTML(_facts(run, video, poster), layout=layout)
        self._delete = self._button(texts.DELETE, self._on_delete) if video else None
        buttons = [
            self._button(texts.SHOW, lambda: history._on_show(video)) if video else None,
            self._button(texts.USE_SETTINGS, lambda: history._on_reuse(run)),
            self._button(texts.PICK_UP, lambda: history._on_resume(run)) if run.resumable else None,
            self._delete,
        ]
        actions = widgets.HBox([button for button in buttons if button is not None], layout=layout)
        actions.add_class("vx-acts")
        super().__init__([self._facts, actions], layout=layout)
        self.add_class("vx-run")

    def _button(self, name: str, act: Callable[[], object]) -> widgets.Button:
        button = widgets.Button(
            description=name,
            **self._history.shared,
            tooltip=texts.ROW_TIP.format(button=name, title=_title(self.run)),
        )
        button.on_click(lambda _: act())
        return button

    def _on_delete(self) -> None:
        assert self._delete is not None
        assert self._video is not None
        if not self._delete.button_style:
            self._delete.description, self._delete.button_style = texts.REALLY_DELETE, "danger"
            return
        for path in self._video.files:
            with contextlib.suppress(OSError):
                path.unlink()
        self._history.refresh()


def _close(widget: widgets.Widget, kept: Sequence[widgets.Widget]) -> None:
    for child in getattr(widget, "children", ()):
        _close(child, kept)
    for part in (getattr(widget, "layout", None), getattr(widget, "style", None)):
        if part is not None and part not in kept:
            part.close()
    widget.close()


def _title(run: Run) -> str:
    return (run.config.prompt or run.narration.name)[:90]


def _facts(run: Run, video: GeneratedVideo | None, poster: str) -> str:
    state = texts.RUNNING if run.held else texts.RUN_STATES.get(run.state, run.state)
    if run.state is RunState.FINISHED:
        state = "" if video else texts.FILES_GONE
    facts = (moment(run.created), run.config.style.value, run.provider, cost(run.usd), state)
    still = f'<img alt="" src="data:image/jpeg;base64,{poster}">' if poster else "<span></span>"
    line = " · ".join(escape(fact) for fact in facts if fact)
    said = f"<small>{escape(run.message[:300])}</small>" if run.state is RunState.FAILED else ""
    words = f"<div><b>{escape(_title(run))}</b><small>{line}</small>{said}</div>"
    return f'<div class="vx-past-run">{still}{words}</div>'


def _poster(video: GeneratedVideo | None) -> str:
    """The poster, small, in base64; empty without one."""
    from ..media.poster import small_still

    if video is None or video.poster is None or not video.poster.is_file():
        return ""
    try:
        return base64.b64encode(small_still(video.poster, width=_WIDTH)).decode("ascii")
    except Exception:  # noqa: BLE001  a poster that somebody put there may be anything
        return ""
