"""Writing systems: which are written from right to left, and which put no space between words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

__all__ = ["in_direction", "joined_letters", "right_to_left", "spaceless"]

# Chinese, Japanese (kana, halfwidth too), and the ideographs beyond the first plane.
_SPACELESS = re.compile(
    "[\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff66-\uff9f\U00020000-\U0003ffff"
    # Thai, Lao, Myanmar, Khmer and Tibetan
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff]"
)

# Arabic, Syriac, N'Ko, Mongolian and the scripts of India: letters join or reorder, and spacing tears them apart.
_JOINED = re.compile(
    "[\u0600-\u07ff\u0840-\u085f\u0860-\u08ff\u0900-\u0dff\u0e00-\u0fff\u1000-\u109f\u1780-\u18af\ufb50-\ufdff"
    "\ufe70-\ufefc]"
)


def spaceless(character: str) -> bool:
    """Return True for a character of a script that puts no space between words, such as Chinese or Thai."""
    return _SPACELESS.match(character) is not None


def right_to_left(text: str) -> bool:
    """Return True if the first letter that has a direction is written from right to left (Unicode UAX #9, P2)."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False


def in_direction(text: str, rows: Sequence[str]) -> list[str]:
    """Return the rows that a text was broken into, each marked to run in the direction of the whole."""
    whole = right_to_left(text)
    mark = "\u200f" if whole else "\u200e"
    return [row if right_to_left(row) == whole else mark + row for row in rows]


def joined_letters(text: str) -> bool:
    """Return True if a text has letters that are joined, stacked or reordered, or runs from right to left.

    Space between letters breaks them: any spacing makes libass lay out single letters.
    """
    return _JOINED.search(text) is not None or any(
        unicodedata.bidirectional(character) in ("R", "AL") for character in text
    )
