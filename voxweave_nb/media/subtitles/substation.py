r"""SubStation Alpha (.ass, .ssa): read as plain text with the times of words.

Positions, drawings and effects are left out on purpose.

The reader is our own: pysubs2 takes time and memory that grow with the square of the commands in a line, and fails on
a script with one damaged line. For scripts that are written and drawn see `media/ass.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ...models import Cue
from ...timecode import parse_range
from .base import SubtitleFormat
from .words import Part, timed_words

__all__ = ["SubStation"]

_SECTION = re.compile(r"^[ \t]*\[(?:script info|events|v4\+? styles)\][ \t]*$", re.IGNORECASE | re.MULTILINE)
_HEAD = 20_000

_FIELDS = ("layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text")
_COMMANDS = re.compile(r"(\{[^{}]*\})")
_MODE = re.compile(r"\\p(\d)")
_DRAWS = re.compile(r"\\p[1-9]")
_BREAK = re.compile(r"\\[Nn]")
_SUNG = re.compile(r"\\(?:k[fo]?|K)(\d{1,6})")


class SubStation(SubtitleFormat):
    """SubStation Alpha, read-only; every dialogue line is a cue, with the fields that the script declares."""

    name = "ass"
    suffix = ".ass"

    def accepts(self, text: str) -> bool:
        """Return True if a section header of a script comes near the beginning, before any timing line."""
        section = _SECTION.search(text[:_HEAD])
        return section is not None and not any(
            parse_range(line, loose=True) for line in text[: section.start()].split("\n")
        )

    def read(self, text: str) -> Iterable[Cue]:
        """Yield the dialogue; comments, drawings and lines without two times are skipped."""
        fields: Sequence[str] = _FIELDS
        for line in text.split("\n"):
            kind, _, rest = line.strip().partition(":")
            if kind == "Format":
                named = [field.strip().lower() for field in rest.split(",")]
                fields = named if {"start", "end", "text"} <= {*named} else fields
            elif kind == "Dialogue":
                values = dict(zip(fields, rest.split(",", len(fields) - 1), strict=False))
                yield from _cue(values)


def _cue(values: Mapping[str, str]) -> Iterable[Cue]:
    text = values.get("text", "")
    times = parse_range(f"{values.get('start', '')} --> {values.get('end', '')}")
    if not times:
        return
    parts = list(_visible_parts(text, times[0]))
    shown = "".join(words for _, _, words in parts)
    if shown.strip() or not _DRAWS.search(text):
        yield Cue(*times, shown, timed_words([part for part in parts if part[1] > part[0]]))


def _visible_parts(text: str, start: float) -> Iterator[Part]:
    r"""Yield the text without commands and drawings, which are between `{\p1}` and `{\p0}`.

    A part that `{\k20}` times takes so many hundredths of a second; another ends as it begins.
    """
    draws, end = False, start
    for place, piece in enumerate(_COMMANDS.split(text)):
        if place % 2:
            modes = _MODE.findall(piece)
            draws = modes[-1] != "0" if modes else draws
            for hundredths in _SUNG.findall(piece):
                start, end = end, round(end + int(hundredths) / 100, 2)
        elif not draws:
            yield start, end, _BREAK.sub("\n", piece.replace("\\h", "\u00a0"))
            start = end
