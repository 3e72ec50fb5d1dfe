"""Masks of shapes and gradients, made once in a backdrop's `prepare`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .arrays import Mask, Planes, as_mask
from .colors import Color

__all__ = ["below", "disc", "gradient", "grid", "polygon", "pooled", "rounded", "vignette"]


def grid(height: int, width: int) -> tuple[Mask, Mask]:
    """Return the y and x of every pixel's centre, in pixels, as (height, 1) and (1, width)."""
    y = (np.arange(height, dtype=np.float32) + np.float32(0.5))[:, None]
    x = (np.arange(width, dtype=np.float32) + np.float32(0.5))[None, :]
    return y, x


def gradient(height: int, colors: Sequence[Color], stops: Sequence[float] | None = None) -> Planes:
    """Return a column of colours from top to bottom, shape (3, height, 1).

    Args:
        height: Pixels.
        colors: At least one, from the top.
        stops: Position of each colour, 0 to 1, rising; evenly spaced by default.
    """
    at = np.linspace(0.0, 1.0, height)
    where = np.linspace(0.0, 1.0, len(colors)) if stops is None else np.asarray(stops, float)
    column = np.stack([np.interp(at, where, [color[i] for color in colors]) for i in range(3)])
    return column.astype(np.float32)[:, :, None]


def pooled(mask: npt.NDArray[Any], by: int) -> Mask:
    """Return the averages of blocks of `by` x `by` pixels; for bools, the share that is true.

    Args:
        mask: Both sides are multiples of `by`.
        by: Pixels.
    """
    # Sums of bools fit into a byte for blocks under 16 x 16, and adding bytes is faster.
    kind = np.uint8 if mask.dtype == bool and by < 16 else np.float32
    rows = np.add.reduce(mask.reshape(mask.shape[0] // by, by, mask.shape[1]), axis=1, dtype=kind)
    total = rows[:, ::by].astype(kind)
    for step in range(1, by):
        total += rows[:, step::by]
    return as_mask(total * np.float32(1 / by**2))


def below(profile: Mask, height: int) -> Mask:
    """Return 1 below an outline and 0 above it, with an edge one pixel wide; `profile` holds a y for each x."""
    y, _ = grid(height, 1)
    return as_mask(np.clip(y - profile[None, :] + np.float32(0.5), 0, 1))


def disc(height: int, width: int, x: float, y: float, radius: float, soft: float = 1.0) -> Mask:
    """Return a disc centred at (x, y) whose edge is `soft` pixels wide."""
    ys, xs = grid(height, width)
    away = np.sqrt((xs - np.float32(x)) ** 2 + (ys - np.float32(y)) ** 2)
    return as_mask(np.clip((np.float32(radius) - away) / np.float32(soft) + np.float32(0.5), 0, 1))


def rounded(
    height: int, width: int, box: tuple[float, float, float, float], radius: float, soft: float = 1.0
) -> Mask:
    """Return a rectangle with round corners; `box` is left, top, right and bottom in pixels."""
    ys, xs = grid(height, width)
    left, top, right, bottom = box
    radius = min(radius, (right - left) / 2, (bottom - top) / 2)
    dx = np.abs(xs - np.float32((left + right) / 2)) - np.float32((right - left) / 2 - radius)
    dy = np.abs(ys - np.float32((top + bottom) / 2)) - np.float32((bottom - top) / 2 - radius)
    outside = np.sqrt(np.maximum(dx, 0) ** 2 + np.maximum(dy, 0) ** 2)
    away = outside + np.minimum(np.maximum(dx, dy), 0) - np.float32(radius)
    return as_mask(np.clip(np.float32(0.5) - away / np.float32(soft), 0, 1))


def polygon(height: int, width: int, points: Sequence[tuple[float, float]], samples: int = 4) -> Mask:
    """Return a filled polygon, antialiased with `samples` x `samples` samples a pixel; `points` are (x, y)."""
    rows = (np.arange(height * samples) + 0.5) / samples
    columns = (np.arange(width * samples) + 0.5) / samples
    inside = np.zeros((len(rows), len(columns)), bool)
    # Even-odd rule: every edge flips what lies to the right of it.
    for (x0, y0), (x1, y1) in zip(points, [*points[1:], points[0]], strict=True):
        if y0 != y1:
            crosses = (rows >= min(y0, y1)) & (rows < max(y0, y1))
            at = x0 + (rows[crosses] - y0) * (x1 - x0) / (y1 - y0)
            inside[crosses] ^= columns[None, :] < at[:, None]
    return pooled(inside, samples)


def vignette(height: int, width: int, strength: float = 0.4) -> Mask:
    """Return a factor for each pixel: 1 in the centre, 1 - `strength` in the corners."""
    ys, xs = grid(height, width)
    away = (xs / np.float32(width) * 2 - 1) ** 2 + (ys / np.float32(height) * 2 - 1) ** 2
    return as_mask(1 - np.float32(strength) * np.clip(away / 2, 0, 1) ** np.float32(1.4))
