"""The prompt: a text field with example prompts, and with recent prompts on the arrow keys."""

from __future__ import annotations

import anywidget
import traitlets

from ..models import VideoStyle
from ..styles import load_style
from .assets import module

__all__ = ["Prompt", "examples"]


def examples(style: VideoStyle) -> list[str]:
    """Return the example prompts of a style."""
    return list(load_style(style).prompts)


class Prompt(anywidget.AnyWidget):  # type: ignore[misc,unused-ignore]  # traitlets are untyped
    """A text field; `value` is its text."""

    value = traitlets.Unicode("", help="The prompt.").tag(sync=True)
    examples = traitlets.List(traitlets.Unicode(), help="Prompts to click on.").tag(sync=True)
    recent = traitlets.List(traitlets.Unicode(), help="Earlier prompts, newest first.").tag(sync=True)
    _esm = traitlets.Unicode().tag(sync=True)

    def __init__(self) -> None:
        super().__init__(_esm=module("prompt"))
