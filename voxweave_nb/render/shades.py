"""Soft shadows under titles, which keep them legible on any background.

They are painted with the frame, at its inner size: FFmpeg would take longer to blend libass's blurred shadow than to
scale the whole frame.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .arrays import Mask, Planes, bound
from .drawing import Light
from .easing import smooth

__all__ = ["Shade", "Shades"]

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, as fractions of the frame's width and height."""

_REACH = 1.7
"""Standard deviations from a box's edge at which the soft edge begins and ends, close to a Gaussian's."""


@dataclass(frozen=True)
class Shade:
    """The shadow under some lines of text.

    Attributes:
        rows: The box of each line.
        soft: Standard deviation of its edges, as a fraction of the frame's height.
        strength: Share of the light that it removes, 0 to 1.
        start: Seconds at which it begins to appear.
        end: Seconds at which it is gone.
        rise: Seconds of fading in.
        fall: Seconds of fading out.
    """

    rows: tuple[Box, ...]
    soft: float
    strength: float
    start: float
    end: float
    rise: float
    fall: float

    def opacity(self, time: float) -> float:
        """Return 0 before and after, 1 between."""
        if not self.start < time < self.end:
            return 0.0
        return min(1.0, (time - self.start) / self.rise, (self.end - time) / self.fall)


class Shades:
    """Paints a film's shades.

    Args:
        shades: In any order.
        height: Pixels of the planes.
        width: Pixels of the planes.
    """

    def __init__(self, shades: Sequence[Shade], height: int, width: int) -> None:
        self._shades = tuple(shades)
        self._size = height, width
        self._mask = functools.cache(self._make_mask)

    def paint(self, planes: Planes, time: float) -> None:
        """Darken the planes under the titles shown at a time in seconds."""
        for number, shade in enumerate(self._shades):
            if opacity := shade.opacity(time):
                light = self._mask(number)
                tall, wide = light.mask.shape
                kept = light.mask * np.float32(-shade.strength * opacity)
                kept += np.float32(1)
                planes[:, light.y : light.y + tall, light.x : light.x + wide] *= kept

    def _make_mask(self, number: int) -> Light:
        """Return the mask of one shade, cropped."""
        shade, (height, width) = self._shades[number], self._size
        soft = max(0.5, shade.soft * height)
        ys, xs = np.arange(height, dtype=np.float32), np.arange(width, dtype=np.float32)
        mask = np.zeros((height, width), np.float32)
        for left, top, right, bottom in shade.rows:
            across = _between(xs, left * width, right * width, soft)
            mask += _between(ys, top * height, bottom * height, soft)[:, None] * across[None, :]
        bound(mask)
        return Light(mask)


def _between(places: Mask, low: float, high: float, soft: float) -> Mask:
    """Return 1 between both bounds, with soft edges."""
    reach = soft * _REACH
    inside: Mask = smooth(low - reach, low + reach, places) * smooth(high + reach, high - reach, places)
    return inside
