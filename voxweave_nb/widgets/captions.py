"""Where the subtitles come from: the sample, a file, or the clipboard."""

from __future__ import annotations

import os
from pathlib import Path

import ipywidgets as widgets

from ..sample import sample_subtitles
from . import texts
from .parts import show, sources

__all__ = ["NONE", "CaptionsInput"]

_SAMPLE, NONE, _FILE, _PASTE = texts.SAMPLE, texts.NONE, texts.FILE, texts.PASTE

_LONG = 4000
"""Letters of a pasted text from which on only its beginning goes back to the page, and into a saved notebook."""

_SHOWN = 400
"""How many of them are shown then."""


class CaptionsInput(widgets.VBox):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """Four ways to say what the captions are; `words` is a path, a text or None."""

    def __init__(self) -> None:
        self.source = sources(texts.SUBTITLES_FROM, [_SAMPLE, NONE, _FILE, _PASTE])
        self._path = widgets.Text(
            placeholder=texts.SUBTITLES_HINT,
            tooltip=texts.SUBTITLES_PATH,
            layout=widgets.Layout(width="100%", margin="0"),
        )
        self._text = widgets.Textarea(
            placeholder=texts.PASTE_HINT,
            tooltip=texts.SUBTITLES_TEXT,
            layout=widgets.Layout(width="100%", margin="0", height="110px"),
        )
        self._whole = ""  # of a long text, of which the page has the beginning
        super().__init__([self.source, self._path, self._text], layout=widgets.Layout(overflow="visible"))
        self.source.observe(lambda _: self._on_source(), "value")
        self._text.observe(lambda _: self._on_text(), "value")
        self._on_source()

    @property
    def words(self) -> Path | str | None:
        """The subtitle file, or the text of one, or None."""
        chosen = self.source.value
        if chosen == _SAMPLE:
            return sample_subtitles()
        if chosen == _FILE and self._path.value.strip():
            return Path(self._path.value.strip())
        if chosen == _PASTE and (text := (self._whole or self._text.value).strip()):
            return f"{text}\n"
        return None

    @words.setter
    def words(self, words: str | os.PathLike[str] | None) -> None:
        if words is None:
            self.source.value = NONE
        elif isinstance(words, str) and "\n" in words:
            self.source.value, self._text.value = _PASTE, words
        elif Path(words) == sample_subtitles():
            self.source.value = _SAMPLE
        else:
            self.source.value, self._path.value = _FILE, os.fspath(words)

    def follow(self, *, sample: bool) -> None:
        """Takes the sample's captions with the sample, and leaves them with another narration."""
        if sample:
            self.source.value = _SAMPLE
        elif self.source.value == _SAMPLE:
            self.source.value = NONE

    def _on_text(self) -> None:
        """Keeps a long text here and shows its beginning; that is not to be edited, only replaced."""
        text = self._text.value
        if self._whole and _note(self._whole) in text:
            self._text.value = _preview(self._whole)
        elif len(text) > _LONG:
            self._whole = text
            self._text.value = _preview(text)
        else:
            self._whole = ""

    def _on_source(self) -> None:
        show(self._path, self.source.value == _FILE)
        show(self._text, self.source.value == _PASTE)


def _preview(text: str) -> str:
    return f"{text[:_SHOWN].rstrip()}\n…\n{_note(text)}"


def _note(text: str) -> str:
    return texts.LONG_PASTE.format(lines=text.count("\n") + 1, size=max(1, len(text.encode()) // 1000))
