r"""SubStation Alpha (.ass, .ssa): read as plain text; positions, drawings and effects are left out on purpose.

The reader is our own: pysubs2 takes time and memory that grow with the square of the commands in a line, and fails on
a script with one damaged line. For scripts that are written and drawn see `media/ass.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from ...models import Cue
from ...timecode import parse_range
from .base import SubtitleFormat

__all__ = ["SubStation"]

_SECTION = re.compile(r"^[ \t]*\[(?:script info|events|v4\+? styles)\][ \t]*$", re.IGNORECASE | re.MULTILINE)
_HEAD = 20_000

_FIELDS = ("layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text")
_COMMANDS = re.compile(r"(\{[^{}]*\})")
_MODE = re.compile(r"\\p(\d)")
_DRAWS = re.compile(r"\\p[1-9]")
_BREAK = re.compile(r"\\[Nn]")


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
    words = _visible_text(text)
    times = parse_range(f"{values.get('start', '')} --> {values.get('end', '')}")
    if times and (words.strip() or not _DRAWS.search(text)):
        yield Cue(*times, words)


def _visible_text(text: str) -> str:
    r"""Remove commands and drawings, which are between `{\p1}` and `{\p0}`."""
    shown, draws = list[str](), False
    for place, piece in enumerate(_COMMANDS.split(text)):
        if place % 2:
            modes = _MODE.findall(piece)
            draws = modes[-1] != "0" if modes else draws
        elif not draws:
            shown.append(piece)
    return _BREAK.sub("\n", "".join(shown).replace("\\h", "\u00a0"))
