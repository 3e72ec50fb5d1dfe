"""Limits of captions by script, after the guides of those who make many.

The table follows Netflix' Timed Text Style Guides (general requirements, timing, and those of each language), read in
2026 as quoted by guides of subtitle tools; the BBC's Subtitle Guidelines ask for the same in words: 160 to 180
words a minute, and breaks where a person would pause. A line is counted in half-width units: an ideograph has two.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass

from ..media.writing import spaceless

__all__ = ["LIMITS", "Limits", "limits_for", "units_of"]


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a caption.

    Attributes:
        line: Half-width units in a line.
        speed: Characters per second that adults read with ease; a little more is for verbatim captions.
        most_speed: Characters per second that should not be exceeded.
        wide: True if the script's characters are of full width, and a character is two units.
        lines: Lines of a caption.
        shortest: Seconds that a caption is shown at least.
        longest: Seconds that a caption is shown at most.
        apart: Seconds between two captions: two frames at 24 a second.
        closed: Seconds between two captions below which they are joined up to `apart`, so that nothing flickers.
        lingers: Seconds that a caption may stay after its last word, where there is room.
    """

    line: int = 42
    speed: float = 17.0
    most_speed: float = 20.0
    wide: bool = False
    lines: int = 2
    shortest: float = 5 / 6
    longest: float = 7.0
    apart: float = 2 / 24
    closed: float = 0.5
    lingers: float = 0.5


LIMITS: dict[str, Limits] = {
    # Netflix: 42 characters; 20 a second in English, 17 in most other languages and for children.
    "alphabet": Limits(),
    # Netflix, Simplified and Traditional Chinese: 16 characters a line, 9 a second.
    "zh": Limits(line=32, speed=9.0, most_speed=11.0, wide=True),
    # Netflix, Japanese: 13 characters a line. Its 4 a second are for translations; what is read aloud has 6 to 8.
    "ja": Limits(line=26, speed=7.0, most_speed=9.0, wide=True),
    # Netflix, Korean: 16 characters a line, 12 a second.
    "ko": Limits(line=32, speed=12.0, most_speed=14.0, wide=True),
}


def limits_for(text: str, language: str | None = None) -> Limits:
    """Return the limits for a text.

    Args:
        text: The text, whose letters tell the script.
        language: A BCP 47 tag such as `"ja"` or `"zh-Hant"`, where it is known.
    """
    tag = (language or "").lower().partition("-")[0]
    if tag in LIMITS:
        return LIMITS[tag]
    scripts = Counter(map(_script, text[:20_000]))
    wide = {name: scripts[name] for name in ("zh", "ja", "ko")}
    if sum(wide.values()) * 2 <= scripts["alphabet"]:
        return LIMITS["alphabet"]
    if wide["ja"] > 0.05 * (wide["ja"] + wide["zh"]) and wide["ja"]:
        wide["ja"] += wide["zh"]
    return LIMITS[max(wide, key=wide.__getitem__)]


def _script(character: str) -> str:
    if "\u3040" <= character <= "\u30ff" or "\uff66" <= character <= "\uff9f":
        return "ja"
    if "\uac00" <= character <= "\ud7a3":
        return "ko"
    if spaceless(character) and unicodedata.east_asian_width(character) == "W":
        return "zh"
    return "alphabet" if character.isalpha() else ""


def units_of(text: str) -> int:
    """Return the width of a text in half-width units; marks that stand over letters have none."""
    return len(text) if text.isascii() else sum(map(_units, text))


def _units(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
