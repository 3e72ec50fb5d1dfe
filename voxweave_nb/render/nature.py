"""Landscapes: crests, pines, clouds in perspective, rays from behind a hill, stars, birds.

Everything but `Rays.mask`, `Stars.add` and `Flock.over` belongs in a backdrop's `prepare`. Outlines tile sideways.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .arrays import Mask, Planes, look_up, scratch
from .blur import blur
from .colors import Color
from .easing import smooth
from .masks import grid, polygon, pooled
from .noise import fractal, ridge
from .sprites import Stamp

__all__ = [
    "Flock",
    "Rays",
    "Stars",
    "buttes",
    "cloud_ceiling",
    "crest",
    "dunes",
    "pines",
    "relief",
    "sample",
    "tint_rows",
    "towers",
]


def crest(rng: np.random.Generator, length: int, *, cells: int, octaves: int = 7, rough: float = 0.5) -> Mask:
    """Return an alpine outline from 0 to 1: sharp peaks, wide valleys."""
    line = np.zeros(length, np.float32)
    weight = np.ones(length, np.float32)
    for octave in range(octaves):
        bumps = cells << octave
        if bumps * 2 > length:
            break
        tooth = 1 - np.abs(2 * ridge(rng, length, cells=bumps, octaves=1) - 1)
        line += np.float32(rough**octave) * tooth * weight
        # Peaks get more detail than valleys.
        weight = np.clip(0.35 + 0.9 * tooth, 0, 1)
    low, high = float(line.min()), float(line.max())
    out: Mask = ((line - low) / max(1e-6, high - low)).astype(np.float32)
    return out


def dunes(rng: np.random.Generator, length: int, *, cells: int) -> Mask:
    """Return a line of dunes from 0 to 1: long backs to one side, steep faces to the other."""
    x = np.arange(length) / length
    bend = x + 0.35 / cells * (ridge(rng, length, cells=cells, octaves=2) - 0.5)
    saw = (bend * cells + rng.random()) % 1.0
    wave = np.where(
        saw < 0.68,
        np.sin(saw / 0.68 * math.pi / 2),
        np.maximum(0, np.cos((saw - 0.68) / 0.32 * math.pi / 2)) ** 1.3,
    )
    tall = 0.35 + 0.65 * ridge(rng, length, cells=max(2, cells // 2), octaves=2)
    out: Mask = blur((wave * tall).astype(np.float32)[None, :].repeat(2, 0), 1.0)[0]
    return out


def buttes(rng: np.random.Generator, length: int, *, count: int) -> Mask:
    """Return flat-topped rocks far apart on a plain, from 0 to 1."""
    line = 0.06 * ridge(rng, length, cells=5, octaves=4)
    x = np.arange(length)
    for _ in range(count):
        middle, half = rng.uniform(0, length), length * rng.uniform(0.012, 0.05)
        away = np.abs((x - middle + length / 2) % length - length / 2)
        wall = np.clip((half - away) / (half * 0.12), 0, 1) * rng.uniform(0.5, 0.92)
        scree = np.clip(1.35 - away / (half * 2.0), 0, 1) ** 2 * 0.32
        line = np.maximum(line, np.maximum(wall, scree))
    rough = ridge(rng, length, cells=60, octaves=4)
    out: Mask = (line + 0.05 * (rough - 0.5) * (line > 0.3)).clip(0, 1).astype(np.float32)
    return out


def towers(rng: np.random.Generator, length: int, *, wide: tuple[float, float], calm: float) -> Mask:
    """Return a city's outline from 0 to 1: blocks, setbacks, occasional spires.

    Args:
        rng: Random source.
        length: Pixels.
        wide: The narrowest and the widest building, in pixels.
        calm: 0 for towers of all heights to 1 for nearly level roofs.
    """
    line = np.zeros(length, np.float32)
    quarters = ridge(rng, length, cells=4, octaves=2)
    at = 0.0
    while at < length:
        span = rng.uniform(*wide)
        tall = (0.25 + 0.75 * quarters[int(at) % length]) * rng.uniform(0.35 + 0.4 * calm, 1.0)
        steps = [(0.0, 1.0, tall)]
        if rng.random() < 0.45 - 0.25 * calm:
            steps += [(0.18, 0.82, tall * 1.14)] + [(0.34, 0.66, tall * 1.24)] * (rng.random() < 0.5)
        if rng.random() < 0.16:
            steps.append((0.47, 0.53, tall * 1.42))
        for left, right, high in steps:
            columns = np.arange(int(at + left * span), int(at + right * span) + 1) % length
            line[columns] = np.maximum(line[columns], high)
        at += span * rng.uniform(0.82, 1.02)
    out: Mask = (line / max(1e-6, float(line.max()))).astype(np.float32)
    return out


def relief(
    rng: np.random.Generator, profile: Mask, height: int, *, lean: float = 0.55, rows: slice = slice(None)
) -> Mask:
    """Return light and shade on a slope under an outline, 0 dark to 1 lit: spurs that run down from the crest.

    Args:
        rng: Random source.
        profile: The outline's y for each x.
        height: Pixels.
        lean: Pixels that a spur moves sideways for each pixel down.
        rows: Rows to compute; the contrast depends on the deepest of them.
    """
    width = len(profile)
    down = np.arange(height, dtype=np.float32)[rows, None]
    under = np.maximum(down - profile[None, :], 0)
    deepest = float(under.max(initial=0))
    noise = fractal(
        rng,
        height * 2,
        width,
        cells=(2, max(6, width // (height // 3 + 1))),
        octaves=5,
        part=(slice(int(deepest * 0.8) + 1), slice(None)),
    )
    noise = 1 - np.abs(2 * noise - 1)
    broad = blur(np.tile(profile[None, :], (1, 3)), height / 50)[0, width : 2 * width]
    side = -np.tanh(np.gradient(broad) * 4.0).astype(np.float32)
    aside = math.ceil(abs(lean) * deepest)
    # Wide enough for the longest spur, so that the look-up never leaves the array.
    noise = np.pad(noise, ((0, 0), (aside, aside)), "wrap")
    across = np.arange(aside, aside + width, dtype=np.float32) + under * (side * np.float32(lean))
    places = (under * np.float32(0.8)).astype(np.intp) * noise.shape[1] + across.astype(np.intp)
    spurs = noise.take(places, mode="wrap")
    slope = blur(-np.gradient(spurs, axis=1), 0.6) * np.float32(height / 360)
    return smooth(-0.05, 0.05, slope + np.float32(0.02) * side)


def pines(
    rng: np.random.Generator,
    height: int,
    width: int,
    *,
    tall: float,
    count: int,
    ground: Mask,
    jitter: float = 0.5,
) -> Mask:
    """Return a mask of a row of conifers and the ground below them, which tiles sideways.

    Args:
        rng: Random source.
        height: Pixels of the strip.
        width: Pixels of the strip.
        tall: Height of the tallest tree in pixels.
        count: Number of trees.
        ground: The y of their feet for each x.
        jitter: Variation of their sizes, 0 to 1.
    """
    # Supersampling.
    fine = 3
    strip = np.zeros((height * fine, width * fine), bool)
    # Trees are taller in groves.
    groves = fractal(rng, 2, width, cells=(1, 5), octaves=3)[0]
    for _ in range(count):
        x = int(rng.integers(width))
        size = tall * (1 - jitter * rng.random()) * (0.35 + 0.65 * float(groves[x]))
        _plant(rng, strip, x * fine, ground[x] * fine + fine, size * fine)
    rows = np.arange(height * fine)[:, None]
    strip |= rows >= np.repeat(ground * fine, fine)[None, :]
    return pooled(strip, fine)


def _plant(rng: np.random.Generator, strip: npt.NDArray[np.bool_], x: int, foot: float, size: float) -> None:
    """Draw a conifer with hanging boughs, each a little longer than the one above."""
    top, bottom = int(foot - size), int(foot)
    t = np.linspace(0, 1, max(2, bottom - top), dtype=np.float32)
    boughs = 7.0 + 9.0 * min(1.0, size / (strip.shape[0] * 0.45))
    saw = (t**0.85 * boughs + rng.random()) % 1.0
    half = size * 0.19 * (t * (0.45 + 0.55 * saw) + 0.012) * (0.85 + 0.3 * rng.random(len(t)))
    half = half[max(0, -top) : max(0, min(bottom, strip.shape[0]) - top)]
    left = (x - half * (0.8 + 0.3 * rng.random(len(half)))).astype(int)
    right = (x + half).astype(int) + 1
    columns = np.arange(left.min(initial=x), right.max(initial=x))
    inside = (columns >= left[:, None]) & (columns < right[:, None])
    first = max(0, top)
    strip[first : first + len(half), columns % strip.shape[1]] |= inside


def sample(tile: Mask, v: npt.NDArray[np.floating], u: npt.NDArray[np.floating]) -> Mask:
    """Interpolate a repeating tile at rows `v` and columns `u`, which are broadcast together."""
    height, width = tile.shape
    tile = np.pad(tile, ((0, 1), (0, 1)), "wrap")
    y, x = np.floor(v).astype(np.intp), np.floor(u).astype(np.intp)
    fy, fx = (v - y).astype(np.float32), (u - x).astype(np.float32)
    place = y % height * (width + 1) + x % width
    upper = tile.take(place) * (1 - fx) + tile.take(place + 1) * fx
    place += width + 1
    lower = tile.take(place) * (1 - fx) + tile.take(place + 1) * fx
    out: Mask = (upper * (1 - fy) + lower * fy).astype(np.float32)
    return out


def cloud_ceiling(
    rng: np.random.Generator,
    height: int,
    width: int,
    *,
    horizon: float,
    cover: float,
    sun: tuple[float, float],
    scale: float = 1.0,
    stretch: float = 1.0,
    rows: slice = slice(None),
) -> tuple[Mask, Mask]:
    """Return clouds seen in perspective: their density and how strongly the sun lights them, both 0 to 1.

    Args:
        rng: Random source.
        height: Pixels.
        width: Pixels.
        horizon: Row of the horizon; nothing lies below.
        cover: 0 a clear sky to 1 an overcast one.
        sun: Position of the light, (x, y) in pixels.
        scale: Size of the clouds.
        stretch: Ratio of their width to their depth.
        rows: Rows to compute.
    """
    side = 512
    tile = 0.65 * fractal(rng, side, side, cells=(5, 5), octaves=7) + 0.35 * fractal(
        rng, side, side, cells=(3, 3)
    )
    ys, xs = grid(height, width)
    ys = ys[rows]
    above = np.maximum(horizon - ys, 0.5) / np.float32(height)
    # Perspective: distance grows towards the horizon.
    away = np.float32(0.11) / (above + np.float32(0.06))
    v = away * np.float32(side * 0.9 / scale)
    u = (xs - sun[0]) / np.float32(height) * (away + 0.08) * np.float32(side * 1.1 / scale / stretch)
    thick = sample(tile, v, u)
    toward_x = np.sign(sun[0] - xs) * np.minimum(np.abs(sun[0] - xs) / 60, 1) * np.float32(side / 90)
    # The density a step towards the sun: where it is less, this side is lit.
    behind = sample(tile, v + np.float32(side / 110), u + toward_x)
    low = 0.80 - 0.55 * cover
    density = smooth(low, low + 0.30, thick) * smooth(0.0, 0.10, above)
    lit = np.clip(0.5 + (thick - behind) * 4.5, 0, 1)
    return density.astype(np.float32), lit.astype(np.float32)


def tint_rows(mask: Mask, top: Color, bottom: Color, power: float = 1.0) -> Planes:
    """Return colours from `top` where the mask is 0 to `bottom` where it is 1, shape (3, height, width)."""
    t = mask ** np.float32(power)
    return np.stack([np.float32(a) + np.float32(b - a) * t for a, b in zip(top, bottom, strict=True)])


class Rays:
    """Beams that fan out from a light and change slowly, each with its own part of the spectrum.

    Args:
        rng: Random source.
        height: Pixels of the frame.
        width: Pixels of the frame.
        travel: Greatest distance of the light from its first position, (across, down) in pixels.
        center: The light's first position, (x, y).
        reach: Length of the beams in pixels.
        beams: Approximate number of beams in a full turn.
    """

    _BINS = 2048

    def __init__(
        self,
        rng: np.random.Generator,
        height: int,
        width: int,
        *,
        center: tuple[float, float],
        travel: tuple[int, int],
        reach: float,
        beams: int = 26,
    ) -> None:
        self._height, self._width = height, width
        self._travel, self._center = travel, center
        ys, xs = grid(height + 2 * travel[1], width + 2 * travel[0])
        dx, dy = xs - np.float32(center[0] + travel[0]), ys - np.float32(center[1] + travel[1])
        angle = np.arctan2(dy, dx) / np.float32(2 * math.pi) % 1.0
        self._angles = ((angle * self._BINS).astype(np.intp) % self._BINS).astype(np.int16)
        away = np.sqrt(dx * dx + dy * dy) / np.float32(reach)
        self._fade = (np.exp(-1.9 * away) * np.clip(1.15 - away, 0, 1)).astype(np.float32)
        fans = [ridge(rng, self._BINS, cells=beams + 9 * k, octaves=3) for k in range(2)]
        self._fans = [
            np.tile(fan, 2) for fan in fans
        ]  # doubled, so that a full turn can be read from any bin
        self._bins = np.arange(self._BINS, dtype=np.float32)

    def mask(
        self, time: float, dx: float, dy: float, bands: Mask, rows: slice, out: Mask | None = None
    ) -> Mask:
        """Return the beams' strength at one time; valid until the next call.

        Args:
            time: Seconds.
            dx: Pixels that the light has moved to the right.
            dy: Pixels that it has moved down.
            bands: The narration's bands; low notes drive the beams at the left.
            rows: Rows of the frame to compute.
            out: The target; a shared buffer by default.
        """
        left = self._travel[0] - round(max(-self._travel[0], min(self._travel[0], dx)))
        top = self._travel[1] - round(max(-self._travel[1], min(self._travel[1], dy)))
        area = slice(rows.start + top, rows.stop + top), slice(left, left + self._width)
        work = scratch((rows.stop - rows.start, self._width), 7) if out is None else out
        look_up(self._fan(time, bands), self._angles[area], work)
        work *= self._fade[area]
        return work

    def _fan(self, time: float, bands: Mask) -> Mask:
        """Return the strength of the beam in each direction."""
        voiced = np.interp(self._bins, np.linspace(self._BINS / 2, self._BINS, len(bands)), bands)
        # The product of two fans that turn in opposite directions: beams appear and vanish.
        both = self._turned(0, time * 9.0) * self._turned(1, time * -14.0)
        beam = np.maximum(both * np.float32(2.6) - np.float32(0.25), 0) ** np.float32(1.35)
        fan: Mask = (beam * (0.7 + 0.6 * voiced)).astype(np.float32)
        return fan

    def _turned(self, fan: int, by: float) -> Mask:
        """Return one of the fans rotated by a number of bins."""
        whole = math.floor(by)
        first, part = whole % self._BINS, np.float32(by - whole)
        bins = self._fans[fan][first : first + self._BINS + 1]
        turned: Mask = bins[:-1] * (1 - part) + bins[1:] * part
        return turned


class Stars:
    """Twinkling stars of one pixel each.

    Args:
        rng: Random source.
        height: Pixels of the sky.
        width: Pixels.
        count: Number of stars.
    """

    def __init__(self, rng: np.random.Generator, height: int, width: int, count: int) -> None:
        places = rng.choice(height * width, min(count, height * width // 4), replace=False)
        places = places[places % width < width - 2]
        self._y, self._x = places // width, places % width
        # Few bright stars, many faint ones.
        self._gain = (18 + 200 * rng.random(len(places)) ** 5).astype(np.float32)
        self._pace = rng.uniform(0.6, 2.4, len(places)).astype(np.float32)
        self._phase = rng.uniform(0, 6.28, len(places)).astype(np.float32)
        self._hue = np.stack([rng.uniform(low, 1.0, len(places)) for low in (0.75, 0.82, 0.9)]).astype(
            np.float32
        )

    def add(self, planes: Planes, time: float, strength: float, rows: int, top: int = 0) -> None:
        """Add the stars above row `rows` to planes whose first row is `top`."""
        shown = np.sin(self._pace * np.float32(time) + self._phase)
        shown *= np.float32(0.3)
        shown += np.float32(0.7)
        shown *= self._gain * np.float32(strength)
        seen = np.flatnonzero((self._y >= top) & (self._y < rows))
        y, x, shown = self._y[seen] - top, self._x[seen], shown[seen]
        for plane, hue in zip(planes, self._hue, strict=True):
            plane[y, x] += shown * hue[seen]


class Flock:
    """Distant birds that cross the sky, beating their wings or gliding.

    Args:
        rng: Random source.
        color: Colour of their silhouettes.
        span: Wingspan of the nearest, in pixels.
        count: Number of birds.
    """

    _POSES = 10

    def __init__(self, rng: np.random.Generator, color: Color, span: float, count: int) -> None:
        self._birds: list[Sequence[Stamp]] = []
        self._offsets = [(0.0, 0.0)]
        for k in range(1, count):
            self._offsets.append(
                (k * rng.uniform(0.9, 1.7) * span, rng.uniform(-1.6, 1.6) * span * math.sqrt(k))
            )
        self._phases = rng.uniform(0, 1, count)
        sizes = [span * factor for factor in (1.0, 0.8, 0.65)]
        poses = [[_bird(size, pose / self._POSES, color) for pose in range(self._POSES)] for size in sizes]
        self._birds = [poses[int(rng.integers(3))] for _ in range(count)]

    def over(
        self, planes: Planes, x: float, y: float, time: float, pace: float = 1.0, opacity: float = 1.0
    ) -> None:
        """Draw the birds with the first at (x, y); `pace` is about the wing beats per second."""
        for stamps, (dx, dy), phase in zip(self._birds, self._offsets, self._phases, strict=True):
            glide = math.sin(time * 0.5 + phase * 9.0) > 0.55
            turn = 0.18 if glide else (time * pace * 1.6 + phase) % 1.0
            sway = math.sin(time * 0.7 + phase * 6.3) * 2.0
            stamps[int(turn * self._POSES) % self._POSES].over(planes, x - dx, y + dy + sway, opacity)


def _bird(span: float, turn: float, color: Color) -> Stamp:
    """Return a gull seen from behind: two wings that bend in the middle."""
    lift = math.sin(turn * 2 * math.pi)
    size = math.ceil(span) + 4
    cx, cy = size / 2, size * 0.5
    half, thick = span / 2, max(0.9, span * 0.075)
    elbow, tip = (half * 0.45, -lift * half * 0.42 - half * 0.12), (half, -lift * half * 0.55 + half * 0.06)
    upper = [
        (cx - tip[0], cy + tip[1]),
        (cx - elbow[0], cy + elbow[1]),
        (cx, cy),
        (cx + elbow[0], cy + elbow[1]),
    ]
    lower = [(cx + tip[0], cy + tip[1]), (cx + elbow[0] * 0.95, cy + elbow[1] + thick)]
    under = [(cx, cy + thick * 1.7), (cx - elbow[0] * 0.95, cy + elbow[1] + thick)]
    mask = polygon(size, size, [*upper, *lower, *under], samples=4)
    return Stamp(_flat(color, size), mask)


def _flat(color: Color, size: int) -> Planes:
    return np.broadcast_to(np.array(color, np.float32)[:, None, None], (3, size, size)).astype(np.float32)
