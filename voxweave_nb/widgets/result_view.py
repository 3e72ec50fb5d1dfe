"""The finished video: in a live player, and as a cell output that stays in the saved notebook."""

from __future__ import annotations

import ipywidgets as widgets

from ..result import GeneratedVideo
from . import texts
from .elements import note_html, set_visible, visible_overflow
from .player import Player
from .saved_output import SavedOutput

__all__ = ["ResultView"]


class ResultView(widgets.VBox):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """Plays the newest video, and keeps it in the notebook for readers without a kernel.

    While the player shows a video, its saved output is hidden.

    Attributes:
        player: The live player.
    """

    def __init__(self) -> None:
        # The player exists from the start: a reloaded page does not learn of widgets that are created later.
        self.player = Player()
        self._saved_output = SavedOutput()
        self._warning = widgets.HTML(note_html(texts.NOT_IN_NOTEBOOK))
        super().__init__([self._saved_output, self.player, self._warning], layout=visible_overflow())
        set_visible(self._warning, False)
        self._saved_output.observe(lambda change: set_visible(self._warning, change.new), "missing")

    def create_output(self) -> None:
        """Create the saved output in the cell that runs now."""
        self._saved_output.create()

    def show(self, video: GeneratedVideo, *, beside: bool = False) -> None:
        """Show a video in the player and save it in the output.

        Args:
            video: The video to show.
            beside: True to keep earlier videos in the output; False to replace them.

        Raises:
            ConfigError: The video's file does not exist.
        """
        self.player.show(video)
        self._saved_output.add(video, beside=beside)
