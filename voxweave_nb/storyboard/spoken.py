"""The words of a narration with their times: those of the captions where they have any, else estimated.

An estimate shares a caption's time among its words by their letters, between the pauses that were heard in it. A pause
is taken for the nearest punctuation, so that the words on both sides of a cut are the ones that are heard there.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..media.sentences import ending
from ..media.subtitles.words import is_mark, places_of
from ..media.typeset import pieces
from ..media.writing import spaceless
from ..models import Cue

__all__ = ["Said", "Silence", "Transcript", "silences"]

Silence = tuple[float, float]
"""Start and end of a pause in seconds."""

_WORD = re.compile(r"\S+\s*")
# A pause is taken for a place in the text that is estimated to be so near, in seconds or as a share of the caption.
_NEAR, _NEAR_SHARE = 0.7, 0.2
_EDGE = 0.15
_LINGERS = 0.5


@dataclass(frozen=True, slots=True)
class Said:
    """A word.

    Attributes:
        text: The word with its punctuation and the space after it.
        start: Seconds from the start of the narration.
        end: Seconds from the start of the narration, not before `start`.
        known: True if the captions gave the times; False if they are estimated.
    """

    text: str
    start: float
    end: float
    known: bool


def silences(pauses: Sequence[Silence], duration: float) -> list[Silence]:
    """Return pauses in order, those that overlap joined, within a narration of `duration` seconds."""
    found: list[Silence] = []
    for start, end in sorted((max(0.0, start), min(end, duration)) for start, end in pauses):
        if end < start:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


class Transcript:
    """The words of a narration with their times.

    Args:
        cues: The captions, in any order; those without length are left out.
        pauses: Start and end of each pause that was heard, in seconds. The places of `boundaries` serve as well, each
            as start and end: words that are estimated then stay on their side of a cut.

    Attributes:
        cues: The captions in the order of their start.
    """

    def __init__(self, cues: Sequence[Cue], pauses: Sequence[Silence] = ()) -> None:
        self.cues = tuple(
            sorted((cue for cue in cues if cue.end > cue.start), key=lambda cue: (cue.start, cue.end))
        )
        self._pauses = silences(pauses, max((cue.end for cue in self.cues), default=0.0))
        self._starts = [start for start, _ in self._pauses]
        self._said: dict[int, tuple[Said, ...]] = {}

    def words(self, number: int) -> tuple[Said, ...]:
        """Return the words of a caption, counted from 0; together their texts are the caption's."""
        if number not in self._said:
            cue = self.cues[number]
            self._said[number] = tuple(_known(cue) or _estimated(cue, self.pauses_in(cue.start, cue.end)))
        return self._said[number]

    def span(self, number: int) -> tuple[float, float, bool]:
        """Return start and end of what is said in a caption, and whether that is known from the times of its words."""
        cue = self.cues[number]
        known = self.words(number) if cue.words else ()
        if known and known[0].known:
            return known[0].start, known[-1].end, True
        return cue.start, cue.end, False

    def pauses_in(self, start: float, end: float) -> list[Silence]:
        """Return the pauses of which a part lies between two times."""
        first = max(0, bisect.bisect_right(self._starts, start) - 1)
        last = bisect.bisect_left(self._starts, end)
        return [pause for pause in self._pauses[first:last] if pause[1] >= start]

    def between(self, start: float, end: float) -> str:
        """Return the words that are spoken between two times in seconds; a word belongs where its middle is."""
        texts = []
        for number, cue in enumerate(self.cues):
            if cue.end <= start or cue.start >= end:
                continue
            if start <= cue.start and cue.end <= end:
                texts.append(cue.text)
            else:
                inside = [
                    each.text for each in self.words(number) if start <= (each.start + each.end) / 2 < end
                ]
                texts.append("".join(inside))
        return " ".join(" ".join(texts).split())

    def time_of(self, phrase: str, start: float, end: float) -> float | None:
        """Return when a phrase begins to be spoken, in seconds, or None if it is not spoken between two times.

        Case, spaces and punctuation do not matter. Of several places the first counts.

        Args:
            phrase: Some words that follow each other.
            start: Seconds from the start of the narration.
            end: Seconds from the start of the narration.
        """
        wanted = _letters(phrase)
        if not wanted:
            return None
        said = [
            each
            for number, cue in enumerate(self.cues)
            if cue.start < end and cue.end > start
            for each in self.words(number)
            if start <= (each.start + each.end) / 2 < end
        ]
        letters = [_letters(each.text) for each in said]
        places = [0, *itertools.accumulate(map(len, letters))]
        whole = "".join(letters)
        at = whole.find(wanted)
        while at >= 0:
            number = bisect.bisect_left(places, at)
            if places[number] == at and at + len(wanted) in places:
                # Of words without letters at one place, the last is the one that the phrase begins with.
                number = bisect.bisect_right(places, at) - 1
                return said[number].start
            at = whole.find(wanted, at + 1)
        return None

    def intervals(self) -> list[Silence]:
        """Return start and end of each word whose times are known, in order; words that overlap are joined.

        Words that only touch stay apart: a cut between them is inside none.
        """
        spans = sorted(
            (word.start, word.end)
            for cue in self.cues
            if not is_mark(cue)
            for word in cue.words
            if word.end > word.start
        )
        found: list[Silence] = []
        for start, end in spans:
            if found and start < found[-1][1]:
                found[-1] = (found[-1][0], max(found[-1][1], end))
            else:
                found.append((start, end))
        return found


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _known(cue: Cue) -> list[Said]:
    """Return the words of a caption that has the times of all of them, else nothing."""
    if not cue.words or "".join(word.text for word in cue.words) != "".join(cue.text.split()):
        return []
    places = places_of(cue)
    if places is None:
        return []
    ends = [*places[1:], len(cue.text)]
    return [
        Said(cue.text[place:end], word.start, word.end, True)
        for word, place, end in zip(cue.words, places, ends, strict=True)
    ]


def _tokens(text: str) -> list[str]:
    return pieces(text) if not text.isascii() and any(map(spaceless, text)) else _WORD.findall(text)


def _estimated(cue: Cue, pauses: Sequence[Silence]) -> Iterator[Said]:
    """Yield the words of a caption with estimated times, those around a pause beside it."""
    tokens = _tokens(cue.text)
    if not tokens:
        return
    # Captions often stay on after the last word, and begin a little before the first.
    start = max([cue.start, *(b for a, b in pauses if a <= cue.start + _EDGE and b < cue.end - _EDGE)])
    end = min([cue.end, *(a for a, b in pauses if b >= cue.end - _EDGE and a > start + _EDGE)])
    shares = [0, *itertools.accumulate(len(token.strip()) + 1 for token in tokens)]
    inner = [(a, b) for a, b in pauses if start + _EDGE < a and b < end - _EDGE]
    anchors = {0: (start, start), len(tokens): (end, end)} | _anchors(tokens, shares, inner, start, end)
    points = [(place, *anchors[place]) for place in sorted(anchors)]
    for (first, _, begin), (last, stop, _) in itertools.pairwise(points):
        rate = (stop - begin) / (shares[last] - shares[first])
        times = [
            min(stop, begin + (shares[place] - shares[first]) * rate) for place in range(first, last + 1)
        ]
        for token, (began, ended) in zip(tokens[first:last], itertools.pairwise(times), strict=True):
            yield Said(token, began, ended, known=False)


def _anchors(
    tokens: Sequence[str], shares: Sequence[int], pauses: Sequence[Silence], start: float, end: float
) -> dict[int, Silence]:
    """Return the pauses that are taken for a place between two words, by the number of the word after it.

    Longer pauses choose first. Punctuation goes before other places, as do both ends of the caption where a pause is
    near: captions often stay on after the last word.
    """
    estimates = [start + share / shares[-1] * (end - start) for share in shares]
    near, last = max(_NEAR, _NEAR_SHARE * (end - start)), len(tokens)
    found: dict[int, Silence] = {}
    for pause in sorted(pauses, key=lambda each: each[0] - each[1]):
        middle = sum(pause) / 2
        away = [abs(estimate - middle) for estimate in estimates]
        low = max((place for place, (_, b) in found.items() if b <= pause[0]), default=-1)
        high = min((place for place, (a, _) in found.items() if a >= pause[1]), default=last + 1)
        free = [place for place in range(low + 1, high) if place not in (0, last) or away[place] <= _LINGERS]
        marked = [each for each in free if each in (0, last) or ending(tokens[each - 1], tokens[each])]
        for places, most in ((marked, near), (free, _NEAR)):
            place = min(places, key=away.__getitem__, default=None)
            if place is not None and away[place] <= most:
                found[place] = pause
                break
    return found
