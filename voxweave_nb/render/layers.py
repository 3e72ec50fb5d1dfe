"""Layers that scroll sideways and repeat: skylines, rows of trees, banks of cloud."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from .arrays import Mask, Planes, resized_scratch, shifted

__all__ = ["Layer"]

_WIDE = 1200
"""Columns above which a layer keeps at most two subpixel positions: its pixels are small and its memory is large."""


class Layer:
    """An image with transparency that scrolls sideways and repeats.

    Args:
        color: Shape (3, height, width) or broadcastable to it, not premultiplied.
        alpha: Opacity, 0 to 1, shape (height, width).
        steps: Subpixel positions to keep: 1 for a layer that stands still, 4 for one that moves slowly.
        top: Row of its upper edge.
    """

    def __init__(self, color: Planes, alpha: Mask, steps: int = 1, top: int = 0) -> None:
        rows = np.flatnonzero((alpha > 0.002).any(1))
        first, last = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, 1)
        self._top = top + first
        color = np.broadcast_to(color, (3, *alpha.shape))[:, first:last]
        alpha = alpha[first:last]
        self.width = alpha.shape[1]
        self._steps = steps = min(steps, 2) if self.width > _WIDE else steps
        # From the row `_solid` on everything is opaque and can be copied instead of blended.
        transparent = np.flatnonzero((alpha < 0.998).any(1))
        self._solid = self._top + (int(transparent[-1]) + 1 if len(transparent) else 0)
        # As bytes, colours take a quarter of the memory, and adding them to float32 takes no longer.
        self._color: list[npt.NDArray[np.uint8]] = [np.empty(color.shape, np.uint8) for _ in range(steps)]
        for index, plane in enumerate(color):
            tinted = plane * alpha
            np.clip(tinted, 0, 255, out=tinted)
            tinted += np.float32(0.5)
            for step, moved in enumerate(self._color):
                np.copyto(moved[index], shifted(tinted, step / steps), casting="unsafe")
        partial = alpha[: self._solid - self._top]
        self._clear = [
            np.ascontiguousarray(1 - shifted(partial, step / steps), np.float32) for step in range(steps)
        ]

    def over(self, planes: Planes, x: float = 0.0, y: int = 0, opacity: float = 1.0) -> None:
        """Blend it over the planes.

        Args:
            planes: The target.
            x: Column of its left edge; it repeats to both sides.
            y: Rows to move it down.
            opacity: 0 to 1; 1 is the fastest.
        """
        fine = math.floor(x * self._steps + 0.5)
        color, clear = self._color[fine % self._steps], self._clear[fine % self._steps]
        top = self._top + y
        first, last = max(0, top), min(planes.shape[1], top + color.shape[1])
        solid = min(max(first, self._solid + y), last)
        left = -(fine // self._steps) % self.width
        if first < solid:
            rows = slice(first - top, solid - top)
            see = _copy_window(clear[rows], left, resized_scratch(0, (solid - first, planes.shape[2])))
            if opacity < 1.0:
                see *= np.float32(opacity)
                see += np.float32(1.0 - opacity)
            _blend(planes[:, first:solid], color[:, rows], left, see, opacity)
        if solid < last:
            part, tints = planes[:, solid:last], color[:, solid - top : last - top]
            if opacity < 1.0:
                _blend(part, tints, left, np.float32(1.0 - opacity), opacity)
                return
            for plane, tint in zip(part, tints, strict=True):
                _copy_window(tint, left, plane)


def _blend(
    part: Planes, colors: npt.NDArray[np.uint8], left: int, see: Mask | np.float32, opacity: float
) -> None:
    """Blend a strip of premultiplied colours over whole rows.

    Args:
        part: The target rows.
        colors: The strip, shape (3, rows, strip width).
        left: First column of the strip to show.
        see: Share of the target that stays visible, for all or by pixel.
        opacity: Opacity of the strip, 0 to 1.
    """
    work = resized_scratch(1, part.shape[1:])
    for plane, color in zip(part, colors, strict=True):
        plane *= see
        _copy_window(color, left, work)
        if opacity < 1.0:
            work *= np.float32(opacity)
        plane += work


def _copy_window(strip: npt.NDArray[Any], left: int, out: Mask) -> Mask:
    """Fill `out` with the columns of a repeating strip from column `left` on, and return it."""
    # Blending contiguous rows takes half the time of blending slices of a wider array.
    at = -left
    while at < out.shape[1]:
        begin, end = max(0, at), min(out.shape[1], at + strip.shape[1])
        np.copyto(out[:, begin:end], strip[:, begin - at : end - at])
        at += strip.shape[1]
    return out
