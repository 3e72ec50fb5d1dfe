"""Repairing cues for players: sorted, one at a time, inside the narration; one warning lists the repairs."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...models import Cue
from ...timecode import clock
from .base import cue_lines
from .order import in_file_order, shifted_hours
from .rolling import joined_words, unrolled
from .together import shown_together
from .words import fitting_words

__all__ = ["MOST_CUES", "SHORTEST", "Subtitles", "repair_cues"]

MOST_CUES = 20_000
"""Largest number of cues; a longer file is cut, with a warning."""

SHORTEST = 0.2
"""Shortest time that a cue is shown, in seconds."""

_LONGEST_TEXT = 1000
_CONTROL = re.compile("[\x00-\x09\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ufeff]")
_SPACES = re.compile("  +")

_REPAIRS = {
    "surplus": f"{{n}} {{cues}} over the limit of {MOST_CUES:,} {{were}} left out",
    "empty": "{n} {cues} without text {were} left out",
    "cut": "{n} {cues} longer than 1,000 characters {were} cut",
    "contradicting": "{n} {cues} with times that contradict the next ones {were} given times in the order of the file",
    "swapped": "{n} {cues} with the end before the start {were} reversed",
    "order": "{n} {cues} out of order {were} sorted",
    "early": "{n} {cues} before the start of the narration {were} left out",
    "late": "{n} {cues} after the end of the narration {were} left out",
    "rolling": "{n} {cues} that repeated a line of the one before {were} reduced to what is new",
    "spoken": "{n} {cues} that repeated a sentence for each of its words {were} merged",
    "together": "{n} {cues} at the same time as another {were} shown together with it",
    "joined": "{n} {cues} that began together with another {were} merged with it",
    "overlap": "{n} {cues} that overlapped the next one {were} shortened",
    "short": "{n} {cues} shorter than 0.2 s {were} lengthened",
}


@dataclass(frozen=True)
class Subtitles:
    """Subtitles that have been read and repaired.

    Attributes:
        cues: The cues, in order, without overlap, each at least 0.2 s long.
        format: The name of the file's format.
        encoding: The file's encoding.
        warnings: Guesses and repairs, in sentences.
    """

    cues: tuple[Cue, ...]
    format: str
    encoding: str
    warnings: tuple[str, ...]


def repair_cues(
    cues: Sequence[Cue],
    surplus: int,
    duration: float | None,
    *,
    format: str,
    encoding: str,
    warnings: Sequence[str],
) -> Subtitles:
    """Sort cues, remove overlaps, keep them inside the narration, and count each kind of repair.

    Args:
        cues: The cues as they were read.
        surplus: Number of further cues in the file, over the limit.
        duration: The narration's length in seconds, or None if unknown.
        format: The name of the file's format.
        encoding: The file's encoding.
        warnings: Earlier warnings, listed before the repairs.
    """
    done: Counter[str] = Counter(surplus=surplus)
    tidy = [clean for cue in cues if (clean := _tidy(cue, done))]
    tidy, done["contradicting"] = in_file_order(tidy)
    tidy = [turned for cue in tidy if (turned := _turned(cue, done))]
    done["order"] = sum(later.start < earlier.start for earlier, later in itertools.pairwise(tidy))
    tidy.sort(key=lambda cue: (cue.start, cue.end))
    shift = 0.0
    if duration is not None:
        tidy, shift = shifted_hours(tidy, duration)
        tidy = _within_narration(tidy, duration, done)
    spoken = joined_words(tidy)
    done["spoken"] = len(tidy) - len(spoken)
    single, done["rolling"] = unrolled(spoken)
    apart, done["together"] = shown_together(single, SHORTEST)
    kept = [_cut_long_text(fitting_words(cue), done) for cue in _without_overlap(apart, done)]
    said = [*warnings, *_shift_warning(shift), *_repair_warning(done, len(cues) + surplus)]
    return Subtitles(tuple(kept), format, encoding, tuple(said))


def _shift_warning(seconds: float) -> list[str]:
    if not seconds:
        return []
    return [f"The subtitles' timeline begins at {clock(seconds)}; all times were moved back by as much."]


def _repair_warning(done: Counter[str], total: int) -> list[str]:
    parts = [_counted(words, done[kind]) for kind, words in _REPAIRS.items() if done[kind]]
    whole = _counted("The subtitles ({n} {cues}) were repaired", total)
    return [f"{whole}: {'; '.join(parts)}."] if parts else []


def _counted(words: str, count: int) -> str:
    one = count == 1
    return words.format(n=f"{count:,}", cues="cue" if one else "cues", were="was" if one else "were")


def _tidy(cue: Cue, done: Counter[str]) -> Cue | None:
    """Remove control characters and repeated spaces, round times to milliseconds; None if nothing is left."""
    lines = cue_lines(_SPACES.sub(" ", _CONTROL.sub(" ", cue.text)))
    if not lines:
        done["empty"] += 1
        return None
    return replace(cue, start=round(cue.start, 3), end=round(cue.end, 3), text="\n".join(lines))


def _turned(cue: Cue, done: Counter[str]) -> Cue | None:
    """Reverse a cue that ends before it begins; None if it ends before the narration begins."""
    if cue.end < cue.start:
        done["swapped"] += 1
        cue = replace(cue, start=cue.end, end=cue.start)
    if cue.start < 0 and cue.end <= 0:
        done["early"] += 1
        return None
    return replace(cue, start=max(0.0, cue.start))


def _within_narration(cues: list[Cue], duration: float, done: Counter[str]) -> list[Cue]:
    latest = max(0.0, duration - SHORTEST)
    inside = [replace(cue, end=min(cue.end, round(duration, 3))) for cue in cues if cue.start <= latest]
    done["late"] += len(cues) - len(inside)
    return inside


def _without_overlap(cues: list[Cue], done: Counter[str]) -> list[Cue]:
    kept: list[Cue] = []
    for cue in cues:
        if kept and round(cue.start - kept[-1].start, 3) < SHORTEST:
            done["joined"] += 1
            kept[-1] = _merged(kept[-1], cue)
            continue
        if kept and kept[-1].end > cue.start:
            done["overlap"] += 1
            kept[-1] = replace(kept[-1], end=cue.start)
        kept.append(cue)
    return [_lengthened(cue, done) for cue in kept]


def _merged(first: Cue, second: Cue) -> Cue:
    """Merge two cues; lines in both, as in outlined or rolling captions, are kept once."""
    end = max(first.end, second.end)
    if len(first.text) > _LONGEST_TEXT:
        return replace(first, end=end)
    lines = first.text.split("\n")
    known = set(lines)
    lines += [line for line in second.text.split("\n") if line not in known]
    return Cue(first.start, end, "\n".join(lines), first.words)


def _lengthened(cue: Cue, done: Counter[str]) -> Cue:
    if round(cue.end - cue.start, 3) >= SHORTEST:
        return cue
    done["short"] += 1
    return replace(cue, end=round(cue.start + SHORTEST, 3))


def _cut_long_text(cue: Cue, done: Counter[str]) -> Cue:
    if len(cue.text) <= _LONGEST_TEXT:
        return cue
    done["cut"] += 1
    return replace(cue, text=cue.text[: _LONGEST_TEXT - 1].rstrip() + "…", words=())
