r"""The times of words: `<00:00:01.200>` of WebVTT, `{\k20}` of SubStation, and marked words; written for WebVTT."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from ...models import Cue, Word
from ...timecode import parse_time, webvtt_time
from ..writing import spaceless
from .base import plain

__all__ = ["Part", "cue_of", "fitting_words", "is_mark", "places_of", "timed_words", "write_words"]

Part = tuple[float, float, str]
"""A part of a caption's text with its start and end in seconds."""

GUESSED = 0.5
"""The `sure` of words that share one time."""

_TIMED = re.compile(r"<(\d[\d:.,]{0,20})>")
_SURE = re.compile(r"<c\.sure(\d{1,3})>")
_MARK = re.compile(r"<(u|b|i|em|strong|font|c)\b[^<>\n]{0,200}>([^<>]{1,100})</ ?\1 ?>", re.IGNORECASE)
_MOST_TAGS = 8  # of a cue in which one word is marked
_MOST_WORDS = 1_000  # of a cue


def cue_of(start: float, end: float, body: str) -> Cue:
    """Return the cue of a text with markup; words that have times within it, or one marked word, become its words."""
    text = plain(body)
    pieces = _TIMED.split(body)
    if (len(pieces) == 1 and not _SURE.search(body)) or len(pieces) > 2 * _MOST_WORDS:
        return Cue(start, end, text, _marked(start, end, body, text))
    times = [start, *map(parse_time, pieces[1::2]), end]
    if any(a is None or b is None or b < a for a, b in itertools.pairwise(times)):
        return Cue(start, end, text)
    # The lines above the first time are carried over from the cue before.
    first = pieces[0].rpartition("\n")[2]
    spans = list(itertools.pairwise(time or 0.0 for time in times))
    parts = [(*span, plain(piece)) for span, piece in zip(spans, [first, *pieces[2::2]], strict=True)]
    sure = [_SURE.search(piece) for piece in (first, *pieces[2::2])]
    return Cue(
        start, end, text, timed_words(parts, [float(found[1]) / 100 if found else 1.0 for found in sure])
    )


def timed_words(parts: Sequence[Part], sure: Sequence[float] = ()) -> tuple[Word, ...]:
    """Return the words of parts that have times; a word that runs over several parts is put together.

    Args:
        parts: The parts, in their order.
        sure: How sure the times of each part are; without it they are certain.
    """
    words: list[Word] = []
    before = ""
    for (begin, stop, text), certain in zip(parts, sure or itertools.repeat(1.0), strict=False):
        tokens = text.split()
        if tokens and words and _goes_on(before, text):
            last = words.pop()
            tokens[0], begin = last.text + tokens[0], last.start
        words += [Word(tokens[0], begin, stop, certain)] if len(tokens) == 1 else _shared(tokens, begin, stop)
        before = text or before
    return tuple(words)


def _shared(tokens: Sequence[str], start: float, end: float) -> Iterator[Word]:
    """Yield words that have one time together; they share it by their length."""
    ends = [*itertools.accumulate(map(len, tokens))]
    times = [start, *(round(start + (end - start) * at / ends[-1], 3) for at in ends)]
    for token, (begin, stop) in zip(tokens, itertools.pairwise(times), strict=True):
        yield Word(token, begin, stop, GUESSED)


def _goes_on(before: str, text: str) -> bool:
    """Return True if a text continues the word before it: no space between, in a script that has spaces."""
    last, first = before[-1:], text[:1]
    return not (not last or last.isspace() or first.isspace() or spaceless(last) or spaceless(first))


def _marked(start: float, end: float, body: str, text: str) -> tuple[Word, ...]:
    """Return the only marked word of a cue, with the cue's times."""
    if body.count("<") > _MOST_TAGS:
        return ()
    marks = [plain(mark[2]).strip() for mark in _MARK.finditer(body)]
    if len(marks) != 1 or len(marks[0].split()) != 1 or marks[0] == text.strip():
        return ()
    return (Word(marks[0], start, end),)


def is_mark(cue: Cue) -> bool:
    """Return True if a cue's only word is marked in a longer text, which by itself says nothing about time."""
    return (
        len(cue.words) == 1
        and (cue.words[0].start, cue.words[0].end) == (cue.start, cue.end)
        and (cue.words[0].text != cue.text.strip())
    )


def places_of(cue: Cue) -> list[int] | None:
    """Return where each word stands in the text; None unless all of them do, in their order."""
    whole = "".join(word.text for word in cue.words) == "".join(cue.text.split())
    return _forwards(cue) if whole else _backwards(cue)


def _forwards(cue: Cue) -> list[int] | None:
    places, at = [], 0
    for word in cue.words:
        place = cue.text.find(word.text, at)
        if place < 0:
            return None
        places.append(place)
        at = place + len(word.text)
    return places


def _backwards(cue: Cue) -> list[int] | None:
    """Look from the end: lines without times stand above those with times."""
    places, at = [], len(cue.text)
    for word in reversed(cue.words):
        at = cue.text.rfind(word.text, 0, at)
        if at < 0:
            return None
        places.append(at)
    return places[::-1]


def fitting_words(cue: Cue) -> Cue:
    """Return a cue with its words rounded to milliseconds, or without words if they do not fit its text and times."""
    if not cue.words:
        return cue
    words = tuple(replace(word, start=round(word.start, 3), end=round(word.end, 3)) for word in cue.words)
    times = [time for word in words for time in (word.start, word.end)]
    inside = all(word.text.strip() for word in words) and times == sorted(times)
    inside = inside and cue.start <= times[0] and times[-1] <= cue.end
    fitted = replace(cue, words=words)
    return fitted if inside and places_of(fitted) is not None else replace(cue, words=())


def write_words(cue: Cue, escaped: Callable[[str], str]) -> str:
    """Return a cue's text for WebVTT, with a time before each word and where silence follows one.

    Args:
        cue: The cue.
        escaped: Escapes a part of the text.
    """
    places = places_of(cue)
    if not cue.words or places is None:
        return escaped(cue.text)
    parts, at, time = list[str](), 0, cue.start
    following = [*(word.start for word in cue.words[1:]), cue.end]
    for word, place, then in zip(cue.words, places, following, strict=True):
        parts.append(escaped(cue.text[at:place]))
        at = place + len(word.text)
        if word.start > time:
            parts.append(f"<{webvtt_time(word.start)}>")
        said = escaped(word.text)
        # A word that lasts as long as its cue needs no time: the class tells that it has one.
        plain_word = word.sure >= 1 and (len(cue.words) > 1 or word.start > cue.start or word.end < cue.end)
        parts.append(said if plain_word else f"<c.sure{round(word.sure * 100)}>{said}</c>")
        time = word.start
        if word.start < word.end < then:
            parts.append(f"<{webvtt_time(word.end)}>")
            time = word.end
    return "".join([*parts, escaped(cue.text[at:])])
