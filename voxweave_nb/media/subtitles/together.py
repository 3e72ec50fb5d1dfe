"""Captions of two speakers at once: while both speak, both are shown."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ...models import Cue
from .words import fitting_words

__all__ = ["shown_together"]

_OVERLAP = 0.5  # seconds; less is a carelessly set end, which is cut
_MOST_AT_ONCE = 4  # cues; more do not fit into a frame
_MOST_OVERLAPS = (
    0.5  # of neighbouring cues: more is how some programs write captions, one line above the other
)
_FEW = 6  # cues, of which any number may overlap


def shown_together(cues: Sequence[Cue], shortest: float) -> tuple[list[Cue], int]:
    """Return cues in which those at the same time are one, and how many there were.

    A, with B beginning while A is shown, becomes A, then A and B, then the one that is left.

    Args:
        cues: The cues in the order of their starts.
        shortest: Seconds that each part is shown at least.
    """
    groups = list(_groups(cues, shortest))
    together = sum(len(group) - 1 for group in groups)
    if len(cues) > _FEW and together > _MOST_OVERLAPS * len(cues):
        return list(cues), 0
    done, count = list[Cue](), 0
    for group in groups:
        parts = _parts(group, shortest) if len(group) > 1 else None
        count += len(group) - 1 if parts else 0
        done += parts or group
    return done, count


def _groups(cues: Sequence[Cue], shortest: float) -> Iterator[list[Cue]]:
    """Yield cues that stand alone, and those that hang together by being shown at the same time."""
    group = list[Cue]()
    end = 0.0
    for cue in cues:
        if group and _speak_at_once(group[-1].start, end, cue, shortest):
            group.append(cue)
        else:
            if group:
                yield group
            group, end = [cue], cue.end
        end = max(end, cue.end)
    if group:
        yield group


def _speak_at_once(start: float, end: float, cue: Cue, shortest: float) -> bool:
    """Return True if a cue does not just begin a little early, before those that began at `start` end at `end`."""
    within = round(end - cue.end, 3) >= shortest
    return within or round(cue.start - start, 3) < shortest or round(end - cue.start, 3) >= _OVERLAP


def _parts(group: Sequence[Cue], shortest: float) -> list[Cue] | None:
    """Return a group cut where a cue begins or ends; None if too many are shown at once."""
    edges = list[float]()
    for time in sorted({time for cue in group for time in (cue.start, cue.end)}):
        if not edges or round(time - edges[-1], 3) >= shortest:
            edges.append(time)
    if len(edges) < 2:
        return None
    spans = [_span(cue, edges) for cue in group]
    done = list[Cue]()
    for place in range(len(edges) - 1):
        here = [cue for cue, (first, last) in zip(group, spans, strict=True) if first <= place < last]
        if len(here) > _MOST_AT_ONCE:
            return None
        if here:
            _append(done, _both(here, edges[place], edges[place + 1]))
    return done


def _span(cue: Cue, edges: Sequence[float]) -> tuple[int, int]:
    """Return the edges at which a cue begins and ends, at least one apart."""
    first = min(max(0, bisect.bisect_right(edges, cue.start) - 1), len(edges) - 2)
    last = max(0, bisect.bisect_right(edges, cue.end) - 1)
    return first, max(first + 1, last)


def _both(cues: Sequence[Cue], start: float, end: float) -> Cue:
    lines = list[str]()
    for cue in cues:
        known = set(lines)
        lines += [line for line in cue.text.split("\n") if line not in known]
    words = [word for cue in cues for word in cue.words if start <= word.start and word.end <= end]
    return fitting_words(Cue(start, end, "\n".join(lines), tuple(words)))


def _append(done: list[Cue], cue: Cue) -> None:
    if done and done[-1].text == cue.text and done[-1].end == cue.start:
        cue = replace(done.pop(), end=cue.end)
    done.append(cue)
