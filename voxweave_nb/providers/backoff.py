"""The one back-off: random pauses whose bound doubles with each attempt, and pauses that a server asks for."""

from __future__ import annotations

import contextlib
import email.utils
import random
import time
from collections.abc import Mapping

__all__ = ["asked_pause", "pause_before"]


def pause_before(
    attempt: int,
    *,
    asked: float | None = None,
    first: float = 1.0,
    longest: float = 30.0,
    least: float = 0.0,
    floor: float = 0.1,
) -> float:
    """Return the seconds to wait before a request is sent again.

    Args:
        attempt: The number of attempts that have failed, from 1.
        asked: Seconds that the server asked for (`Retry-After`), or None.
        first: The bound of the first pause in seconds; it doubles with each attempt.
        longest: The longest pause in seconds.
        least: The shortest share of the bound, 0 to 1.
        floor: The shortest first pause in seconds if the server asks for less; it doubles with each attempt.
    """
    growth = 2.0 ** min(attempt - 1, 32)
    if asked is not None:
        shortest = floor * growth
        return min(asked if asked > shortest else shortest, longest)  # NaN is not above anything
    bound = min(longest, first * growth)
    return bound * random.uniform(least, 1.0)  # noqa: S311  jitter needs no cryptography


def asked_pause(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that an answer's headers, with names in lower case, ask to wait, or None."""
    with contextlib.suppress(ValueError, KeyError):
        return max(0.0, float(headers["retry-after-ms"]) / 1000)
    text = headers.get("retry-after", "")
    with contextlib.suppress(ValueError):
        return max(0.0, float(text))
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
    return None
