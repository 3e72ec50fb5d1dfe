"""The prompt field, with example prompts to click on and earlier prompts on the arrow keys."""

from __future__ import annotations

import anywidget
import traitlets

from ..models import VideoStyle
from .assets import module

__all__ = ["EXAMPLES", "PromptInput"]

EXAMPLES = {
    VideoStyle.REALISTIC: (
        "a slow dawn over a quiet sea",
        "rain on a forest lake",
        "fog over fields at dusk",
    ),
    VideoStyle.ANIME: ("a windy afternoon in summer", "a lake at dawn", "lanterns on a summer night"),
    VideoStyle.THREE_D: ("coral and sand", "mint and copper at noon", "a violet dusk"),
    VideoStyle.CINEMATIC: ("golden hour in the mountains", "a storm at night", "snow at dawn"),
    VideoStyle.BIOTECH: ("the code of life", "cells in teal light", "a pulse in violet"),
    VideoStyle.CYBERPUNK: ("rain on neon glass", "a pink midnight", "green light in the fog"),
    VideoStyle.EDUCATIONAL: ("why the deep sea glows", "how rain is made", "the colours of dawn"),
}
"""A few prompts for each style, in words that the local renderer reads, too."""


class PromptInput(anywidget.AnyWidget):  # type: ignore[misc,unused-ignore]  # traitlets are untyped
    """A text field for the prompt; its page side is `static/prompt.js`."""

    value = traitlets.Unicode("", help="The prompt's text.").tag(sync=True)
    examples = traitlets.List(traitlets.Unicode(), help="Prompts to click on.").tag(sync=True)
    recent = traitlets.List(traitlets.Unicode(), help="Earlier prompts, newest first.").tag(sync=True)
    _esm = traitlets.Unicode().tag(sync=True)

    def __init__(self) -> None:
        super().__init__(_esm=module("prompt"))
