"""The panels that were displayed in each cell, so that a cell that is run again finds those that it replaces."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ..environment import RunningCell, running_cell

__all__ = ["Displays"]

T = TypeVar("T")


@dataclass
class _CellDisplays(Generic[T]):
    """What one run of a cell displayed, in order, and what its previous run did."""

    cell: RunningCell
    previous: list[weakref.ref[T]] = field(default_factory=list)
    same_code: bool = False
    shown: list[weakref.ref[T]] = field(default_factory=list)


class Displays(Generic[T]):
    """Remembers weakly what each cell displayed."""

    def __init__(self) -> None:
        self._by_cell: dict[str, _CellDisplays[T]] = {}

    def replace(self, new: T) -> tuple[T | None, bool]:
        """Note that a cell displays something, and return what it replaces.

        The first display of a cell replaces the first one of its previous run, the second one the second, and so on.

        Returns:
            What is replaced, or None; and True if the cell has the code that it had then.
        """
        cell = running_cell()
        if cell is None:
            return None, False
        displays = self._by_cell.get(cell.name)
        if displays is None or displays.cell.run != cell.run:
            displays = self._by_cell[cell.name] = _next_run(cell, displays)
        place = len(displays.shown)
        displays.shown.append(weakref.ref(new))
        old = displays.previous[place]() if place < len(displays.previous) else None
        return (None, False) if old is new or old is None else (old, displays.same_code)


def _next_run(cell: RunningCell, last: _CellDisplays[T] | None) -> _CellDisplays[T]:
    return _CellDisplays(cell, last.shown, last.cell.code == cell.code) if last else _CellDisplays(cell)
