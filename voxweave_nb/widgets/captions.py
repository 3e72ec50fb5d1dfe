"""The control that chooses the subtitles: the sample's, none, a file, or pasted text."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import ipywidgets as widgets

from ..errors import SubtitleError
from ..inputs import is_address
from ..pasted import is_pasted_text
from ..sample import sample_subtitles
from . import texts
from .elements import set_visible, source_buttons, visible_overflow
from .typed import FoundLine, find_captions, find_subtitles, typed_path

__all__ = ["NONE", "CaptionsInput"]

_SAMPLE, NONE, _FILE, _PASTE = texts.SAMPLE, texts.NONE, texts.FILE, texts.PASTE

_LONG = 4000
"""Characters from which on a pasted text is kept in the kernel only, out of the page and the saved notebook."""

_PREVIEW = 400
"""Characters of a long text that the page shows."""


class CaptionsInput(widgets.VBox):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """Chooses the subtitles among four sources.

    Args:
        on_change: Called when other subtitles are chosen.

    Attributes:
        source: The buttons that choose the source.
    """

    def __init__(self, on_change: Callable[[], None] = lambda: None) -> None:
        self._on_change = on_change
        self.source = source_buttons(texts.SUBTITLES_SOURCE, [_SAMPLE, NONE, _FILE, _PASTE])
        self._path = widgets.Text(
            description=texts.PATH_LABEL,
            style={"description_width": "initial"},
            placeholder=texts.SUBTITLES_HINT,
            tooltip=texts.SUBTITLES_PATH,
            layout=widgets.Layout(width="100%", margin="0"),
        )
        self._text = widgets.Textarea(
            description=texts.TEXT_LABEL,
            style={"description_width": "initial"},
            placeholder=texts.PASTE_HINT,
            tooltip=texts.SUBTITLES_TEXT,
            layout=widgets.Layout(width="100%", margin="0", height="110px"),
        )
        self._long_text = ""  # a pasted text of which the page has only a preview
        self._found = FoundLine()
        super().__init__([self.source, self._path, self._text, self._found], layout=visible_overflow())
        self.source.observe(lambda _: self._show_chosen_source(), "value")
        self._path.observe(lambda _: self._look(), "value")
        self._text.observe(lambda _: self._on_text(), "value")
        self._show_chosen_source()

    @property
    def subtitles(self) -> Path | str | None:
        """The subtitles as a file's path or as text, or None; can be set."""
        chosen = self.source.value
        if chosen == _SAMPLE:
            return sample_subtitles()
        if chosen == _FILE:
            typed = self._path.value.strip()
            return typed if is_pasted_text(typed) else typed_path(typed)
        if chosen == _PASTE and (text := (self._long_text or self._text.value).strip()):
            return f"{text}\n"
        return None

    @subtitles.setter
    def subtitles(self, subtitles: str | os.PathLike[str] | None) -> None:
        if subtitles is None:
            self.source.value = NONE
        elif isinstance(subtitles, str) and is_pasted_text(subtitles):
            self.source.value, self._text.value = _PASTE, subtitles
        elif Path(subtitles) == sample_subtitles():
            self.source.value = _SAMPLE
        else:
            self.source.value, self._path.value = _FILE, os.fspath(subtitles)

    def to_submit(self) -> Path | str | None:
        """Return the subtitles to submit.

        Raises:
            SubtitleError: A URL was typed or pasted.
        """
        typed = {_FILE: self._path.value, _PASTE: self._text.value}.get(self.source.value, "")
        if is_address(typed) and len(typed.split()) == 1:
            raise SubtitleError(texts.URL_NOT_FETCHED)
        return self.subtitles

    def match_narration(self, *, sample: bool) -> None:
        """Choose the sample's subtitles for the sample narration, and drop them for any other."""
        if sample:
            self.source.value = _SAMPLE
        elif self.source.value == _SAMPLE:
            self.source.value = NONE

    def _on_text(self) -> None:
        """Replace a long text in the page by a preview; edits of the preview are undone."""
        text = self._text.value
        if self._long_text and _preview_note(self._long_text) in text:
            self._text.value = _preview(self._long_text)
        elif len(text) > _LONG:
            self._long_text = text
            self._text.value = _preview(text)
        else:
            self._long_text = ""
        self._look()

    def _look(self) -> None:
        if self.source.value == _PASTE:
            self._found.look(find_captions, self._long_text or self._text.value)
        else:
            self._found.look(find_subtitles, self._path.value if self.source.value == _FILE else "")
        self._on_change()

    def _show_chosen_source(self) -> None:
        set_visible(self._path, self.source.value == _FILE)
        set_visible(self._text, self.source.value == _PASTE)
        self._look()


def _preview(text: str) -> str:
    return f"{text[:_PREVIEW].rstrip()}\n…\n{_preview_note(text)}"


def _preview_note(text: str) -> str:
    return texts.LONG_PASTE.format(lines=text.count("\n") + 1, size=max(1, len(text.encode()) // 1000))
