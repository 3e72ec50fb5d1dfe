"""Planar float32 drawing: noise, glows, layers that scroll by fractions of a pixel, shaded spheres.

Every function works in place on `Planes` (see `scene`) and allocates nothing large once it is prepared.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from .scene import Color, Planes

__all__ = [
    "Field",
    "Layer",
    "Lights",
    "Stamp",
    "add_glow",
    "column",
    "disc",
    "falloff",
    "fractal",
    "mix",
    "ridge",
    "shade",
    "smoothstep",
    "sphere",
]

Field: TypeAlias = npt.NDArray[np.float32]
"""Float32 figures of one plane, shape (height, width)."""

_PHASES = 4


def mix(a: Color, b: Color, share: float) -> Color:
    """A colour between two; share 0 is `a`, 1 is `b`."""
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share)


def column(color: Color, gain: float = 1.0) -> Field:
    """A colour shaped (3, 1, 1), to be multiplied with a field."""
    return np.array(color, np.float32).reshape(3, 1, 1) * np.float32(gain)


def smoothstep(low: float, high: float, x: Field) -> Field:
    """0 below `low`, 1 above `high`, smooth between."""
    t = np.clip((x - np.float32(low)) * np.float32(1 / (high - low)), np.float32(0), np.float32(1))
    return t * t * (np.float32(3) - np.float32(2) * t)


def shade(height: int, width: int, stops: Sequence[tuple[float, Color]]) -> Planes:
    """A vertical gradient through colours at rows from 0 (top) to 1 (bottom)."""
    rows = np.linspace(0, 1, height)
    places = [place for place, _ in stops]
    planes = [np.interp(rows, places, [color[channel] for _, color in stops]) for channel in range(3)]
    return np.repeat(np.array(planes, np.float32)[:, :, None], width, axis=2)


def fractal(rng: np.random.Generator, height: int, width: int, *, cell: float, octaves: int = 4) -> Field:
    """Fractal noise from 0 to 1 that tiles horizontally; `cell` is the largest feature's size in pixels."""
    total = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        size = max(2.0, cell / 2**octave)
        across = max(1, round(width / size))
        down = max(2, math.ceil(height / size) + 2)
        total += _value_noise(rng.random((down, across), np.float32), height, width, size) / np.float32(
            2**octave
        )
    total -= total.min()
    total /= max(1e-6, float(total.max()))
    return total


def _value_noise(grid: Field, height: int, width: int, size: float) -> Field:
    down, across = grid.shape
    y, x = np.arange(height) / size, np.arange(width) * across / width
    y0, x0 = y.astype(int), x.astype(int)
    fy, fx = (part * part * (3 - 2 * part) for part in (y - y0, x - x0))
    fy, fx = fy.astype(np.float32)[:, None], fx.astype(np.float32)[None, :]
    rows, after = grid[y0 % down], grid[(y0 + 1) % down]
    left, right = x0 % across, (x0 + 1) % across
    top = rows[:, left] * (1 - fx) + rows[:, right] * fx
    low = after[:, left] * (1 - fx) + after[:, right] * fx
    return (top * (1 - fy) + low * fy).astype(np.float32)


def ridge(
    rng: np.random.Generator, width: int, *, cell: float, octaves: int = 5, sharp: bool = False
) -> npt.NDArray[np.float32]:
    """A mountain line from 0 to 1 that tiles; `sharp` gives crests instead of swells."""
    line = fractal(rng, 2, width, cell=cell, octaves=octaves)[0]
    if sharp:
        line = 1 - np.abs(2 * line - 1)
        line = (line - line.min()) / max(1e-6, float(np.ptp(line)))
    return line.astype(np.float32)


def falloff(radius: int, *, power: float = 2.0) -> Field:
    """A round glow, 1 in the middle and 0 at `radius` pixels; shape (2 radius + 1, 2 radius + 1)."""
    axis = np.arange(-radius, radius + 1, dtype=np.float32) / np.float32(max(1, radius))
    distance = np.sqrt(axis[:, None] ** 2 + axis[None, :] ** 2)
    return np.clip(1 - distance, 0, 1).astype(np.float32) ** np.float32(power)


def disc(height: int, width: int, x: float, y: float, radius: float) -> Field:
    """A filled circle with a smooth edge, 1 inside and 0 outside."""
    across = np.arange(width, dtype=np.float32) - np.float32(x)
    down = np.arange(height, dtype=np.float32) - np.float32(y)
    distance = np.sqrt(down[:, None] ** 2 + across[None, :] ** 2)
    return np.clip(np.float32(radius + 0.5) - distance, 0, 1).astype(np.float32)


def add_glow(planes: Planes, glow: Field, x: float, y: float, color: Color, gain: float = 1.0) -> None:
    """Adds light of a glow's shape around a point."""
    height, width = planes.shape[1:]
    top, left = round(y) - glow.shape[0] // 2, round(x) - glow.shape[1] // 2
    rows, cols = _overlap(top, glow.shape[0], height), _overlap(left, glow.shape[1], width)
    if rows is None or cols is None or gain <= 0:
        return
    part = glow[rows[0] - top : rows[1] - top, cols[0] - left : cols[1] - left]
    for channel in range(3):
        if color[channel] > 0:
            planes[channel, rows[0] : rows[1], cols[0] : cols[1]] += part * np.float32(color[channel] * gain)


def _overlap(start: int, length: int, limit: int) -> tuple[int, int] | None:
    low, high = max(0, start), min(limit, start + length)
    return (low, high) if low < high else None


class Layer:
    """A picture with transparency that tiles horizontally and scrolls by quarters of a pixel.

    Args:
        colors: Its planes, shape (3, height, width).
        alpha: Its cover, 0 to 1, shape (height, width).
    """

    def __init__(self, colors: Planes, alpha: Field) -> None:
        full = np.concatenate([colors * alpha, (1 - alpha)[None]]).astype(np.float32)
        ahead = np.roll(full, -1, axis=2)
        steps = [np.float32(phase / _PHASES) for phase in range(_PHASES)]
        self._phases = [np.ascontiguousarray(full * (1 - step) + ahead * step) for step in steps]
        self.height, self.width = alpha.shape

    def paint(self, planes: Planes, x: float, y: int = 0) -> None:
        """Draws the layer with its column `x` at the left edge and its first row at row `y`."""
        height, width = planes.shape[1:]
        rows = _overlap(y, self.height, height)
        if rows is None:
            return
        quarter = round(x * _PHASES)
        tile, start = self._phases[quarter % _PHASES], (quarter // _PHASES) % self.width
        at = 0
        while at < width:
            count = min(self.width - start, width - at)
            part = tile[:, rows[0] - y : rows[1] - y, start : start + count]
            view = planes[:, rows[0] : rows[1], at : at + count]
            np.multiply(view, part[3], out=view)
            np.add(view, part[:3], out=view)
            at, start = at + count, 0


class Stamp:
    """A small picture with transparency, drawn anywhere, by halves of a pixel."""

    def __init__(self, colors: Planes, alpha: Field) -> None:
        full = np.concatenate([colors * alpha, alpha[None]]).astype(np.float32)
        full = np.pad(full, ((0, 0), (1, 1), (1, 1)))
        half = {0: full, 1: (full + np.roll(full, 1, axis=2)) / 2}
        phases = {(0, key): tile for key, tile in half.items()}
        phases |= {(1, key): (tile + np.roll(tile, 1, axis=1)) / 2 for key, tile in half.items()}
        self._phases = {key: np.ascontiguousarray(tile, np.float32) for key, tile in phases.items()}
        self.height, self.width = full.shape[1:]

    def paint(self, planes: Planes, x: float, y: float, gain: float = 1.0) -> None:
        """Draws it with its middle at a point; `gain` below 1 makes it transparent."""
        top, left = y - self.height / 2, x - self.width / 2
        row, col = math.floor(top), math.floor(left)
        tile = self._phases[int(top - row >= 0.5), int(left - col >= 0.5)]
        rows = _overlap(row, self.height, planes.shape[1])
        cols = _overlap(col, self.width, planes.shape[2])
        if rows is None or cols is None or gain <= 0.01:
            return
        part = tile[:, rows[0] - row : rows[1] - row, cols[0] - col : cols[1] - col]
        if gain < 1:
            part = part * np.float32(gain)
        view = planes[:, rows[0] : rows[1], cols[0] : cols[1]]
        view *= 1 - part[3]
        view += part[:3]


def sphere(radius: float, color: Color, light: Color, *, soft: float = 1.0) -> Stamp:
    """A glossy ball lit from the upper left.

    Args:
        radius: Pixels.
        color: Its own colour.
        light: The colour of the lamp.
        soft: The width of its edge in pixels; more is out of focus.
    """
    reach = math.ceil(radius + soft)
    axis = np.arange(-reach, reach + 1, dtype=np.float32) / np.float32(radius)
    x, y = np.meshgrid(axis, axis)
    flat = np.sqrt(x * x + y * y)
    z = np.sqrt(np.clip(1 - flat * flat, 0, 1))
    facing = np.clip(-0.48 * x - 0.62 * y + 0.62 * z, 0, 1)
    rim = np.clip(1 - z, 0, 1) ** 3 * np.clip(0.4 + 0.6 * y, 0, 1)
    mirror = np.clip(-0.30 * x - 0.40 * y + 0.87 * z, 0, 1) ** 36
    body = 0.16 + 0.92 * facing
    colors = [
        np.clip(own * body + lamp * (0.75 * mirror + 0.22 * rim), 0, 255)
        for own, lamp in zip(color, light, strict=True)
    ]
    alpha = np.clip((radius + soft / 2 - flat * radius) / soft, 0, 1)
    return Stamp(np.array(colors, np.float32), alpha.astype(np.float32))


class Lights:
    """Many single bright pixels, such as windows or stars, added in one step.

    Args:
        x: Columns.
        y: Rows.
        colors: Shape (3, count).
    """

    def __init__(
        self, x: npt.NDArray[np.int_], y: npt.NDArray[np.int_], colors: npt.NDArray[np.float32]
    ) -> None:
        self.x, self.y, self.colors = x, y, colors.astype(np.float32)

    def paint(
        self, planes: Planes, gains: npt.NDArray[np.float32] | np.float32, shift: int = 0, wrap: int = 0
    ) -> None:
        """Adds the lights, each with its own gain, moved left by `shift` columns in a strip `wrap` columns wide."""
        height, width = planes.shape[1:]
        x = (self.x - shift) % wrap if wrap else self.x - shift
        seen = np.flatnonzero((x >= 0) & (x < width) & (self.y >= 0) & (self.y < height))
        flat = self.y[seen] * width + x[seen]
        gain = gains[seen] if isinstance(gains, np.ndarray) else gains
        for channel in range(3):
            planes[channel].reshape(-1)[flat] += self.colors[channel, seen] * gain
