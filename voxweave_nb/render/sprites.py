"""Small shapes that move smoothly: they are kept at several subpixel positions and drawn at the nearest."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from .arrays import Mask, Planes, shifted
from .colors import Color
from .drawing import Region, cover, overlap

__all__ = ["Sprite", "Stamp", "add_each", "ball"]

_ALL_PLANES = (slice(None),)
_PLANE_BY_PLANE = (slice(0, 1), slice(1, 2), slice(2, 3))
_UNSEEN = 1 / 1024
"""Strength below which a light adds less than a quarter of a step out of 255."""

_FITS_CACHE = 4000
"""Pixels up to which it is faster to paint the three planes at once, as all of it stays in the processor's cache."""


def _as_planes(color: Color) -> Planes:
    return np.array(color, np.float32)[:, None, None]


class Sprite:
    """A small round light or dot.

    Args:
        radius: Pixels to its edge.
        shape: Function of arrays: strength by distance, 0 (centre) to 1 (edge).
    """

    def __init__(self, radius: float, shape: Callable[[Mask], Mask]) -> None:
        self.radius = radius
        # The smaller a sprite, the more a jump by a part of a pixel shows.
        self._steps = 8 if radius < 10 else 4 if radius < 32 else 2 if radius < 64 else 1
        self._reach = math.ceil(radius) + 1
        size = 2 * self._reach + 1
        places = np.arange(size, dtype=np.float32) - np.float32(self._reach)
        self._masks = [
            [
                self._mask_at(places, row / self._steps, column / self._steps, shape)
                for column in range(self._steps)
            ]
            for row in range(self._steps)
        ]

    def _mask_at(self, places: Mask, dy: float, dx: float, shape: Callable[[Mask], Mask]) -> Mask:
        y, x = (places - np.float32(dy))[:, None], (places - np.float32(dx))[None, :]
        away = np.sqrt(x * x + y * y) / np.float32(self.radius)
        return np.where(away < 1, shape(np.minimum(away, np.float32(1))), 0).astype(np.float32)

    @classmethod
    def glow(cls, radius: float, power: float = 2.0) -> Sprite:
        """Return a light that fades to its edge; a higher power makes a smaller core."""
        return cls(radius, lambda away: (1 - away) ** np.float32(power))

    @classmethod
    def disc(cls, radius: float, soft: float = 1.2) -> Sprite:
        """Return an even dot whose edge is `soft` pixels wide."""
        reach = radius + soft / 2
        return cls(reach, lambda away: np.clip((1 - away) * np.float32(reach / soft), 0, 1))

    @classmethod
    def ring(cls, radius: float, width: float = 1.5) -> Sprite:
        """Return a circle's outline, `width` pixels thick."""
        reach = radius + width
        return cls(
            reach,
            lambda away: np.clip(np.float32(1) - np.abs(away * reach - radius) / np.float32(width), 0, 1),
        )

    def add(self, planes: Planes, x: float, y: float, color: Color, strength: float = 1.0) -> None:
        """Add its light, centred at (x, y) in pixels."""
        self._add(planes, x, y, _as_planes(color), strength)

    def _add(self, planes: Planes, x: float, y: float, tint: Planes, strength: float) -> None:
        if abs(strength) < _UNSEEN or (found := self._region(planes, x, y)) is None:
            return
        (rows, columns), mask = found
        tint = tint * np.float32(strength)
        for some in _ALL_PLANES if mask.size < _FITS_CACHE else _PLANE_BY_PLANE:
            part = planes[some, rows, columns]
            part += mask * tint[some]

    def over(self, planes: Planes, x: float, y: float, color: Color, opacity: float = 1.0) -> None:
        """Blend it over the planes, centred at (x, y) in pixels."""
        if (found := self._region(planes, x, y)) is None:
            return
        (rows, columns), mask = found
        alpha, tint = mask * np.float32(opacity), _as_planes(color)
        for some in _ALL_PLANES if mask.size < _FITS_CACHE else _PLANE_BY_PLANE:
            cover(planes[some, rows, columns], tint[some], alpha)

    def _region(self, planes: Planes, x: float, y: float) -> tuple[Region, Mask] | None:
        """Return the region that the sprite covers and its mask there; None if outside."""
        steps = self._steps
        fine_x, fine_y = math.floor((x - 0.5) * steps + 0.5), math.floor((y - 0.5) * steps + 0.5)
        mask = self._masks[fine_y % steps][fine_x % steps]
        left, top = fine_x // steps - self._reach, fine_y // steps - self._reach
        size = mask.shape[0]
        if 0 <= left <= planes.shape[2] - size and 0 <= top <= planes.shape[1] - size:
            return (slice(top, top + size), slice(left, left + size)), mask
        found = overlap(planes, mask.shape, left, top)
        return None if found is None else (found[0], mask[found[1]])


def add_each(
    planes: Planes,
    sprites: Sequence[Sprite],
    kinds: npt.NDArray[np.int_],
    x: npt.NDArray[np.floating],
    y: npt.NDArray[np.floating],
    color: Color,
    strengths: npt.NDArray[np.floating],
) -> None:
    """Add the light of many sprites.

    Args:
        planes: The target.
        sprites: The kinds to choose from.
        kinds: Index into `sprites` for each light.
        x: Columns of the centres, in pixels.
        y: Rows of the centres.
        color: One for all.
        strengths: One for each.
    """
    tint, each = _as_planes(color), (kinds.tolist(), x.tolist(), y.tolist(), strengths.tolist())
    for kind, at_x, at_y, strength in zip(*each, strict=True):
        sprites[kind]._add(planes, at_x, at_y, tint, strength)


class Stamp:
    """A small image with transparency, drawn anywhere to half a pixel.

    Args:
        color: Shape (3, height, width), not premultiplied.
        alpha: Opacity, 0 to 1, shape (height, width).
    """

    def __init__(self, color: Planes, alpha: Mask) -> None:
        full = np.pad(
            np.concatenate([color * alpha, alpha[None]]).astype(np.float32), ((0, 0), (1, 1), (1, 1))
        )
        across = [full, shifted(full, 0.5)]
        down = [(tile + np.roll(tile, 1, axis=1)) * np.float32(0.5) for tile in across]
        self._tiles = [[np.ascontiguousarray(tile) for tile in row] for row in (across, down)]
        self.height, self.width = full.shape[1:]

    def over(self, planes: Planes, x: float, y: float, opacity: float = 1.0) -> None:
        """Blend it over the planes, centred at (x, y) in pixels."""
        fine_x, fine_y = (
            math.floor((x - self.width / 2) * 2 + 0.5),
            math.floor((y - self.height / 2) * 2 + 0.5),
        )
        tile = self._tiles[fine_y % 2][fine_x % 2]
        found = overlap(planes, tile.shape[1:], fine_x // 2, fine_y // 2)
        if found is None or opacity <= 0.0:
            return
        part, source = planes[:, *found[0]], tile[:, *found[1]]
        if opacity < 1.0:
            source = source * np.float32(opacity)
        part *= 1 - source[3]
        part += source[:3]


def ball(radius: float, color: Color, light: Color, *, soft: float = 1.0, gloss: float = 0.75) -> Stamp:
    """Return a ball lit from the upper left.

    Args:
        radius: Pixels.
        color: The ball's own colour.
        light: The lamp's colour.
        soft: Width of the edge in pixels; a wide one looks out of focus.
        gloss: Strength of the lamp's reflection, 0 to 1.
    """
    reach = math.ceil(radius + soft)
    axis = np.arange(-reach, reach + 1, dtype=np.float32) / np.float32(radius)
    x, y = axis[None, :], axis[:, None]
    away = np.sqrt(x * x + y * y)
    z = np.sqrt(np.clip(1 - away * away, 0, 1))
    facing = np.clip(-0.48 * x - 0.62 * y + 0.62 * z, 0, 1)
    rim = (1 - z) ** 3 * np.clip(0.4 + 0.6 * y, 0, 1)
    mirror = np.clip(-0.30 * x - 0.40 * y + 0.87 * z, 0, 1) ** 36
    body, shine = 0.16 + 0.92 * facing, gloss * mirror + 0.22 * rim
    colors = np.stack(
        [np.clip(own * body + lamp * shine, 0, 255) for own, lamp in zip(color, light, strict=True)]
    )
    alpha = np.clip((radius + soft / 2 - away * radius) / soft, 0, 1)
    return Stamp(colors.astype(np.float32), alpha.astype(np.float32))
