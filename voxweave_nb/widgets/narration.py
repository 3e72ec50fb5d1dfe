"""The control that chooses the narration: the sample, an upload or recording, a path, or a text that is spoken."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import ipywidgets as widgets

from ..errors import NarrationError
from ..handle import Work
from ..inputs import is_address
from ..sample import sample_narration
from ..service import VideoGenerationService
from ..settings import Settings
from ..speech.spoken import Speech
from ..written import Script
from . import texts
from .audio_input import AudioInput
from .elements import note_html, set_visible, source_buttons, visible_overflow
from .typed import FoundLine, find_narration, typed_path
from .writing import WriteInput

__all__ = ["OWN", "PATH", "SAMPLE", "WRITE", "NarrationInput"]

SAMPLE, OWN, PATH, WRITE = texts.SAMPLE, texts.OWN, texts.PATH, texts.WRITE

_NOTES = {SAMPLE: texts.SAMPLE_NOTE, OWN: "", PATH: texts.PATH_NOTE, WRITE: ""}


class NarrationInput(widgets.VBox):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """Chooses an audio file among three sources, or the text that one is spoken from.

    Args:
        on_change: Called when another file or another part of it is chosen.
        settings: The limits of a narration; `Settings.load()` unless given.
        service: Speaks a text; a local one unless given.

    Attributes:
        source: The buttons that choose the source.
    """

    def __init__(
        self,
        on_change: Callable[[], None],
        settings: Settings | None = None,
        service: VideoGenerationService | None = None,
    ) -> None:
        self._on_change, self._service = on_change, service
        self._settings = settings or Settings.load()
        self._audio: AudioInput | None = None
        self.source = source_buttons(texts.NARRATION_SOURCE, [SAMPLE, OWN, PATH, WRITE])
        self._path = widgets.Text(
            description=texts.PATH_LABEL,
            style={"description_width": "initial"},
            placeholder=texts.NARRATION_HINT,
            tooltip=texts.NARRATION_PATH,
            layout=widgets.Layout(width="100%", margin="0"),
        )
        self._audio_box = widgets.VBox(layout=visible_overflow())
        self.written = WriteInput(self._speak, lambda: self._on_change())
        self._found, self._note = FoundLine(), widgets.HTML(note_html(_NOTES[SAMPLE]))
        rows = [self.source, self._audio_box, self._path, self.written, self._found, self._note]
        super().__init__(rows, layout=visible_overflow())
        set_visible(self._audio_box, False)
        set_visible(self._path, False)
        set_visible(self.written, False)
        self.source.observe(lambda _: self._on_source(), "value")
        self._path.observe(lambda _: self._on_path(), "value")

    @property
    def audio(self) -> AudioInput:
        """The control for recordings and uploads, created on first access."""
        if self._audio is None:
            self._audio = AudioInput(max_bytes=self._settings.max_narration_bytes)
            self._audio.observe(lambda _: self._on_change(), ["path", "selection"])
            self._audio_box.children = (self._audio,)
        return self._audio

    @property
    def path(self) -> Path | None:
        """The chosen audio file, untrimmed, or None; can be set to a path."""
        if self.source.value == SAMPLE:
            return sample_narration()
        if self.source.value == OWN:
            return None if self.audio.path is None else Path(self.audio.path)
        if self.source.value == WRITE:
            return None if self.written.speech is None else self.written.speech.path
        return typed_path(self._path.value)

    @path.setter
    def path(self, path: str | os.PathLike[str]) -> None:
        self.source.value = SAMPLE if Path(path) == sample_narration() else PATH
        if self.source.value == PATH:
            self._path.value = os.fspath(path)

    @property
    def speech(self) -> Speech | None:
        """The narration that was spoken from the text that is written now, or None."""
        return self.written.speech if self.source.value == WRITE else None

    @property
    def script(self) -> Script | None:
        """The text that is written, or None."""
        return self.written.script if self.source.value == WRITE else None

    def ready(self, then: Callable[[], object]) -> None:
        """Call a function once there is a narration: a text that is written is spoken first."""
        if self.source.value == WRITE:
            self.written.ready(then)
        else:
            then()

    def copy_written(self, other: NarrationInput) -> None:
        """Take over the text that is written in another control, if it is its narration."""
        if other.source.value == WRITE:
            self.source.value = WRITE
            self.written.copy(other.written)

    def _speak(self, script: Script) -> Work[Speech]:
        service = self._service or VideoGenerationService.local(settings=self._settings)
        return service.speak(script.text, voice=script.voice, rate=script.rate, pause=script.pause)

    def trimmed(self) -> Path | None:
        """Return the audio file to submit, cut to the selection if there is one, or None.

        Raises:
            NarrationError: The selection has no sound in it, or a URL was typed.
        """
        if self.source.value == PATH and is_address(self._path.value):
            raise NarrationError(texts.URL_NOT_FETCHED)
        if self.source.value == OWN and self.audio.path is not None:
            return self.audio.narration()
        return self.path

    @property
    def is_trimmed(self) -> bool:
        """True if a part of the audio file is selected."""
        audio = self._audio if self.source.value == OWN else None
        return audio is not None and audio.selection is not None

    def _on_path(self) -> None:
        self._look()
        self._on_change()

    def _look(self) -> None:
        typed = self._path.value if self.source.value == PATH else ""
        self._found.look(find_narration, typed, self._settings)
        set_visible(self._note, self.source.value not in (OWN, WRITE) and not typed.strip())

    def _on_source(self) -> None:
        chosen = self.source.value
        if chosen == OWN:
            self.audio  # noqa: B018  created on access
        set_visible(self._audio_box, chosen == OWN)
        set_visible(self._path, chosen == PATH)
        set_visible(self.written, chosen == WRITE)
        if chosen == WRITE:
            self.written.find_voices()
        self._note.value = note_html(_NOTES[chosen])
        self._look()
        self._on_change()
