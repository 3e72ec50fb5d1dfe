"""Small building blocks of the panel: labelled controls, and notes, warnings and errors as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import ipywidgets as widgets

from ..errors import VoxweaveError
from . import texts

__all__ = [
    "dropdown",
    "error_html",
    "error_text",
    "heading",
    "note_html",
    "set_visible",
    "source_buttons",
    "visible_overflow",
    "warnings_html",
]


def heading(text: str) -> widgets.HTML:
    """Return the small heading above a group of controls."""
    return widgets.HTML(f'<div class="vx-label">{escape(text)}</div>')


def dropdown(label: str, options: Sequence[tuple[str, object]]) -> widgets.Dropdown:
    """Return a dropdown with its label above it; options are pairs of text and value."""
    return widgets.Dropdown(description=label, options=list(options))


def source_buttons(label: str, options: Sequence[str]) -> widgets.ToggleButtons:
    """Return a row of toggle buttons of which exactly one is pressed; the label is their tooltip."""
    return widgets.ToggleButtons(options=list(options), tooltip=label)


def note_html(text: str) -> str:
    """Return a note under a control as HTML."""
    return f'<div class="vx-note">{escape(text)}</div>'


def error_html(text: str) -> str:
    """Return an error as HTML that a screen reader announces at once."""
    return f'<div class="vx-error" role="alert">{escape(text)}</div>'


def warnings_html(texts: Sequence[str]) -> str:
    """Return warnings as HTML, one block each."""
    return "".join(f'<div class="vx-warning">{escape(text)}</div>' for text in texts)


def set_visible(widget: widgets.Widget, visible: bool) -> None:
    """Show or hide a widget; a hidden one takes no space."""
    widget.layout.display = None if visible else "none"


def visible_overflow() -> widgets.Layout:
    """Return a layout that does not clip the focus rings of the controls inside it."""
    return widgets.Layout(overflow="visible")


def error_text(error: Exception) -> str:
    """Return what a person is told of an exception: its own words if this package raised it on purpose."""
    if isinstance(error, VoxweaveError):
        return str(error)
    return texts.UNEXPECTED.format(kind=type(error).__name__, what=error)
