"""The question that is asked before an identical video is generated, and paid for, a second time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import ipywidgets as widgets

from .. import runtime
from ..errors import VoxweaveError
from ..journal import Run
from ..models import price
from . import texts
from .elements import note_html, set_visible
from .formatting import date_and_time

__all__ = ["ReuseDialog"]


class ReuseDialog(widgets.HBox):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """Tells that an identical video exists, and offers to show it or to generate it again.

    Args:
        on_show: Called with the earlier run when its video is to be shown.
        on_generate: Called when the video is to be generated: nothing identical exists, or the person chose to.
    """

    def __init__(self, on_show: Callable[[Run], None], on_generate: Callable[[], None]) -> None:
        self._on_show, self._on_generate = on_show, on_generate
        self._run: Run | None = None
        self._question = widgets.HTML()
        self._show_button = widgets.Button(description=texts.SHOW_VIDEO, button_style="primary")
        self._generate_button = widgets.Button(description=texts.GENERATE_AGAIN)
        for button in (self._show_button, self._generate_button):
            button.add_class("vx-go")
        self._show_button.on_click(lambda _: self.show_video())
        self._generate_button.on_click(lambda _: self.generate_again())
        super().__init__([self._question, self._show_button, self._generate_button])
        self.add_class("vx-again")
        set_visible(self, False)

    @property
    def run(self) -> Run | None:
        """The earlier run that the question is about, or None while the dialog is hidden."""
        return self._run

    def check(self, find_identical: Callable[[], Run | None]) -> None:
        """Search for an identical run on another thread, then ask or go ahead; returns at once.

        Args:
            find_identical: Returns the earlier run, or None. It may block: it reads the narration and the journal.
        """
        self.dismiss()
        runtime.submit(self._ask_or_generate(find_identical))

    async def _ask_or_generate(self, find_identical: Callable[[], Run | None]) -> None:
        try:
            self._run = await asyncio.to_thread(find_identical)
        except VoxweaveError:
            # Generating reports an invalid request itself, and works without a journal where nothing is paid.
            self._run = None
        if self._run is None:
            self._on_generate()
            return
        when, usd = date_and_time(self._run.created), price(self._run.usd)
        self._question.value = note_html(texts.ALREADY_GENERATED.format(when=when, cost=usd))
        set_visible(self, True)

    def dismiss(self) -> None:
        """Hide the dialog and forget the run."""
        self._run = None
        set_visible(self, False)

    def show_video(self) -> None:
        """Show the earlier video, as the button does."""
        run = self._run
        self.dismiss()
        if run is not None:
            self._on_show(run)

    def generate_again(self) -> None:
        """Generate the video once more, as the button does."""
        self.dismiss()
        self._on_generate()
