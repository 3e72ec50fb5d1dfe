"""Heaps of balls painted in flat tones: cumulus clouds, bushes, treetops. All of it belongs in `prepare`."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from .arrays import Mask, Planes
from .colors import Color
from .easing import smooth
from .masks import pooled
from .noise import fractal

__all__ = ["Balls", "Heap", "Tones", "crown", "crown_height", "cumulus", "heap", "toned", "tree"]

Tones: TypeAlias = tuple[Color, Color, Color, Color]
"""Four colours of paint, from the deepest shadow to the lit edge."""

Balls: TypeAlias = list[tuple[float, float, float]]
"""Centre (x, y) and radius of each ball, in pixels."""

_TONES = (0.30, 0.52, 0.76)
"""Brightness at which one tone of paint ends and the next begins."""

_SMALL = 48.0
"""Radius in pixels below which stamps are cached: small balls are many and repeat the same sizes."""


def toned(lit: Mask, tones: Tones, soft: float) -> Planes:
    """Paint a lit surface in four flat tones with narrow borders between them."""
    out = np.empty((3, *lit.shape), np.float32)
    steps = [smooth(edge - soft, edge + soft, lit) for edge in _TONES]
    for index, plane in enumerate(out):
        plane[:] = tones[0][index]
        for step, tone in zip(steps, tones[1:], strict=True):
            plane += (np.float32(tone[index]) - plane) * step
    return out


def cumulus(
    rng: np.random.Generator, x: float, foot: float, size: float, *, spread: float, tall: float
) -> Balls:
    """Return the balls of a cumulus cloud: large ones at the bottom, ever smaller ones on their shoulders."""
    balls: Balls = []
    heart = int(5 + spread * 2)
    for _ in range(heart):
        t = float(rng.normal(0, 0.42))
        radius = size * (0.75 - 0.35 * min(1.0, abs(t))) * float(rng.uniform(0.7, 1.1))
        up = size * tall * max(0.0, 1 - t * t) * float(rng.uniform(0.1, 1.0))
        balls.append((x + t * spread * size, foot - up * 0.9 - radius * 0.2, radius))
        for share in (0.3, 0.62):
            balls.append(
                (x + t * spread * size * 0.9, foot - up * share - radius * 0.1, radius * (1.15 - 0.1 * share))
            )
    for k in range(heart):
        t = (k + 0.5) / heart * 2 - 1
        radius = size * (0.42 - 0.20 * abs(t)) * float(rng.uniform(0.8, 1.15))
        balls.append((x + t * spread * size * 0.9, foot - radius * 0.35, radius))
    for share, count in ((0.52, 4), (0.34, 4)):
        bx, by, large = np.repeat(np.array(balls), count, axis=0).T
        turn, bulk = rng.random((len(large), 2)).T
        angle = -0.15 + (math.pi + 0.30) * turn
        small = large * share * (0.7 + 0.45 * bulk)
        more = np.stack([bx + np.cos(angle) * large * 0.82, by - np.sin(angle) * large * 0.82, small], 1)
        balls += map(tuple, more[small > max(1.6, size * 0.05)].tolist())
    return balls


def crown(rng: np.random.Generator, x: float, foot: float, size: float, *, tall: float) -> Balls:
    """Return the balls of a bush or a treetop."""
    balls: Balls = [(x, foot - size * 0.6 * tall, size * 0.75)]
    for _ in range(7):
        angle, reach = float(rng.uniform(0, 2 * math.pi)), size * float(rng.uniform(0.4, 0.75))
        balls.append(
            (
                x + math.cos(angle) * reach,
                foot - size * 0.6 * tall - math.sin(angle) * reach * tall,
                size * float(rng.uniform(0.3, 0.5)),
            )
        )
    return balls


def crown_height(size: float, tall: float) -> float:
    """Return the greatest height of a crown's highest ball above its foot."""
    return size * (0.6 * tall + 0.75 * tall + 0.5)


def tree(
    rng: np.random.Generator, x: float, foot: float, size: float
) -> tuple[list[tuple[float, float, float, float, float, float]], Balls]:
    """Return a trunk with limbs and the balls of its crown; a limb is (x0, y0, x1, y1) and its two thicknesses."""
    lean = float(rng.uniform(-0.35, 0.35)) * size
    top = (x + lean, foot - size * 1.25)
    limbs = [(x, foot + size * 0.2, *top, size * 0.30, size * 0.17)]
    balls: Balls = []
    for k in range(6):
        angle = math.pi * (0.10 + 0.80 * k / 5) + float(rng.uniform(-0.12, 0.12))
        reach = size * float(rng.uniform(0.8, 1.25))
        end = (top[0] + math.cos(angle) * reach * 1.25, top[1] - math.sin(angle) * reach * 0.8)
        limbs.append((*top, *end, size * 0.12, size * 0.04))
        balls += crown(rng, end[0], end[1] + size * 0.35, size * float(rng.uniform(0.55, 0.8)), tall=0.85)
    balls += crown(rng, top[0], top[1] - size * 0.2, size * 0.95, tall=1.0)
    return limbs, [
        *balls,
        *[
            (bx + rng.uniform(-1, 1) * r, by + rng.uniform(-0.9, 0.8) * r, r * 0.26)
            for bx, by, r in balls
            for _ in range(5)
        ],
    ]


@dataclass(frozen=True)
class Heap:
    """Balls drawn over one another.

    Attributes:
        place: The rows and columns that they cover, as large as the masks.
        alpha: Opacity, 0 to 1.
        lit: Brightness, about 0 to 1.
    """

    place: tuple[slice, slice]
    alpha: Mask
    lit: Mask


def heap(
    rng: np.random.Generator,
    balls: Balls,
    height: int,
    width: int,
    *,
    toward: tuple[float, float],
    fine: bool = False,
) -> Heap:
    """Draw balls over one another; they wrap around at the sides.

    Args:
        rng: For the roughness of the paint.
        balls: Centre and radius of each, in pixels.
        height: Pixels.
        width: Pixels.
        toward: Direction of the light, across and down.
        fine: True for leaves, False for vapour.
    """
    # Supersampling.
    scale = 2
    rows, columns = place = _covered(balls, height, width)
    shape = ((rows.stop - rows.start) * scale, (columns.stop - columns.start) * scale)
    seen, lit = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    stamp_of = functools.cache(_stamp)
    for x, y, radius in _placed(balls, width).tolist():
        size = max(1, round(radius * scale * 2)) / 2
        stamp = (stamp_of if size < _SMALL else _stamp)(size, toward)
        _puff(seen, lit, round((x - columns.start) * scale), round((y - rows.start) * scale), stamp)
    lit *= seen
    alpha, total = pooled(seen, scale), pooled(lit, scale)
    noise = fractal(rng, height, width, cells=(24, 24 * width // height), octaves=3, part=place)
    noise -= np.float32(0.5)
    noise *= alpha
    noise *= np.float32(0.30 if fine else 0.20)
    total += noise
    total /= np.maximum(alpha, np.float32(0.01))
    return Heap(place, alpha, total)


def _placed(balls: Balls, width: int) -> npt.NDArray[np.float64]:
    """Return the visible balls, the farthest first; a ball that wraps around appears at both sides."""
    each = np.array(balls, np.float64).reshape(-1, 3)
    each = each[np.argsort(each[:, 1] + each[:, 2] * 0.3, kind="stable")]
    each = np.repeat(each, 3, axis=0)
    # Copies one width to either side wrap around the edges.
    each[:, 0] += np.tile((-width, 0, width), len(balls))
    x, radius = each[:, 0], each[:, 2]
    return each[(x > -radius) & (x < width + radius)]


def _covered(balls: Balls, height: int, width: int) -> tuple[slice, slice]:
    """Return the rows and columns that the balls cover; all columns if one wraps around."""
    top = min((by - radius for _, by, radius in balls), default=0.0)
    bottom = max((by + radius for _, by, radius in balls), default=0.0)
    left = min((bx - radius for bx, _, radius in balls), default=0.0)
    right = max((bx + radius for bx, _, radius in balls), default=0.0)
    first = min(height - 1, max(0, math.floor(top) - 1))
    rows = slice(first, max(first + 1, min(height, math.ceil(bottom) + 1)))
    if left < 1 or right > width - 1:
        return rows, slice(0, width)
    return rows, slice(math.floor(left) - 1, math.ceil(right) + 1)


def _puff(seen: Mask, lit: Mask, x: int, y: int, stamp: tuple[Mask, Mask, Mask]) -> None:
    """Draw one ball over those behind it, with a crisp upper edge and a lower part that blends into them."""
    edge, shade, melt = stamp
    size, (height, width) = len(edge), seen.shape
    left, top = x - size // 2, y - size // 2
    if not (0 <= left <= width - size and 0 <= top <= height - size):
        over, above = max(0, -left), max(0, -top)
        cut = slice(above, max(0, height - top)), slice(over, max(0, width - left))
        edge, shade, melt = edge[cut], shade[cut], melt[cut]
        left, top = left + over, top + above
    place = slice(top, top + edge.shape[0]), slice(left, left + edge.shape[1])
    part, own = lit[place], seen[place]
    covers = np.where(own < 0.5, edge, melt)
    covers *= shade - part
    part += covers
    np.maximum(own, edge, out=own)


def _stamp(radius: float, toward: tuple[float, float]) -> tuple[Mask, Mask, Mask]:
    """Return a ball's edge, its brightness, and its opacity over other balls."""
    reach = math.ceil(radius)
    axis = np.arange(-reach, reach + 1, dtype=np.float32) / np.float32(radius)
    dx, dy = axis[None, :], axis[:, None]
    away = np.sqrt(dx * dx + dy * dy)
    edge = np.clip((1 - away) * np.float32(radius) + np.float32(0.5), 0, 1)
    side = dx * np.float32(toward[0]) + dy * np.float32(toward[1])
    # The middle of a ball is flatter than its edge, which gives a painted look.
    shade = np.float32(0.45) + np.float32(0.46) * side * (np.float32(0.45) + np.float32(0.55) * away)
    return edge, shade, edge * smooth(-0.75, 0.15, side)
