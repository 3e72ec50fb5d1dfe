"""Balls in space: a camera, materials lit by a studio, and balls drawn at any size, place and sharpness.

A material is shaded once in each size that is needed, as a picture of the unit ball; drawing one is a look-up, so that
a hundred balls of any radius cost a few milliseconds and none of them jumps when it grows by a fraction of a pixel.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from .bloom import shrunk
from .canvas import Mask, as_mask, bound, cover, pooled, smooth
from .scene import Color, Palette, Planes

__all__ = ["Balls", "Camera", "Material", "Points", "Rods", "Studio", "shadow"]

Points: TypeAlias = npt.NDArray[np.float32]
"""Places in space, shape (count, 3): to the right, up, towards the viewer at the start."""

_SIDES = (16, 32, 64, 128, 256, 512)
"""Pixels across the pictures of a ball."""

_WIDTHS = np.array(_SIDES, np.float32)
_BLURS = (0.0, 1 / 22, 1 / 8)
"""How far a ball's picture is blurred where its edge is sharp, soft, and softer, as a share of its side."""

_LARGEST = np.array([5, 3, 3])
"""The largest picture, in `_SIDES`, that is used for each of them."""

_RAMP = np.stack([np.ones(4096, np.float32), np.arange(4096, dtype=np.float32)])


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
        self.color = color
        self._shade: Callable[[int], Planes] = lambda side: _shade(side, color, studio, metal, gloss, pulse)
        self._pictures: dict[tuple[int, float], Planes] = {}

    def picture(self, side: int, blurred: float = 0.0) -> Planes:
        """The ball as it fills a square of `side` pixels, one of `_SIDES`, and blurred by a share of that.

        Made when it is first asked for. Flat: shape (3, side * side). Outside its edge the rim's colour goes on.
        """
        if (side, blurred) not in self._pictures:
            if blurred:
                weights, sharp = shrunk(side, side, side * blurred), self.picture(side).reshape(3, side, side)
                picture = np.matmul(np.matmul(weights, sharp), weights.T)
            else:
                picture = _softened(self._shade(side)) if side > 100 else _halved(self._shade(side * 2))
            self._pictures[side, blurred] = np.ascontiguousarray(picture.reshape(3, -1), np.float32)
        return self._pictures[side, blurred]


class Balls:
    """Many balls, measured in one step and then painted one by one, so that others can be painted between them.

    Args:
        planes: The picture.
        materials: What each is made of.
        x: The columns of their middles, in pixels.
        y: The rows of their middles.
        radii: Pixels.
        soft: How many pixels an edge takes; more than a few is out of focus.
        haze: What the air between is coloured like.
        fog: 0 clear to 1 nothing but haze, for all or for each.
        shine: The light that each gives off by itself, shape (count, 3), or None.
        opacity: 0 to 1, for all or for each.
        upside_down: Whether they are their own mirror images in a floor.
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
        # One pixel wider than the edge, so that no place falls outside the picture and none needs clipping.
        span = side * np.float32(0.5) / (reach + np.float32(1.0))
        wide = soft > np.float32(3.0)
        scale = np.where(wide, np.float32(0.53), np.float32(0.5)) / (radii * soft)
        middle = np.where(wide, np.float32(math.sqrt(0.5)), np.float32(0.5)) + scale * radii * radii
        half = side * np.float32(0.5)
        across = _Runs(x, reach, planes.shape[2])
        down = _Runs(y, reach, planes.shape[1])
        self._across = across.spread(middle) - across.away**2 * across.spread(scale)
        self._down = down.away**2 * down.spread(scale)
        self._columns = (across.away * across.spread(span) + across.spread(half)).astype(np.intp)
        turned = -span if upside_down else span
        rows = (down.away * down.spread(turned) + down.spread(half)).astype(np.intp)
        self._rows = rows * down.spread(side.astype(np.intp))
        opacity = np.broadcast_to(np.float32(opacity), radii.shape)
        seen = (across.count > 0) & (down.count > 0) & (opacity > np.float32(0.004))
        fog = np.broadcast_to(np.float32(fog), radii.shape)
        over = fog[:, None] * np.array(haze, np.float32)
        covered = fog > np.float32(0.004)
        if shine is not None:
            over += shine
            covered |= shine.max(1) > np.float32(0.5)
        self._over = over[:, :, None, None]
        clear = (1 - fog).astype(np.float32)
        self._each = list(
            zip(
                seen.tolist(),
                *(side.astype(int).tolist(), kind.tolist(), wide.tolist(), covered.tolist(), clear, opacity),
                *(across.first.tolist(), across.count.tolist(), across.start.tolist()),
                *(down.first.tolist(), down.count.tolist(), down.start.tolist()),
                strict=True,
            )
        )

    def paint(self, index: int) -> None:
        """Paints one of them."""
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
        picture = self._materials[index].picture(side, _BLURS[kind])
        # All are inside, and this is numpy's fastest mode.
        colors = picture.take(self._rows[down, None] + self._columns[across], axis=1, mode="wrap")
        if covered:
            colors *= clear
            colors += self._over[index]
        cover(self._planes[:, y0 : y0 + height, x0 : x0 + width], colors, alpha)

    def paint_all(self) -> None:
        """Paints them in the order in which they came."""
        for index in range(len(self._each)):
            self.paint(index)


class _Runs:
    """The pixels of a row or column that each of many shapes covers, end to end.

    Attributes:
        first: Each one's first pixel.
        count: How many it covers; 0 where it is outside.
        start: Where they begin in the arrays of all.
        away: How far each pixel is from the shape's middle.
    """

    def __init__(self, middles: Points, reach: Points, length: int | npt.NDArray[np.intp]) -> None:
        self.first = np.maximum(np.floor(middles - reach), 0).astype(np.intp)
        last = np.minimum(np.ceil(middles + reach), length).astype(np.intp)
        self.count = np.maximum(last - self.first, 0)
        ends = np.cumsum(self.count)
        self.start = ends - self.count
        places = np.arange(int(ends[-1]) if len(ends) else 0) + self.spread(
            self.first - self.start + 0.5 - middles
        )
        self.away = places.astype(np.float32)

    def spread(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """One value for each shape, repeated for each of its pixels."""
        return np.repeat(values, self.count)


def _softened(picture: Planes) -> Planes:
    """A little softer, so that a thin gleam makes no steps where places are looked up in it."""
    for axis in (1, 2, 1, 2):
        lines = np.moveaxis(picture, axis, 1)
        lines[:, 1:-1] = lines[:, 1:-1] * np.float32(0.5) + (lines[:, :-2] + lines[:, 2:]) * np.float32(0.25)
    return picture


def _halved(picture: Planes) -> Planes:
    return np.stack([pooled(plane, 2) for plane in picture])


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


class _Bar(NamedTuple):
    """A bar ready to be painted.

    Attributes:
        windows: Every run of as many pixels as it is wide, in its direction.
        places: Which of them it covers, from one end to the other.
        clear: How much of what is behind each pixel is seen.
        shine: How brightly each is lit, as far as the bar covers it.
        color: Its colour.
    """

    windows: Planes
    places: npt.NDArray[np.intp]
    clear: Mask
    shine: Mask
    color: Points


class Rods:
    """Many round bars, lit from above, measured in one step and then painted one by one.

    A bar that stands is painted by rows and one that lies by columns, each only as far as it reaches, since the
    rectangle around a slanting bar is nearly empty.

    Args:
        planes: The picture, in one piece.
        starts: Where each begins: columns and rows, shape (2, count).
        ends: Where each ends.
        widths: How thick they are, in pixels.
        colors: Their colours, shape (count, 3).
        soft: How many pixels an edge takes.
    """

    def __init__(
        self, planes: Planes, starts: Points, ends: Points, widths: Points, colors: Points, soft: Points
    ) -> None:
        self._planes = planes
        _, height, width = planes.shape
        way = ends - starts
        way[0] += np.where(
            np.abs(way).max(0) < np.float32(1e-3), np.float32(1e-3), np.float32(0)
        )  # a dot lies
        long = np.hypot(way[0], way[1])
        lies = np.abs(way[0]) > np.abs(way[1])
        turn = np.where(lies, way, way[::-1]) / long
        reach = widths * np.float32(0.5) + soft
        slope = np.maximum(np.abs(turn[0]), np.float32(0.7))
        aside = np.ceil(reach / slope) + np.float32(1)
        spans = np.minimum(2 * aside, np.where(lies, height, width)).astype(np.intp)
        # Those of one span lie side by side from here on, so that they are measured in one step.
        order = np.argsort(spans, kind="stable")
        starts, ends, way, turn = starts[:, order], ends[:, order], way[:, order], turn[:, order]
        widths, soft, long, lies = widths[order], soft[order], long[order], lies[order]
        reach, aside, spans = reach[order], aside[order], spans[order]
        low, high = np.minimum(starts, ends) - reach, np.maximum(starts, ends) + reach
        outside = (high < 0).any(0) | (low[0] > width) | (low[1] > height)
        # Of each, the coordinate along which it is painted, and the other.
        main = np.where(lies, starts, starts[::-1])
        runs = _Runs(
            main[0] + turn[0] * long * np.float32(0.5),
            np.abs(turn[0]) * long * np.float32(0.5) + reach,
            np.where(outside, 0, np.where(lies, width, height)),
        )
        # From the middle of the bar: along its coordinate, and from there to its first pixel at each step.
        middle = main[1] + turn[1] * long * np.float32(0.5)
        at = runs.away * runs.spread(turn[1] / np.where(turn[0] == 0, 1, turn[0])) + runs.spread(
            middle - aside
        )
        first = np.clip(np.floor(at), 0, runs.spread(np.where(lies, height, width) - spans)).astype(np.intp)
        beside = first + np.float32(0.5) - runs.spread(middle)
        places = np.arange(len(first)) + runs.spread(runs.first - runs.start)
        places = np.where(runs.spread(lies), first * width + places, places * width + first)
        scale = 1 / soft
        # The brightest line lies on the side of the lamp at the upper left.
        toward = np.where(lies, -1, 1) * (np.float32(0.6) * way[1] - np.float32(0.8) * way[0]) / long
        figures = [turn[1] * scale, -turn[0] * scale, 1.2 * soft / widths, -0.184 * toward]
        figures += [long * scale * 0.5, (long + widths) * scale * 0.5 + 0.5]
        forward, sideways, round_, lean, half, edge = np.repeat(as_mask(figures), runs.count, axis=1)
        side = runs.away * forward + beside * sideways
        lines = np.empty((3, len(side), 2), np.float32)
        lines[0, :, 0], lines[0, :, 1] = beside * forward - runs.away * sideways, forward
        lines[1, :, 0], lines[1, :, 1] = side, sideways
        lines[2, :, 0], lines[2, :, 1] = side * round_ + lean, sideways * round_
        self._each: list[_Bar | None] = [None] * len(order)
        begins, ends_at = runs.start.tolist(), (runs.start + runs.count).tolist()
        numbers, lying = order.tolist(), lies.tolist()
        for span, same in itertools.groupby(range(len(order)), spans.tolist().__getitem__):
            bars = list(same)
            first_row = begins[bars[0]]
            some = slice(first_row, ends_at[bars[-1]])
            clear, shine = _shaded(lines[:, some], half[some, None], edge[some, None], span)
            windows = {flat: self._windows(span, flat) for flat in {lying[bar] for bar in bars}}
            for bar in bars:
                if begins[bar] < ends_at[bar]:
                    here = slice(begins[bar] - first_row, ends_at[bar] - first_row)
                    self._each[numbers[bar]] = _Bar(
                        windows[lying[bar]],
                        places[begins[bar] : ends_at[bar]],
                        clear[here],
                        shine[here],
                        colors[numbers[bar], :, None, None],
                    )

    def paint(self, index: int) -> None:
        """Paints one of them."""
        if (bar := self._each[index]) is None:
            return
        part = bar.windows[:, bar.places]
        part *= bar.clear
        part += bar.shine * bar.color
        bar.windows[:, bar.places] = part

    def _windows(self, span: int, lies: bool) -> Planes:
        """Every run of `span` pixels of the picture, to the right or downwards, by the place of its first."""
        _, height, width = self._planes.shape
        plane, row, pixel = self._planes.strides
        step, count = (row, (height - span + 1) * width) if lies else (pixel, height * width - span + 1)
        return np.ndarray((3, count, span), np.float32, self._planes, 0, (plane, pixel, step))


def _shaded(lines: Points, half: Points, edge: Points, span: int) -> tuple[Mask, Mask]:
    """How much of what is behind bars is seen, and how brightly they are lit as far as they cover it, pixel by pixel.

    Args:
        lines: Along the bar, aside from it, and aside from its brightest line: what each is at the first pixel of a row
            and how much more at the next, shape (3, rows, 2).
        half: Half the bar's length at each row; like `lines` in units of the edge's softness.
        edge: The same with half its width, to where its edge is half as strong.
        span: Pixels of a row.
    """
    alpha, across, shine = np.matmul(lines, _RAMP[:, :span])
    np.abs(alpha, out=alpha)
    np.maximum(alpha, half, out=alpha)
    alpha += np.abs(across, out=across)
    np.subtract(edge, alpha, out=alpha)
    bound(alpha)
    shine *= shine
    np.subtract(np.float32(1.12), shine, out=shine)
    bound(shine, 0.3, 1.12)
    shine *= alpha
    return np.subtract(np.float32(1), alpha, out=alpha), shine


def shadow(planes: Planes, x: float, y: float, wide: float, tall: float, strength: float) -> None:
    """Darkens a soft ellipse."""
    x0, x1 = max(0, math.floor(x - wide)), min(planes.shape[2], math.ceil(x + wide))
    y0, y1 = max(0, math.floor(y - tall)), min(planes.shape[1], math.ceil(y + tall))
    if x0 >= x1 or y0 >= y1:
        return
    dx = (np.arange(x0, x1, dtype=np.float32) + np.float32(0.5 - x)) / np.float32(wide)
    dy = (np.arange(y0, y1, dtype=np.float32) + np.float32(0.5 - y)) / np.float32(tall)
    fade = (1 - dx * dx)[None, :] - (dy * dy)[:, None]
    bound(fade)
    fade *= fade
    fade *= np.float32(-strength)
    fade += 1
    planes[:, y0:y1, x0:x1] *= fade
