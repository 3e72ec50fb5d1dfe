"""The spoken length of a word, estimated from its spelling.

The unit is the letter of an alphabet: about 1/15 s in read English. Ideographs, syllables and letters without written
vowels count for more. Numbers count as the words that they are read as, by the lengths of the English ones: those of
other languages are rarely a third shorter or longer.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["FASTEST", "SLOWEST", "length_of"]

SLOWEST, FASTEST = 5.0, 32.0
"""Letters per second of sound without pauses, between which all speech lies; read English has 13 to 19.

From 90 words a minute, for learners, to 350, the fastest of auctions and screen readers; a word has 5.5 letters.
"""

_PER_WORD = 0.6
_NUMBER = re.compile(r"\d+(?:[.,'’\u202f\u00a0]\d+)*")
_GROUPED = re.compile(r"\d{1,3}(?:([.,'’\u202f\u00a0])\d{3})(?:\1\d{3})*")
_CAPITALS = re.compile(r"[A-Z]{2,6}s?")
_DOTTED = re.compile(r"(?<=\w)[.@](?=[A-Za-z])")
_ONES = (4, 3, 3, 5, 4, 4, 3, 5, 5, 4, 3, 6, 6, 8, 8, 7, 7, 9, 8, 8)  # "zero" to "nineteen"
_TENS = (0, 3, 6, 6, 5, 5, 5, 7, 6, 6)
_HUNDRED, _THOUSAND, _POINT = 7, 8, 5
_YEARS = (1100, 2099)  # a number of four digits in this range is read as two numbers
_MOST_DIGITS = 15  # a longer number is read digit by digit

# How much is said for a sign, in letters.
_SIGNS = {
    "%": 7, "‰": 9, "€": 5, "$": 6, "£": 6, "¥": 3, "°": 6, "&": 3, "+": 4, "=": 5, "@": 2, "§": 7, "×": 5, "½": 6,
    "¼": 7, "¾": 12, "²": 6, "³": 5, "#": 4, "→": 2, "≈": 5, "±": 9,
}  # fmt: skip
# Units are written short after a number, and said whole.
_UNITS = {
    "km": 10, "cm": 11, "mm": 11, "m": 6, "kg": 9, "g": 5, "mg": 10, "l": 6, "ml": 11, "h": 5, "min": 7, "s": 7,
    "ms": 12, "hz": 5, "khz": 9, "mhz": 9, "ghz": 9, "kb": 9, "mb": 9, "gb": 9, "tb": 9, "km/h": 16, "m/s": 15,
    "kw": 9, "kwh": 13, "mw": 9, "°c": 7, "°f": 10, "usd": 7, "eur": 5, "mio": 8, "mrd": 9,
}  # fmt: skip
_SHORT_FORMS = {
    "mr.": 6, "mrs.": 6, "ms.": 3, "dr.": 6, "prof.": 9, "st.": 5, "vs.": 6, "etc.": 9, "e.g.": 10, "i.e.": 6, "no.": 6,
    "approx.": 13, "z.b.": 11, "bzw.": 16, "usw.": 13, "ca.": 5, "nr.": 6, "fig.": 6, "vol.": 6,
}  # fmt: skip
_TWO_LETTERS_ONE_SOUND = re.compile(
    r"th|sh|ch|ph|ck|gh|wh|ng|ee|ea|oo|ou|ie|ei|au|ai|eu|(?<=[b-df-hj-np-tv-xz])e\b"
)
_DOUBLE = re.compile(r"([b-df-hj-np-tv-z])\1")


@lru_cache(maxsize=20_000)
def length_of(word: str, after_number: bool = False) -> float:
    """Return the estimated spoken length of a word with its punctuation, in letters; 0 if nothing of it is said.

    Args:
        word: The word.
        after_number: True if a number stands before it, so that `km` is a unit.
    """
    word = unicodedata.normalize("NFKC", word.strip()) if not word.isascii() else word.strip()
    if word.lower() in _SHORT_FORMS:
        return _SHORT_FORMS[word.lower()] + _PER_WORD
    numbers = [*_NUMBER.finditer(word)]
    said = sum(_number_length(number[0]) for number in numbers)
    rest = _NUMBER.sub(" ", word)
    said += sum(_SIGNS.get(character, 0) for character in rest) + 3 * len(_DOTTED.findall(rest))
    for part in rest.split():
        bare = part.strip(".,;:!?()[]\"'“”‘’").lower()
        unit = _UNITS.get(bare) if after_number or numbers else None
        said += unit if unit is not None else _letters(part)
    return said + _PER_WORD if said else 0.0


def _letters(word: str) -> float:
    bare = word.strip(".,;:!?()[]\"'“”‘’-")
    if _CAPITALS.fullmatch(bare) and (len(bare) <= 3 or not re.search("[AEIOU]", bare)):
        return 2.3 * len(bare)
    total = sum(map(_letter, word))
    if word.isascii():
        low = word.lower()
        total -= 0.5 * len(_TWO_LETTERS_ONE_SOUND.findall(low)) + 0.6 * len(_DOUBLE.findall(low))
    return total


@lru_cache(maxsize=4_000)
def _letter(character: str) -> float:
    kind, code = unicodedata.category(character), ord(character)
    indic = 0x0900 <= code <= 0x0DFF
    if kind[0] == "M":
        return 0.5 if indic else 0.0
    if kind[0] != "L" and kind != "No":
        return 0.0
    if code < 0x0590:
        return 1.0
    if code < 0x0900:  # Hebrew, Arabic, Syriac: short vowels are not written
        return 1.45
    if indic:
        return 1.6
    if 0x0E00 <= code <= 0x1FFF:
        return 1.1
    if 0xAC00 <= code <= 0xD7A3:
        return 2.6
    if 0x3040 <= code <= 0x30FF:
        return 0.7 if character in "ぁぃぅぇぉっゃゅょァィゥェォッャュョー" else 1.9
    return 2.9 if 0x2E80 <= code <= 0x3FFFF else 1.0


def _number_length(number: str) -> float:
    """Return the letters of a number as it is read: `1,250`, `3.5`, `1971`."""
    grouped = _GROUPED.fullmatch(number)
    if grouped:
        return _whole(re.sub(r"\D", "", number))
    parts = re.split(r"\D", number)
    if len(parts) == 1:
        digits = parts[0]
        if len(digits) == 4 and _YEARS[0] <= int(digits) <= _YEARS[1] and digits[1:3] != "00":
            return _whole(digits[:2]) + (_whole(digits[2:]) if digits[2:] != "00" else _HUNDRED)
        return _whole(digits)
    return _whole(parts[0]) + sum(_POINT + _digits(part) for part in parts[1:])


def _digits(digits: str) -> float:
    return sum(_ONES[int(digit)] for digit in digits)


def _whole(digits: str) -> float:
    if len(digits) > _MOST_DIGITS or (len(digits) > 1 and digits[0] == "0"):
        return _digits(digits)
    value, said = int(digits), 0.0
    if value == 0:
        return _ONES[0]
    while value:
        value, group = divmod(value, 1000)
        said += _below_thousand(group)
        if value and value % 1000:
            said += _THOUSAND
    return said


def _below_thousand(value: int) -> float:
    hundreds, rest = divmod(value, 100)
    said = _ONES[hundreds] + _HUNDRED if hundreds else 0
    if rest < 20:
        return said + (_ONES[rest] if rest else 0)
    return said + _TENS[rest // 10] + (_ONES[rest % 10] if rest % 10 else 0)
