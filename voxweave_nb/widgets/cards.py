"""The seven styles as cards with a picture each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import anywidget
import traitlets

from ..models import VideoStyle
from ..styles import load_style
from .assets import module, picture

__all__ = ["StyleCards"]


class StyleCards(anywidget.AnyWidget):  # type: ignore[misc,unused-ignore]  # traitlets are untyped
    """A card for each style, and under them what the chosen one looks like.

    The pictures of a style's other scenes are sent when they are asked for: they are not in the notebook's state.

    Args:
        on_change: Called when another one is chosen.
    """

    styles = traitlets.List(help="What the page shows of each style, with one small picture.").tag(sync=True)
    chosen = traitlets.UseEnum(VideoStyle, VideoStyle.CYBERPUNK, help="The style that is chosen.").tag(
        sync=True, to_json=lambda style, _: style.value, from_json=lambda value, _: VideoStyle.parse(value)
    )
    _esm = traitlets.Unicode().tag(sync=True)

    def __init__(self, on_change: Callable[[], None]) -> None:
        super().__init__(_esm=module("cards"), styles=[_shown(style) for style in VideoStyle])
        self.observe(lambda _: on_change(), "chosen")
        self.on_msg(self._hear)

    def _hear(self, _: Any, message: Any, __: Any) -> None:
        if isinstance(message, Mapping) and message.get("kind") == "scenes":
            style = VideoStyle.parse(message["style"])
            numbers = range(2, len(load_style(style).variations) + 1)
            scenes = [picture(f"{style.value}-{number}") for number in numbers]
            self.send({"kind": "scenes", "style": style.value, "pictures": scenes})


def _shown(style: VideoStyle) -> dict[str, Any]:
    sheet = load_style(style)
    return {
        "name": style.value,
        "label": sheet.label,
        "tagline": sheet.tagline,
        "scenes": [scene["name"] for scene in sheet.variations],
        "picture": picture(style.value),
    }
