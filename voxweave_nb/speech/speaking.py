"""Voices: from a text to sound. The recipe for another kind is in CONTRIBUTING.

Another package registers one by an entry point in the group `voxweave_nb.speakers`: the entry point's name is the
speaker's name, its value the class.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from ..errors import SpeechError
from ..validation import did_you_mean, shown
from .registry import engine_class, engine_names

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = [
    "GROUP",
    "Sound",
    "Speaker",
    "Voice",
    "find_voice",
    "find_voices",
    "speaker_class",
    "spoken_seconds",
    "voice_problem",
]

GROUP = "voxweave_nb.speakers"

_BUILT_IN = {"piper": "piper:Piper"}

_LETTERS = 15.0  # a second, in read English; see `lengths`


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice that can speak now.

    Attributes:
        id: The speaker's name and the voice's, such as `"piper/en_US-joe-medium"`.
        name: Its name for people, such as `"joe (en-US)"`.
        language: A BCP 47 tag.
        speaker: The name of the speaker in the registry.
    """

    id: str
    name: str
    language: str
    speaker: str


@dataclass(frozen=True, slots=True)
class Sound:
    """A spoken sentence.

    Attributes:
        samples: Mono, signed 16 bit, of shape `(n,)`.
        rate: Samples per second.
    """

    samples: npt.NDArray[np.int16]
    rate: int


class Speaker(ABC):
    """Speaks sentences with one of its voices. It does so in a process of its own; the rest is called in the kernel."""

    name: ClassVar[str]
    """Its name in the registry."""

    @abstractmethod
    def voices(self) -> Sequence[Voice]:
        """Return the voices that can be used now, the default first. This is quick, and imports nothing heavy."""

    def voice_at(self, path: Path) -> Voice | None:
        """Return the voice of a file that a person names, or None if it is none of this speaker's.

        Raises:
            SpeechError: It is one, and cannot be used; the sentence says why.
        """
        return None

    @abstractmethod
    def missing(self) -> str | None:
        """Return a sentence that says what to install where `voices` is empty, or None."""

    @abstractmethod
    def synthesize(self, sentences: Sequence[str], *, voice: str, rate: float) -> Iterator[Sound]:
        """Yield the sound of each sentence, in order.

        Args:
            sentences: The sentences, each on one line.
            voice: The voice's id.
            rate: The speed; 1 is the voice's own.
        """


def speaker_class(name: str) -> type[Speaker]:
    """Return the class of a speaker.

    Raises:
        ConfigError: The name is unknown, or the plug-in is broken.
    """
    return engine_class(name, Speaker, GROUP, _BUILT_IN, "Speaker")


def find_voices() -> tuple[Voice, ...]:
    """Return the voices that can be used now; the first is the default. No model is loaded."""
    return tuple(voice for name in engine_names(GROUP, _BUILT_IN) for voice in speaker_class(name)().voices())


def find_voice(voice: str | None = None, language: str | None = None) -> Voice:
    """Return a voice that can be used now.

    Args:
        voice: Its id, the part after the slash, or the path of a voice; None for the first that speaks the language.
        language: A BCP 47 tag; None for any.

    Raises:
        SpeechError: The voice is unknown; the message says what to install, or which voices there are.
    """
    if voice is not None and (found := _voice_at(voice)):
        return found
    voices = find_voices()
    if not voices:
        raise SpeechError(_nothing_installed())
    if voice is not None:
        for each in voices:
            if voice in (each.id, each.id.partition("/")[2], each.name):
                return each
        ids = [each.id for each in voices]
        raise SpeechError(
            f"There is no voice {shown(voice)}; choose one of: {', '.join(ids)}.{did_you_mean(voice, ids)}"
        )
    wanted = None if language is None else language.split("-")[0].lower()
    for each in voices:
        if wanted is None or each.language.split("-")[0].lower() == wanted:
            return each
    raise SpeechError(
        f"No voice here speaks {language!r}, only {', '.join(f'{each.id} ({each.language})' for each in voices)}. "
        "Give voice= the path of a Piper voice, a file NAME.onnx with NAME.onnx.json beside it."
    )


def voice_problem(language: str | None = None) -> str | None:
    """Return the sentence that says what speaking lacks here, or None if nothing."""
    try:
        find_voice(None, language)
    except SpeechError as error:
        return str(error)
    return None


def spoken_seconds(text: str, *, rate: float = 1.0, pause: float = 0.35) -> float:
    """Return about how many seconds a text takes to speak, from its letters alone."""
    from .text import KnownText

    known = KnownText.of(text)
    letters = sum(token.length for token in known.tokens)
    return letters / _LETTERS / rate + pause * max(0, len(known.sentences) - 1)


def _voice_at(voice: str) -> Voice | None:
    path = Path(voice).expanduser()
    if path.suffix.lower() != ".onnx":
        return None
    for name in engine_names(GROUP, _BUILT_IN):
        if found := speaker_class(name)().voice_at(path):
            return found
    return None


def _nothing_installed() -> str:
    problems = (speaker_class(name)().missing() for name in engine_names(GROUP, _BUILT_IN))
    return next((problem for problem in problems if problem), "No voice is installed.")
