"""Small pieces that the panel's controls are made of."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import ipywidgets as widgets

__all__ = ["dropdown", "error", "heading", "note", "show", "sources", "warnings"]


def heading(text: str) -> widgets.HTML:
    """The small line over a group of controls."""
    return widgets.HTML(f'<div class="vx-label">{escape(text)}</div>')


def dropdown(label: str, options: Sequence[tuple[str, str]]) -> widgets.Dropdown:
    """A choice with its label above it."""
    return widgets.Dropdown(description=label, options=list(options))


def sources(label: str, options: Sequence[str]) -> widgets.ToggleButtons:
    """Some ways to name a thing, side by side."""
    return widgets.ToggleButtons(options=list(options), tooltip=label)


def note(text: str) -> str:
    """A quiet remark under a control, as HTML."""
    return f'<div class="vx-note">{escape(text)}</div>'


def error(text: str) -> str:
    """What went wrong, as HTML that a screen reader says at once."""
    return f'<div class="vx-error" role="alert">{escape(text)}</div>'


def warnings(texts: Sequence[str]) -> str:
    """Sentences that a person should not miss, as HTML."""
    return "".join(f'<div class="vx-warning">{escape(text)}</div>' for text in texts)


def show(widget: widgets.Widget, shown: bool) -> None:
    """Shows or hides a widget; hidden, it takes no room."""
    widget.layout.display = None if shown else "none"
