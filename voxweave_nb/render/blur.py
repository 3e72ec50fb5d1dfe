"""A blur close to a Gaussian: three box averages along each axis."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .arrays import Mask

__all__ = ["blur"]

_STRIP = 64
"""Lines averaged at a time, few enough to stay in the processor's cache."""

_SMALL_RADIUS = 2
"""Largest radius at which adding neighbours one by one is faster than running sums."""


def blur(plane: Mask, radius: float) -> Mask:
    """Return a blurred copy; edge pixels extend outwards.

    Args:
        plane: Shape (height, width).
        radius: Standard deviation in pixels.
    """
    box = max(1, round(radius * 0.97))
    if box <= _SMALL_RADIUS:
        for axis in (0, 0, 0, 1, 1, 1):
            plane = _average_neighbours(plane, box, axis)
        return plane
    soft = plane.astype(np.float32)
    for lines in (soft.T, soft):
        if lines.shape[1] == 1:
            continue  # a single pixel has no neighbours
        for first in range(0, len(lines), _STRIP):
            # Running sums need float64: in float32 they drift over a long line.
            strip = lines[first : first + _STRIP].astype(np.float64)
            for _ in range(3):
                strip = _box_average(strip, box)
            lines[first : first + _STRIP] = strip
    return soft


def _box_average(lines: npt.NDArray[np.float64], radius: int) -> npt.NDArray[np.float64]:
    """Average each line over 2 * radius + 1 pixels by running sums."""
    wide = 2 * radius + 1
    sums = np.empty((len(lines), lines.shape[1] + wide))
    sums[:, : radius + 1] = lines[:, :1]
    sums[:, radius + 1 : -radius] = lines
    sums[:, -radius:] = lines[:, -1:]
    np.cumsum(sums, axis=1, out=sums)
    soft = sums[:, wide:] - sums[:, :-wide]
    soft /= wide
    return soft


def _average_neighbours(plane: Mask, radius: int, axis: int) -> Mask:
    """Average along an axis over 2 * radius + 1 pixels by adding them."""
    total = plane.astype(np.float32)
    source, target = (plane, total) if axis == 0 else (plane.T, total.T)
    for step in range(1, radius + 1):
        step = min(step, len(source))
        target[step:] += source[:-step]
        target[:step] += source[:1]
        target[:-step] += source[step:]
        target[-step:] += source[-1:]
    total /= np.float32(2 * radius + 1)
    return total
