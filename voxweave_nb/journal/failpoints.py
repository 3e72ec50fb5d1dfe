"""Named moments between two steps of a job, at which a test can end the process. They do nothing otherwise."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["NAMES", "listeners", "reach"]

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
"""All failpoints, in the order in which a job reaches them."""

listeners: list[Callable[[str], None]] = []
"""Functions that are called with each name; the kill test adds one that ends the process."""


def reach(name: str) -> None:
    """Call the listeners with the name of a failpoint."""
    for listener in listeners:
        listener(name)
