"""Water under a wide sky: the open sea with a sailing boat, a lake among mountains, a coast with a lighthouse."""

from __future__ import annotations

import functools
import math

import numpy as np
import numpy.typing as npt

from ..arrays import Mask, Planes, as_mask, bound, scratch
from ..backdrop import Backdrop, Moment
from ..blur import blur
from ..colors import mix
from ..drawing import Light
from ..easing import smooth, smoothstep
from ..layers import Layer
from ..masks import below, gradient, grid, polygon, vignette
from ..nature import Flock, Rays, Stars, cloud_ceiling, crest, pines, relief
from ..noise import ridge
from ..sprites import Sprite

__all__ = ["RealisticBackdrop"]

_BINS = 256
_STEEP = 0.75
"""The steepest slope of a wave in the table of colours."""

_STEP = np.float32(1 / 8192)
"""Unit of a slope in a sea's int16 table; slopes are limited to 2, so that the sum of two seas does not overflow."""


class RealisticBackdrop(Backdrop):
    """Moving water that reflects a sky with clouds and a sun or moon."""

    name = "realistic"
    independent_angles = False  # all angles share one large table of waves

    def prepare(self) -> None:
        """Build the sky, the tables of the water, and the coast."""
        stage = self.stage
        self._unit = stage.height / 360.0
        self._calm = 0.4 if stage.reduce_motion else 1.0
        tempo = {"slow": 0.6, "fast": 1.6}.get(stage.words.get("tempo", ""), 1.0)
        self._tempo = tempo * self._calm
        self._night = stage.daylight < 0.2
        rng = stage.rng(1)
        self._layout(rng)
        salt = 20 * stage.angle
        self._build_sky(stage.rng(2 + salt))
        self._build_water(stage.rng(3))
        self._build_coast(stage.rng(4 + salt))
        self._frame = vignette(stage.height, stage.width, 0.30)

    def _layout(self, rng: np.random.Generator) -> None:
        """Choose the horizon and the sun's path."""
        stage = self.stage
        high_up = stage.angle == 1  # the second camera position swaps the shares of water and sky
        low = float(rng.choice([0.46, 0.52, 0.58]))
        self._horizon = round(stage.height * ((0.68 if low < 0.55 else 0.40) if high_up else low))
        third = float(rng.choice([0.32, 0.4, 0.6, 0.68])) + float(rng.uniform(-0.04, 0.04))
        third = 1.0 - third if high_up else third
        high = smoothstep(0.5, 1.0, stage.daylight)
        up = 0.26 if self._night else 0.075 + 0.26 * high
        self._sun = (third * stage.width, self._horizon - stage.height * up)
        sinks = 0.25 <= stage.daylight < 0.45
        self._travel = stage.height * 0.055 * (1.0 if sinks else -1.0)

    # --- sky ---

    def _build_sky(self, rng: np.random.Generator) -> None:
        """Paint the sky, its clouds, stars and the sun's glow."""
        stage, palette = self.stage, self.stage.palette
        height, width, horizon = stage.height, stage.width, self._horizon
        column = gradient(horizon, palette.sky, (0.0, 0.58, 1.0))
        self._sky = np.broadcast_to(column, (3, horizon, width)).copy()
        given = {"clear": 0.15, "clouds": 0.8, "storm": 0.95, "rain": 0.85, "fog": 0.6}
        cover = given.get(stage.words.get("weather", ""), float(rng.uniform(0.5, 0.8)))
        wide = int(width * 1.2)
        size = float(rng.uniform(0.8, 1.4))
        self._clouds = []
        for scale, stretch, share in ((1.6, 2.4, 0.75), (0.9, 1.25, 1.0)):
            density, lit = cloud_ceiling(
                rng,
                horizon,
                wide,
                horizon=horizon,
                cover=cover * share,
                sun=self._sun,
                scale=scale * size,
                stretch=stretch,
            )
            self._clouds.append(self._cloud_layer(density, lit))
        self._stars = Stars(stage.rng(7), horizon, width, int(width * horizon / 420))
        self._wide = self._round_glow(height * 1.0, 2.4)
        self._near = self._round_glow(height * 0.30, 2.2)
        self._core = Sprite.glow(46 * self._unit, 3.0)
        self._disc = Sprite.disc((12.5 if self._night else 11.0) * self._unit, soft=1.8 * self._unit)
        self._rays = Rays(
            rng,
            height,
            width,
            center=self._sun,
            travel=(2, int(abs(self._travel)) + 3),
            reach=height * 0.95,
            beams=18,
        )

    def _cloud_layer(self, density: Mask, lit: Mask) -> Layer:
        """Paint a cloud: grey below and away from the sun, bright at its edges and where it is thin."""
        palette = self.stage.palette
        ys, xs = grid(*density.shape)
        away = np.hypot(xs - self._sun[0], (ys - self._sun[1]) * 1.7) / self.stage.height
        near = np.exp(-away * 1.6).astype(np.float32)
        low = smooth(
            0.55, 1.0, np.broadcast_to(ys / np.float32(density.shape[0]), density.shape).astype(np.float32)
        )
        grey = mix(mix(palette.sky[0], palette.sky[1], 0.5), (60.0, 64.0, 78.0), 0.25)
        day = smoothstep(0.55, 0.95, self.stage.daylight)
        bright = mix(mix(palette.sky[2], palette.light, 0.5), (255.0, 255.0, 255.0), 0.7 * day)
        shade = mix(grey, (172.0, 190.0, 208.0), 0.75 * day)
        t = lit * (0.35 + 0.45 * day + 0.9 * near) + (1 - density) * near * 0.7 + low * 0.25
        t = np.clip(t, 0, 1) * np.float32(0.4 if self._night else 1.0)
        color = np.stack([np.float32(a) + np.float32(b - a) * t for a, b in zip(shade, bright, strict=True)])
        return Layer(color, density * np.float32(0.95), steps=4)

    def _round_glow(self, radius: float, power: float) -> Light:
        """Return a round glow centred at (0, 0)."""
        size = int(radius)
        ys, xs = grid(2 * size + 1, 2 * size + 1)
        away = np.hypot(xs - size, (ys - size) * 1.2) / np.float32(radius)
        return Light(np.clip(1 - away, 0, 1) ** np.float32(power), -size, -size)

    # --- water ---

    def _build_water(self, rng: np.random.Generator) -> None:
        """Build the sea's slopes, each pixel's place in them, and the colour that each slope reflects."""
        stage = self.stage
        height, width = stage.height, stage.width
        rows = height - self._horizon
        side = 512
        down = np.arange(rows, dtype=np.float32) + np.float32(0.6)
        self._focal = height * 1.05
        alpha = np.arctan(down / np.float32(self._focal))
        away = np.float32(self._focal) / down
        texels = side / (width * float(away[-1]) / self._focal) * 0.9
        weather = {"storm": 1.6, "wind": 1.35, "rain": 1.2, "fog": 0.7}.get(
            stage.words.get("weather", ""), 1.0
        )
        still = (1.0, 0.42, 1.15)[stage.variation]
        self._rough = 0.115 * weather * still
        steps_v: Mask = (away / down * texels).astype(np.float32)
        steps_u: Mask = (away / self._focal * texels).astype(np.float32)
        wind = float(rng.uniform(-0.5, 0.5))
        self._side = side
        self._layers = []
        left = np.zeros(rows, np.float32)
        for scale, share, turn in ((1.0, 0.75, wind), (0.43, 0.66, wind + 0.9)):
            sea, lost, places = self._sea(
                rng, side, share, turn, steps_v * scale, steps_u * scale, texels * scale, away
            )
            self._layers.append((sea, places, scale * texels))
            left += lost
        self._colors = self._color_table(alpha, rows)
        self._row_of = (np.arange(rows, dtype=np.int32) * _BINS)[:, None]
        self._prepare_glitter(alpha, left, width, rows)

    def _sea(
        self,
        rng: np.random.Generator,
        side: int,
        share: float,
        turn: float,
        steps_v: Mask,
        steps_u: Mask,
        texels: float,
        away: Mask,
    ) -> tuple[npt.NDArray[np.int32], Mask, npt.NDArray[np.intp]]:
        """Return a sea's slopes (see `_levels`), the variance lost to blurring by row, and each pixel's place."""
        stack, variance = _levels(int(rng.integers(2**62)), side, share * self._rough, turn)
        # The farther away, the more texels lie under one pixel, and the blurrier the level to read.
        which = np.clip(np.round(np.log2(np.maximum(steps_v, 1.0))), 0, len(variance) - 1).astype(int)
        lost = (variance[0] - variance)[which]
        width = self.stage.width
        xs = np.arange(width, dtype=np.float32) - np.float32(self._sun[0])
        v = (away * texels).astype(np.int64) % side
        u = np.floor(xs[None, :] * steps_u[:, None]).astype(np.int64) % side
        places = which[:, None] * (2 * side * side) + v[:, None] * side + u
        return stack, lost.astype(np.float32), places.astype(np.intp)

    def _color_table(self, alpha: Mask, rows: int) -> Planes:
        """Return the water's colour by row and slope, shape (3, rows * bins): reflected sky, depth, haze."""
        palette = self.stage.palette
        slope = np.linspace(-_STEEP, _STEEP, _BINS, dtype=np.float32)[None, :]
        lift = np.abs(alpha[:, None] + 2 * slope)
        look = np.clip(alpha[:, None] + slope, 0.01, 1.5)
        # Schlick's approximation for water: it reflects more at grazing angles.
        fresnel = 0.02 + 0.98 * (1 - np.sin(look)) ** 5
        top = np.clip(lift / 0.62, 0, 1)
        haze = np.exp(-alpha * 26)[:, None] * 0.75
        out = np.empty((3, rows, _BINS), np.float32)
        deep = mix(palette.ground[0], palette.ground[1], 0.45)
        crest_color = mix(palette.ground[1], palette.light, 0.12)
        thin = np.clip(slope * 2.2, 0, 1) * np.clip(alpha * 4, 0, 1)[:, None]
        for plane, (s0, s1, s2), d, c in zip(
            out, zip(*palette.sky, strict=True), deep, crest_color, strict=True
        ):
            mirrored = np.interp(top, (0.0, 0.42, 1.0), (s2, s1, s0))
            body = d + (c - d) * thin
            water = body + (mirrored * 0.94 - body) * fresnel
            plane[:] = water + (s2 - water) * haze
        return np.ascontiguousarray(out.reshape(3, -1))

    def _prepare_glitter(self, alpha: Mask, lost: Mask, width: int, rows: int) -> None:
        """Set the angles, sharpness and strength of the sun's glitter for each column and row."""
        xs = np.arange(width, dtype=np.float32)
        self._azimuth = ((xs - np.float32(self._sun[0])) / np.float32(self._focal) * 0.62)[None, :]
        self._alpha = alpha[:, None]
        # Waves too small for a pixel are lost to the blur; they widen the glitter instead.
        spread = 0.0007 + 0.9 * lost
        self._sharp = (-0.5 / spread)[:, None].astype(np.float32)
        self._shine = (2.5 * (spread / 0.00055) ** -0.2)[:, None].astype(np.float32)

    # --- coast ---

    def _build_coast(self, rng: np.random.Generator) -> None:
        """Build the boat, the islands or the headland of the variation, and gulls."""
        self._coast: list[tuple[Layer, Layer, float]] = []
        self._sail: tuple[float, float] | None = None
        self._lamp: tuple[float, float] | None = None
        if self.stage.variation == 0:
            self._sail = (float(rng.uniform(0.2, 0.8)), float(rng.choice([-1.0, 1.0])))
            near = 1.9 if self.stage.angle else 1.0
            self._boat = _boat(21 * self._unit * near * float(rng.uniform(0.85, 1.3)))
            if rng.random() < 0.5:
                self._coast.append(self._island(rng, 0.1, 0.06, whole=False))
        elif self.stage.variation == 1:
            for depth, tall in ((0.0, 0.30), (0.45, 0.17)):
                self._coast.append(self._island(rng, depth, tall, whole=True))
            self._coast.append(self._shore(rng))
        else:
            self._coast.append(self._island(rng, 0.15, 0.07, whole=False))
            self._coast.append(self._headland(rng))
        ink = mix(self.stage.palette.ink, self.stage.palette.sky[1], 0.18)
        self._flock = Flock(rng, ink, 15 * self._unit, int(rng.integers(3, 7)))
        self._flight = (float(rng.uniform(0.16, 0.34)), float(rng.choice([-1.0, 1.0])), float(rng.random()))

    def _shore(self, rng: np.random.Generator) -> tuple[Layer, Layer, float]:
        """Return a wooded bank on the side away from the sun, with its reflection."""
        width, height = self.stage.width, self._horizon
        tall = 0.13 * self.stage.height
        xs = np.arange(width * 2, dtype=np.float32) / width
        left = self._sun[0] > width / 2
        place = as_mask(xs % 2)
        bank = smooth(0.62, 0.0, place) if left else smooth(0.38, 1.0, place) * smooth(1.5, 1.2, place)
        ground = height - bank * np.float32(tall * 0.35) + np.where(bank > 0.02, 0, 4)
        mask = pines(
            rng, height, width * 2, tall=tall, count=150, ground=ground.astype(np.float32), jitter=0.5
        )
        mask *= (bank > 0.015)[None, :]
        palette = self.stage.palette
        color = mix(mix(palette.ink, palette.ground[1], 0.22), palette.sky[1], 0.10)
        return self._mirrored(
            np.broadcast_to(np.array(color, np.float32)[:, None, None], (3, *mask.shape)), mask, 1.2
        )

    def _headland(self, rng: np.random.Generator) -> tuple[Layer, Layer, float]:
        """Return a cliff on the side away from the sun, with a lighthouse on it."""
        width, height = self.stage.width, self._horizon
        left = self._sun[0] > width / 2
        reach = float(rng.uniform(0.34, 0.46))
        xs = np.arange(width * 2, dtype=np.float32) / width
        out = (xs if left else 1 - xs) / reach
        fall = np.clip(1 - out, 0, 1) ** 0.55 * (xs < 1)
        rough = ridge(rng, width * 2, cells=26, octaves=5, rough=0.6)
        tall = self.stage.height * float(rng.uniform(0.15, 0.2))
        profile = np.where(fall > 0, height - tall * fall * (0.78 + 0.34 * rough), height + 3).astype(
            np.float32
        )
        color, alpha = self._cliff(rng, profile, height, tall)
        x = width * (reach * 0.5 if left else 1 - reach * 0.5)
        self._set_lighthouse(color, alpha, x, float(profile[int(x)]) + 2 * self._unit)
        return self._mirrored(color, alpha, 0.0)

    def _cliff(
        self, rng: np.random.Generator, profile: Mask, height: int, tall: float
    ) -> tuple[Planes, Mask]:
        """Return a cliff's colours and mask."""
        palette = self.stage.palette
        lit = relief(rng, profile, height)
        ys, _ = grid(height, 1)
        under = np.clip((ys - profile[None, :]) / np.float32(tall), 0, 1)
        body = mix(palette.ink, palette.ground[1], 0.20)
        turf = mix(body, palette.light, 0.16)
        color = np.empty((3, height, len(profile)), np.float32)
        for plane, own, top, light in zip(color, body, turf, palette.light, strict=True):
            plane[:] = own + (top - own) * np.clip(1 - under * 6, 0, 1)
            plane += (light - plane) * np.clip(lit - 0.45, 0, 1) * np.float32(0.22)
        return color, below(profile, height)

    def _set_lighthouse(self, color: Planes, alpha: Mask, x: float, foot: float) -> None:
        """Paint a white tower that narrows upwards, with a gallery and a lantern."""
        height, width = alpha.shape
        tall = 0.155 * self.stage.height
        wide = tall * 0.17
        parts = [
            ([(-1, 0), (-0.62, -0.74), (0.62, -0.74), (1, 0)], 1.0),
            ([(-0.95, -0.74), (-0.95, -0.78), (0.95, -0.78), (0.95, -0.74)], 0.35),
            ([(-0.45, -0.78), (-0.45, -0.9), (0.45, -0.9), (0.45, -0.78)], 1.9),
            ([(-0.6, -0.9), (0, -1.0), (0.6, -0.9)], 0.3),
        ]
        day = 0.35 + 0.65 * smoothstep(0.2, 0.8, self.stage.daylight)
        white = mix(mix(self.stage.palette.ink, self.stage.palette.sky[1], 0.4), (236.0, 232.0, 226.0), day)
        toward = 1.0 if self._sun[0] > x else -1.0
        _, xs = grid(height, width)
        side = np.clip(0.72 + 0.34 * toward * (xs - np.float32(x)) / np.float32(wide), 0.4, 1.1)
        for points, bright in parts:
            mask = polygon(height, width, [(x + px * wide, foot + py * tall) for px, py in points], samples=3)
            for plane, value in zip(color, white, strict=True):
                plane += (np.minimum(np.float32(value * bright) * side, 255) - plane) * mask
            np.maximum(alpha, mask, out=alpha)
        self._lamp = (x, foot - tall * 0.84)
        self._flare = Sprite.glow(42 * self._unit, 2.6)
        self._beams = [_beam(0.75 * width / 2, 0.10 * self.stage.height, way) for way in (-1, 1)]

    def _mirrored(self, color: Planes, alpha: Mask, speed: float) -> tuple[Layer, Layer, float]:
        """Return a layer that stands on the horizon, its reflection, and their speed."""
        first = int(np.argmax(alpha.any(1))) if alpha.any() else 0
        rows = min(self.stage.height - self._horizon, self._horizon - first + 2)
        image, shade = color[:, ::-1][:, :rows], alpha[::-1][:rows]
        fade = np.linspace(0.62, 0.0, rows, dtype=np.float32)[:, None]
        soft = np.stack([blur(plane, 2.2 * self._unit) for plane in image])
        mirror = Layer(soft * np.float32(0.8), blur(shade, 1.6 * self._unit) * fade, steps=2)
        return Layer(color, alpha, steps=4 if speed else 1), mirror, speed

    def _island(
        self, rng: np.random.Generator, depth: float, tall: float, *, whole: bool
    ) -> tuple[Layer, Layer, float]:
        """Return a coast, its reflection, and their speed."""
        stage, palette = self.stage, self.stage.palette
        width, height = int(stage.width * 1.6), self._horizon
        line = crest(rng, width, cells=4 + int(4 * depth), rough=0.45)
        if not whole:
            shape = ridge(rng, width, cells=3, octaves=1)
            line = np.clip(line * 0.7 + shape * 1.5 - 1.15, 0, 1)
        else:
            line = 0.12 + 0.88 * line
        profile = np.where(line > 0.004, height - line * np.float32(stage.height * tall), height + 2).astype(
            np.float32
        )
        near = mix(palette.ink, palette.ground[1], 0.35)
        body = mix(mix(palette.sky[2], palette.ground[1], 0.5), near, 0.5 + 0.4 * depth)
        lit = relief(rng, profile, height)
        ys, _ = grid(height, 1)
        low = np.clip((ys - profile[None, :]) / np.float32(stage.height * tall), 0, 1)
        color = np.empty((3, height, width), np.float32)
        for plane, own, light, air in zip(color, body, palette.light, palette.sky[2], strict=True):
            plane[:] = own + (light - own) * np.clip(lit - 0.4, 0, 1) * np.float32(0.34) * (1 - low)
            plane += (np.float32(air) - plane) * low * np.float32(0.34)
        alpha = below(profile, height)
        if self.stage.variation == 1:
            self._paint_snow(rng, color, profile, tall)
        return self._mirrored(color, alpha, 2.0 + 3.5 * depth)

    def _paint_snow(self, rng: np.random.Generator, color: Planes, profile: Mask, tall: float) -> None:
        """Paint snow above a line that runs down in the gullies."""
        stage, (height, width) = self.stage, color.shape[1:]
        line = self._horizon - stage.height * tall * (0.50 + 0.28 * ridge(rng, width, cells=40, octaves=4))
        ys, _ = grid(height, 1)
        snow = smooth(2.0, -2.0, ys - line[None, :].astype(np.float32)) * np.float32(0.75)
        white = mix(
            mix(stage.palette.sky[2], (250.0, 250.0, 255.0), 0.6), stage.palette.sky[0], 0.3 * self._night
        )
        light = relief(rng, profile, height)
        for plane, value in zip(color, white, strict=True):
            plane += (np.float32(value) * (np.float32(0.62) + np.float32(0.45) * light) - plane) * snow

    def paint(self, planes: Planes, moment: Moment) -> None:
        """Draw one frame."""
        eased = 1.0 - (1.0 - moment.progress) ** 1.5
        sun = (self._sun[0], self._sun[1] + self._travel * (eased - 0.35))
        self._paint_sky(planes, moment, sun)
        self._paint_water(planes, moment, sun)
        self._paint_coast(planes, moment)
        self._paint_glare(planes, moment, sun)
        np.multiply(planes, self._frame, out=planes)

    def _paint_sky(self, planes: Planes, moment: Moment, sun: tuple[float, float]) -> None:
        """Paint sky, stars, sun and clouds."""
        palette, horizon = self.stage.palette, self._horizon
        sky = planes[:, :horizon]
        sky[:] = self._sky
        breath = 0.72 + 0.4 * moment.level
        dx, dy = round(sun[0]), round(sun[1])
        if self.stage.daylight < 0.35:
            self._stars.add(sky, moment.clock, 1.1 - 2.8 * self.stage.daylight, horizon)
        haze = mix(palette.sky[2], palette.light, 0.45)
        self._wide.over(sky, haze, (0.22 if self._night else 0.66) * breath, dx, dy)
        white = mix(palette.light, (255.0, 255.0, 255.0), 0.8)
        self._disc.over(sky, *sun, white, 1.0)
        for index, layer in enumerate(self._clouds):
            # In an upright frame less, as a layer's two ends do not match.
            reach = min(26 * self._unit, 0.07 * layer.width)
            drift = reach * math.sin(moment.clock * (0.045 + 0.02 * index) * self._tempo)
            layer.over(sky, -0.08 * layer.width + drift)
        if self._night:
            self._disc.over(sky, *sun, palette.light, 0.8)
        self._near.over(sky, palette.light, (0.30 if self._night else 0.72) * breath, dx, dy)
        self._core.add(sky, *sun, white, (0.35 if self._night else 0.9) * breath)

    def _paint_water(self, planes: Planes, moment: Moment, sun: tuple[float, float]) -> None:
        """Paint the water: look up the colour of each slope, and add the glitter."""
        horizon = self._horizon
        water = planes[:, horizon:]
        slopes = self._slopes_now(moment)
        gain = np.float32(0.85 + 0.35 * moment.level)
        index = scratch(water.shape[1:], 11)
        np.multiply(slopes.imag, np.float32(gain * (_BINS / 2) / _STEEP), out=index)
        index += np.float32(_BINS / 2)
        bound(index, 0, _BINS - 1)
        places = scratch((*water.shape[1:], 2), 14).view(np.intp)[..., 0]
        np.copyto(places, index, casting="unsafe")
        places += self._row_of
        for plane, table in zip(water, self._colors, strict=True):
            np.take(table, places, out=plane, mode="wrap")
        self._paint_glitter(water, slopes, moment, sun, float(gain))

    def _slopes_now(self, moment: Moment) -> npt.NDArray[np.complex64]:
        """Return the current slopes, across + i along: two seas that move through one another towards the camera."""
        seconds = moment.clock * self._tempo
        shape = self._layers[0][1].shape
        both = scratch(shape, 15).view(np.int32), scratch(shape, 16).view(np.int32)
        for target, (sea, places, texels), (across, toward) in zip(
            both, self._layers, ((0.035, 0.20), (-0.06, 0.34)), strict=True
        ):
            rows = int(seconds * toward * texels) % self._side
            columns = int(seconds * across * texels) % self._side
            shift = (rows * self._side + columns) % (self._side * self._side)
            np.take(sea[shift:], places, out=target, mode="wrap")
        # One addition adds both components of both seas.
        first, second = both[0].view(np.int16), both[1].view(np.int16)
        first += second
        slopes = scratch(first.shape, 17)
        np.multiply(first, _STEP, out=slopes)
        return slopes.view(np.complex64)

    def _paint_glitter(
        self,
        water: Planes,
        slopes: npt.NDArray[np.complex64],
        moment: Moment,
        sun: tuple[float, float],
        gain: float,
    ) -> None:
        """Add the sun's glitter: each pixel shines where its slope reflects the sun."""
        shape = water.shape[1:]
        lift = math.atan(max(2.0, self._horizon - sun[1]) / self._focal) * 0.8
        off, work = scratch(shape, 12), scratch(shape, 13)
        np.multiply(slopes.real, np.float32(1.1 * gain), out=off)
        off += self._azimuth
        off *= off
        np.multiply(slopes.imag, np.float32(2.0 * gain), out=work)
        work += self._alpha - np.float32(lift)
        work *= work
        off += work
        off *= self._sharp
        np.exp(off, out=off)
        off *= self._shine
        spark = (0.42 if self._night else 0.85) * (
            0.62 + 0.55 * moment.level + 0.25 * moment.onset * self._calm
        )
        off *= np.float32(spark)
        bound(off)
        bright = mix(self.stage.palette.light, (255.0, 255.0, 255.0), 0.45)
        for plane, value in zip(water, bright, strict=True):
            np.subtract(np.float32(value), plane, out=work)
            work *= off
            plane += work

    def _paint_coast(self, planes: Planes, moment: Moment) -> None:
        """Paint the coasts, the boat, the lighthouse and the gulls."""
        sky, water = planes[:, : self._horizon], planes[:, self._horizon :]
        for layer, mirror, speed in self._coast:
            x = -moment.clock * speed * self._tempo * self._unit - 60 * speed
            layer.over(sky, x)
            mirror.over(water, x)
        if self._sail is not None:
            start, way = self._sail
            x = (start + way * (moment.clock * 0.004 * self._tempo + 0.10 * moment.progress)) % 1.2 - 0.1
            self._paint_boat(planes, x * self.stage.width, moment)
        if self._lamp is not None:
            self._paint_lamp(planes, moment)
        row, way, phase = self._flight
        span = self.stage.width * 1.5
        at = (moment.clock * 24 * self._unit * self._tempo + phase * span) % span - 0.1 * self.stage.width
        y = row * self.stage.height + 12 * self._unit * math.sin(moment.clock * 0.3)
        self._flock.over(sky, at if way > 0 else self.stage.width - at, y, moment.clock, 0.8)

    def _paint_lamp(self, planes: Planes, moment: Moment) -> None:
        """Paint the lighthouse's beams, which turn once every nine seconds."""
        assert self._lamp is not None
        x, y = self._lamp
        dim = 1.0 - 0.65 * smoothstep(0.35, 0.8, self.stage.daylight)
        turn = math.sin(moment.time * 0.7)
        warm = mix(self.stage.palette.light, (255.0, 250.0, 230.0), 0.6)
        for way, beam in zip((-1, 1), self._beams, strict=True):
            strength = 0.34 * dim * max(0.0, way * turn) ** 1.5 * (0.7 + 0.4 * moment.level)
            beam.add(planes, warm, strength, round(x), round(y))
        self._flare.add(planes, x, y, warm, dim * (0.35 + 0.5 * turn * turn))

    def _paint_boat(self, planes: Planes, x: float, moment: Moment) -> None:
        """Paint the boat against the light, and its reflection broken by the waves."""
        bob = 0.6 * self._unit * math.sin(moment.clock * 1.1)
        dark = mix(self.stage.palette.ink, self.stage.palette.sky[1], 0.22)
        mask, size = self._boat
        top = self._horizon - size + round(bob) + max(1, round(2 * self._unit))
        Light(mask, round(x - size / 2), top).over(planes, dark, 0.95)
        rows = self.stage.height - self._horizon
        image = mask[::-1][: min(rows, size)]
        sway = (2.0 * self._unit * np.sin(np.arange(len(image)) * 0.9 + moment.clock * 3.0)).astype(int)
        # Each row of the reflection sways on its own.
        moved = np.stack([np.roll(row, int(by)) for row, by in zip(image, sway, strict=True)])
        fade = np.linspace(0.55, 0.05, len(image), dtype=np.float32)[:, None]
        Light(moved * fade, round(x - size / 2), self._horizon + 1).over(planes, dark, 1.0)

    def _paint_glare(self, planes: Planes, moment: Moment, sun: tuple[float, float]) -> None:
        """Paint beams through the clouds and the glow above the horizon."""
        light = mix(self.stage.palette.light, self.stage.palette.sky[2], 0.3)
        power = (0.10 if self._night else 0.26) * (0.35 + 0.8 * moment.level)
        rows = slice(0, self._horizon)
        mask = self._rays.mask(moment.clock * 0.6, 0.0, sun[1] - self._sun[1], moment.bands, rows)
        mask *= np.float32(power)
        work = scratch(mask.shape, 3)
        for plane, value in zip(planes[:, rows], light, strict=True):
            np.subtract(np.float32(value), plane, out=work)
            work *= mask
            plane += work
        glow = 0.10 if self._night else 0.22
        self._near.over(
            planes, self.stage.palette.light, glow * (0.7 + 0.4 * moment.level), round(sun[0]), self._horizon
        )


@functools.lru_cache(maxsize=2)
def _levels(
    seed: int, side: int, rough: float, turn: float
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Return a sea's slopes at nine levels of sharpness, flat, each level twice below itself; and their variances.

    Across and along are two int16 in units of `_STEP`, packed into one int32: that takes half the time and memory of
    complex64. Cached, because every shot of a film shows the same sea.
    """
    slopes = _spectrum(np.random.default_rng(seed), side, turn) * np.complex64(rough)
    waves = np.fft.fft2(slopes)
    # Two copies of each level, so that a look-up moved down by any offset stays inside.
    stack, variance = np.empty((9, 2, side, side, 2), np.int16), []
    for level in range(len(stack)):
        soft = _filtered(waves, 0.5 * 2.0 ** (0.55 * level), 0.5 * 2.0**level) if level else slopes
        # Limited so that the sum of two seas fits into int16.
        steps = soft.view(np.float32).reshape(side, side, 2) / _STEP
        stack[level] = np.rint(np.clip(steps, -16383, 16383))
        variance.append(float(np.mean(np.abs(soft) ** 2)))
    return stack.view(np.int32).ravel(), np.array(variance, np.float32)


def _spectrum(rng: np.random.Generator, side: int, turn: float) -> npt.NDArray[np.complex64]:
    """Return the slopes of a tiling wind sea as across + i along, with a total variance of 1."""
    k = np.fft.fftfreq(side) * side
    ky, kx = k[:, None], k[None, :]
    length = np.maximum(np.hypot(kx, ky), 1e-6)
    facing = (ky * math.cos(turn) + kx * math.sin(turn)) / length
    amplitude = length**-1.9 * np.exp(-((5.0 / length) ** 2)) * np.exp(-((length / (side * 0.22)) ** 2))
    amplitude *= 0.25 + 0.75 * np.abs(facing) ** 3
    amplitude[0, 0] = 0
    noise = np.fft.fft2(rng.standard_normal((side, side))) * amplitude
    across = np.fft.ifft2(noise * 1j * kx).real
    along = np.fft.ifft2(noise * 1j * ky).real
    # A second-order term makes crests sharper than troughs.
    along += 0.35 * (along**2 / max(1e-9, float(along.std())) - float(along.std()))
    scale = 1 / math.sqrt(float((across**2 + along**2).mean()))
    return _packed((across + 1j * along) * scale)


def _filtered(
    waves: npt.NDArray[np.complexfloating], across: float, along: float
) -> npt.NDArray[np.complex64]:
    """Return slopes from their waves (`fft2`), blurred by two standard deviations in texels, with wraparound."""
    k = (np.fft.fftfreq(waves.shape[0]) * 2 * math.pi).astype(np.float32)
    keep = np.exp(-0.5 * ((k[:, None] * along) ** 2 + (k[None, :] * across) ** 2))
    return _packed(np.fft.ifft2(waves * keep))


def _packed(values: npt.NDArray[np.inexact]) -> npt.NDArray[np.complex64]:
    # Row by row: up to numpy 1, a transform in two dimensions leaves its result column by column.
    packed: npt.NDArray[np.complex64] = values.astype(np.complex64, order="C")
    return packed


def _beam(reach: float, tall: float, way: int) -> Light:
    """Return a lighthouse's beam, which widens and fades from its lamp at (0, 0)."""
    wide, high = int(reach), int(tall)
    ys, xs = grid(2 * high + 1, wide)
    along = xs / np.float32(wide)
    away = np.abs(ys - high - 0.5) / (np.float32(1.2) + along * np.float32(high))
    mask = np.clip(1 - away, 0, 1) ** 1.5 * (1 - along) ** 1.3
    return Light(mask.astype(np.float32)[:, ::way], -wide if way < 0 else 0, -high)


def _boat(size: float) -> tuple[Mask, int]:
    """Return a sailing boat's silhouette and its side in pixels."""
    side = int(size * 1.7)
    hull = [(0.22, 0.86), (0.80, 0.86), (0.73, 0.97), (0.30, 0.97)]
    main = [(0.49, 0.06), (0.51, 0.82), (0.76, 0.82), (0.66, 0.50)]
    jib = [(0.475, 0.14), (0.475, 0.80), (0.22, 0.82), (0.34, 0.52)]
    parts = [polygon(side, side, [(x * side, y * side) for x, y in part]) for part in (hull, main, jib)]
    mask: Mask = np.maximum(np.maximum(parts[0], parts[1]), parts[2] * np.float32(0.85))
    return mask, side
