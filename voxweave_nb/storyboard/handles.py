"""The handles of what a board does besides making takes: planning it, and letting a chat model write its prompts."""

from __future__ import annotations

from typing import Generic, TypeVar

from ..handle import Work

__all__ = ["BoardWork"]

R = TypeVar("R")


class BoardWork(Work[R], Generic[R]):
    """Work on a board, see `Work`."""
