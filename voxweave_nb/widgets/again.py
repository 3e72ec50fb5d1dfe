"""The question before the same video is made, and paid, once more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import ipywidgets as widgets

from .. import runtime
from ..errors import VoxweaveError
from ..journal import Run
from . import texts
from .parts import note, show

__all__ = ["Again", "cost", "moment"]


class Again(widgets.HBox):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """Says that the same was made before, and asks whether to show it or to make it again.

    Args:
        on_show: Called with the run whose video is to be shown.
        on_make: Called when it is to be made, again or because it never was.
    """

    def __init__(self, on_show: Callable[[Run], None], on_make: Callable[[], None]) -> None:
        self._on_show, self._on_make = on_show, on_make
        self._run: Run | None = None
        self._words = widgets.HTML()
        self._show = widgets.Button(description=texts.SHOW_IT, button_style="primary")
        self._make = widgets.Button(description=texts.MAKE_AGAIN)
        for button in (self._show, self._make):
            button.add_class("vx-go")
        self._show.on_click(lambda _: self.show_it())
        self._make.on_click(lambda _: self.make_it())
        super().__init__([self._words, self._show, self._make])
        self.add_class("vx-again")
        show(self, False)

    @property
    def run(self) -> Run | None:
        """The run that the question is about, or None while nothing is asked."""
        return self._run

    def ask(self, look: Callable[[], Run | None]) -> None:
        """Looks for the same on a thread of its own, and asks, or goes on where there is none; returns at once."""
        self.hush()
        runtime.submit(self._ask(look))

    async def _ask(self, look: Callable[[], Run | None]) -> None:
        try:
            self._run = await asyncio.to_thread(look)
        except VoxweaveError:  # whoever makes it says what is wrong, or makes it without a journal
            self._run = None
        if self._run is None:
            self._on_make()
            return
        self._words.value = note(
            texts.MADE_BEFORE.format(when=moment(self._run.created), cost=cost(self._run.usd))
        )
        show(self, True)

    def hush(self) -> None:
        """Takes the question away."""
        self._run = None
        show(self, False)

    def show_it(self) -> None:
        """Shows what was made before, as the button does."""
        run = self._run
        self.hush()
        if run is not None:
            self._on_show(run)

    def make_it(self) -> None:
        """Makes it again, as the button does."""
        self.hush()
        self._on_make()


def moment(seconds: float) -> str:
    """A time as people say it, such as `26 Nov 08:15`, with the year where it is another one."""
    then, now = time.localtime(seconds), time.localtime()
    year = "" if then.tm_year == now.tm_year else f" {then.tm_year}"
    return f"{then.tm_mday} {time.strftime('%b', then)}{year} {time.strftime('%H:%M', then)}"


def cost(usd: float | None) -> str:
    """US dollars in words."""
    return texts.PRICE_UNKNOWN if usd is None else f"${usd:.2f}" if usd else texts.FREE
