"""The finished video: live in a player, and as an output of its own for whoever opens the notebook later."""

from __future__ import annotations

import ipywidgets as widgets

from ..result import GeneratedVideo
from . import texts
from .parts import note, show
from .place import ResultPlace
from .player import Player

__all__ = ["Screen"]


class Screen(widgets.VBox):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """A player, made at once: a page that is loaded again is told of no widget that is made later.

    The saved output is hidden while the player shows the same video, and is what is left without a kernel.
    """

    def __init__(self) -> None:
        self.player = Player()
        self._place = ResultPlace()
        self._unsaved = widgets.HTML(note(texts.UNSAVED))
        super().__init__([self._place, self.player, self._unsaved], layout=widgets.Layout(overflow="visible"))
        show(self._unsaved, False)
        self._place.observe(lambda change: show(self._unsaved, change.new), "missing")

    def make_room(self) -> None:
        """Makes the saved output in the cell that runs now."""
        self._place.make_room()

    def show(self, video: GeneratedVideo, *, beside: bool = False) -> None:
        """Shows a video, in place of what was saved before or beside it.

        Raises:
            ConfigError: Its file is not there.
        """
        self.player.show(video)
        self._place.put(video, beside=beside)
