"""Guessing which of the older encodings a file is in, by the letters that languages use.

Every single-byte encoding can read the bytes of any other, as wrong letters: a Hungarian `ő` as a Portuguese `õ`, a
Persian word as Cyrillic with capitals in its middle. General detectors choose the wrong one for short files, and for
some languages nearly always. So this module chooses the encoding in which all letters belong to one alphabet, and
leaves the rest, mostly Thai, Chinese and Japanese files, to charset-normalizer.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

__all__ = ["guessed"]

_HANGUL = bytes(byte for row in range(0xB0, 0xC9) for cell in range(0xA1, 0xFF) for byte in (row, cell))

_ALPHABETS = {
    "cp1254": ("çğıİöşüâîû",),
    "cp1252": (
        "àâæçèéêëîïôœùûüÿ",  # French
        "äöüßéèàêç",  # German
        "áéíñóúü¿¡",  # Spanish
        "àáâãçéêíóôõúü",  # Portuguese
        "àèéìíîòóùú",  # Italian
        "àçèéíïòóúü·",  # Catalan
        "áàäèéëêïíóöúü",  # Dutch
        "åæøäöéèêóòôü",  # Danish, Norwegian, Swedish
        "äõöüšžå",  # Estonian, Finnish
        "áðéíóúýþæö",  # Icelandic
    ),
    "cp1250": (
        "ąćęłńóśźż",  # Polish
        "áčďéěíňóřšťúůýž",  # Czech
        "áäčďéíĺľňóôŕšťúýž",  # Slovak
        "áéíóöőúüű",  # Hungarian
        "ăâîşţ",  # Romanian
        "čćđšž",  # Croatian, Serbian, Slovenian
    ),
    "cp1257": (
        "āčēģīķļņšūž",  # Latvian
        "ąčęėįšųūž",  # Lithuanian
        "äõöüšž",  # Estonian
    ),
    "cp1255": ("אבגדהוזחטיךכלםמןנסעףפץצקרשת\u200e\u200f",),
    "cp1251": ("абвгдеёжзийклмнопрстуфхцчшщъыьэюяґєіїўђѓјљњћќџѕ",),
    "koi8_r": ("абвгдеёжзийклмнопрстуфхцчшщъыьэюя",),
    "cp1253": ("αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",),
    "cp1256": (
        "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيپچژگکھ"
        "\u0640\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652،؛؟\u200c\u200d\u200e\u200f",
    ),
    "cp949": (_HANGUL.decode("euc_kr"),),
}
"""The alphabets written in each encoding. Where two fit equally well, the first encoding is chosen."""

_LATIN = ("cp1254", "cp1252", "cp1250", "cp1257")
_LEFT_TO_STATISTICS = [*_LATIN, "cp1251", "cp1256", "cp874", "gb18030", "big5", "cp932", "euc_jp"]
_ANYWHERE = "\xa0‘’‚‛“”„‟«»‹›–—…•°§©®™½€£"
_ENOUGH = 0.9
_SAMPLE = 100_000  # bytes


def guessed(content: bytes) -> tuple[str, str] | None:
    """Return the text and its most likely encoding, or None if the bytes are not text."""
    if 0 in content:
        return None
    sample = _sample(content)
    fits = {name: _fit(sample, name) for name in _ALPHABETS}
    name: str | None = max(fits, key=fits.__getitem__)
    if max(fits.values()) < _ENOUGH:
        name = _by_statistics(sample)
    return None if name is None else _read(content, name)


def _sample(content: bytes) -> bytes:
    """Return the first lines that are not ASCII; whole lines, since half a letter cannot be decoded."""
    non_ascii = b"\n".join(line for line in content.splitlines() if not line.isascii())
    cut = non_ascii[:_SAMPLE]
    return cut if cut == non_ascii else cut.rpartition(b"\n")[0] or cut


def _by_statistics(sample: bytes) -> str | None:
    import charset_normalizer

    best = charset_normalizer.from_bytes(sample, cp_isolation=_LEFT_TO_STATISTICS).best()
    return None if best is None else best.encoding


def _read(content: bytes, name: str) -> tuple[str, str]:
    """Return the text and the encoding's name."""
    text = content.decode(name, "replace")
    # The Latin encodings share most letters: where the text is the same in cp1252, name that, the commonest one.
    return text, "cp1252" if content.decode("cp1252", "replace") == text else name


def _fit(content: bytes, name: str) -> float:
    """Return the share of non-ASCII letters that belong to one alphabet of an encoding and are not misplaced."""
    text = content.decode(name, "replace")
    counts = {letter: n for letter, n in Counter(text).items() if letter > "\x7f" and letter not in _ANYWHERE}
    at_home = [
        sum(counts.get(letter, 0) for letter in letters) - len(misplaced.findall(text))
        for letters, misplaced in _alphabets(name)
    ]
    return max(at_home) / sum(counts.values()) if counts else 1.0


@cache
def _alphabets(name: str) -> list[tuple[set[str], re.Pattern[str]]]:
    """Return each alphabet with its capitals, and a pattern of places where its letters never occur.

    These are a capital after a small letter and, unless the alphabet is Latin, a letter beside a Latin one.
    """
    found = []
    for small in _ALPHABETS[name]:
        capitals = "".join({letter for letter in small.upper() if letter > "\x7f"} - set(small))
        places = [f"[a-z{small}](?=[{capitals}])"] if capitals else []
        if name not in _LATIN:
            places += [f"[A-Za-z](?=[{small}{capitals}])", f"[{small}{capitals}](?=[A-Za-z])"]
        found.append(({*small, *capitals}, re.compile("|".join(places))))
    return found
