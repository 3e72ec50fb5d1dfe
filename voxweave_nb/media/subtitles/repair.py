"""Cues as players need them: in order, apart, inside the narration; every kind of repair is said once."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...models import Cue
from .base import cue_lines

__all__ = ["SHORTEST", "Subtitles", "repaired"]

SHORTEST = 0.2
"""The shortest time that a cue stays, in seconds."""

_LONGEST_TEXT = 1000
_CONTROL = re.compile("[\x00-\x09\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ufeff]")
_SPACES = re.compile("  +")

_SAID = {
    "more": "{n} {cues} more than are taken {were} left out",
    "empty": "{n} {cues} without text {were} left out",
    "cut": "{n} {cues} longer than 1,000 characters {were} cut",
    "swapped": "{n} {cues} that ended before the beginning {were} turned round",
    "order": "{n} {cues} out of order {were} sorted",
    "early": "{n} {cues} before the narration's beginning {were} left out",
    "late": "{n} {cues} after the narration's end {were} left out",
    "joined": "{n} {cues} that began together with another {were} joined to it",
    "overlap": "{n} {cues} that overlapped the next {were} ended where it begins",
    "short": "{n} {cues} too short to be seen {were} lengthened",
}


@dataclass(frozen=True)
class Subtitles:
    """Subtitles that have been read and repaired.

    Attributes:
        cues: In order, without overlap, each at least a fifth of a second long.
        format: The name of the format that they came in.
        encoding: The encoding that they came in.
        warnings: What was guessed or repaired, in sentences.
    """

    cues: tuple[Cue, ...]
    format: str
    encoding: str
    warnings: tuple[str, ...]


def repaired(
    cues: Sequence[Cue],
    more: int,
    duration: float | None,
    *,
    format: str,
    encoding: str,
    warnings: Sequence[str],
) -> Subtitles:
    """Repairs cues: sorts them, parts them, keeps them inside the narration, and counts each kind of repair.

    Args:
        cues: As they were read.
        more: How many there were beyond those.
        duration: The narration's length in seconds, if it is known.
        format: The name of their format.
        encoding: The name of their encoding.
        warnings: What is to be said before the repairs.
    """
    done: Counter[str] = Counter(more=more)
    tidy = [better for cue in cues if (better := _tidy(cue, done))]
    done["order"] = sum(later.start < earlier.start for earlier, later in itertools.pairwise(tidy))
    tidy.sort(key=lambda cue: (cue.start, cue.end))
    if duration is not None:
        tidy = _inside(tidy, duration, done)
    kept = [_whole(cue, done) for cue in _apart(tidy, done)]
    return Subtitles(tuple(kept), format, encoding, (*warnings, *_said(done, len(cues) + more)))


def _said(done: Counter[str], total: int) -> list[str]:
    parts = [_counted(words, done[kind]) for kind, words in _SAID.items() if done[kind]]
    whole = _counted("The subtitles ({n} {cues}) were repaired", total)
    return [f"{whole}: {'; '.join(parts)}."] if parts else []


def _counted(words: str, count: int) -> str:
    one = count == 1
    return words.format(n=f"{count:,}", cues="cue" if one else "cues", were="was" if one else "were")


def _tidy(cue: Cue, done: Counter[str]) -> Cue | None:
    """Text without control characters and needless spaces, times to the millisecond and in order."""
    lines = cue_lines(_SPACES.sub(" ", _CONTROL.sub(" ", cue.text)))
    if not lines:
        done["empty"] += 1
        return None
    start, end = round(cue.start, 3), round(cue.end, 3)
    if end < start:
        done["swapped"] += 1
        start, end = end, start
    if start < 0 and end <= 0:
        done["early"] += 1
        return None
    return Cue(max(0.0, start), end, "\n".join(lines))


def _inside(cues: list[Cue], duration: float, done: Counter[str]) -> list[Cue]:
    latest = max(0.0, duration - SHORTEST)
    inside = [
        Cue(cue.start, min(cue.end, round(duration, 3)), cue.text) for cue in cues if cue.start <= latest
    ]
    done["late"] += len(cues) - len(inside)
    return inside


def _apart(cues: list[Cue], done: Counter[str]) -> list[Cue]:
    kept: list[Cue] = []
    for cue in cues:
        if kept and round(cue.start - kept[-1].start, 3) < SHORTEST:
            done["joined"] += 1
            kept[-1] = _joined(kept[-1], cue)
            continue
        if kept and kept[-1].end > cue.start:
            done["overlap"] += 1
            kept[-1] = replace(kept[-1], end=cue.start)
        kept.append(cue)
    return [_seen(cue, done) for cue in kept]


def _joined(first: Cue, second: Cue) -> Cue:
    """Both texts in one cue; lines that stand in both, as in outlined or rolling captions, stand once."""
    end = max(first.end, second.end)
    if len(first.text) > _LONGEST_TEXT:
        return replace(first, end=end)
    lines = first.text.split("\n")
    there = set(lines)
    lines += [line for line in second.text.split("\n") if line not in there]
    return Cue(first.start, end, "\n".join(lines))


def _seen(cue: Cue, done: Counter[str]) -> Cue:
    if round(cue.end - cue.start, 3) >= SHORTEST:
        return cue
    done["short"] += 1
    return replace(cue, end=round(cue.start + SHORTEST, 3))


def _whole(cue: Cue, done: Counter[str]) -> Cue:
    if len(cue.text) <= _LONGEST_TEXT:
        return cue
    done["cut"] += 1
    return replace(cue, text=cue.text[: _LONGEST_TEXT - 1].rstrip() + "…")
