"""Balls in space: a camera, materials lit by a studio, and balls drawn at any size, place and sharpness.

A material is shaded once, as a picture of the unit ball in several sizes; drawing one is a look-up, so that a
hundred balls of any radius cost a few milliseconds and none of them jumps when it grows by a fraction of a pixel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from .canvas import blur, smooth
from .scene import Color, Palette, Planes

__all__ = ["Camera", "Material", "Points", "Studio", "rod", "shadow"]

Points: TypeAlias = npt.NDArray[np.float32]
"""Places in space, shape (count, 3): to the right, up, towards the viewer at the start."""

_SIDES = (512, 256, 128, 64, 32, 16)


@dataclass(frozen=True)
class Studio:
    """The light around the balls, as colours from 0 to 255.

    Attributes:
        key: The large lamp at the upper left.
        rim: The lamp behind, at the right.
        above: The ceiling.
        level: What stands at eye level.
        floor: What shines up from below.
    """

    key: Color
    rim: Color
    above: Color
    level: Color
    floor: Color

    @classmethod
    def of(cls, palette: Palette) -> Studio:
        """The light that suits a palette."""
        return cls(
            palette.light,
            palette.accents[1 % len(palette.accents)],
            palette.sky[0],
            palette.sky[2],
            palette.ground[0],
        )


class Material:
    """What a ball is made of.

    Args:
        color: Its own colour.
        studio: The light around it.
        metal: 0 lacquer to 1 polished metal.
        gloss: The strength of what it mirrors.
        pulse: 0 to 1: how much it shines by itself.
    """

    def __init__(
        self, color: Color, studio: Studio, *, metal: float = 0.0, gloss: float = 1.0, pulse: float = 0.0
    ) -> None:
        sharp = _shade(_SIDES[0], color, studio, metal, gloss, pulse)
        self.color = color
        self._sharp = _sizes(sharp)
        side = _SIDES[2]
        small = self._sharp[2].reshape(3, side, side)
        self._soft = _sizes(np.stack([blur(plane, side / 22) for plane in small]))
        self._blurred = _sizes(np.stack([blur(plane, side / 8) for plane in small]))

    def ball(
        self,
        planes: Planes,
        x: float,
        y: float,
        radius: float,
        *,
        soft: float = 1.2,
        haze: Color = (0.0, 0.0, 0.0),
        fog: float = 0.0,
        opacity: float = 1.0,
        upside_down: bool = False,
    ) -> None:
        """Paints one.

        Args:
            planes: The picture.
            x: Its middle's column in pixels.
            y: Its middle's row.
            radius: Pixels.
            soft: How many pixels its edge takes; more than a few is out of focus.
            haze: What the air between is coloured like.
            fog: 0 clear to 1 nothing but haze.
            opacity: 0 to 1.
            upside_down: Whether it is its own mirror image in a floor.
        """
        soft = max(1.2, soft)
        reach = radius + soft * 0.5 + 1.0
        x0, x1 = max(0, math.floor(x - reach)), min(planes.shape[2], math.ceil(x + reach))
        y0, y1 = max(0, math.floor(y - reach)), min(planes.shape[1], math.ceil(y + reach))
        if x0 >= x1 or y0 >= y1 or opacity <= 0.004:
            return
        dx = np.arange(x0, x1, dtype=np.float32) + np.float32(0.5 - x)
        dy = np.arange(y0, y1, dtype=np.float32) + np.float32(0.5 - y)
        alpha = (dx * dx)[None, :] + (dy * dy)[:, None]
        np.sqrt(alpha, out=alpha)
        np.subtract(np.float32(radius + soft * 0.5), alpha, out=alpha)
        alpha *= np.float32(1.0 / soft)
        np.maximum(alpha, 0, out=alpha)
        np.minimum(alpha, 1, out=alpha)
        if soft > 3.0:
            alpha *= alpha * (np.float32(3.0) - np.float32(2.0) * alpha)
        if opacity < 1.0:
            alpha *= np.float32(opacity)
        picture, side = self._picture(radius, soft)
        # One pixel wider than the edge, so that no place falls outside the picture and none needs clipping.
        half, span = np.float32(side * 0.5), np.float32(side * 0.5 / (reach + 1.0))
        columns = (dx * span + half).astype(np.intp)
        rows = (dy * (-span if upside_down else span) + half).astype(np.intp)
        rows *= side
        # All are inside, and this is numpy's fastest mode.
        colors = picture.take(rows[:, None] + columns, axis=1, mode="wrap")
        if fog > 0.004:
            colors *= np.float32(1.0 - fog)
            colors += np.array([[[value * fog]] for value in haze], np.float32)
        part = planes[:, y0:y1, x0:x1]
        colors -= part
        colors *= alpha
        part += colors

    def _picture(self, radius: float, soft: float) -> tuple[Planes, int]:
        share = soft / radius
        pictures = self._sharp if share < 0.22 else self._soft if share < 0.7 else self._blurred
        sides = _SIDES[-len(pictures) :]
        for picture, side in zip(reversed(pictures), reversed(sides), strict=True):
            if side >= radius * 2.0:
                return picture, side
        return pictures[0], sides[0]


def _sizes(picture: Planes) -> list[Planes]:
    """The picture at each side length, each flat: shape (3, side * side)."""
    out = []
    for side in (side for side in _SIDES if side <= picture.shape[1]):
        step = picture.shape[1] // side
        small = picture.reshape(3, side, step, side, step).mean((2, 4))
        out.append(np.ascontiguousarray(small.reshape(3, -1), np.float32))
    return out


def _linear(color: Color) -> npt.NDArray[np.float32]:
    return (np.array(color, np.float32)[:, None, None] / np.float32(255)) ** np.float32(2.2)


def _shade(side: int, color: Color, studio: Studio, metal: float, gloss: float, pulse: float) -> Planes:
    """A ball in the studio, filling the square; outside its edge the rim's colour goes on."""
    axis = (np.arange(side, dtype=np.float32) + np.float32(0.5)) / np.float32(side / 2) - 1
    x, y = np.broadcast_to(axis[None, :], (side, side)), np.broadcast_to(-axis[:, None], (side, side))
    away = np.maximum(1e-6, np.hypot(x, y))
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
    rx, ry, rz = 2 * z * x, 2 * z * y, 2 * z * z - 1
    mirrored = _surroundings(rx, ry, rz, key, rim, above, level, floor)
    edge = (1 - z) ** 4
    lacquer = (0.045 + 0.75 * edge) * gloss
    polish = own**0.8 * (1 - edge) + edge
    light = diffuse * (1 - 0.85 * metal) * (1 - np.minimum(lacquer, 1) * (1 - metal))
    light += mirrored * (lacquer * (1 - metal) + polish * metal)
    light += own * pulse * (0.35 + 0.65 * z**2)
    shown = light * (1 + light * 0.12) / (1 + light * 0.62)
    out: Planes = (np.clip(shown, 0, 1) ** np.float32(1 / 2.2) * 255).astype(np.float32)
    return out


def _surroundings(
    x: Points, y: Points, z: Points, key: Points, rim: Points, above: Points, level: Points, floor: Points
) -> Points:
    """What a mirror sees in a direction: ceiling, wall and floor, a window at the upper left, a strip behind."""
    wall = np.exp(-((y - 0.02) ** 2) * 14) * 1.1
    up, down = smooth(0.0, 0.9, y), smooth(0.02, -0.12, y)
    out: Points = above * (0.35 + 0.9 * up) * (1 - down) + level * wall + floor * 0.8 * down
    out += key * 9.0 * _window(x, y, z, (-0.50, 0.70, 0.51), 0.36, 0.30)
    out += key * 2.2 * _window(x, y, z, (0.62, 0.62, 0.48), 0.13, 0.40)
    out += rim * 4.5 * _window(x, y, z, (0.92, 0.05, -0.38), 0.16, 0.85)
    return out


def _window(
    x: Points, y: Points, z: Points, toward: tuple[float, float, float], wide: float, tall: float
) -> Points:
    """1 where a direction meets a lamp's rectangle, soft at its edges."""
    tx, ty, tz = toward
    across = math.hypot(tx, tz)
    ux, uz = tz / across, -tx / across
    vx, vy, vz = -ty * tx / across, across, -ty * tz / across
    ahead = np.maximum(1e-3, x * tx + y * ty + z * tz)
    a, b = np.abs((x * ux + z * uz) / ahead), np.abs((x * vx + y * vy + z * vz) / ahead)
    inside = smooth(wide, wide * 0.72, a) * smooth(tall, tall * 0.72, b)
    return np.where(x * tx + y * ty + z * tz > 0.05, inside, 0).astype(np.float32)


@dataclass(frozen=True)
class Camera:
    """Where the viewer is: on a circle around a place, looking at it.

    Attributes:
        turn: Radians around.
        lift: Radians above the floor.
        away: How far, in the units of space.
        zoom: Pixels that one unit at a distance of one takes.
        x: The picture's column in which the place stands.
        y: Its row.
        target: The place.
    """

    turn: float
    lift: float
    away: float
    zoom: float
    x: float
    y: float
    target: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def see(self, points: Points) -> tuple[Points, Points, Points]:
        """Columns, rows and distances of places; a distance under 0.05 is behind the viewer."""
        p: Points = points - np.array(self.target, np.float32)
        ct, st = math.cos(self.turn), math.sin(self.turn)
        cl, sl = math.cos(self.lift), math.sin(self.lift)
        right: Points = p[:, 0] * np.float32(ct) - p[:, 2] * np.float32(st)
        deep: Points = p[:, 0] * np.float32(st) + p[:, 2] * np.float32(ct)
        up: Points = p[:, 1] * np.float32(cl) - deep * np.float32(sl)
        near: Points = deep * np.float32(cl) + p[:, 1] * np.float32(sl)
        away: Points = np.float32(self.away) - near
        scale = (np.float32(self.zoom) / np.maximum(away, np.float32(0.05))).astype(np.float32)
        x: Points = np.float32(self.x) + right * scale
        y: Points = np.float32(self.y) - up * scale
        return x, y, away

    @property
    def horizon(self) -> float:
        """The row of what is infinitely far on the floor."""
        return self.y - self.zoom * math.tan(self.lift)


def rod(
    planes: Planes,
    start: tuple[float, float],
    end: tuple[float, float],
    width: float,
    color: Color,
    *,
    soft: float = 1.2,
    opacity: float = 1.0,
) -> None:
    """Paints a round bar from (x, y) to (x, y), `width` pixels thick, lit from above; `soft` as of a ball's edge."""
    reach = width / 2 + soft
    x0, x1 = (
        max(0, math.floor(min(start[0], end[0]) - reach)),
        min(planes.shape[2], math.ceil(max(start[0], end[0]) + reach)),
    )
    y0, y1 = (
        max(0, math.floor(min(start[1], end[1]) - reach)),
        min(planes.shape[1], math.ceil(max(start[1], end[1]) + reach)),
    )
    if x0 >= x1 or y0 >= y1 or opacity <= 0.004:
        return
    dx, dy = end[0] - start[0], end[1] - start[1]
    long = max(1e-3, math.hypot(dx, dy))
    ux, uy = dx / long, dy / long
    xs = np.arange(x0, x1, dtype=np.float32) + np.float32(0.5 - start[0])
    ys = np.arange(y0, y1, dtype=np.float32) + np.float32(0.5 - start[1])
    along = (xs * np.float32(ux))[None, :] + (ys * np.float32(uy))[:, None]
    side = (xs * np.float32(-uy))[None, :] + (ys * np.float32(ux))[:, None]
    alpha = np.minimum(along, np.float32(long) - along)
    np.minimum(alpha, 0, out=alpha)
    np.abs(side, out=along)
    alpha -= along
    alpha += np.float32(width / 2 + soft * 0.5)
    alpha *= np.float32(1 / soft)
    np.maximum(alpha, 0, out=alpha)
    np.minimum(alpha, 1, out=alpha)
    side *= np.float32((-1.0 if ux >= 0 else 1.0) * 1.3 / width)
    side += np.float32(0.18)
    shade = np.maximum(np.float32(1.12) - side * side * np.float32(0.85), np.float32(0.3))
    alpha *= np.float32(opacity)
    for plane, value in zip(planes[:, y0:y1, x0:x1], color, strict=True):
        np.multiply(shade, np.float32(value), out=along)
        along -= plane
        along *= alpha
        plane += along


def shadow(planes: Planes, x: float, y: float, wide: float, tall: float, strength: float) -> None:
    """Darkens a soft ellipse."""
    x0, x1 = max(0, math.floor(x - wide)), min(planes.shape[2], math.ceil(x + wide))
    y0, y1 = max(0, math.floor(y - tall)), min(planes.shape[1], math.ceil(y + tall))
    if x0 >= x1 or y0 >= y1:
        return
    dx = (np.arange(x0, x1, dtype=np.float32) + np.float32(0.5 - x)) / np.float32(wide)
    dy = (np.arange(y0, y1, dtype=np.float32) + np.float32(0.5 - y)) / np.float32(tall)
    fade = (1 - dx * dx)[None, :] - (dy * dy)[:, None]
    np.maximum(fade, 0, out=fade)
    fade *= fade
    fade *= np.float32(-strength)
    fade += 1
    planes[:, y0:y1, x0:x1] *= fade
