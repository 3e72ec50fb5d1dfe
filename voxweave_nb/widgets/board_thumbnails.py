"""Thumbnails of a board's scenes and takes on their way to a page, each when it is requested."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from .. import runtime
from ..result import GeneratedVideo
from ..storyboard.board import Storyboard
from ..storyboard.rows import SceneRow
from ..storyboard.thumbnails import draft_thumbnail, own_thumbnail, small_thumbnail, take_thumbnail

__all__ = ["BoardThumbnails"]

_WIDTH = 240
_AT_ONCE = 2


class BoardThumbnails:
    """Finds the thumbnails of a board.

    Args:
        board: The board.

    Attributes:
        film: The newest film or animatic, from which scenes without a take have their thumbnail, or None.
    """

    def __init__(self, board: Storyboard) -> None:
        self._board = board
        self._gate: asyncio.Semaphore | None = None
        self.film: GeneratedVideo | None = None

    def send(self, name: str, send: Callable[[dict[str, str]], object]) -> None:
        """Send a thumbnail to the page, soon.

        Args:
            name: `take:` and a run, or `scene:` and a scene's id: its own image or clip, else that of the draft. What
                follows an `@` only tells the page's thumbnails apart.
            send: Sends a message to the page.
        """
        runtime.submit(self._send(name, send))

    def of_row(self, row: SceneRow, width: int) -> str:
        """Return the thumbnail of a scene as it is in the film: a `data:` URL, or an empty text."""
        take = row.record.take
        name = f"take:{take.run}" if take is not None and not row.record.own else f"scene:{row.record.id}"
        path = self._find(name)
        return small_thumbnail(path, width) if path is not None else ""

    async def _send(self, name: str, send: Callable[[dict[str, str]], object]) -> None:
        if self._gate is None:
            self._gate = asyncio.Semaphore(_AT_ONCE)
        async with self._gate:
            url = await asyncio.to_thread(self._url, name)
        send({"kind": "thumbnail", "of": name, "url": url})

    def _url(self, name: str) -> str:
        path = self._find(name)
        return small_thumbnail(path, _WIDTH) if path is not None else ""

    def _find(self, name: str) -> Path | None:
        what, _, key = name.partition("@")[0].partition(":")
        state, folder = self._board.state, self._board.folder
        for scene in state.scenes:
            if what == "take":
                for take in scene.takes:
                    if take.run == key:
                        return take_thumbnail(folder, take.file, take.seconds)
            elif scene.id == key:
                if scene.own:
                    return own_thumbnail(folder, scene)
                return draft_thumbnail(folder, self.film, scene) if self.film is not None else None
        return None
