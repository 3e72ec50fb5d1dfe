"""Checks of values that a person gives: text, whole numbers, positive numbers."""

from __future__ import annotations

import math
from typing import Any

from .errors import ConfigError

__all__ = ["positive", "text", "whole"]


def text(value: Any, name: str, longest: int) -> str:
    """Return stripped text of at most `longest` characters, without NUL.

    Raises:
        ConfigError: The value is not text, or too long.
    """
    if not isinstance(value, str):
        raise ConfigError(f"{name} is {type(value).__name__}; give text.")
    cleaned = value.replace("\x00", "").strip()
    if len(cleaned) > longest:
        raise ConfigError(
            f"{name} has {len(cleaned):,} characters; at most {longest:,} are taken. Shorten it."
        )
    return cleaned


def whole(value: Any, name: str, low: int, high: int) -> int:
    """Return a whole number from `low` to `high`; text of one is taken too.

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
        raise ConfigError(f"{name} is {value!r}; give a whole number {bounds}.")
    return number


def positive(value: Any, name: str, *, zero: bool = False) -> float:
    """Return a finite number above 0, or of at least 0 with `zero`.

    Raises:
        ConfigError: The value is not a number, not finite, or too small.
    """
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not (math.isfinite(number) and (number > 0 or (zero and number == 0))):
        raise ConfigError(f"{name} is {value!r}; give a number {'of at least' if zero else 'above'} 0.")
    return number
