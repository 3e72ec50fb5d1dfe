"""Where the narration comes from: the sample, the person's own machine, or the kernel's disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import ipywidgets as widgets

from ..sample import sample_narration
from . import texts
from .audio_input import AudioInput
from .parts import note, show, sources

__all__ = ["OWN", "PATH", "SAMPLE", "NarrationInput"]

SAMPLE, OWN, PATH = texts.SAMPLE, texts.OWN, texts.PATH

_NOTES = {SAMPLE: texts.SAMPLE_NOTE, OWN: "", PATH: texts.PATH_NOTE}


class NarrationInput(widgets.VBox):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """Three ways to name an audio file.

    Args:
        on_change: Called when another file is named.
    """

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._audio: AudioInput | None = None
        self.source = sources(texts.NARRATION_FROM, [SAMPLE, OWN, PATH])
        self._path = widgets.Text(
            placeholder=texts.NARRATION_HINT,
            tooltip=texts.NARRATION_PATH,
            layout=widgets.Layout(width="100%", margin="0"),
        )
        self._own = widgets.VBox(layout=widgets.Layout(overflow="visible"))
        self._note = widgets.HTML(note(_NOTES[SAMPLE]))
        super().__init__(
            [self.source, self._own, self._path, self._note], layout=widgets.Layout(overflow="visible")
        )
        show(self._own, False)
        show(self._path, False)
        self.source.observe(lambda _: self._on_source(), "value")
        self._path.observe(lambda _: on_change(), "value")

    @property
    def audio(self) -> AudioInput:
        """The control that takes a file from the person's machine; made when it is first asked for."""
        if self._audio is None:
            self._audio = AudioInput()
            self._audio.observe(lambda _: self._on_change(), ["path", "selection"])
            self._own.children = (self._audio,)
        return self._audio

    @property
    def path(self) -> Path | None:
        """The audio file as it was received, or None while there is none."""
        if self.source.value == SAMPLE:
            return sample_narration()
        if self.source.value == OWN:
            return None if self.audio.path is None else Path(self.audio.path)
        return Path(self._path.value.strip()) if self._path.value.strip() else None

    @path.setter
    def path(self, path: str | os.PathLike[str]) -> None:
        self.source.value = SAMPLE if Path(path) == sample_narration() else PATH
        if self.source.value == PATH:
            self._path.value = os.fspath(path)

    def used(self) -> Path | None:
        """The audio file to use: of a selection only the selected part.

        Raises:
            NarrationError: The selected part has no sound in it.
        """
        if self.source.value == OWN and self.audio.path is not None:
            return self.audio.narration()
        return self.path

    def _on_source(self) -> None:
        chosen = self.source.value
        if chosen == OWN:
            self.audio  # noqa: B018  is made now
        show(self._own, chosen == OWN)
        show(self._path, chosen == PATH)
        self._note.value = note(_NOTES[chosen])
        show(self._note, chosen != OWN)
        self._on_change()
