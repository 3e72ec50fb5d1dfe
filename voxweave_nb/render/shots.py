"""A film cut into shots of 2 to 12 seconds, where the narration itself takes a breath."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..models import Cue

__all__ = ["LONGEST", "SHORTEST", "Shot", "cut"]

SHORTEST, LONGEST = 2.0, 12.0
"""Seconds of a shot."""

_ONE = 6.0
"""A film shorter than this many seconds is one shot."""

_GRID = 0.5
"""Seconds between the places where a speech without a breath may be cut after all."""


@dataclass(frozen=True)
class Shot:
    """A part of the film that is seen from one place.

    Attributes:
        number: 0 for the first.
        start: Seconds.
        end: Seconds.
    """

    number: int
    start: float
    end: float

    def along(self, time: float) -> float:
        """How much of it is over at a time: 0 at its start, 1 at its end."""
        return min(1.0, max(0.0, (time - self.start) / max(1e-6, self.end - self.start)))


def cut(
    duration: float, cues: Sequence[Cue], pauses: Iterable[tuple[float, float]], *, pace: float
) -> tuple[Shot, ...]:
    """The film's shots, one after another without a gap.

    Args:
        duration: Seconds of the film, above 0.
        cues: The captions; where there are any, they say where sentences end.
        pauses: The narration's pauses, as their middle and their length in seconds, for a film without captions.
        pace: Seconds that a shot shall last if the narration lets it, 2 to 12.
    """
    if duration < _ONE:
        return (Shot(0, 0.0, duration),)
    places = _breaths(cues) if len(cues) > 1 else [(middle, 0.5 + 2 * length) for middle, length in pauses]
    places += [(step * _GRID, -1.5) for step in range(1, int(duration / _GRID))]
    kept = sorted(
        {round(time, 3): worth for time, worth in sorted(places, key=lambda place: place[1])}.items()
    )
    cuts = _best(
        [(time, worth) for time, worth in kept if SHORTEST <= time <= duration - SHORTEST], duration, pace
    )
    bounds = [0.0, *cuts, duration]
    return tuple(Shot(n, a, b) for n, (a, b) in enumerate(itertools.pairwise(bounds)))


def _breaths(cues: Sequence[Cue]) -> list[tuple[float, float]]:
    """Where one caption gives way to the next, worth more after a full stop and in a long pause."""
    ordered = sorted(cues, key=lambda cue: cue.start)
    places = []
    for before, after in itertools.pairwise(ordered):
        gap = max(0.0, after.start - before.end)
        full = before.text.rstrip("\"'”’ ").endswith((".", "!", "?", "。", "…"))
        places.append((after.start - min(gap, 0.3) / 2, 0.4 + 0.8 * full + min(1.0, gap)))
    return places


def _best(places: Sequence[tuple[float, float]], duration: float, pace: float) -> list[float]:
    """The places that make the best sum of what each is worth and how near each shot comes to the pace."""
    times = [0.0, *(time for time, _ in places), duration]
    worths = [0.0, *(worth for _, worth in places), 0.0]
    costs, before, first = [0.0], [0], 0
    for now in range(1, len(times)):
        while times[now] - times[first] > LONGEST:
            first += 1
        costs.append(float("inf"))
        before.append(now)
        for earlier in range(first, now):
            long = times[now] - times[earlier]
            if long < SHORTEST:
                break
            cost = costs[earlier] + 7 * ((long - pace) / pace) ** 2 - worths[now]
            if cost < costs[now]:
                costs[now], before[now] = cost, earlier
    cuts, at = [], before[-1]
    while at:
        cuts.append(times[at])
        at = before[at]
    return cuts[::-1]
