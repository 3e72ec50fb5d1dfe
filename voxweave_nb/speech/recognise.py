"""Recognisers: from sound to words with times. The recipe for another one is in CONTRIBUTING.

Another package registers one by an entry point in the group `voxweave_nb.recognisers`: the entry point's name is the
recogniser's name, its value the class.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ..errors import VoxweaveError
from .registry import engine_class, engine_names

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from ..models import Word

__all__ = [
    "GROUP",
    "Recogniser",
    "Transcript",
    "find_recogniser",
    "recogniser_class",
    "recogniser_problem",
    "recognisers",
]

GROUP = "voxweave_nb.recognisers"

_BUILT_IN = {"whisper": "whisper:Whisper"}


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a recogniser has heard.

    Attributes:
        text: The whole text.
        words: Its words in order, without spaces; `sure` is how sure the recogniser is of the word.
        language: A BCP 47 tag, such as `"en"`.
        name: The recogniser and its weights, such as `"whisper tiny.en"`.
    """

    text: str
    words: tuple[Word, ...]
    language: str
    name: str


class Recogniser(ABC):
    """Turns sound into words. It runs in a process of its own; only `model_for` is called in the kernel."""

    name: ClassVar[str]
    """Its name in the registry."""

    @abstractmethod
    def model_for(self, model: str | None, language: str | None) -> str:
        """Return the weights to use, as `transcribe` takes them. This is quick, and imports nothing heavy.

        Args:
            model: The path or the name of weights; None for the best that are installed.
            language: A BCP 47 tag; None if it is to be found.

        Raises:
            SpeechError: They are not installed; the sentence says what to install or download, and how large it is.
        """

    @abstractmethod
    def transcribe(
        self,
        samples: npt.NDArray[np.float32],
        *,
        model: str,
        language: str | None,
        progress: Callable[[float], None],
    ) -> Transcript:
        """Return the words of a narration; none if nobody speaks.

        Args:
            samples: Mono, 16 kHz, from -1 to 1, of shape `(n,)`.
            model: What `model_for` returned.
            language: A BCP 47 tag; None if it is to be found.
            progress: To be called with the share that is done, from 0 to 1.
        """


def recognisers() -> tuple[str, ...]:
    """Return the names of all installed recognisers, in the order in which they are asked."""
    return engine_names(GROUP, _BUILT_IN)


def recogniser_class(name: str) -> type[Recogniser]:
    """Return the class of a recogniser.

    Raises:
        ConfigError: The name is unknown, or the plug-in is broken.
    """
    return engine_class(name, Recogniser, GROUP, _BUILT_IN, "Recogniser")


def find_recogniser(model: str | None = None, language: str | None = None) -> tuple[str, str]:
    """Return the name of a recogniser that can be used now, and its weights.

    Args:
        model: The name of a recogniser, or the path or the name of weights; None for the first that can be used.
        language: A BCP 47 tag; None if it is to be found.

    Raises:
        SpeechError: None can be used; the message says what to install.
    """
    names = recognisers()
    wanted, model = ([model], None) if model in names else (names, model)
    problems: list[VoxweaveError] = []
    for name in wanted:
        assert name is not None
        try:
            return name, recogniser_class(name)().model_for(model, language)
        except VoxweaveError as error:
            problems.append(error)
    raise problems[-1]


def recogniser_problem(language: str | None = None) -> str | None:
    """Return the sentence that says what recognising lacks here, or None if nothing."""
    try:
        find_recogniser(None, language)
    except VoxweaveError as error:
        return str(error)
    return None
