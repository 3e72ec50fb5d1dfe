"""The panel's way to a storyboard: offered where a narration is longer than a clip, and opened below the panel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import ipywidgets as widgets

from .. import runtime
from ..config import VideoConfig
from ..errors import ConfigError
from ..models import dollars, price
from ..providers.types import Plan
from ..service import VideoGenerationService
from ..storyboard.board import Storyboard
from ..storyboard.handles import BoardWork
from ..storyboard.planning import BoardPreview, Wish, find_board, preview_board
from . import texts
from .compare import PanelValues
from .elements import error_html, error_text, note_html, set_visible, visible_overflow

__all__ = ["BoardOffer"]

_SAME = 0.05
"""Seconds by which a clip may be shorter than the narration and still fill it."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """The values that a figure on the button is for."""

    narration: Path
    subtitles: Path | str | None
    config: VideoConfig
    trimmed: bool = False

    @property
    def wordless(self) -> _Asked:
        """The same without the words, which change neither the scenes nor their price."""
        return _Asked(self.narration, self.subtitles, self.config.replace(prompt="", title=None, seed=None))


class BoardOffer(widgets.VBox):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """Shows the storyboard that was opened; its button is offered while the narration is longer than a clip.

    The number of scenes and their price are computed on other threads. Nothing is sent, and nothing is written before
    the button is pressed.

    Args:
        service: The service that plans the storyboard.
        values: Returns the panel's values.

    Attributes:
        button: The button that opens the storyboard; hidden while one clip is long enough.
    """

    def __init__(self, service: VideoGenerationService, values: Callable[[], PanelValues]) -> None:
        self._service, self._values = service, values
        self._turn = 0
        self._asked: _Asked | None = None
        self._last: tuple[_Asked, BoardPreview] | None = None
        self._board: Storyboard | None = None
        self.button = widgets.Button(description=texts.BOARD, tooltip=texts.BOARD_TIP, icon="film")
        self._opened, self._view = widgets.HTML(), widgets.VBox(layout=visible_overflow())
        super().__init__([self._opened, self._view], layout=visible_overflow())
        self.add_class("vx-board")
        set_visible(self, False)
        set_visible(self.button, False)

    @property
    def board(self) -> Storyboard | None:
        """The storyboard that is shown, or None."""
        return self._board

    def offer(
        self,
        plan: Plan,
        narration: Path | None,
        subtitles: Path | str | None,
        config: VideoConfig,
        *,
        trimmed: bool,
    ) -> str | None:
        """Offer a storyboard if a plan's clip has to be repeated; returns at once.

        Args:
            plan: The plan of one clip.
            narration: The narration.
            subtitles: Its subtitles.
            config: The config of all scenes.
            trimmed: True if a part of the narration is selected, so that its scenes are not known yet.

        Returns:
            The label of the button that repeats one clip, or None if one clip is long enough.
        """
        if narration is None or not _is_repeated(plan):
            self.withdraw()
            return None
        asked = _Asked(narration, subtitles, config, trimmed)
        if asked != self._asked:
            self._turn, self._asked = self._turn + 1, asked
            self._say(None if self._last is None or self._last[0] != asked.wordless else self._last[1])
            if not trimmed:
                runtime.submit(self._look(self._turn, asked))
        set_visible(self.button, True)
        return texts.REPEAT.format(price=price(plan.usd))

    def withdraw(self) -> None:
        """Take the offer back: one clip is long enough, or the plan or the narration's length is unknown."""
        self._turn, self._asked = self._turn + 1, None
        set_visible(self.button, False)

    def show_board(self) -> BoardWork[Storyboard]:
        """Plan the storyboard of the panel's values, or open the one that they have made before, and show it.

        Raises:
            ConfigError: The narration is missing, or a value is invalid.
        """
        values = self._values()
        if values.narration is None:
            raise ConfigError(texts.NO_NARRATION)
        work = self._service.storyboard(values.narration, subtitles=values.subtitles, config=values.config)
        self.button.disabled = True
        runtime.submit(self._show_planned(work))
        return work

    async def _look(self, turn: int, asked: _Asked) -> None:
        """Find or compute the figures for the button, unless newer values are there."""
        try:
            found = await self._preview(turn, asked)
        except Exception:  # noqa: BLE001  whatever it is, pressing the button tells it
            found = None
        if turn == self._turn:
            if found is not None and found.folder is None:
                self._last = asked.wordless, found
            self._say(found)

    async def _preview(self, turn: int, asked: _Asked) -> BoardPreview | None:
        def wish() -> Wish:
            return Wish.of(
                self._service.request(asked.narration, subtitles=asked.subtitles, config=asked.config)
            )

        studio, wished = self._service._studio, await asyncio.to_thread(wish)
        if (found := await asyncio.to_thread(find_board, studio, wished)) is not None:
            return found
        if self._last is not None and self._last[0] == asked.wordless:
            return self._last[1]
        # Decoding a long narration takes a second: not for values that have changed meanwhile.
        return await preview_board(studio, wished) if turn == self._turn else None

    def _say(self, found: BoardPreview | None) -> None:
        self.button.description = texts.BOARD if found is None else _label(found)

    async def _show_planned(self, work: BoardWork[Storyboard]) -> None:
        try:
            await asyncio.to_thread(self._show, await work)
        except Exception as error:  # noqa: BLE001  shown in the panel: nobody would see the traceback
            self._opened.value = error_html(error_text(error))
        finally:
            self.button.disabled = False
            set_visible(self, True)

    def _show(self, board: Storyboard) -> None:
        from .board_view import BoardView

        if self._board is None or self._board.path != board.path:
            for each in self._view.children:
                each.close()
            self._board, self._view.children = board, (BoardView(board),)
        code = f"Storyboard.open({str(board.path)!r})"
        self._opened.value = note_html(texts.BOARD_OPENED.format(code=code))


def _is_repeated(plan: Plan) -> bool:
    """Return True if the narration is longer than the longest clip of the plan's model."""
    longest = max((*plan.model.lengths, plan.seconds))
    return 0 < longest < plan.duration - _SAME


def _label(found: BoardPreview) -> str:
    if found.folder is not None:
        return texts.BOARD_AGAIN.format(made=found.made, count=found.scenes)
    known = dollars(found.usd) if found.usd else "" if found.unknown else texts.LAB_FREE
    unknown = texts.LAB_UNKNOWN.format(count=found.unknown) if found.unknown else ""
    return texts.BOARD_OFFER.format(
        count=found.scenes, plural="s" * (found.scenes != 1), price=", ".join(filter(None, (known, unknown)))
    )
