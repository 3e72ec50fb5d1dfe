"""The finished video: live in a player, and as an output of its own for whoever opens the notebook later."""

from __future__ import annotations

import os

import ipywidgets as widgets

from ..result import GeneratedVideo
from .player import Player
from .progress import ResultPlace

__all__ = ["Screen"]


class Screen(widgets.VBox):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """A player, made at once: a page that is loaded again is told of no widget that is made later.

    The saved output is hidden while the player shows the same video: by a rule that lives in a widget, so that it dies
    with the kernel, and the saved output is what is left.
    """

    def __init__(self) -> None:
        self.player = Player()
        self._place = ResultPlace()
        self._rule = widgets.HTML()
        super().__init__([self._rule, self.player], layout=widgets.Layout(overflow="visible"))

    def make_room(self) -> None:
        """Makes the saved output in the cell that runs now."""
        self._place.open()

    def show(self, video: GeneratedVideo, *, beside: bool = False) -> None:
        """Shows a video, in place of what was saved before or beside it.

        Raises:
            ConfigError: Its file is not there.
        """
        self.player.show(video)
        # Voila shows no output that changes after the page is built.
        if not os.environ.get("SERVER_SOFTWARE", "").startswith("voila"):
            self._place.put(video, beside=beside, first=self._hide)

    def _hide(self, name: str) -> None:
        self._rule.value = f"<style>.{name}{{display:none}}</style>"
