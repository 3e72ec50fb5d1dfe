"""Moving the words of a recogniser to the edges of the sound.

Recognisers stamp words early after a silence, and let them hang over the next one (faster-whisper's issues 120 and 125;
`shared/facts-speech.md`). Where the voice pauses, the word before ends and the word after begins with the sound.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import replace

from ..media.sentences import ending
from ..models import Word
from .hearing import Heard

__all__ = ["snapped"]

_LEAST_PAUSE, _LONG_PAUSE = 0.12, 0.25  # seconds; a shorter one may be a stop within a word
_FAR, _FAR_SHORT = 0.5, 0.1  # seconds that both stamps may be off, beyond the pause itself
_NO_END = 0.25  # seconds that a pause is farther away from words between which no sentence or clause ends
_SHORTEST = 0.04  # seconds of a word


def snapped(words: Sequence[Word], heard: Heard) -> list[Word]:
    """Return words whose times keep to the pauses of the sound.

    Args:
        words: The words, in order.
        heard: The sound.
    """
    found = _in_order(words)
    if not found or not len(heard.segments):
        return found
    first = float(heard.segments[0][0])
    if abs(found[0].start - first) < _FAR + first:
        found[0] = _begun(found[0], first)
    for number, quiet, loud in _pauses(found, heard):
        found[number - 1] = _ended(found[number - 1], quiet)
        found[number] = _begun(found[number], loud)
    found[-1] = _ended(found[-1], float(heard.segments[-1][1]), only_earlier=True)
    return _in_order(found)


def _pauses(words: Sequence[Word], heard: Heard) -> list[tuple[int, float, float]]:
    """Return the pauses that lie between two words: the number of the word after it, its start and its end."""
    near: list[tuple[float, int, int]] = []
    pauses = [
        (float(quiet), float(loud))
        for (_, quiet), (loud, _) in zip(heard.segments[:-1], heard.segments[1:], strict=True)
        if loud - quiet >= _LEAST_PAUSE
    ]
    starts = [word.start for word in words]
    for place, (quiet, loud) in enumerate(pauses):
        far = _FAR if loud - quiet >= _LONG_PAUSE else _FAR_SHORT
        begin = max(1, bisect.bisect_left(starts, quiet - 2 * _FAR))
        for number in range(begin, bisect.bisect_right(starts, loud + 2 * _FAR)):
            cost = _cost(words[number - 1], words[number], quiet, loud)
            if cost <= far:
                near.append((cost, place, number))
    taken: dict[int, int] = {}
    for _, place, number in sorted(near):  # the surest first
        if place in taken or any((place - other) * (number - taken[other]) <= 0 for other in taken):
            continue
        taken[place] = number
    return [(number, *pauses[place]) for place, number in sorted(taken.items())]


def _cost(before: Word, after: Word, quiet: float, loud: float) -> float:
    """Return how far two neighbors' stamps are from a pause, in seconds; anywhere within the pause is near enough."""
    late = max(0.0, quiet - before.end, before.end - loud)
    early = max(0.0, quiet - after.start, after.start - loud)
    return late + early + (0.0 if ending(before.text, after.text) else _NO_END)


def _begun(word: Word, at: float) -> Word:
    return replace(word, start=at, end=max(word.end, at + _SHORTEST))


def _ended(word: Word, at: float, *, only_earlier: bool = False) -> Word:
    end = min(word.end, at) if only_earlier else at
    return replace(word, end=max(end, word.start + _SHORTEST))


def _in_order(words: Sequence[Word]) -> list[Word]:
    """Return words none of which begins before another one has ended."""
    done: list[Word] = []
    for word in words:
        start = max(word.start, done[-1].end) if done else max(0.0, word.start)
        done.append(replace(word, start=start, end=max(word.end, start + _SHORTEST)))
    for number in range(len(done) - 1, 0, -1):
        last = done[number - 1]
        if last.end > done[number].start:
            done[number - 1] = replace(last, end=max(last.start, done[number].start))
    return done
