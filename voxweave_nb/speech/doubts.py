"""Doubts about an alignment: text that is not said, speech that is not written, and times that may be wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..models import Cue

if TYPE_CHECKING:
    from .hearing import Heard
    from .matching import Stretch
    from .text import KnownText

__all__ = ["Doubt", "doubts_of"]

_LEAST_UNWRITTEN = 1.0  # seconds; less is a breath, a cough or an "er"


@dataclass(frozen=True, slots=True)
class Doubt:
    """A part of the captions that does not fit what is heard.

    Attributes:
        cue: The part: the text of a caption or of what has none, and where it is or would be.
        why: The reason, as a sentence.
    """

    cue: Cue
    why: str

    def __str__(self) -> str:
        return self.why


def doubts_of(
    known: KnownText, heard: Heard, stretches: Sequence[Stretch], fits: Mapping[int, float]
) -> Iterator[Doubt]:
    """Yield what does not fit, in order of time."""
    if not known.tokens:
        yield Doubt(Cue(0.0, heard.duration, ""), "The text has no word in it.")
    elif not len(heard.segments):
        text = " ".join(known.sentences)
        yield Doubt(Cue(0.0, heard.duration, text), "No speech was heard in the narration.")
