"""The panel's style cards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import anywidget
import traitlets

from ..models import VideoStyle
from ..styles import load_style
from ..styles.places import draws
from .assets import module, thumbnail

__all__ = ["StyleCards"]


class StyleCards(anywidget.AnyWidget):  # type: ignore[misc,unused-ignore]  # traitlets are untyped
    """A card with an image for each style, and below them the chosen style's variations, one of which can be chosen.

    The images are sent when the page requests them, so that the notebook's state does not hold them.

    Args:
        on_change: Called when another style or variation is chosen.
    """

    styles = traitlets.List(help="Name, label, tagline and backdrops of each style.").tag(sync=True)
    chosen = traitlets.UseEnum(VideoStyle, VideoStyle.CYBERPUNK, help="The chosen style.").tag(
        sync=True, to_json=lambda style, _: style.value, from_json=lambda value, _: VideoStyle.parse(value)
    )
    variation = traitlets.Unicode("", help="The chosen variation's name; empty lets the prompt choose.").tag(
        sync=True
    )
    _esm = traitlets.Unicode().tag(sync=True)

    def __init__(self, on_change: Callable[[], None]) -> None:
        super().__init__(_esm=module("cards"), styles=[_for_page(style) for style in VideoStyle])
        self._on_change = on_change
        self.observe(lambda _: self._on_style(), "chosen")
        self.observe(lambda _: self._on_change(), "variation")
        self.on_msg(self._on_message)

    def _on_style(self) -> None:
        if self.variation not in self.chosen.variations:  # each style has its own
            self.variation = ""
        self._on_change()

    @traitlets.validate("variation")  # type: ignore[untyped-decorator,misc,unused-ignore]
    def _check_variation(self, proposal: Any) -> str:
        return proposal["value"] if proposal["value"] in self.chosen.variations else ""

    def _on_message(self, _: Any, message: Any, __: Any) -> None:
        kind = message.get("kind") if isinstance(message, Mapping) else None
        if kind == "cards":
            self.send({"kind": kind, "images": [thumbnail(style.value) for style in VideoStyle]})
        elif kind == "backdrops":
            style = VideoStyle.parse(message["style"])
            numbers = range(2, len(load_style(style).variations) + 1)
            images = [thumbnail(f"{style.value}-{number}") for number in numbers]
            self.send({"kind": "backdrops", "style": style.value, "images": images})


def _for_page(style: VideoStyle) -> dict[str, Any]:
    sheet = load_style(style)
    return {
        "name": style.value,
        "label": sheet.label,
        "tagline": f"{sheet.tagline} {draws(sheet)}",
        "backdrops": [variation["name"] for variation in sheet.variations],
    }
