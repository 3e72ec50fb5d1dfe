"""Balls drawn at any size, place and sharpness."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .arrays import Planes, bound
from .colors import Color
from .drawing import cover
from .materials import SIDES, Material
from .space import Points, Runs

__all__ = ["Balls"]

_WIDTHS = np.array(SIDES, np.float32)

_BLURS = (0.0, 1 / 22, 1 / 8)
"""Blur of a ball's image for a sharp, a soft and a very soft edge, as a share of the image's side."""

_LARGEST = np.array([5, 3, 3])
"""Index into `SIDES` of the largest image used for each of the blurs."""


class Balls:
    """Many balls, measured in one step and painted one by one, so that other things can be painted between them.

    Args:
        planes: The target.
        materials: One for each.
        x: Columns of their centres, in pixels.
        y: Rows of their centres.
        radii: Pixels.
        soft: Width of their edges in pixels; more than a few is out of focus.
        haze: Colour of the air in front of them.
        fog: 0 clear to 1 nothing but haze, for all or for each.
        shine: Light that each gives off itself, shape (count, 3), or None.
        opacity: 0 to 1, for all or for each.
        upside_down: True for their reflections in a floor.
    """

    def __init__(
        self,
        planes: Planes,
        materials: Sequence[Material],
        x: Points,
        y: Points,
        radii: Points,
        soft: Points,
        *,
        haze: Color = (0.0, 0.0, 0.0),
        fog: Points | float = 0.0,
        shine: Points | None = None,
        opacity: Points | float = 1.0,
        upside_down: bool = False,
    ) -> None:
        self._planes, self._materials = planes, materials
        soft = np.maximum(soft, np.float32(1.2))
        reach = radii + soft * np.float32(0.5) + np.float32(1.0)
        share = soft / radii
        kind = (share >= np.float32(0.22)).astype(np.intp) + (share >= np.float32(0.7))
        side = _WIDTHS[np.minimum(np.searchsorted(_WIDTHS, radii * np.float32(2.0)), _LARGEST[kind])]
        # One pixel wider than the edge: no look-up falls outside the image, and none needs clipping.
        span = side * np.float32(0.5) / (reach + np.float32(1.0))
        # The alpha of a pixel is `middle` - `scale` * distance ** 2: no square root for each pixel.
        wide = soft > np.float32(3.0)
        scale = np.where(wide, np.float32(0.53), np.float32(0.5)) / (radii * soft)
        middle = np.where(wide, np.float32(math.sqrt(0.5)), np.float32(0.5)) + scale * radii * radii
        half = side * np.float32(0.5)
        across = Runs(x, reach, planes.shape[2])
        down = Runs(y, reach, planes.shape[1])
        self._across = across.spread(middle) - across.away**2 * across.spread(scale)
        self._down = down.away**2 * down.spread(scale)
        self._columns = (across.away * across.spread(span) + across.spread(half)).astype(np.intp)
        turned = -span if upside_down else span
        rows = (down.away * down.spread(turned) + down.spread(half)).astype(np.intp)
        self._rows = rows * down.spread(side.astype(np.intp))
        opacity = np.broadcast_to(np.float32(opacity), radii.shape)
        seen = (across.count > 0) & (down.count > 0) & (opacity > np.float32(0.004))
        clear, covered = self._set_air(np.broadcast_to(np.float32(fog), radii.shape), haze, shine)
        self._each = list(
            zip(
                seen.tolist(),
                *(side.astype(int).tolist(), kind.tolist(), wide.tolist(), covered.tolist(), clear, opacity),
                *(across.first.tolist(), across.count.tolist(), across.start.tolist()),
                *(down.first.tolist(), down.count.tolist(), down.start.tolist()),
                strict=True,
            )
        )

    def _set_air(
        self, fog: Points, haze: Color, shine: Points | None
    ) -> tuple[Points, npt.NDArray[np.bool_]]:
        """Keep the light to add to each ball; return the share left of its own colour, and True where it is not all."""
        over = fog[:, None] * np.array(haze, np.float32)
        covered = fog > np.float32(0.004)
        if shine is not None:
            over += shine
            covered |= shine.max(1) > np.float32(0.5)
        self._over = over[:, :, None, None]
        return (1 - fog).astype(np.float32), covered

    def paint(self, index: int) -> None:
        """Paint one ball."""
        seen, side, kind, wide, covered, clear, opacity, x0, width, left, y0, height, top = self._each[index]
        if not seen:
            return
        across, down = slice(left, left + width), slice(top, top + height)
        alpha = self._across[across] - self._down[down, None]
        bound(alpha)
        if wide:
            alpha *= alpha
        if opacity < 1.0:
            alpha *= opacity
        image = self._materials[index].image(side, _BLURS[kind])
        # All places are inside the image; "wrap" is numpy's fastest mode.
        colors = image.take(self._rows[down, None] + self._columns[across], axis=1, mode="wrap")
        if covered:
            colors *= clear
            colors += self._over[index]
        cover(self._planes[:, y0 : y0 + height, x0 : x0 + width], colors, alpha)

    def paint_all(self) -> None:
        """Paint all balls in their order."""
        for index in range(len(self._each)):
            self.paint(index)
