"""`Speech`: a narration that was spoken from a text, with captions whose times are known."""

from __future__ import annotations

import base64
import os
import shutil
from dataclasses import dataclass
from html import escape
from pathlib import Path

from ..errors import ConfigError
from ..models import Cue, Word
from ..timecode import clock
from ..written import Script
from .speaking import Voice

__all__ = ["Speech"]

_MOST_EMBEDDED = 6_000_000  # bytes of sound in a notebook


@dataclass(frozen=True, slots=True)
class Speech:
    """A narration that was spoken from a text. It can be given wherever a narration can; its captions come along.

    Attributes:
        path: The WAV file.
        cues: The captions, with their words.
        script: The text and how it was spoken.
        voice: The voice.
        seconds: The length.
    """

    path: Path
    cues: tuple[Cue, ...]
    script: Script
    voice: Voice
    seconds: float

    @property
    def words(self) -> tuple[Word, ...]:
        """The words of all captions, with their times."""
        return tuple(word for cue in self.cues for word in cue.words)

    @property
    def text(self) -> str:
        """The text that was spoken."""
        return self.script.text

    def narration(self) -> Path:
        """Return the sound's file, as other forms of narrations do."""
        return self.path

    def subtitles_text(self) -> str:
        """Return the captions as WebVTT, with the times of words."""
        from ..media.subtitles import write_subtitles

        return write_subtitles(self.cues, "webvtt")

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Copy the sound to a file of one's own, which is not removed.

        Args:
            path: The file, `.wav`.
            overwrite: Replace a file that exists.

        Raises:
            ConfigError: The file has another ending.
            FileExistsError: The file exists.
        """
        target = Path(path).expanduser()
        if target.suffix.lower() != ".wav":
            raise ConfigError(f"Speech cannot be saved as {target.name!r}; end its name in .wav.")
        if target.exists() and not overwrite:
            raise FileExistsError(f"{target} exists. Choose another name, or give overwrite=True.")
        shutil.copyfile(self.path, target)
        return target

    def _repr_html_(self) -> str:
        title = f"{escape(self.voice.name)}, {clock(self.seconds)}"
        if self.path.stat().st_size > _MOST_EMBEDDED:
            return f"<p>{title}: {escape(str(self.path))}</p>"
        sound = base64.b64encode(self.path.read_bytes()).decode("ascii")
        return f'<audio controls src="data:audio/wav;base64,{sound}" aria-label="{title}"></audio>'

    def __repr__(self) -> str:
        return f"<Speech: {clock(self.seconds)}, {len(self.cues)} captions, {self.voice.id}>"
