"""The contact sheet of a storyboard, below its view."""

from __future__ import annotations

from ..storyboard.board import Storyboard
from ..storyboard.contact_sheet import board_html
from ..storyboard.newest import newest_film
from .board_thumbnails import BoardThumbnails
from .contact_sheet import ContactSheet

__all__ = ["BoardSheet"]


class BoardSheet(ContactSheet):
    """Keeps a board's contact sheet in the notebook.

    Args:
        board: The board.
    """

    def __init__(self, board: Storyboard) -> None:
        self._board, self._thumbnails = board, BoardThumbnails(board)
        super().__init__(board)

    def _make(self) -> str:
        self._thumbnails.film = newest_film(self._board.folder)
        return board_html(self._board, self._thumbnails.of_row)
