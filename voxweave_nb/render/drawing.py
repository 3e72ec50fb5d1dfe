"""Drawing on planes, in place: fixed shapes of light, lines, single bright pixels."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from .arrays import Mask, Planes, as_mask, bound, resized_scratch
from .colors import Color

__all__ = ["Light", "Lights", "Region", "cover", "multiply", "overlap", "segment", "stroke"]

Region = tuple[slice, slice]
"""Rows and columns."""


def multiply(planes: Planes, by: Mask | float) -> None:
    """Darken the planes by a mask or by one factor."""
    np.multiply(planes, by if isinstance(by, np.ndarray) else np.float32(by), out=planes)


def cover(part: Planes, colors: npt.NDArray[np.float32], alpha: Mask) -> None:
    """Blend colours over a part of the planes."""
    # A contiguous copy is blended faster than a slice, even with copying it there and back.
    under = part.copy()
    over = colors - under
    over *= alpha
    under += over
    part[...] = under


def overlap(planes: Planes, shape: tuple[int, ...], x: int, y: int) -> tuple[Region, Region] | None:
    """Return the region of the planes that a mask at (x, y) covers and that region of the mask; None if outside."""
    left, right = max(0, x), min(planes.shape[2], x + shape[1])
    top, bottom = max(0, y), min(planes.shape[1], y + shape[0])
    if left >= right or top >= bottom:
        return None
    return (slice(top, bottom), slice(left, right)), (slice(top - y, bottom - y), slice(left - x, right - x))


class Light:
    """A shape of light at a fixed place: a sun's glow, a beam, haze.

    Args:
        mask: Strength, 0 to 1; cropped to the rows and columns with more than 0.002.
        x: Column of the mask's left edge in the planes.
        y: Row of its top edge.
    """

    def __init__(self, mask: Mask, x: int = 0, y: int = 0) -> None:
        rows = np.flatnonzero((mask > 0.002).any(1))
        columns = np.flatnonzero((mask > 0.002).any(0))
        top, bottom = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, 1)
        left, right = (int(columns[0]), int(columns[-1]) + 1) if len(columns) else (0, 1)
        self.mask = np.ascontiguousarray(mask[top:bottom, left:right], np.float32)
        self.x, self.y = x + left, y + top

    def add(self, planes: Planes, color: Color, strength: float = 1.0, dx: int = 0, dy: int = 0) -> None:
        """Add the light, moved by (dx, dy) pixels."""
        if (found := overlap(planes, self.mask.shape, self.x + dx, self.y + dy)) is None:
            return
        target, source = found
        mask = self.mask[source]
        work = resized_scratch(0, mask.shape)
        for plane, value in zip(planes, color, strict=True):
            if value * strength:
                np.multiply(mask, np.float32(value * strength), out=work)
                plane[target] += work

    def over(self, planes: Planes, color: Color, opacity: float = 1.0, dx: int = 0, dy: int = 0) -> None:
        """Blend the shape over the planes, moved by (dx, dy) pixels."""
        if (found := overlap(planes, self.mask.shape, self.x + dx, self.y + dy)) is None:
            return
        target, source = found
        mask = self.mask[source]
        alpha, work = resized_scratch(1, mask.shape), resized_scratch(0, mask.shape)
        np.multiply(mask, np.float32(opacity), out=alpha)
        for plane, value in zip(planes, color, strict=True):
            part = plane[target]
            np.subtract(np.float32(value), part, out=work)
            work *= alpha
            part += work


class Lights:
    """Many single bright pixels, such as windows or stars, added in one step.

    Args:
        x: Columns, whole numbers.
        y: Rows, whole numbers. No two lights may share a pixel.
        colors: Shape (3, count).
    """

    def __init__(
        self, x: npt.NDArray[np.int_], y: npt.NDArray[np.int_], colors: npt.NDArray[np.float32]
    ) -> None:
        self.x, self.y, self.colors = x, y, colors.astype(np.float32)

    def add(
        self, planes: Planes, gains: npt.NDArray[np.float32] | float = 1.0, dx: int = 0, wrap: int = 0
    ) -> None:
        """Add the lights.

        Args:
            planes: The target.
            gains: Brightness, one for all or one for each.
            dx: Columns to move them right.
            wrap: Width of the strip in which they wrap around; 0 for none.
        """
        x = (self.x + dx) % wrap if wrap else self.x + dx
        seen = np.flatnonzero((x >= 0) & (x < planes.shape[2]) & (self.y >= 0) & (self.y < planes.shape[1]))
        gain = gains[seen] if isinstance(gains, np.ndarray) else np.float32(gains)
        for plane, colors in zip(planes, self.colors, strict=True):
            plane[self.y[seen], x[seen]] += colors[seen] * gain


def segment(
    planes: Planes,
    start: tuple[float, float],
    end: tuple[float, float],
    width: float,
    color: Color,
    strength: float = 1.0,
) -> None:
    """Add a line of light from (x, y) to (x, y), `width` pixels thick, with soft edges and round ends."""
    if (found := _capsule(planes, start, end, width)) is not None:
        region, mask = found
        for plane, value in zip(planes, color, strict=True):
            plane[region] += mask * np.float32(value * strength)


def stroke(
    planes: Planes,
    start: tuple[float, float],
    end: tuple[float, float],
    width: float,
    color: Color,
    opacity: float = 1.0,
) -> None:
    """Blend a line over the planes from (x, y) to (x, y), `width` pixels thick, with round ends."""
    if (found := _capsule(planes, start, end, width)) is not None:
        region, mask = found
        mask *= np.float32(opacity)
        for plane, value in zip(planes, color, strict=True):
            part = plane[region]
            part += (np.float32(value) - part) * mask


def _capsule(
    planes: Planes, start: tuple[float, float], end: tuple[float, float], width: float
) -> tuple[Region, Mask] | None:
    """Return a line's region in the planes and its mask; None if it lies outside."""
    reach = width / 2 + 1.0
    x0 = max(0, math.floor(min(start[0], end[0]) - reach))
    x1 = min(planes.shape[2], math.ceil(max(start[0], end[0]) + reach))
    y0 = max(0, math.floor(min(start[1], end[1]) - reach))
    y1 = min(planes.shape[1], math.ceil(max(start[1], end[1]) + reach))
    if x0 >= x1 or y0 >= y1:
        return None
    xs = np.arange(x0, x1, dtype=np.float32)[None, :] + np.float32(0.5 - start[0])
    ys = np.arange(y0, y1, dtype=np.float32)[:, None] + np.float32(0.5 - start[1])
    dx, dy = end[0] - start[0], end[1] - start[1]
    scale = 1 / max(1e-6, dx * dx + dy * dy)
    # Distance of each pixel from the nearest point of the line, computed in place.
    along = as_mask(xs * np.float32(dx * scale) + ys * np.float32(dy * scale))
    bound(along)
    away = as_mask(xs - along * np.float32(dx))
    away *= away
    along *= np.float32(-dy)
    along += ys
    along *= along
    away += along
    np.sqrt(away, out=away)
    np.subtract(np.float32(width / 2 + 0.5), away, out=away)
    bound(away)
    return (slice(y0, y1), slice(x0, x1)), away
