"""Soft darkness under words, so that they can be read on any picture.

It is painted with the picture, at its inner size. FFmpeg would need longer to blend libass's blurred shadow into a
frame than to scale the whole frame.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .canvas import Light, Mask, bound, smooth
from .scene import Planes

__all__ = ["Shade", "Shades"]

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, as shares of the picture's width and height."""

_REACH = 1.7
"""How many deviations away a soft edge begins and ends, about as a Gaussian's does to the eye."""


@dataclass(frozen=True)
class Shade:
    """What lies under some lines of words.

    Attributes:
        rows: Where each line is.
        soft: The deviation of its edges, as a share of the picture's height.
        strength: 0 to 1: how much darker the picture is there.
        start: When it begins to come, in seconds.
        end: When it is gone.
        rise: Seconds in which it comes.
        fall: Seconds in which it goes.
    """

    rows: tuple[Box, ...]
    soft: float
    strength: float
    start: float
    end: float
    rise: float
    fall: float

    def shown(self, time: float) -> float:
        """0 before and after, 1 between."""
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
        self._light = functools.cache(self._lit)

    def paint(self, planes: Planes, time: float) -> None:
        """Darkens what lies under the words of a time, in seconds."""
        for number, shade in enumerate(self._shades):
            if shown := shade.shown(time):
                light = self._light(number)
                tall, wide = light.mask.shape
                kept = light.mask * np.float32(-shade.strength * shown)
                kept += np.float32(1)
                planes[:, light.y : light.y + tall, light.x : light.x + wide] *= kept

    def _lit(self, number: int) -> Light:
        """The light that a shade takes away."""
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
    reach = soft * _REACH
    inside: Mask = smooth(low - reach, low + reach, places) * smooth(high + reach, high - reach, places)
    return inside
