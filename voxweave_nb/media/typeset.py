"""Breaking text into lines that fit, by an estimate of its width: libass breaks lines at spaces only."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Sequence

from .writing import spaceless

__all__ = ["broken", "fits_by_spaces", "letters_of", "pieces", "width_of"]

# Signs that must not begin a line, and those that must not end one (JIS X 4051, W3C "Requirements for Chinese Text
# Layout"); and Thai vowels that belong to the letter before or after them.
_NOT_FIRST = frozenset(
    "、。，．・：；？！‼⁇…‥ー々ゝゞヽヾ」』）】〉》〕］｝〙〗’”%‰℃ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ,.:;?!)]}»ะาำๅๆฯ"
)
_NOT_LAST = frozenset("「『（【〈《〔［｛〘〖‘“([{«$¥￥£€#")
_JOINERS = frozenset("\u17d2\u1039\u103a")  # of Khmer and Myanmar: the next letter hangs below
# Without a dictionary the only sure places in Thai and Lao are before the vowels that begin a syllable.
_SYLLABLE = frozenset("เแโใไເແໂໃໄ")
_BY_SYLLABLE = re.compile("[\u0e00-\u0eff]")
_AFTER = re.compile(
    r"(?<=[/\-_.?&=~+,:;])(?=\w)"
)  # where a word that is too long, such as an address, is broken


def width_of(text: str) -> float:
    """Estimate the width of a text in Inter's bolder weights, in em."""
    return sum(_letter_width(character) for character in text)


def _letter_width(character: str) -> float:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if character in "iljtfrI.,:;'|!()[]-’ ":
        return 0.33
    if character in "mwMW@%":
        return 0.9
    return 0.7 if character.isupper() else 0.59


def pieces(text: str) -> list[str]:
    """Split a text where a line may be broken: after spaces, and between letters of scripts without spaces."""
    found = [""]
    for before, character in itertools.pairwise(["", *text]):
        if before and (before == " " != character or _may_break(before, character)):
            found.append("")
        found[-1] += character
    return [piece for piece in found if piece]


def _may_break(before: str, after: str) -> bool:
    if not (spaceless(before) or spaceless(after)) or after == " " or before in _JOINERS:
        return False
    if _BY_SYLLABLE.match(before) and _BY_SYLLABLE.match(after):
        return after in _SYLLABLE and before not in _SYLLABLE
    belongs = unicodedata.category(after).startswith("M") or after in _NOT_FIRST or before in _NOT_LAST
    return not belongs


def letters_of(piece: str, widest: float) -> list[str]:
    """Split a piece that is wider than a line: after a sign if possible, else anywhere between letters."""
    if width_of(piece) <= widest:
        return [piece]
    parts = _AFTER.split(piece)
    if len(parts) > 1:
        return [letter for part in parts for letter in letters_of(part, widest)]
    letters = list[str]()
    for character in piece:
        if letters and _hangs_on(letters[-1][-1], character):
            letters[-1] += character
        else:
            letters.append(character)
    return letters


def _hangs_on(before: str, after: str) -> bool:
    return (
        unicodedata.category(after)[0] == "M"
        or before in _JOINERS
        or before in _SYLLABLE
        or after in _NOT_FIRST
    )


def fits_by_spaces(text: str, widest: float) -> bool:
    """Return True if a text needs no break except at spaces to be at most `widest` em wide."""
    return width_of(text) <= widest or (
        not any(map(spaceless, text)) and all(width_of(word) <= widest for word in text.split(" "))
    )


def broken(text: str, widest: float) -> list[str]:
    """Break one line of text into as few lines as possible, none wider than `widest` em, all of similar length."""
    parts = [letter for piece in pieces(text) for letter in letters_of(piece, widest)]
    rows = _filled(parts, widest)
    low, high = width_of(text) / max(1, len(rows)), widest
    for _ in range(6):  # the narrowest width that needs no further line
        middle = (low + high) / 2
        closer = _filled(parts, middle)
        if len(closer) == len(rows):
            rows, high = closer, middle
        else:
            low = middle
    return [row.strip(" ") for row in rows]


def _filled(parts: Sequence[str], widest: float) -> list[str]:
    rows, wide = [""], 0.0
    for part in parts:
        own = width_of(part)
        if rows[-1] and wide + width_of(part.rstrip(" ")) > widest:
            rows.append("")
            wide = 0.0
        rows[-1] += part
        wide += own
    return rows
