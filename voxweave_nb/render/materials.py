"""Materials for balls, lit by a studio.

A material is shaded once for each size that is needed, as an image of the unit ball. Drawing a ball is then a look-up,
so a hundred balls of any radius cost a few milliseconds, and none jumps when it grows by a fraction of a pixel.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .arrays import Planes
from .bloom import shrunk
from .colors import Color, Palette
from .easing import smooth
from .masks import pooled
from .space import Points

__all__ = ["SIDES", "Material", "Studio"]

SIDES = (16, 32, 64, 128, 256, 512)
"""Side lengths in pixels at which a ball's image is kept."""


@dataclass(frozen=True)
class Studio:
    """The light around the balls, as colours.

    Attributes:
        key: The large lamp at the upper left.
        rim: The lamp behind, at the right.
        above: The ceiling.
        level: The surroundings at eye level.
        floor: The light that the floor reflects upwards.
    """

    key: Color
    rim: Color
    above: Color
    level: Color
    floor: Color

    @classmethod
    def of(cls, palette: Palette) -> Studio:
        """Return the light for a palette."""
        return cls(
            palette.light,
            palette.accents[1 % len(palette.accents)],
            palette.sky[0],
            palette.sky[2],
            palette.ground[0],
        )


class Material:
    """The surface of a ball.

    Args:
        color: Its own colour.
        studio: The light around it.
        metal: 0 lacquer to 1 polished metal.
        gloss: Strength of its reflections.
        pulse: Light that it gives off itself, 0 to 1.
    """

    def __init__(
        self, color: Color, studio: Studio, *, metal: float = 0.0, gloss: float = 1.0, pulse: float = 0.0
    ) -> None:
        self.color = color
        self._shade: Callable[[int], Planes] = lambda side: _shade(side, color, studio, metal, gloss, pulse)
        self._images: dict[tuple[int, float], Planes] = {}

    def image(self, side: int, blurred: float = 0.0) -> Planes:
        """Return the ball filling a square, flattened to shape (3, side * side); made on first use.

        Args:
            side: Pixels, one of `SIDES`.
            blurred: Standard deviation of a blur, as a share of the side.
        """
        if (side, blurred) not in self._images:
            if blurred:
                weights, sharp = shrunk(side, side, side * blurred), self.image(side).reshape(3, side, side)
                image = np.matmul(np.matmul(weights, sharp), weights.T)
            else:
                image = _softened(self._shade(side)) if side > 100 else _halved(self._shade(side * 2))
            self._images[side, blurred] = np.ascontiguousarray(image.reshape(3, -1), np.float32)
        return self._images[side, blurred]


def _softened(image: Planes) -> Planes:
    """Blur slightly, in place, so that a thin reflection shows no steps when the image is looked up."""
    for axis in (1, 2, 1, 2):
        lines = np.moveaxis(image, axis, 1)
        lines[:, 1:-1] = lines[:, 1:-1] * np.float32(0.5) + (lines[:, :-2] + lines[:, 2:]) * np.float32(0.25)
    return image


def _halved(image: Planes) -> Planes:
    return np.stack([pooled(plane, 2) for plane in image])


def _linear(color: Color) -> npt.NDArray[np.float32]:
    return (np.array(color, np.float32)[:, None, None] / np.float32(255)) ** np.float32(2.2)


def _shade(side: int, color: Color, studio: Studio, metal: float, gloss: float, pulse: float) -> Planes:
    """Shade a ball that fills the square; outside its edge the rim's colour continues."""
    axis = (np.arange(side, dtype=np.float32) + np.float32(0.5)) / np.float32(side / 2) - 1
    x, y = np.broadcast_to(axis[None, :], (side, side)), np.broadcast_to(-axis[:, None], (side, side))
    away = np.maximum(1e-6, np.hypot(x, y))
    # Pixels outside the ball are moved onto its edge, so that a look-up near the edge never reads black.
    inside = np.minimum(away, 0.995) / away
    x, y = x * inside, y * inside
    z = np.sqrt(1 - x * x - y * y)
    own, key, rim = _linear(color), _linear(studio.key), _linear(studio.rim)
    above, level, floor = _linear(studio.above), _linear(studio.level), _linear(studio.floor)
    facing = np.clip((-0.52 * x + 0.66 * y + 0.54 * z + 0.18) / 1.18, 0, 1) ** 1.25
    behind = np.clip(0.78 * x + 0.18 * y - 0.30 * z, 0, 1) ** 1.6
    sky = (0.5 + 0.5 * y) ** 1.5
    ground = (0.5 - 0.5 * y) ** 2.0
    ambient = above * 0.55 * sky + level * 0.22 + floor * 0.9 * ground
    diffuse = own * (key * 1.35 * facing + rim * 0.9 * behind + ambient)
    # The direction that a mirror reflects to the viewer.
    rx, ry, rz = 2 * z * x, 2 * z * y, 2 * z * z - 1
    mirrored = _surroundings(rx, ry, rz, key, rim, above, level, floor)
    # Fresnel: the flatter the view, the stronger the reflection.
    edge = (1 - z) ** 4
    lacquer = (0.045 + 0.75 * edge) * gloss
    polish = own**0.8 * (1 - edge) + edge
    light = diffuse * (1 - 0.85 * metal) * (1 - np.minimum(lacquer, 1) * (1 - metal))
    light += mirrored * (lacquer * (1 - metal) + polish * metal)
    light += own * pulse * (0.35 + 0.65 * z**2)
    # Tone mapping: bright light is compressed instead of clipped.
    shown = light * (1 + light * 0.12) / (1 + light * 0.62)
    out: Planes = (np.clip(shown, 0, 1) ** np.float32(1 / 2.2) * 255).astype(np.float32)
    return out


def _surroundings(
    x: Points, y: Points, z: Points, key: Points, rim: Points, above: Points, level: Points, floor: Points
) -> Points:
    """Return the studio's light from a direction: ceiling, wall, floor, two windows in front, a strip lamp behind."""
    wall = np.exp(-((y - 0.02) ** 2) * 14) * 1.1
    up, down = smooth(0.0, 0.9, y), smooth(0.02, -0.12, y)
    out: Points = above * (0.35 + 0.9 * up) * (1 - down) + level * wall + floor * 0.8 * down
    out += key * 9.0 * _lamp(x, y, z, (-0.50, 0.70, 0.51), 0.36, 0.30)
    out += key * 2.2 * _lamp(x, y, z, (0.62, 0.62, 0.48), 0.13, 0.40)
    out += rim * 4.5 * _lamp(x, y, z, (0.92, 0.05, -0.38), 0.16, 0.85)
    return out


def _lamp(
    x: Points, y: Points, z: Points, toward: tuple[float, float, float], wide: float, tall: float
) -> Points:
    """Return 1 where a direction meets a rectangular lamp, with soft edges."""
    tx, ty, tz = toward
    across = math.hypot(tx, tz)
    ux, uz = tz / across, -tx / across
    vx, vy, vz = -ty * tx / across, across, -ty * tz / across
    ahead = np.maximum(1e-3, x * tx + y * ty + z * tz)
    a, b = np.abs((x * ux + z * uz) / ahead), np.abs((x * vx + y * vy + z * vz) / ahead)
    inside = smooth(wide, wide * 0.72, a) * smooth(tall, tall * 0.72, b)
    return np.where(x * tx + y * ty + z * tz > 0.05, inside, 0).astype(np.float32)
