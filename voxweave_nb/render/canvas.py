"""Drawing on planes: gradients, lights, sprites at subpixel positions, scrolling layers, noise, shapes.

Two kinds of functions live here. What makes arrays (`gradient`, `fractal`, `ridge`, `blur`, `rounded`, ...) belongs
in a scene's `prepare`. What draws (`Sprite.add`, `Layer.over`, `Light.add`, `segment`, ...) works in place on planes
of float32 and belongs in `paint`; it reuses its scratch buffers, so one process paints in one thread.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from .scene import Color, Planes

__all__ = [
    "Layer",
    "Light",
    "Lights",
    "Mask",
    "Sprite",
    "Stamp",
    "add_each",
    "as_mask",
    "ball",
    "below",
    "blur",
    "bound",
    "clamp",
    "cover",
    "disc",
    "ease",
    "fractal",
    "gradient",
    "grid",
    "look_up",
    "mix",
    "multiply",
    "polygon",
    "pooled",
    "ridge",
    "rounded",
    "scratch",
    "segment",
    "smooth",
    "smoothstep",
    "stroke",
    "vignette",
]

Mask: TypeAlias = npt.NDArray[np.float32]
"""Float32, shape (height, width), from 0 to 1."""


_LARGE = 1200
"""Columns from which on a layer's pixels are small, and its memory is not."""


# --- figures -------------------------------------------------------------------------------------------------


def clamp(x: float, low: float = 0.0, high: float = 1.0) -> float:
    """The nearest figure within the bounds."""
    return low if x < low else high if x > high else x


def smoothstep(low: float, high: float, x: float) -> float:
    """0 below `low`, 1 above `high`, an S between; `low` may be the greater one, which turns it round."""
    t = clamp((x - low) / ((high - low) or 1e-9))
    return t * t * (3.0 - 2.0 * t)


def smooth(low: float, high: float, x: Mask) -> Mask:
    """`smoothstep` on an array."""
    t = np.clip((x - np.float32(low)) / np.float32(high - low), 0, 1)
    return as_mask(t * t * (3 - 2 * t))


def ease(t: float) -> float:
    """Fast at first, gently arriving: 0 at 0, 1 at 1, flat at the end."""
    return 1.0 - (1.0 - clamp(t)) ** 3


def mix(a: Color, b: Color, t: float) -> Color:
    """The colour `t` of the way from one to the other."""
    return (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t)


@functools.lru_cache(maxsize=64)
def scratch(shape: tuple[int, ...], slot: int = 0) -> npt.NDArray[np.float32]:  # noqa: ARG001 - tells buffers apart
    """A float32 buffer to compute in, the same one for the same shape and slot; never keep what is in it."""
    return np.empty(shape, np.float32)


_SPARE: dict[int, npt.NDArray[np.float32]] = {}
_INDEX = [np.empty(0, np.intp)]


def _spare(slot: int, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """A buffer for shapes that change from frame to frame: a part of one that is as large as the largest so far."""
    count = math.prod(shape)
    flat = _SPARE.get(slot)
    if flat is None or flat.size < count:
        flat = _SPARE[slot] = np.empty(count, np.float32)
    return flat[:count].reshape(shape)


def look_up(table: Mask, places: npt.NDArray[np.int16], out: Mask) -> None:
    """Writes `table[places]` into `out` and allocates nothing.

    The places, all within the table, are kept in a quarter of the room that numpy wants them in.
    """
    if places.size > _INDEX[0].size:
        _INDEX[0] = np.empty(places.size, np.intp)
    index = _INDEX[0][: places.size].reshape(places.shape)
    np.copyto(index, places)
    np.take(table, index, out=out, mode="wrap")  # the fastest mode


def bound(values: Mask, low: float = 0.0, high: float = 1.0) -> None:
    """Brings what lies beyond the bounds to them, in place.

    Of many values numpy bounds both sides in a quarter of the time that it takes for either alone.
    """
    values.clip(np.float32(low), np.float32(high), out=values)


def as_mask(values: npt.ArrayLike) -> Mask:
    """The same figures as float32, which every array that is painted with must be."""
    return np.asarray(values, np.float32)


# --- what is made once ---------------------------------------------------------------------------------------


def grid(height: int, width: int) -> tuple[Mask, Mask]:
    """The y and x of every pixel's middle, in pixels, as (height, 1) and (1, width)."""
    y = (np.arange(height, dtype=np.float32) + np.float32(0.5))[:, None]
    x = (np.arange(width, dtype=np.float32) + np.float32(0.5))[None, :]
    return y, x


def gradient(height: int, colors: Sequence[Color], stops: Sequence[float] | None = None) -> Planes:
    """A column of colours from top to bottom, shape (3, height, 1).

    Args:
        height: Pixels.
        colors: At least one, from the top.
        stops: Where each lies, 0 to 1, rising; evenly spaced if not given.
    """
    at = np.linspace(0.0, 1.0, height)
    where = np.linspace(0.0, 1.0, len(colors)) if stops is None else np.asarray(stops, float)
    column = np.stack([np.interp(at, where, [color[i] for color in colors]) for i in range(3)])
    return column.astype(np.float32)[:, :, None]


def fractal(
    rng: np.random.Generator,
    height: int,
    width: int,
    *,
    cells: tuple[int, int] = (3, 4),
    octaves: int = 5,
    part: tuple[slice, slice] = (slice(None), slice(None)),
) -> Mask:
    """Clouds: value noise in octaves, 0 to 1, which repeats without a seam in both directions.

    Args:
        rng: Where the figures come from.
        height: Pixels.
        width: Pixels.
        cells: How many bumps the coarsest octave has down and across.
        octaves: How many times finer detail is added, each half as strong.
        part: Which rows and columns are wanted; 0 and 1 are reached within them.
    """
    rows, columns = [], []
    for octave in range(octaves):
        down, across = cells[0] << octave, cells[1] << octave
        if down > height or across > width:
            break
        bumps = rng.random((down, across), np.float32) * np.float32(0.5**octave)
        rows.append(_weights(height, down)[part[0]] @ bumps)
        columns.append(_weights(width, across)[part[1]])
    if not rows:
        return np.zeros((height, width), np.float32)[part]
    total = np.concatenate(rows, 1) @ np.concatenate(columns, 1).T
    low, high = float(total.min()), float(total.max())
    total -= np.float32(low)
    total /= np.float32(max(1e-6, high - low))
    return total


def ridge(
    rng: np.random.Generator, length: int, *, cells: int = 4, octaves: int = 6, rough: float = 0.5
) -> Mask:
    """A mountain's outline: noise in octaves along one line, 0 to 1, shape (length,), without a seam.

    Args:
        rng: Where the figures come from.
        length: Pixels.
        cells: How many bumps the coarsest octave has.
        octaves: How many times finer detail is added.
        rough: The strength of each octave against the one before.
    """
    line = np.zeros(length, np.float32)
    for octave in range(octaves):
        bumps = cells << octave
        if bumps > length:
            break
        line += np.float32(rough**octave) * (_weights(length, bumps) @ rng.random(bumps, np.float32))
    low, high = float(line.min()), float(line.max())
    return (line - np.float32(low)) / np.float32(max(1e-6, high - low))


def _weights(length: int, cells: int) -> npt.NDArray[np.float32]:
    """How much each of the lattice's values counts at each place, shape (length, cells)."""
    at = (np.arange(length) + 0.5) * cells / length
    left = np.floor(at).astype(int)
    t = at - left
    t = t * t * (3.0 - 2.0 * t)
    weights = np.zeros((length, cells), np.float32)
    weights[np.arange(length), left % cells] += 1.0 - t
    weights[np.arange(length), (left + 1) % cells] += t
    return weights


def blur(plane: Mask, radius: float) -> Mask:
    """A soft copy, near to a Gaussian of that standard deviation in pixels; edges continue outwards."""
    box = max(1, round(radius * 0.97))
    if box <= _FEW:
        for axis in (0, 0, 0, 1, 1, 1):
            plane = _few(plane, box, axis)
        return plane
    soft = plane.astype(np.float32)
    for lines in (soft.T, soft):
        if lines.shape[1] == 1:
            continue  # there is nothing beside
        for first in range(0, len(lines), _STRIP):
            strip = lines[first : first + _STRIP].astype(np.float64)
            for _ in range(3):
                strip = _box(strip, box)
            lines[first : first + _STRIP] = strip
    return soft


_STRIP = 64
"""How many lines are averaged at a time: few enough to lie near the processor."""

_FEW = 2
"""Up to this radius an average is quicker taken pixel by pixel than from running sums."""


def _box(lines: npt.NDArray[np.float64], radius: int) -> npt.NDArray[np.float64]:
    wide = 2 * radius + 1
    sums = np.empty((len(lines), lines.shape[1] + wide))
    sums[:, : radius + 1] = lines[:, :1]
    sums[:, radius + 1 : -radius] = lines
    sums[:, -radius:] = lines[:, -1:]
    np.cumsum(sums, axis=1, out=sums)
    soft = sums[:, wide:] - sums[:, :-wide]
    soft /= wide
    return soft


def _few(plane: Mask, radius: int, axis: int) -> Mask:
    total = plane.astype(np.float32)
    source, target = (plane, total) if axis == 0 else (plane.T, total.T)
    for step in range(1, radius + 1):
        step = min(step, len(source))
        target[step:] += source[:-step]
        target[:step] += source[:1]
        target[:-step] += source[step:]
        target[-step:] += source[-1:]
    total /= np.float32(2 * radius + 1)
    return total


def pooled(mask: npt.NDArray[Any], by: int) -> Mask:
    """The averages of squares of `by` pixels, which both sides are multiples of; of bools, how many are true."""
    kind = np.uint8 if mask.dtype == bool and by < 16 else np.float32
    rows = np.add.reduce(mask.reshape(mask.shape[0] // by, by, mask.shape[1]), axis=1, dtype=kind)
    total = rows[:, ::by].astype(kind)
    for step in range(1, by):
        total += rows[:, step::by]
    return as_mask(total * np.float32(1 / by**2))


def below(profile: Mask, height: int) -> Mask:
    """1 below an outline and 0 above it, its edge one pixel soft; `profile` holds a y for each x."""
    y, _ = grid(height, 1)
    return as_mask(np.clip(y - profile[None, :] + np.float32(0.5), 0, 1))


def disc(height: int, width: int, x: float, y: float, radius: float, soft: float = 1.0) -> Mask:
    """A disc; `soft` is how many pixels its edge takes."""
    ys, xs = grid(height, width)
    away = np.sqrt((xs - np.float32(x)) ** 2 + (ys - np.float32(y)) ** 2)
    return as_mask(np.clip((np.float32(radius) - away) / np.float32(soft) + np.float32(0.5), 0, 1))


def rounded(
    height: int, width: int, box: tuple[float, float, float, float], radius: float, soft: float = 1.0
) -> Mask:
    """A rectangle with round corners; `box` is its left, top, right and bottom."""
    ys, xs = grid(height, width)
    left, top, right, bottom = box
    radius = min(radius, (right - left) / 2, (bottom - top) / 2)
    dx = np.abs(xs - np.float32((left + right) / 2)) - np.float32((right - left) / 2 - radius)
    dy = np.abs(ys - np.float32((top + bottom) / 2)) - np.float32((bottom - top) / 2 - radius)
    outside = np.sqrt(np.maximum(dx, 0) ** 2 + np.maximum(dy, 0) ** 2)
    away = outside + np.minimum(np.maximum(dx, dy), 0) - np.float32(radius)
    return as_mask(np.clip(np.float32(0.5) - away / np.float32(soft), 0, 1))


def polygon(height: int, width: int, points: Sequence[tuple[float, float]], samples: int = 4) -> Mask:
    """A filled polygon given by its corners (x, y), its edges smoothed by `samples` squared samples a pixel."""
    rows = (np.arange(height * samples) + 0.5) / samples
    columns = (np.arange(width * samples) + 0.5) / samples
    inside = np.zeros((len(rows), len(columns)), bool)
    for (x0, y0), (x1, y1) in zip(points, [*points[1:], points[0]], strict=True):
        if y0 != y1:
            crosses = (rows >= min(y0, y1)) & (rows < max(y0, y1))
            at = x0 + (rows[crosses] - y0) * (x1 - x0) / (y1 - y0)
            inside[crosses] ^= columns[None, :] < at[:, None]
    return pooled(inside, samples)


def vignette(height: int, width: int, strength: float = 0.4) -> Mask:
    """1 in the middle, falling to 1 - `strength` in the corners; `multiply` a picture by it."""
    ys, xs = grid(height, width)
    away = (xs / np.float32(width) * 2 - 1) ** 2 + (ys / np.float32(height) * 2 - 1) ** 2
    return as_mask(1 - np.float32(strength) * np.clip(away / 2, 0, 1) ** np.float32(1.4))


# --- what draws ----------------------------------------------------------------------------------------------


def multiply(planes: Planes, by: Mask | float) -> None:
    """Darkens the picture, by a mask or by one figure."""
    np.multiply(planes, by if isinstance(by, np.ndarray) else np.float32(by), out=planes)


def cover(part: Planes, colors: npt.NDArray[np.float32], alpha: Mask) -> None:
    """Paints colours over a part of the picture, which is copied there and back: in one piece it is painted faster."""
    under = part.copy()
    over = colors - under
    over *= alpha
    under += over
    part[...] = under


class Light:
    """A shape of light at a fixed place: a sun's glow, a beam, a haze.

    Args:
        mask: How strong it is where, 0 to 1; it is cut to the rows and columns where it is above 0.002.
        x: The column of the mask's left edge in the picture.
        y: The row of its top edge.
    """

    def __init__(self, mask: Mask, x: int = 0, y: int = 0) -> None:
        rows = np.flatnonzero((mask > 0.002).any(1))
        columns = np.flatnonzero((mask > 0.002).any(0))
        top, bottom = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, 1)
        left, right = (int(columns[0]), int(columns[-1]) + 1) if len(columns) else (0, 1)
        self.mask = np.ascontiguousarray(mask[top:bottom, left:right], np.float32)
        self.x, self.y = x + left, y + top

    def add(self, planes: Planes, color: Color, strength: float = 1.0, dx: int = 0, dy: int = 0) -> None:
        """Adds its light."""
        if (cut := _overlap(planes, self.mask.shape, self.x + dx, self.y + dy)) is None:
            return
        target, source = cut
        mask = self.mask[source]
        work = _spare(0, mask.shape)
        for plane, value in zip(planes, color, strict=True):
            if value * strength:
                np.multiply(mask, np.float32(value * strength), out=work)
                plane[target] += work

    def over(self, planes: Planes, color: Color, opacity: float = 1.0, dx: int = 0, dy: int = 0) -> None:
        """Paints it over what is there."""
        if (cut := _overlap(planes, self.mask.shape, self.x + dx, self.y + dy)) is None:
            return
        target, source = cut
        mask = self.mask[source]
        alpha, work = _spare(1, mask.shape), _spare(0, mask.shape)
        np.multiply(mask, np.float32(opacity), out=alpha)
        for plane, value in zip(planes, color, strict=True):
            part = plane[target]
            np.subtract(np.float32(value), part, out=work)
            work *= alpha
            part += work


def _tint(color: Color) -> npt.NDArray[np.float32]:
    return np.array(color, np.float32)[:, None, None]


_AT_ONCE = (slice(None),)
_EACH = (slice(0, 1), slice(1, 2), slice(2, 3))
_UNSEEN = 1 / 1024
"""The strength under which a light adds less than a quarter of a step."""

_SMALL = 4000
"""Pixels up to which the three planes are painted at once, which is quicker while it all stays near the processor."""


class Sprite:
    """A small round light or dot that moves smoothly: it is kept at several subpixel positions.

    Args:
        radius: Pixels to its edge.
        shape: Its strength for a distance of 0 (the middle) to 1 (the edge), on arrays.
    """

    def __init__(self, radius: float, shape: Callable[[Mask], Mask]) -> None:
        self.radius = radius
        self._steps = 8 if radius < 10 else 4 if radius < 32 else 2 if radius < 64 else 1
        self._reach = math.ceil(radius) + 1
        size = 2 * self._reach + 1
        places = np.arange(size, dtype=np.float32) - np.float32(self._reach)
        self._masks = [
            [
                self._at(places, row / self._steps, column / self._steps, shape)
                for column in range(self._steps)
            ]
            for row in range(self._steps)
        ]

    def _at(self, places: Mask, dy: float, dx: float, shape: Callable[[Mask], Mask]) -> Mask:
        y, x = (places - np.float32(dy))[:, None], (places - np.float32(dx))[None, :]
        away = np.sqrt(x * x + y * y) / np.float32(self.radius)
        return np.where(away < 1, shape(np.minimum(away, np.float32(1))), 0).astype(np.float32)

    @classmethod
    def glow(cls, radius: float, power: float = 2.0) -> Sprite:
        """A light that fades to its edge; the higher the power, the smaller its heart."""
        return cls(radius, lambda away: (1 - away) ** np.float32(power))

    @classmethod
    def disc(cls, radius: float, soft: float = 1.2) -> Sprite:
        """An even dot whose edge takes `soft` pixels."""
        reach = radius + soft / 2
        return cls(reach, lambda away: np.clip((1 - away) * np.float32(reach / soft), 0, 1))

    @classmethod
    def ring(cls, radius: float, width: float = 1.5) -> Sprite:
        """A circle's line, `width` pixels thick."""
        reach = radius + width
        return cls(
            reach,
            lambda away: np.clip(np.float32(1) - np.abs(away * reach - radius) / np.float32(width), 0, 1),
        )

    def add(self, planes: Planes, x: float, y: float, color: Color, strength: float = 1.0) -> None:
        """Adds its light with its middle at (x, y), in pixels."""
        self._add(planes, x, y, _tint(color), strength)

    def _add(
        self, planes: Planes, x: float, y: float, tint: npt.NDArray[np.float32], strength: float
    ) -> None:
        if abs(strength) < _UNSEEN or (cut := self._cut(planes, x, y)) is None:
            return
        (rows, columns), mask = cut
        tint = tint * np.float32(strength)
        for some in _AT_ONCE if mask.size < _SMALL else _EACH:
            part = planes[some, rows, columns]
            part += mask * tint[some]

    def over(self, planes: Planes, x: float, y: float, color: Color, opacity: float = 1.0) -> None:
        """Paints it over what is there with its middle at (x, y), in pixels."""
        if (cut := self._cut(planes, x, y)) is None:
            return
        (rows, columns), mask = cut
        alpha, tint = mask * np.float32(opacity), _tint(color)
        for some in _AT_ONCE if mask.size < _SMALL else _EACH:
            cover(planes[some, rows, columns], tint[some], alpha)

    def _cut(self, planes: Planes, x: float, y: float) -> tuple[tuple[slice, slice], Mask] | None:
        steps = self._steps
        fine_x, fine_y = math.floor((x - 0.5) * steps + 0.5), math.floor((y - 0.5) * steps + 0.5)
        mask = self._masks[fine_y % steps][fine_x % steps]
        left, top = fine_x // steps - self._reach, fine_y // steps - self._reach
        size = mask.shape[0]
        if 0 <= left <= planes.shape[2] - size and 0 <= top <= planes.shape[1] - size:
            return (slice(top, top + size), slice(left, left + size)), mask
        cut = _overlap(planes, mask.shape, left, top)
        return None if cut is None else (cut[0], mask[cut[1]])


def add_each(
    planes: Planes,
    sprites: Sequence[Sprite],
    kinds: npt.NDArray[np.int_],
    x: npt.NDArray[np.floating],
    y: npt.NDArray[np.floating],
    color: Color,
    strengths: npt.NDArray[np.floating],
) -> None:
    """Adds the light of many sprites: which each is, its middle in pixels, how strong it is."""
    tint, each = _tint(color), (kinds.tolist(), x.tolist(), y.tolist(), strengths.tolist())
    for kind, at_x, at_y, strength in zip(*each, strict=True):
        sprites[kind]._add(planes, at_x, at_y, tint, strength)


class Layer:
    """A picture with holes: a skyline, a row of trees, a bank of cloud. It scrolls and repeats sideways.

    Args:
        color: Its colours, shape (3, height, width) (or what broadcasts to it), not premultiplied.
        alpha: Where it is, 0 to 1, shape (height, width).
        steps: Subpixel positions that are kept; 1 for a layer that stands still, 4 for one that creeps (of which a very
            wide one keeps 2, whose pixels are small).
        top: The row of its upper edge.
    """

    def __init__(self, color: Planes, alpha: Mask, steps: int = 1, top: int = 0) -> None:
        rows = np.flatnonzero((alpha > 0.002).any(1))
        first, last = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, 1)
        self._top = top + first
        color = np.broadcast_to(color, (3, *alpha.shape))[:, first:last]
        alpha = alpha[first:last]
        self.width = alpha.shape[1]
        self._steps = steps = min(steps, 2) if self.width > _LARGE else steps
        holes = np.flatnonzero((alpha < 0.998).any(1))
        self._solid = self._top + (int(holes[-1]) + 1 if len(holes) else 0)
        # As bytes, colours take a quarter of the memory, and adding them to float32 takes no longer.
        self._color: list[npt.NDArray[np.uint8]] = [np.empty(color.shape, np.uint8) for _ in range(steps)]
        for index, plane in enumerate(color):
            tinted = plane * alpha
            np.clip(tinted, 0, 255, out=tinted)
            tinted += np.float32(0.5)
            for step, moved in enumerate(self._color):
                np.copyto(moved[index], _slide(tinted, step / steps), casting="unsafe")
        holed = alpha[: self._solid - self._top]
        self._clear = [
            np.ascontiguousarray(1 - _slide(holed, step / steps), np.float32) for step in range(steps)
        ]

    def over(self, planes: Planes, x: float = 0.0, y: int = 0, opacity: float = 1.0) -> None:
        """Paints it over what is there.

        Args:
            planes: The picture.
            x: Where its left edge stands, in pixels; it repeats to both sides.
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
            see = _window(clear[rows], left, _spare(0, (solid - first, planes.shape[2])))
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
                _window(tint, left, plane)


def _blend(
    part: Planes, colors: npt.NDArray[np.uint8], left: int, see: Mask | np.float32, opacity: float
) -> None:
    """Paints premultiplied colours of a strip over whole rows of the picture, of which `see` says how much is seen."""
    work = _spare(1, part.shape[1:])
    for plane, color in zip(part, colors, strict=True):
        plane *= see
        _window(color, left, work)
        if opacity < 1.0:
            work *= np.float32(opacity)
        plane += work


def _window(strip: npt.NDArray[Any], left: int, out: Mask) -> Mask:
    """Copies as many columns as there is room for, from column `left` on, of a strip that repeats.

    What lies in one piece is painted twice as fast as what lies in rows of something wider.
    """
    at = -left
    while at < out.shape[1]:
        begin, end = max(0, at), min(out.shape[1], at + strip.shape[1])
        np.copyto(out[:, begin:end], strip[:, begin - at : end - at])
        at += strip.shape[1]
    return out


class Stamp:
    """A small picture with holes that is drawn anywhere, by halves of a pixel.

    Args:
        color: Its colours, shape (3, height, width), not premultiplied.
        alpha: Where it is, 0 to 1, shape (height, width).
    """

    def __init__(self, color: Planes, alpha: Mask) -> None:
        full = np.pad(
            np.concatenate([color * alpha, alpha[None]]).astype(np.float32), ((0, 0), (1, 1), (1, 1))
        )
        across = [full, _slide(full, 0.5)]
        down = [(tile + np.roll(tile, 1, axis=1)) * np.float32(0.5) for tile in across]
        self._tiles = [[np.ascontiguousarray(tile) for tile in row] for row in (across, down)]
        self.height, self.width = full.shape[1:]

    def over(self, planes: Planes, x: float, y: float, opacity: float = 1.0) -> None:
        """Paints it over what is there with its middle at (x, y), in pixels."""
        fine_x, fine_y = (
            math.floor((x - self.width / 2) * 2 + 0.5),
            math.floor((y - self.height / 2) * 2 + 0.5),
        )
        tile = self._tiles[fine_y % 2][fine_x % 2]
        cut = _overlap(planes, tile.shape[1:], fine_x // 2, fine_y // 2)
        if cut is None or opacity <= 0.0:
            return
        part, source = planes[:, *cut[0]], tile[:, *cut[1]]
        if opacity < 1.0:
            source = source * np.float32(opacity)
        part *= 1 - source[3]
        part += source[:3]


def ball(radius: float, color: Color, light: Color, *, soft: float = 1.0, gloss: float = 0.75) -> Stamp:
    """A ball lit from the upper left.

    Args:
        radius: Pixels.
        color: Its own colour.
        light: The lamp's colour.
        soft: How many pixels its edge takes; more is out of focus.
        gloss: The strength of the lamp's mirror image, 0 to 1.
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


class Lights:
    """Many single bright pixels, such as windows or stars, added in one step; no two at the same place.

    Args:
        x: Columns, whole numbers.
        y: Rows, whole numbers.
        colors: Shape (3, count).
    """

    def __init__(
        self, x: npt.NDArray[np.int_], y: npt.NDArray[np.int_], colors: npt.NDArray[np.float32]
    ) -> None:
        self.x, self.y, self.colors = x, y, colors.astype(np.float32)

    def add(
        self, planes: Planes, gains: npt.NDArray[np.float32] | float = 1.0, dx: int = 0, wrap: int = 0
    ) -> None:
        """Adds them.

        Args:
            planes: The picture.
            gains: How bright, for all or for each.
            dx: Columns to move them right.
            wrap: The width of the strip in which they go round; 0 for none.
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
    """Adds a line of light from (x, y) to (x, y), `width` pixels thick, with soft edges and round ends."""
    if (cut := _capsule(planes, start, end, width)) is not None:
        area, mask = cut
        for plane, value in zip(planes, color, strict=True):
            plane[area] += mask * np.float32(value * strength)


def stroke(
    planes: Planes,
    start: tuple[float, float],
    end: tuple[float, float],
    width: float,
    color: Color,
    opacity: float = 1.0,
) -> None:
    """Paints a line over what is there, from (x, y) to (x, y), `width` pixels thick, with round ends."""
    if (cut := _capsule(planes, start, end, width)) is not None:
        area, mask = cut
        mask *= np.float32(opacity)
        for plane, value in zip(planes, color, strict=True):
            part = plane[area]
            part += (np.float32(value) - part) * mask


def _capsule(
    planes: Planes, start: tuple[float, float], end: tuple[float, float], width: float
) -> tuple[tuple[slice, slice], Mask] | None:
    """A line's mask and where it lies in the picture; None if it is outside."""
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


def _slide(array: npt.NDArray[np.float32], by: float) -> npt.NDArray[np.float32]:
    """The array moved to the right by a part of a pixel, going round at the edge."""
    if not by:
        return array
    return array * np.float32(1.0 - by) + np.roll(array, 1, axis=-1) * np.float32(by)


def _overlap(
    planes: Planes, shape: tuple[int, ...], x: int, y: int
) -> tuple[tuple[slice, slice], tuple[slice, slice]] | None:
    """The part of the picture that a mask at (x, y) covers, and that part of the mask; None if it is outside."""
    left, right = max(0, x), min(planes.shape[2], x + shape[1])
    top, bottom = max(0, y), min(planes.shape[1], y + shape[0])
    if left >= right or top >= bottom:
        return None
    return (slice(top, bottom), slice(left, right)), (slice(top - y, bottom - y), slice(left - x, right - x))
