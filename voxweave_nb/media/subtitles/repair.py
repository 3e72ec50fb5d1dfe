"""Cues as players need them: in order, apart, inside the narration; every kind of repair is said once."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ...models import Cue

__all__ = ["SHORTEST", "Subtitles", "repaired"]

SHORTEST = 0.2
"""The shortest time that a cue stays, in seconds."""

_LONGEST_TEXT = 1000
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\x85]")

_SAID = {
    "more": "{n} more cues than are taken were left out",
    "empty": "{n} had no text and were left out",
    "swapped": "{n} ended before they began and were turned round",
    "short": "{n} were too short to read and stay longer",
    "overlap": "{n} overlapped the next one and end where it begins",
    "merged": "{n} began together with another and were joined to it",
    "late": "{n} began after the narration's end and were left out",
    "cut": "{n} were longer than 1,000 characters and were cut",
    "order": "{n} stood out of order and were sorted",
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
    most: int,
    duration: float | None,
    *,
    format: str,
    encoding: str,
    warnings: Sequence[str],
) -> Subtitles:
    """Repairs cues and says what was repaired."""
    done: Counter[str] = Counter()
    if len(cues) > most:
        done["more"] = len(cues) - most
    tidy = [better for cue in cues[:most] if (better := _tidy(cue, done))]
    done["order"] = sum(later.start < earlier.start for earlier, later in itertools.pairwise(tidy))
    tidy.sort(key=lambda cue: (cue.start, cue.end))
    if duration is not None:
        tidy = _inside(tidy, duration, done)
    kept = _apart(tidy, done)
    said = [_SAID[kind].format(n=count) for kind, count in done.items() if count]
    more = [f"The subtitles were repaired: of {len(cues):,} cues, {', '.join(said)}."] if said else []
    return Subtitles(tuple(kept), format, encoding, (*warnings, *more))


def _tidy(cue: Cue, done: Counter[str]) -> Cue | None:
    lines = (" ".join(_CONTROL.sub(" ", line).split()) for line in cue.text.split("\n"))
    text = "\n".join(line for line in lines if line)
    if not text:
        done["empty"] += 1
        return None
    if len(text) > _LONGEST_TEXT:
        done["cut"] += 1
        text = text[: _LONGEST_TEXT - 1] + "…"
    start, end = round(max(0.0, cue.start), 3), round(max(0.0, cue.end), 3)
    if end < start:
        done["swapped"] += 1
        start, end = end, start
    return Cue(start, end, text)


def _inside(cues: list[Cue], duration: float, done: Counter[str]) -> list[Cue]:
    inside = [
        Cue(cue.start, round(min(cue.end, duration), 3), cue.text)
        for cue in cues
        if cue.start < duration - 0.05
    ]
    done["late"] += len(cues) - len(inside)
    return inside


def _apart(cues: list[Cue], done: Counter[str]) -> list[Cue]:
    kept: list[Cue] = []
    for cue in cues:
        if kept and round(cue.start - kept[-1].start, 3) < SHORTEST:
            last = kept.pop()
            done["merged"] += 1
            kept.append(Cue(last.start, max(last.end, cue.end), f"{last.text}\n{cue.text}"))
            continue
        if kept and kept[-1].end > cue.start:
            done["overlap"] += 1
            kept[-1] = Cue(kept[-1].start, cue.start, kept[-1].text)
        if round(cue.end - cue.start, 3) < SHORTEST:
            done["short"] += 1
            cue = Cue(cue.start, round(cue.start + SHORTEST, 3), cue.text)
        kept.append(cue)
    return kept
