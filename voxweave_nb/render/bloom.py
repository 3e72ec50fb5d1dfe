"""Light that spills from bright places, computed on a picture of some twenty rows."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from .canvas import Mask, as_mask
from .scene import Planes

__all__ = ["Bloom", "shrunk"]

_SMALL = 20
"""About how many rows the glow is computed at."""

_REACH = 0.07
"""The glow's deviation where it is computed, in heights; enlarged it is a seventh wider."""

_PARTS = 4
"""Into how many bands of rows the last step is cut, each of which depends on few rows of the small picture."""


class Bloom:
    """Adds a soft glow around what is bright; the brighter, the more, so that shadows stay deep.

    Each of its four steps multiplies by a matrix that shrinks and blurs, or enlarges, one axis; the last, by far the
    largest, in parts. Every second row is enough for that: the glow is so soft that two rows differ by a level or two.

    Args:
        height: Pixels.
        width: Pixels.
        strength: 0 to 1.
    """

    def __init__(self, height: int, width: int, strength: float) -> None:
        rows, columns = min(height, _SMALL), max(2, min(width, round(_SMALL * width / height)))
        sigma = _REACH * rows
        self._pair = 2 - height % 2
        self._group = next(group for group in (8, 4, 2, 1) if height % group == 0)
        share = np.float32(2 / max(2, self._group))
        self._shrink = (
            shrunk(height // self._group, rows, sigma) * share,
            np.ascontiguousarray(shrunk(width, columns, sigma).T),
        )
        self._taller = _in_parts(_grown(rows, height // self._pair))
        self._wider = np.ascontiguousarray(_grown(columns, width).T)
        self._glow, self._left = np.empty((2, 3, height // self._pair, width), np.float32)
        self._sums = np.empty((3, height // self._group, width), np.float32)
        self._strength = np.float32(strength * 1.15 / 255)

    def add(self, planes: Planes) -> None:
        """Adds it in place, as a screen: what is white already stays as it is. The planes lie in one piece."""
        down, across = self._shrink
        small = np.matmul(np.matmul(down, self._summed(planes)), across)
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

    def _summed(self, planes: Planes) -> Planes:
        """Every second row, a few of them at a time in one; the whole picture where its height cannot be cut so."""
        _, height, width = planes.shape
        if self._group < 2:
            return planes
        rows = planes.reshape(3, height // self._group, self._group, width)[:, :, ::2]
        np.add.reduce(rows, axis=2, out=self._sums)
        return self._sums


def _in_parts(weights: Mask) -> list[tuple[slice, slice, Mask]]:
    """A matrix whose figures lie about its diagonal, cut so that few of the noughts beside them are multiplied."""
    parts = []
    for numbers in np.array_split(np.arange(len(weights)), min(_PARTS, len(weights))):
        rows = slice(numbers[0], numbers[-1] + 1)
        used = np.flatnonzero(weights[rows].any(0))
        columns = slice(used[0], used[-1] + 1)
        parts.append((rows, columns, np.ascontiguousarray(weights[rows, columns])))
    return parts


@cache
def shrunk(size: int, to: int, sigma: float) -> Mask:
    """Weights that average `size` pixels to `to`, blurred by a Gaussian of `sigma` of the new ones."""
    middles = (np.arange(to, dtype=np.float64) + 0.5) * size / to
    places = np.arange(size, dtype=np.float64) + 0.5
    weights = np.exp(-0.5 * ((places[None, :] - middles[:, None]) / (sigma * size / to)) ** 2)
    return as_mask(weights / weights.sum(1, keepdims=True))


def _grown(size: int, to: int) -> Mask:
    """Weights that spread `size` pixels to `to` without a visible grid: a narrow Gaussian."""
    middles = (np.arange(size, dtype=np.float64) + 0.5) * to / size
    places = np.arange(to, dtype=np.float64) + 0.5
    weights = np.exp(-0.5 * ((places[:, None] - middles[None, :]) / (0.75 * to / size)) ** 2)
    weights[weights < math.exp(-8)] = 0
    return as_mask(weights / weights.sum(1, keepdims=True))
