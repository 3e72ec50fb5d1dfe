"""A known text as words: what each is written as, how long it takes to say, and what ends after it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..media.sentences import ending, sentences
from ..media.typeset import pieces
from ..media.writing import spaceless
from .lengths import length_of

__all__ = ["KnownText", "Token", "joined", "tokens_of"]

_WORD = re.compile(r"\S+\s*")
_DIRECTION = re.compile(r"\[[^\[\]]{0,200}\]")  # "[music]" is not spoken
# The last syllable before a pause is drawn out, by about a tenth of a second (Klatt 1975, "Vowel lengthening is
# syntactically determined in a connected discourse").
_DRAWN_OUT = 1.3


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text.

    Attributes:
        text: The word with its punctuation, without spaces.
        gap: What stands between it and the next word: a space, or nothing.
        length: Its estimated spoken length in letters, see `lengths`; 0 if it is not spoken.
        ends: `"sentence"` or `"clause"` if one ends after it, else an empty text.
        sentence: The number of its sentence, from 0.
    """

    text: str
    gap: str
    length: float
    ends: str
    sentence: int


@dataclass(frozen=True, slots=True)
class KnownText:
    """The sentences and words of a text.

    Attributes:
        sentences: The sentences, each on one line.
        tokens: The words of all sentences.
    """

    sentences: tuple[str, ...]
    tokens: tuple[Token, ...]

    @classmethod
    def of(cls, text: str) -> KnownText:
        """Split a text of any language; one without anything to read has no sentence."""
        found = tuple(sentences(text))
        tokens = [token for number, each in enumerate(found) for token in tokens_of(each, number)]
        return cls(found, tuple(tokens))


def tokens_of(sentence: str, number: int = 0) -> Iterator[Token]:
    """Yield the words of a sentence; in writing without spaces these are single characters with their signs."""
    silent = {at for found in _DIRECTION.finditer(sentence) for at in range(*found.span())}
    parts = _parts(sentence)
    at, counted = 0, False
    for place, part in enumerate(parts):
        word, last = part.strip(), place == len(parts) - 1
        length = 0.0 if at in silent else length_of(word, counted)
        counted = word[-1:].isdigit()
        at += len(part)
        ends = "sentence" if last else ending(word, parts[place + 1])
        drawn = _DRAWN_OUT if ends and length else 0.0
        gap = " " if last or part[-1:].isspace() else ""
        yield Token(word, gap, length + drawn, ends, number)


def _parts(sentence: str) -> list[str]:
    if sentence.isascii() or not any(map(spaceless, sentence)):
        return _WORD.findall(sentence)
    return [part for piece in pieces(sentence) for part in _WORD.findall(piece)]


def joined(words: list[str] | tuple[str, ...]) -> str:
    """Join words to a text: with a space, but with none between characters of scripts that have no spaces."""
    if not words:
        return ""
    parts = [words[0]]
    for before, after in itertools.pairwise(words):
        tight = spaceless(_letter(before, -1)) and spaceless(_letter(after, 0))
        parts += ["" if tight else " ", after]
    return "".join(parts)


def _letter(word: str, place: int) -> str:
    letters = [character for character in word if character.isalnum()]
    return letters[place] if letters else word[place : place + 1 or None] or " "
