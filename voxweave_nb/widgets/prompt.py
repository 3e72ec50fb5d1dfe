"""The prompt field, with example prompts to click on and earlier prompts on the arrow keys."""

from __future__ import annotations

import anywidget
import traitlets

from ..models import VideoStyle
from ..styles import load_style
from .assets import module

__all__ = ["PromptInput", "examples"]


def examples(style: VideoStyle) -> list[str]:
    """Return the example prompts of a style."""
    return list(load_style(style).prompts)


class PromptInput(anywidget.AnyWidget):  # type: ignore[misc,unused-ignore]  # traitlets are untyped
    """A text field for the prompt; its page side is `static/prompt.js`."""

    value = traitlets.Unicode("", help="The prompt's text.").tag(sync=True)
    examples = traitlets.List(traitlets.Unicode(), help="Prompts to click on.").tag(sync=True)
    recent = traitlets.List(traitlets.Unicode(), help="Earlier prompts, newest first.").tag(sync=True)
    _esm = traitlets.Unicode().tag(sync=True)

    def __init__(self) -> None:
        super().__init__(_esm=module("prompt"))
