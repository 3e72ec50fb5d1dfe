"""The seven styles as cards with a picture each."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import cache
from html import escape
from importlib import resources
from pathlib import Path

import ipywidgets as widgets

from ..models import VideoStyle
from ..styles import StyleSheet, load_style

__all__ = ["StyleCards", "pictures"]

_WIDTH = 208


class StyleCards(widgets.VBox):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """A card for each style, and under them what the chosen one looks like.

    Args:
        on_change: Called when another one is chosen.
    """

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._cards = {style: self._card(style) for style in VideoStyle}
        self._line = widgets.HTML()
        row = widgets.Box(list(self._cards.values()))
        row.add_class("vx-styles")
        super().__init__([row, self._line], layout=widgets.Layout(overflow="visible"))
        self._chosen = VideoStyle.CYBERPUNK
        self.choose(self._chosen)

    @property
    def chosen(self) -> VideoStyle:
        """The style that is chosen."""
        return self._chosen

    def choose(self, style: VideoStyle) -> None:
        """Chooses a style, as a click does."""
        self._chosen = style
        for other, card in self._cards.items():
            (card.add_class if other is style else card.remove_class)("vx-on")
            card.icon = "check" if other is style else ""
        self._line.value = _line(load_style(style))
        self._on_change()

    def _card(self, style: VideoStyle) -> widgets.Button:
        sheet = load_style(style)
        card = widgets.Button(description=sheet.label, tooltip=sheet.tagline)
        card.add_class("vx-style")
        card.add_class(f"vx-style-{style.value}")
        card.on_click(lambda _: self.choose(style))
        return card


def _line(sheet: StyleSheet) -> str:
    chosen = f"<b>{escape(sheet.label)}</b> · {escape(sheet.tagline)}"
    return f'<div class="vx-note" role="status">{chosen}</div>'


@cache
def pictures() -> str:
    """The cards' pictures, as one `<style>`; small, because they are in the notebook's state."""
    from ..media.poster import small_still

    folder = Path(str(resources.files(__package__) / "static" / "styles"))
    rules = []
    for style in VideoStyle:
        picture = folder / f"{style.value}.jpg"
        if picture.is_file():
            data = base64.b64encode(small_still(picture, width=_WIDTH)).decode("ascii")
            rules.append(f'.vx-style-{style.value}{{background-image:url("data:image/jpeg;base64,{data}")}}')
    return f"<style>{''.join(rules)}</style>"
