"""Times that contradict each other: the order of the file tells what is meant."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import replace

from ...models import Cue

__all__ = ["in_file_order", "shifted_hours"]

_HOUR = 3600.0
_MOST_PASSED = 3  # later cues that one outlasts before its end is taken for a mistake
_LONG = 10.0  # seconds that a cue is hardly ever shown


def in_file_order(cues: Sequence[Cue]) -> tuple[list[Cue], int]:
    """Mend times that contradict their neighbours in the file, and return how many cues had them.

    A cue that ends before it begins, while its neighbours show which of its times is wrong, gets that time from them.
    An end after several later cues is moved to the start of the next one. Whatever else is left as it is.
    """
    done = list(cues)
    wrong = set[int]()
    for place, cue in enumerate(done):
        before = done[place - 1] if place else None
        after = done[place + 1] if place + 1 < len(done) else None
        if before and after and _begins_late(before, cue, after):
            done[place - 1 : place + 1] = _divided(before, cue)
            wrong |= {place - 1, place} if before.end > cue.end else {place}
        elif before and after and cue.end < cue.start <= after.start and cue.end < before.end <= cue.start:
            done[place] = replace(cue, end=after.start)
            wrong.add(place)
    wrong |= _cut_overlong(done)
    return done, len(wrong)


def _begins_late(before: Cue, cue: Cue, after: Cue) -> bool:
    """Return True if a cue begins after the next one, which begins where this one ends."""
    return before.start < cue.end < cue.start and cue.end <= after.start < cue.start


def _divided(before: Cue, cue: Cue) -> list[Cue]:
    """Give two cues the time up to the end of the second, by their lengths if the first ends too late."""
    if before.end <= cue.end:
        return [before, replace(cue, start=before.end)]
    share = len(before.text) / (len(before.text) + len(cue.text))
    middle = round(before.start + (cue.end - before.start) * share, 3)
    return [replace(before, end=middle), replace(cue, start=middle)]


def _cut_overlong(cues: list[Cue]) -> set[int]:
    """Cut the cues that are shown beyond several later ones."""
    starts = [cue.start for cue in cues]
    if starts != sorted(starts):
        return set()
    wrong = set[int]()
    for place, cue in enumerate(cues):
        passed = place + _MOST_PASSED
        if cue.end - cue.start > _LONG and passed < len(cues) and cue.end > cues[passed].end:
            following = bisect.bisect_right(starts, cue.start)
            if following < len(cues) and cues[following].end < cue.end:
                cues[place] = replace(cue, end=cues[following].start)
                wrong.add(place)
    return wrong


def shifted_hours(cues: Sequence[Cue], duration: float) -> tuple[list[Cue], float]:
    """Shift a timeline that begins at a full hour, as broadcasters' do, and return by how many seconds.

    Args:
        cues: The cues in the order of their starts.
        duration: The narration's length in seconds; a timeline that begins within it is not shifted.
    """
    first = cues[0].start if cues else 0.0
    hours = first // _HOUR * _HOUR
    if not hours or first < duration or first - hours >= duration:
        return list(cues), 0.0
    return [moved(cue, -hours) for cue in cues], hours


def moved(cue: Cue, seconds: float) -> Cue:
    """Return a cue at another time, its words with it."""
    words = tuple(
        replace(word, start=round(word.start + seconds, 3), end=round(word.end + seconds, 3))
        for word in cue.words
    )
    return replace(cue, start=round(cue.start + seconds, 3), end=round(cue.end + seconds, 3), words=words)
