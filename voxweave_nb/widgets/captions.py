"""The control that chooses the subtitles: the sample's, none, a file, pasted text, or the narration's own words."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import ipywidgets as widgets

from ..errors import SubtitleError
from ..inputs import is_address
from ..pasted import is_pasted_text
from ..sample import sample_subtitles
from ..speech.captions import AUTO
from ..speech.recognise import recogniser_problem
from ..speech.spoken import Speech
from . import texts
from .elements import note_html, set_visible, source_buttons, visible_overflow, warnings_html
from .typed import FoundLine, find_captions, find_subtitles, typed_path

__all__ = ["FROM_TEXT", "NONE", "CaptionsInput"]

_SAMPLE, NONE, _FILE, _PASTE = texts.SAMPLE, texts.NONE, texts.FILE, texts.PASTE
FROM_TEXT, _AUTO = texts.FROM_TEXT, texts.AUTO

_LONG = 4000
"""Characters from which on a pasted text is kept in the kernel only, out of the page and the saved notebook."""

_PREVIEW = 400
"""Characters of a long text that the page shows."""


class CaptionsInput(widgets.VBox):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """Chooses the subtitles among six sources.

    Args:
        on_change: Called when other subtitles are chosen.
        spoken: Returns the narration that was spoken from a text, or None.

    Attributes:
        source: The buttons that choose the source.
    """

    def __init__(
        self, on_change: Callable[[], None] = lambda: None, spoken: Callable[[], Speech | None] = lambda: None
    ) -> None:
        self._on_change, self._spoken = on_change, spoken
        self.source = source_buttons(texts.SUBTITLES_SOURCE, [_SAMPLE, NONE, _FILE, _PASTE, FROM_TEXT, _AUTO])
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
        self._written = False
        self._long_text = ""  # a pasted text of which the page has only a preview
        self._found, self._note = FoundLine(), widgets.HTML()
        super().__init__(
            [self.source, self._path, self._text, self._found, self._note], layout=visible_overflow()
        )
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
        if chosen == FROM_TEXT:
            speech = self._spoken()
            return None if speech is None else speech.subtitles_text()
        return AUTO if chosen == _AUTO else None

    @subtitles.setter
    def subtitles(self, subtitles: str | os.PathLike[str] | None) -> None:
        if subtitles is None:
            self.source.value = NONE
        elif subtitles == AUTO:
            self.source.value = _AUTO
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

    def match_narration(self, *, sample: bool, written: bool = False) -> None:
        """Choose the sample's subtitles for the sample narration, and the words of a text; drop them for any other."""
        if sample:
            self.source.value = _SAMPLE
        elif written and self.source.value in (_SAMPLE, NONE):
            self.source.value = FROM_TEXT
        elif self.source.value == _SAMPLE or (self.source.value == FROM_TEXT and not written):
            self.source.value = NONE
        self._written = written
        self._show_note()

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
        self._show_note()
        self._look()

    def _show_note(self) -> None:
        chosen, note = self.source.value, ""
        if chosen == FROM_TEXT:
            note = note_html(texts.FROM_TEXT_NOTE if self._written else texts.FROM_TEXT_MISSING)
        elif chosen == _AUTO:
            problem = recogniser_problem()
            note = note_html(texts.AUTO_NOTE) if problem is None else warnings_html([problem])
        self._note.value = note
        set_visible(self._note, bool(note))


def _preview(text: str) -> str:
    return f"{text[:_PREVIEW].rstrip()}\n…\n{_preview_note(text)}"


def _preview_note(text: str) -> str:
    return texts.LONG_PASTE.format(lines=text.count("\n") + 1, size=max(1, len(text.encode()) // 1000))
