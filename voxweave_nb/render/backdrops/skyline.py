"""A row of buildings whose windows and signs follow different parts of the sound."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..arrays import Mask, Planes, look_up, scratch
from ..colors import Color, mix
from ..layers import Layer
from ..masks import gradient

__all__ = ["BEACONS", "LEVELS", "METERS", "SIGNS", "STEADY", "TRIMS", "Skyline", "SkylineLook", "glyph"]

METERS, LEVELS = 16, 8
"""Windows that follow the spectrum: number of bands, and of levels in each."""

STEADY = slice(1 + METERS * LEVELS, 1 + METERS * LEVELS + 64)
"""Windows that do not follow the sound."""

SIGNS = slice(STEADY.stop, STEADY.stop + 32)
TRIMS = slice(SIGNS.stop, SIGNS.stop + 8)
BEACONS = slice(TRIMS.stop, TRIMS.stop + 8)


@dataclass(frozen=True)
class SkylineLook:
    """Parameters of a row of buildings.

    Attributes:
        top: Colour of the façades at the roofs.
        foot: Colour of the façades at the street, in haze.
        rim: Colour of the edge that faces the light.
        neon: Colours of windows, signs and roof edges.
        warm: Colour of most windows.
        tall: Highest and lowest building, as fractions of the frame's height.
        wide: Narrowest and widest building, as fractions of the frame's height.
        pitch: Distance between windows in pixels.
        lit: Share of the windows that are ever lit.
        signs: Buildings out of a hundred with a sign or a screen.
        cell: Size of a sign's dots, in 360ths of the frame's height.
        seen: Position of the light, 0 left to 1 right; buildings there are lower.
        dip: How much lower they are, 0 to 1.
    """

    top: Color
    foot: Color
    rim: Color
    neon: Sequence[Color]
    warm: Color
    tall: tuple[float, float]
    wide: tuple[float, float]
    pitch: int
    lit: float
    signs: int
    cell: float
    seen: float
    dip: float


class Skyline:
    """Buildings, wider than the frame by `reach` pixels on both sides.

    Args:
        rng: Random source.
        width: The frame's, in pixels.
        height: The frame's, in pixels.
        ground: Row on which they stand.
        reach: Greatest shift sideways, in pixels.
        look: Their parameters.
    """

    def __init__(
        self, rng: np.random.Generator, *, width: int, height: int, ground: int, reach: int, look: SkylineLook
    ) -> None:
        self._rng, self._look, self._unit = rng, look, height
        self._reach, self._ground = reach, ground
        # The smaller the frame, the more a jump by half a pixel shows.
        self._steps = 4 if height <= 400 else 2
        self._wide = width + 2 * reach
        shape = (ground, self._wide)
        self._roof = np.full(self._wide, float(ground), np.float32)
        self._alpha = np.zeros(shape, np.float32)
        self._color = np.zeros((3, *shape), np.float32)
        self._light = np.zeros((3, *shape), np.float32)
        self._kind = np.zeros(shape, np.int16)
        self._build()
        self._finish()

    def paint(self, planes: Planes, gains: npt.NDArray[np.float32], x: float) -> None:
        """Draw the buildings moved right by `x` pixels, with a gain for each kind of light."""
        fine = math.floor((x - self._reach) * self._steps + 0.5)
        self._layer.over(planes, fine / self._steps)
        light, left = self._lights[fine % self._steps], -(fine // self._steps)
        kinds = self._kinds[:, left : left + planes.shape[2]]
        gain, work = scratch(kinds.shape), scratch(kinds.shape, 1)
        look_up(gains, kinds, gain)
        for plane, shine in zip(planes, light, strict=True):
            np.multiply(shine[:, left : left + planes.shape[2]], gain, out=work)
            plane[self._top : self._ground] += work

    def _build(self) -> None:
        """Fill the width with buildings."""
        low, high = self._look.wide
        x = -int(self._unit * 0.02)
        while x < self._wide:
            wide = max(6, int(self._unit * self._rng.uniform(low, high)))
            self._building(x, wide)
            x += wide + int(self._rng.integers(-2, max(2, wide // 4)))

    def _building(self, x: int, wide: int) -> None:
        """Build one building, perhaps with a setback, a sign or a screen."""
        look, rng, unit = self._look, self._rng, self._unit
        place = (x + wide / 2 - self._reach) / max(1, self._wide - 2 * self._reach)
        # Low roofs in front of the light, so that it can be seen.
        dip = 1 - look.dip * math.exp(-(((place - look.seen) / 0.2) ** 2))
        tall = unit * (look.tall[1] + (look.tall[0] - look.tall[1]) * rng.random() ** 1.5) * dip
        top = max(4, int(self._ground - tall))
        boxes = [(x, x + wide, top)]
        if rng.random() < 0.38 and wide > unit * 0.05:
            inset, rise = int(wide * rng.uniform(0.18, 0.32)), int(tall * rng.uniform(0.08, 0.22))
            boxes.append((x + inset, x + wide - inset, max(2, top - rise)))
        shade = float(rng.uniform(0.72, 1.12))
        for left, right, roof in boxes:
            self._box(left, right, roof, shade)
            self._windows(left, right, roof)
        self._add_roof_detail(boxes[-1])
        if rng.random() * 100 < look.signs and wide > unit * 0.045 and tall > unit * 0.12:
            (self._screen if rng.random() < 0.3 and wide > unit * 0.09 else self._sign)(boxes[0])

    def _box(self, left: int, right: int, roof: int, shade: float) -> None:
        """Paint a façade."""
        left, right = max(0, left), min(self._wide, right)
        if left >= right:
            return
        look, area = self._look, np.s_[roof : self._ground, left:right]
        self._alpha[area] = 1.0
        # A nearer building hides the lights of those behind it.
        self._light[:, *area] = 0.0
        self._kind[area] = 0
        column = gradient(self._ground, [mix(look.top, look.foot, t) for t in (0.0, 0.12, 0.45, 1.0)])
        self._color[:, *area] = column[:, roof:] * np.float32(shade)
        edge = (
            left
            if (left + right) / 2 > self._reach + look.seen * (self._wide - 2 * self._reach)
            else right - 1
        )
        rim = np.array(look.rim, np.float32)[:, None]
        fade = np.linspace(0.75, 0.1, self._ground - roof, dtype=np.float32)
        face = self._color[:, roof : self._ground, edge]
        face += (rim - face) * fade
        self._color[:, roof, left:right] = self._color[:, roof, left:right] * 0.55 + rim * 0.45

    def _windows(self, left: int, right: int, roof: int) -> None:
        """Place windows on a façade."""
        look, rng, pitch = self._look, self._rng, self._look.pitch
        size = max(1, pitch - max(1, round(pitch * 0.4)))
        meter = int(rng.integers(METERS)) if rng.random() < 0.55 else -1
        tint = look.warm if rng.random() < 0.6 else look.neon[int(rng.integers(len(look.neon)))]
        rows = range(roof + pitch, self._ground - pitch, pitch + (pitch > 3))
        first = left + max(2, (right - left) % pitch // 2 + 1)
        for number, y in enumerate(rows):
            up = 1 - number / max(1, len(rows))
            for x in range(max(0, first), min(self._wide, right - size), pitch):
                if rng.random() < look.lit:
                    self._window(x, y, size, meter, up, tint)

    def _window(self, x: int, y: int, size: int, meter: int, up: float, tint: Color) -> None:
        """Place one window, which follows a band of the spectrum or just shines."""
        rng, look = self._rng, self._look
        if meter >= 0 and rng.random() < 0.8:
            level = int(min(LEVELS - 1, max(0.0, up * 0.8 + rng.normal(0, 0.12)) * LEVELS))
            kind = 1 + meter * LEVELS + level
        else:
            kind = int(rng.integers(STEADY.start, STEADY.stop))
        if rng.random() < 0.12:
            tint = look.neon[int(rng.integers(len(look.neon)))]
        area = np.s_[y : y + max(1, size - (size > 2)), x : x + size]
        bright = np.float32(rng.uniform(0.5, 1.1))
        self._light[:, *area] = np.array(tint, np.float32)[:, None, None] * bright
        self._kind[area] = kind

    def _add_roof_detail(self, box: tuple[int, int, int]) -> None:
        """Add an aerial with a beacon, or a line of neon along the roof."""
        rng, look, (left, right, roof) = self._rng, self._look, box
        left, right = max(0, left), min(self._wide - 1, right)
        if right - left < 4:
            return
        chance = rng.random()
        if chance < 0.3:
            x, tall = int((left + right) / 2), int(self._unit * rng.uniform(0.02, 0.07))
            top = max(0, roof - tall)
            self._alpha[top:roof, x] = 0.85
            self._color[:, top:roof, x] = np.array(look.top, np.float32)[:, None]
            self._glow(np.s_[top : top + 1, x : x + 1], (255.0, 70.0, 60.0), BEACONS)
        elif chance < 0.55:
            tint = look.neon[int(rng.integers(len(look.neon)))]
            self._glow(np.s_[roof : roof + 1, left:right], tint, TRIMS)

    def _sign(self, box: tuple[int, int, int]) -> None:
        """Add a tall sign of invented letters."""
        rng, look, (left, right, roof) = self._rng, self._look, box
        cell = max(1, round(self._unit / 360 * look.cell))
        letters = int(rng.integers(3, 6))
        wide, tall = 6 * cell, (letters * 6 + 1) * cell
        x = left + 2 if rng.random() < 0.5 else right - wide - 2
        y = roof + int(self._unit * rng.uniform(0.02, 0.05))
        if x < 0 or x + wide >= self._wide or y + tall >= self._ground - 4:
            return
        tint = look.neon[int(rng.integers(len(look.neon)))]
        area = np.s_[y : y + tall, x : x + wide]
        self._light[:, *area] = np.array(tint, np.float32)[:, None, None] * np.float32(0.16)
        kind = int(rng.integers(SIGNS.start, SIGNS.stop))
        self._kind[area] = kind
        for letter in range(letters):
            shape = np.kron(glyph(rng), np.ones((cell, cell), np.float32))
            top = y + (letter * 6 + 1) * cell
            spot = self._light[:, top : top + 5 * cell, x + cell : x + 5 * cell]
            spot += np.array(tint, np.float32)[:, None, None] * shape * np.float32(1.1)

    def _screen(self, box: tuple[int, int, int]) -> None:
        """Add a wide screen that shows the spectrum."""
        rng, look, (left, right, roof) = self._rng, self._look, box
        step = max(2, round(self._unit / 360 * 2.6))
        columns = min(METERS, (right - left - 8) // step)
        rows, y = LEVELS - 2, roof + int(self._unit * rng.uniform(0.025, 0.06))
        x = (left + right - columns * step) // 2
        if columns < 4 or x < 0 or x + columns * step >= self._wide or y + rows * step + 4 >= self._ground:
            return
        low, high = look.neon[0], look.neon[1]
        board = np.s_[y - 2 : y + rows * step + 2, x - 2 : x + columns * step + 2]
        self._light[:, *board] = np.array(low, np.float32)[:, None, None] * np.float32(0.10)
        self._kind[board] = SIGNS.start
        for column in range(columns):
            meter = column * METERS // columns
            for row in range(rows):
                cell = np.s_[
                    y + row * step : y + row * step + step - 1,
                    x + column * step : x + (column + 1) * step - 1,
                ]
                level = rows - 1 - row
                self._light[:, *cell] = np.array(mix(low, high, level / rows), np.float32)[:, None, None]
                self._kind[cell] = 1 + meter * LEVELS + level

    def _glow(self, area: tuple[slice, slice], tint: Color, kinds: slice) -> None:
        """Set the colour and a random kind of some lights."""
        self._light[:, *area] = np.array(tint, np.float32)[:, None, None]
        self._kind[area] = int(self._rng.integers(kinds.start, kinds.stop))

    def _finish(self) -> None:
        """Crop the empty sky and keep the lights at their subpixel positions."""
        rows = np.flatnonzero(self._alpha.any(1) | self._light.any((0, 2)))
        self._top = int(rows[0]) if len(rows) else self._ground - 1
        self._layer = Layer(self._color, self._alpha, steps=self._steps)
        light = self._light[:, self._top :]
        self._lights = []
        for step in range(self._steps):
            part = np.float32(step / self._steps)
            moved = light * (1 - part) + np.roll(light, 1, axis=2) * part
            self._lights.append(np.clip(moved, 0, 255).astype(np.uint8))
        self._kinds = np.ascontiguousarray(_spread(self._kind[self._top :]))
        del self._alpha, self._color, self._light, self._kind


def _spread(kinds: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    """Extend the kinds by one column to the right, where lights at a fraction of a pixel spill over."""
    left = np.roll(kinds, 1, axis=1)
    return np.where(kinds == 0, left, kinds)


def glyph(rng: np.random.Generator) -> Mask:
    """Return four by five dots that look like a letter of an unknown script."""
    dots = np.zeros((5, 4), np.float32)
    dots[rng.integers(5), :] = 1
    dots[:, rng.integers(4)] = 1
    if rng.random() < 0.6:
        dots[rng.integers(5), :] = 1
    dots[rng.integers(5), rng.integers(4)] = rng.random() < 0.5
    return dots
