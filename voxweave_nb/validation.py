"""Validation of values that a person gives: text, whole numbers, positive numbers, options without secrets."""

from __future__ import annotations

import difflib
import math
import re
import reprlib
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .errors import ConfigError

__all__ = [
    "did_you_mean",
    "is_reserved_name",
    "positive",
    "reject_reserved_name",
    "reject_secrets",
    "shown",
    "text",
    "whole",
]

_SHOWN = 60
"""Characters of a wrong value that an error message quotes."""

_DEVICES = frozenset(
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"]
    + [f"{port}{number}" for port in ("COM", "LPT") for number in "0123456789¹²³"]
)
"""File names that are devices on Windows, in any folder and with any ending: Microsoft, "Naming Files, Paths, and
Namespaces"."""


def shown(value: Any, most: int = _SHOWN) -> str:
    """Return a value for an error message: short text and numbers as they are, of anything else its type and size."""
    if isinstance(value, bytes | bytearray | memoryview):
        return f"{len(value):,} bytes"
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple):
        return f"an array of shape {'x'.join(map(str, shape)) or '()'}"
    short = reprlib.Repr()
    short.maxstring = short.maxother = most
    short.maxlevel, short.maxlist, short.maxtuple, short.maxdict = 2, 4, 4, 4
    words = short.repr(value)
    return words if len(words) <= 2 * most else f"{words[: 2 * most]}…"


def did_you_mean(word: Any, choices: Iterable[str], nearest: str | None = None) -> str:
    """Return ` Did you mean 'x'?` with the most similar of some names, or an empty text.

    Args:
        word: The name that is unknown.
        choices: The names that are known.
        nearest: The name to suggest in any case, or None to take the most similar one.
    """
    close = difflib.get_close_matches(str(word)[:_SHOWN], list(choices), n=1)
    found = nearest or (close[0] if close else None)
    return f" Did you mean {found!r}?" if found else ""


def is_reserved_name(name: str) -> bool:
    """Return True for a file name that Windows takes for a device, or whose last character it drops."""
    return name.partition(".")[0].rstrip(" ").upper() in _DEVICES or name != name.rstrip(". ")


def reject_reserved_name(path: Path) -> None:
    """Refuse a file name that is reserved on this system; on Windows a video saved as `nul.mp4` would be lost.

    Raises:
        ConfigError: The name is reserved.
    """
    if sys.platform == "win32" and is_reserved_name(path.name):
        raise ConfigError(f"Windows reserves the file name {path.name!r}. Choose another name.")


def text(value: Any, name: str, longest: int) -> str:
    """Return stripped text of at most `longest` characters, without NUL.

    Raises:
        ConfigError: The value is not text, or too long.
    """
    if not isinstance(value, str):
        raise ConfigError(f"{name} is {type(value).__name__}; give text.")
    cleaned = value.replace("\x00", "").strip()
    if len(cleaned) > longest:
        raise ConfigError(f"{name} has {len(cleaned):,} characters; the limit is {longest:,}. Shorten it.")
    return cleaned


def whole(value: Any, name: str, low: int, high: int) -> int:
    """Return a whole number from `low` to `high`, given as a number or as text.

    Raises:
        ConfigError: The value is not a whole number, or out of range.
    """
    try:
        number = int(value)
        exact = not isinstance(value, bool) and (isinstance(value, str) or number == value)
    except (TypeError, ValueError, OverflowError):
        exact = False
    if not exact or not low <= number <= high:
        bounds = f"from {low} to {high}" if high < 2**62 else f"of at least {low}"
        raise ConfigError(f"{name} is {shown(value)}; give a whole number {bounds}.")
    return number


def positive(value: Any, name: str, *, zero: bool = False) -> float:
    """Return a finite number above 0, or of at least 0 if `zero` is set.

    Raises:
        ConfigError: The value is not a number, not finite, or too small.
    """
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not (math.isfinite(number) and (number > 0 or (zero and number == 0))):
        raise ConfigError(f"{name} is {shown(value)}; give a number {'of at least' if zero else 'above'} 0.")
    return number


def reject_secrets(options: Any, name: str) -> None:
    """Check that a mapping of options, nested ones included, has text names and holds no API key or password.

    Names are matched word by word: `api_key`, `apiKey` and `x-api-key` are secrets, `keyframe_interval` and
    `num_tokens` are not. A number is never a key or a token.

    Raises:
        ConfigError: The value is not a mapping, a name is not text, or an option looks like a secret.
    """
    if not isinstance(options, Mapping):
        raise ConfigError(f"{name} is {type(options).__name__}; give a mapping of names to values.")
    for option, value in options.items():
        if not isinstance(option, str):
            raise ConfigError(f"{name} has the name {shown(option)}; names are text.")
        if _is_secret(option, value):
            # The value is left out: an error message ends up in notebooks and logs.
            raise ConfigError(
                f"{name} has {shown(option)}, which looks like a secret; a config is printed and saved. Give a key to "
                "VideoGenerationService(api_key=...) or in the environment."
            )
        _reject_nested_secrets(value, name)


def _reject_nested_secrets(value: Any, name: str) -> None:
    if isinstance(value, Mapping):
        reject_secrets(value, name)
    elif _is_list(value):
        for item in value:
            _reject_nested_secrets(item, name)


# Found anywhere in a word, as in `clientsecret` or `dbpassword`, but not in `secretary` or `secretion`.
_SECRET_PARTS = re.compile(
    r"password|passwd|passphrase|passcode|credential|authori[sz]ation|apikey|secret(?!ar|i)"
)

_SECRET_WORDS = frozenset({"auth", "bearer", "pwd"})

# "key" and "token" written together with the word before, as in `accesskey` or `authtoken`.
_JOINED = re.compile(
    r"x?(access|admin|api|app|auth|bearer|client|encryption|fal|gateway|gemini|google|hf|id|master|my|openai|"
    r"private|refresh|secret|service|session|signing|user|zai)+(key|token)s?"
)

# "key" is harmless in the terms of animation, light and compositing: `key_frames`, `keyLight`, `chroma_key`.
_BEFORE_KEY = frozenset({"chroma", "color", "colour", "luma"})
_AFTER_KEY = frozenset(
    {
        "color",
        "colour",
        "frame",
        "frames",
        "light",
        "lights",
        "point",
        "points",
        "pose",
        "poses",
        "shot",
        "shots",
    }
)

# "token" is harmless where tokens are counted: `max_tokens`, `token_count`.
_COUNTS = frozenset(
    {"budget", "count", "length", "limit", "max", "maximum", "min", "minimum", "n", "num", "number"}
)


def _is_secret(option: str, value: Any) -> bool:
    words = _words(option)
    if any(_SECRET_PARTS.search(word) or word in _SECRET_WORDS for word in words):
        return True
    if _is_numeric(value):
        return False
    return any(_JOINED.fullmatch(word) for word in words) or _names_key(words) or _names_token(words)


def _names_key(words: Sequence[str]) -> bool:
    for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
        if word in {"key", "keys"} and before not in _BEFORE_KEY and after not in _AFTER_KEY:
            return True
    return False


def _names_token(words: Sequence[str]) -> bool:
    return not {"token", "tokens"}.isdisjoint(words) and _COUNTS.isdisjoint(words)


def _words(name: str) -> list[str]:
    """Split `apiKey`, `API-Key` and `api_key` alike into `["api", "key"]`."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return re.findall(r"[^\W\d_]+", spaced.lower())


def _is_numeric(value: Any) -> bool:
    """Return True for a number, a flag, None, or a list of these."""
    if _is_list(value):
        return all(map(_is_numeric, value))
    return value is None or isinstance(value, int | float)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple | set | frozenset)
