"""Float32 arrays of pixels: their types, buffers that are reused, and operations that allocate nothing.

The buffers are shared by the whole process, so a process may paint in one thread only.
"""

from __future__ import annotations

import functools
import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["Mask", "Planes", "as_mask", "bound", "look_up", "resized_scratch", "scratch", "shifted"]

Planes: TypeAlias = npt.NDArray[np.float32]
"""Float32, shape (3, height, width) in red, green, blue, from 0 to 255."""

Mask: TypeAlias = npt.NDArray[np.float32]
"""Float32, shape (height, width), from 0 to 1."""


@functools.lru_cache(maxsize=64)
def scratch(shape: tuple[int, ...], slot: int = 0) -> npt.NDArray[np.float32]:  # noqa: ARG001 - tells buffers apart
    """Return a float32 buffer: the same one for the same shape and slot, with undefined contents."""
    return np.empty(shape, np.float32)


_RESIZED: dict[int, npt.NDArray[np.float32]] = {}
_INDEX = [np.empty(0, np.intp)]


def resized_scratch(slot: int, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """Return a float32 buffer for a shape that changes from frame to frame, with undefined contents."""
    count = math.prod(shape)
    flat = _RESIZED.get(slot)
    # One buffer per slot, as large as the largest shape so far: a cache by shape would grow without end.
    if flat is None or flat.size < count:
        flat = _RESIZED[slot] = np.empty(count, np.float32)
    return flat[:count].reshape(shape)


def look_up(table: Mask, places: npt.NDArray[np.int16], out: Mask) -> None:
    """Write `table[places]` into `out` without allocating.

    Args:
        table: The values.
        places: Indices into the table, all within it; int16 takes a quarter of the memory of numpy's own index type.
        out: The shape of `places`.
    """
    if places.size > _INDEX[0].size:
        _INDEX[0] = np.empty(places.size, np.intp)
    index = _INDEX[0][: places.size].reshape(places.shape)
    np.copyto(index, places)
    np.take(table, index, out=out, mode="wrap")  # the fastest mode


def bound(values: Mask, low: float = 0.0, high: float = 1.0) -> None:
    """Clip the values to both bounds, in place."""
    # For large arrays numpy clips both sides in a quarter of the time that np.minimum or np.maximum takes.
    values.clip(np.float32(low), np.float32(high), out=values)


def as_mask(values: npt.ArrayLike) -> Mask:
    """Return the values as float32, the only type that may be mixed with planes."""
    return np.asarray(values, np.float32)


def shifted(array: npt.NDArray[np.float32], by: float) -> npt.NDArray[np.float32]:
    """Return the array moved right by a fraction of a pixel, wrapping around at the edge."""
    if not by:
        return array
    return array * np.float32(1.0 - by) + np.roll(array, 1, axis=-1) * np.float32(by)
