"""A soft glow around bright places, computed on an image of about twenty rows."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from .arrays import Mask, Planes, as_mask

__all__ = ["Bloom", "shrunk"]

_ROWS = 20
"""Approximate number of rows at which the glow is computed."""

_REACH = 0.07
"""Standard deviation of the glow at that size, in heights; enlarging makes it a seventh wider."""

_PARTS = 4
"""Bands of rows into which the last step is split, each of which depends on few rows of the small image."""


class Bloom:
    """Adds a soft glow around bright places; the brighter, the stronger, so that shadows stay dark.

    Args:
        height: Pixels.
        width: Pixels.
        strength: 0 to 1.
    """

    # Four steps, each a product with a matrix: shrink and blur, then enlarge, along one axis at a time. The last is by
    # far the largest and is split into parts. The glow is so soft that neighbouring rows differ by a level or two, so
    # it is computed for every second row.

    def __init__(self, height: int, width: int, strength: float) -> None:
        rows, columns = min(height, _ROWS), max(2, min(width, round(_ROWS * width / height)))
        sigma = _REACH * rows
        self._pair = 2 - height % 2
        self._group = next(group for group in (8, 4, 2, 1) if height % group == 0)
        share = np.float32(2 / max(2, self._group))
        self._shrink = (
            shrunk(height // self._group, rows, sigma) * share,
            np.ascontiguousarray(shrunk(width, columns, sigma).T),
        )
        self._taller = _split(_enlarged(rows, height // self._pair))
        self._wider = np.ascontiguousarray(_enlarged(columns, width).T)
        self._glow, self._left = np.empty((2, 3, height // self._pair, width), np.float32)
        self._sums = np.empty((3, height // self._group, width), np.float32)
        self._strength = np.float32(strength * 1.15 / 255)

    def add(self, planes: Planes) -> None:
        """Blend the glow in place in screen mode, which never exceeds white. The planes must be C-contiguous."""
        down, across = self._shrink
        small = np.matmul(np.matmul(down, self._row_sums(planes)), across)
        small *= small * self._strength
        np.minimum(small, np.float32(150), out=small)
        _, height, width = planes.shape
        wide, glow = np.matmul(small, self._wider), self._glow
        for rows, columns, weights in self._taller:
            np.matmul(weights, wide[:, columns], out=glow[:, rows])
        left = np.multiply(glow, np.float32(-1 / 255), out=self._left)
        left += np.float32(1)
        paired = planes.reshape(3, height // self._pair, self._pair, width)
        paired *= left[:, :, None]
        paired += glow[:, :, None]

    def _row_sums(self, planes: Planes) -> Planes:
        """Return sums of every second row in groups, or all rows if the height is odd."""
        _, height, width = planes.shape
        if self._group < 2:
            return planes
        rows = planes.reshape(3, height // self._group, self._group, width)[:, :, ::2]
        np.add.reduce(rows, axis=2, out=self._sums)
        return self._sums


def _split(weights: Mask) -> list[tuple[slice, slice, Mask]]:
    """Split a banded matrix by rows, and crop each part to its nonzero columns."""
    parts = []
    for numbers in np.array_split(np.arange(len(weights)), min(_PARTS, len(weights))):
        rows = slice(numbers[0], numbers[-1] + 1)
        used = np.flatnonzero(weights[rows].any(0))
        columns = slice(used[0], used[-1] + 1)
        parts.append((rows, columns, np.ascontiguousarray(weights[rows, columns])))
    return parts


@cache
def shrunk(size: int, to: int, sigma: float) -> Mask:
    """Return weights that average `size` pixels to `to`, blurred by a Gaussian of `sigma` target pixels."""
    middles = (np.arange(to, dtype=np.float64) + 0.5) * size / to
    places = np.arange(size, dtype=np.float64) + 0.5
    weights = np.exp(-0.5 * ((places[None, :] - middles[:, None]) / (sigma * size / to)) ** 2)
    return as_mask(weights / weights.sum(1, keepdims=True))


def _enlarged(size: int, to: int) -> Mask:
    """Return weights that enlarge `size` pixels to `to` by a narrow Gaussian, which leaves no visible grid."""
    middles = (np.arange(size, dtype=np.float64) + 0.5) * to / size
    places = np.arange(to, dtype=np.float64) + 0.5
    weights = np.exp(-0.5 * ((places[:, None] - middles[None, :]) / (0.75 * to / size)) ** 2)
    weights[weights < math.exp(-8)] = 0
    return as_mask(weights / weights.sum(1, keepdims=True))
