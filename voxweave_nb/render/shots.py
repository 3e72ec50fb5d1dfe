"""Cutting a film into shots of 2 to 12 seconds, at breaks in the narration."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..models import Cue
from .scene_list import FilmScene, first_frames

__all__ = ["LONGEST", "SHORTEST", "Shot", "cut", "shots_of"]

SHORTEST, LONGEST = 2.0, 12.0
"""Seconds of a shot."""

_SINGLE = 6.0
"""Seconds below which a film is one shot."""

_GRID = 0.5
"""Seconds between the places where speech without a break may be cut."""


@dataclass(frozen=True)
class Shot:
    """A part of the film seen from one camera position.

    Attributes:
        number: 0 for the first.
        start: Seconds.
        end: Seconds.
    """

    number: int
    start: float
    end: float

    def along(self, time: float) -> float:
        """Return the share of the shot that is over at a time: 0 at its start, 1 at its end."""
        return min(1.0, max(0.0, (time - self.start) / max(1e-6, self.end - self.start)))


def cut(
    duration: float, cues: Sequence[Cue], pauses: Iterable[tuple[float, float]], *, pace: float
) -> tuple[Shot, ...]:
    """Return the film's shots, in order and without gaps.

    Args:
        duration: Seconds of the film, above 0.
        cues: The captions; with two or more, shots end where sentences end.
        pauses: Centre and length of the narration's pauses in seconds, for a film without captions.
        pace: Preferred seconds of a shot, 2 to 12.
    """
    if duration < _SINGLE:
        return (Shot(0, 0.0, duration),)
    places = (
        _sentence_ends(cues) if len(cues) > 1 else [(middle, 0.5 + 2 * length) for middle, length in pauses]
    )
    # A regular grid of bad places guarantees that there is always a solution.
    places += [(step * _GRID, -1.5) for step in range(1, int(duration / _GRID))]
    kept = sorted(
        {round(time, 3): worth for time, worth in sorted(places, key=lambda place: place[1])}.items()
    )
    cuts = _choose(
        [(time, worth) for time, worth in kept if SHORTEST <= time <= duration - SHORTEST], duration, pace
    )
    bounds = [0.0, *cuts, duration]
    return tuple(Shot(n, a, b) for n, (a, b) in enumerate(itertools.pairwise(bounds)))


def shots_of(scenes: Sequence[FilmScene], duration: float, fps: int) -> tuple[Shot, ...]:
    """Return one shot for each scene, from its first frame to the next scene's."""
    starts = [0, *first_frames(scenes, fps)[1:]]
    bounds = [*(frame / fps for frame in starts), duration]
    return tuple(Shot(n, a, b) for n, (a, b) in enumerate(itertools.pairwise(bounds)))


def _sentence_ends(cues: Sequence[Cue]) -> list[tuple[float, float]]:
    """Return time and value of a cut after each caption, higher after a full stop and in a long pause."""
    ordered = sorted(cues, key=lambda cue: cue.start)
    places = []
    for before, after in itertools.pairwise(ordered):
        gap = max(0.0, after.start - before.end)
        full = before.text.rstrip("\"'”’ ").endswith((".", "!", "?", "。", "…"))
        places.append((after.start - min(gap, 0.3) / 2, 0.4 + 0.8 * full + min(1.0, gap)))
    return places


def _choose(places: Sequence[tuple[float, float]], duration: float, pace: float) -> list[float]:
    """Choose the cuts with the best sum of their values and of each shot's closeness to the pace."""
    # Dynamic programming: the cheapest way to each place, over all places from which one shot leads there.
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
