"""Named moments between two steps, where a test may end the process. They do nothing otherwise."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["NAMES", "reach", "when_reached"]

NAMES = (
    "before the request",
    "after the request",
    "before the intent",
    "after the intent",
    "after the answer",
    "after acceptance",
    "after a status",
    "before the download",
    "after the download",
    "before the result",
    "after the result",
    "after the end",
)
"""In the order in which a job comes past them."""

when_reached: list[Callable[[str], None]] = []
"""Told each name; tests put a function here that ends the process."""


def reach(name: str) -> None:
    """Comes past a point."""
    for listener in when_reached:
        listener(name)
