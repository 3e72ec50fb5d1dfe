"""An API key that is hidden from reprs, and found again in any form in which a server may send it back.

A function that takes a key or an address wraps it in its first statement: a verbose traceback shows local variables.
"""

from __future__ import annotations

import base64
import functools
import html.entities
import re
from collections.abc import Iterator, Mapping
from typing import Any, Self, overload
from urllib.parse import urlsplit

from ..errors import printable

__all__ = ["Secret", "mask_access", "mask_password"]

_SHORTEST = 4
"""Shorter keys are not looked for: they would be found in ordinary words."""

_SHORTEST_CORE = 8
"""Fewer characters of base64 would be found in a clip by chance."""

_PIECE = 1 << 15
"""Characters that are searched at a time: a search holds the interpreter lock."""

# Escapes may be escaped again: JSON within JSON, a quoted URL within a URL, HTML within HTML.
_BACKSLASH = r"\\{1,8}"
_PERCENT = r"%(?:25){0,4}"
_AMPERSAND = r"&(?:amp;|#38;|#x26;){0,4}"
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"


class Secret:
    """An API key, hidden from reprs, logs and tracebacks."""

    __slots__ = ("__weakref__", "_plain", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._plain = tuple(_plain_forms(text)) if len(text) >= _SHORTEST else ()

    @classmethod
    def of(cls, key: str | Self | None) -> Self | None:
        """Return a key wrapped, without spaces around it; None stays None."""
        return cls(key.strip()) if isinstance(key, str) else key

    def reveal(self) -> str:
        """Return the key itself."""
        return self._text

    def clean(self, text: str) -> str:
        """Return a server's text without control characters, and then with the key masked that they may have split."""
        if not text.isprintable():
            text = "".join(printable(text[at : at + _PIECE]) for at in range(0, len(text), _PIECE))
        return self.hide_in(text)

    def hide_in(self, text: str) -> str:
        """Return the text with the key masked, in case a server echoed it.

        Found are the key itself, its forms in JSON, URLs, HTML, reprs and hexadecimal, also twice over, and in base64
        with any text around it.
        """
        if not self._plain or not text:
            return text
        if not any(mark in text for mark in "\\%&") and not any(form in text for form in self._plain):
            return text
        pieces, end = [], 0
        for first, last in self._places(text):
            pieces += [text[end:first], "***"]
            end = last
        return "".join([*pieces, text[end:]])

    def _places(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the start and the end of each occurrence in a text."""
        pattern, longest = _pattern_of(self._text), 60 * len(self._text) + 60
        start = 0
        while start < len(text):
            found = pattern.search(text, start, start + _PIECE + longest)
            if found is None:
                start += _PIECE
                continue
            first, last = found.span()
            if found.lastgroup == "base64":  # the characters on both sides hold bits of the key too
                first -= first > start and text[first - 1] in _BASE64
                last += len(text) > last and text[last] in _BASE64
            yield first, last
            start = last

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return "Secret(***)" if self._text else "Secret()"

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("An API key is never written down.")


@overload
def mask_password(address: None) -> None: ...
@overload
def mask_password(address: str) -> str: ...
def mask_password(address: str | None) -> str | None:
    """Return an address; if it is more than a base URL, without user, password, query and fragment.

    Such an address stays invalid, so that it is rejected afterwards.
    """
    if address is None or _is_base_url(address):
        return address
    without_user = re.sub(r"^([A-Za-z][\w+.-]*://)?.*@", r"\1***@", address, flags=re.DOTALL)
    return re.sub(r"[?#].*", "?***", without_user, flags=re.DOTALL)


def _is_base_url(address: str) -> bool:
    try:
        parts = urlsplit(address)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # unbalanced brackets, an invalid port
        return False
    return known and parts.username is None and not parts.query and not parts.fragment


def mask_access(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return keyword arguments with the key wrapped and without a password in the address."""
    masks = {"api_key": Secret.of, "base_url": mask_password}
    return {name: masks[name](value) if name in masks else value for name, value in options.items()}  # type: ignore[operator]


def _plain_forms(key: str) -> Iterator[str]:
    """Yield the forms of a key in which no character is escaped."""
    hexadecimal = _bytes(key).hex()
    yield from {key, key.replace(" ", "+"), hexadecimal, hexadecimal.upper()}
    for core in _cores(key):
        yield core
        yield core.replace("+", "-").replace("/", "_")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _cores(key: str) -> Iterator[str]:
    """Yield the characters of base64 that depend on the key alone, for each place within a group of three bytes."""
    content = _bytes(key)
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + content).decode("ascii")
        core = encoded[-(-before * 8 // 6) : (before + len(content)) * 8 // 6]
        if len(core) >= _SHORTEST_CORE:
            yield core


@functools.lru_cache(maxsize=16)
def _pattern_of(key: str) -> re.Pattern[str]:
    """Return the pattern of a key in every form; base64 is its only named group."""
    forms = ["".join(map(_letter, key)), f"(?i:{_bytes(key).hex()})"]
    if cores := ["".join(map(_base64_letter, core)) for core in _cores(key)]:
        forms.append(f"(?P<base64>{'|'.join(cores)})")
    return re.compile("|".join(forms))


def _base64_letter(letter: str) -> str:
    return {"+": f"(?:{_letter('+')}|-)", "/": f"(?:{_letter('/')}|_)"}.get(letter) or _letter(letter)


@functools.lru_cache(maxsize=256)
def _letter(letter: str) -> str:
    """Return the pattern of one character in every form."""
    forms = [{"%": _PERCENT, "&": _AMPERSAND, "\\": _BACKSLASH}.get(letter, re.escape(letter))]
    units = letter.encode("utf-16-be", "surrogatepass").hex()
    forms.append("".join(f"{_BACKSLASH}u(?i:{units[at : at + 4]})" for at in range(0, len(units), 4)))
    forms.append(f"{_BACKSLASH}U(?i:{ord(letter):08x})")
    for encoding in ("utf-8", "latin-1"):
        coded = letter.encode(encoding, "ignore")
        if coded:
            forms.append("".join(f"{_PERCENT}(?i:{byte:02x})" for byte in coded))
            forms.append("".join(f"{_BACKSLASH}x(?i:{byte:02x})" for byte in coded))
    forms.append(f"{_AMPERSAND}(?:#0*{ord(letter)}|#[xX]0*(?i:{ord(letter):x})|{_names(letter)});?")
    if letter == " ":
        forms.append(r"\+")
    pattern = f"(?:{'|'.join(dict.fromkeys(forms))})"
    return pattern if letter.isalnum() else rf"(?:\\{{0,8}}{pattern})"


@functools.lru_cache(maxsize=256)
def _names(letter: str) -> str:
    """Return the pattern of the names that a character has in HTML; one that never matches if it has none."""
    names = {name.rstrip(";") for name, meant in html.entities.html5.items() if meant == letter}
    return "|".join(sorted(names, key=len, reverse=True)) or "(?!)"
