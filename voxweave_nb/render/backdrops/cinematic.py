"""Ridges in haze under a low sun, in a wide frame: a slow dolly past mountains, dunes or a city while beams open."""

from __future__ import annotations

import math

import numpy as np

from ..arrays import Mask, Planes, as_mask, bound, scratch
from ..backdrop import Backdrop, Moment, base_size, is_wide
from ..blur import blur
from ..colors import Color, mix
from ..drawing import Light
from ..easing import clamp, smooth, smoothstep
from ..layers import Layer
from ..masks import below, gradient, grid, vignette
from ..nature import Flock, Rays, Stars, buttes, cloud_ceiling, crest, dunes, pines, relief, towers
from ..noise import fractal, ridge
from ..sprites import Sprite, add_each

__all__ = ["CinematicBackdrop"]

_WIDE = 2.39
"""Width over height of an anamorphic film frame."""

_TALLEST = 1.15
"""Greatest height of the land in widths: an upright frame gets more sky instead of steeper mountains."""

_RIDGES = 5


class CinematicBackdrop(Backdrop):
    """A widescreen landscape: sky, sun, five ridges with mist between them, pines in front, beams of light."""

    name = "cinematic"

    def prepare(self) -> None:
        """Build the sky, the ridges and the beams."""
        stage = self.stage
        wide = is_wide(stage.width, stage.height)
        self._bar = max(0, round((stage.height - stage.width / _WIDE) / 2)) if wide else 0
        self._rows = slice(self._bar, stage.height - self._bar)
        self._tall = min(self._rows.stop - self._rows.start, round(_TALLEST * stage.width))
        self._top = self._rows.stop - self._tall
        self._unit = base_size(stage.width, stage.height) / 360.0
        self._night = stage.daylight < 0.25
        self._long = stage.angle == 1  # through a long lens: the sun is large, the ridges close up
        rng = stage.rng(1)
        self._layout(rng)
        self._build_sky()
        self._build_ridges()
        self._build_air()

    def _layout(self, rng: np.random.Generator) -> None:
        """Choose the sun's position and the camera's direction and pace."""
        stage = self.stage
        low, tall = self._top, self._tall
        third = float(rng.choice([0.3, 0.36, 0.64, 0.7])) + float(rng.uniform(-0.03, 0.03))
        if self._long:
            third = 1.0 - third
        self._horizon = low + tall * (0.66 if self._long else 0.60)
        high = smoothstep(0.5, 1.0, stage.daylight)
        up = 0.40 if self._night else 0.10 + 0.34 * high
        self._sun = (third * stage.width, self._horizon - tall * up)
        self._rise = tall * 0.10 * (-1.0 if 0.25 <= stage.daylight < 0.45 else 1.0)
        self._way = -1.0 if third > 0.5 else 1.0
        tempo = {"slow": 0.6, "fast": 1.6}.get(stage.words.get("tempo", ""), 1.0)
        self._pace = tempo * (0.4 if stage.reduce_motion else 1.0) * self._unit

    def _build_sky(self) -> None:
        """Paint the sky, its clouds, stars and the sun's glow."""
        stage, palette = self.stage, self.stage.palette
        height, width = stage.height, stage.width
        stops = (0.0, 0.55, 1.0)
        column = gradient(int(self._horizon) + 1, palette.sky, stops)
        fill = np.broadcast_to(column[:, -1:], (3, height - column.shape[1], 1))
        sky = np.broadcast_to(np.concatenate([column, fill], 1), (3, height, width)).copy()
        rng = stage.rng(2 + 20 * stage.angle)
        cover = {"clear": 0.12, "clouds": 0.75, "storm": 0.9, "rain": 0.8, "fog": 0.55}.get(
            stage.words.get("weather", ""), float(rng.uniform(0.45, 0.75))
        )
        scale = float(rng.uniform(0.8, 1.5))
        wide = int(width * 1.25)
        rows = slice(self._bar, min(height, math.ceil(self._horizon)))
        clouds = [
            cloud_ceiling(
                rng,
                height,
                wide,
                horizon=self._horizon,
                cover=cover,
                sun=self._sun,
                scale=scale * size,
                stretch=s,
                rows=rows,
            )
            for size, s in ((1.3, 2.6), (0.8, 1.5))
        ]
        self._clouds = [self._cloud_layer(*cloud, rows.start) for cloud in clouds]
        self._sky = sky
        self._stars = Stars(stage.rng(3), int(self._horizon), width, int(width * height / 700))
        self._glows = [self._round_glow(height * 1.15, 2.2), self._round_glow(height * 0.34, 2.0)]

    def _cloud_layer(self, density: Mask, lit: Mask, top: int) -> Layer:
        """Paint a bank of cloud: the sky's shade, lit towards the sun, glowing where it is thin."""
        palette = self.stage.palette
        ys, xs = grid(*density.shape)
        away = np.hypot(xs - self._sun[0], (ys + (top - self._sun[1])) * 1.5) / self.stage.height
        near = np.exp(-away * 1.5).astype(np.float32)
        shade = mix(palette.sky[0], palette.sky[1], 0.55)
        bright = mix(palette.sky[2], palette.light, 0.45)
        power = 0.35 if self._night else 1.0
        t = np.clip(lit * (0.30 + 0.95 * near) + (1 - density) * near * 0.6, 0, 1) * np.float32(power)
        color = np.stack([np.float32(a) + np.float32(b - a) * t for a, b in zip(shade, bright, strict=True)])
        return Layer(color, density * np.float32(0.92), steps=4, top=top)

    def _round_glow(self, radius: float, power: float) -> Light:
        """Return a round glow centred at (0, 0)."""
        size = int(radius)
        ys, xs = grid(2 * size + 1, 2 * size + 1)
        away = np.hypot(xs - size, (ys - size) * 1.15) / np.float32(radius)
        return Light(np.clip(1 - away, 0, 1) ** np.float32(power), -size, -size)

    def _build_ridges(self) -> None:
        """Paint the ridges from the farthest to the nearest, and the pines."""
        self._ridges: list[tuple[Layer, float]] = []
        rng = self.stage.rng(4 + 20 * self.stage.angle)
        tall = self._tall
        depths = [index / (_RIDGES - 1) for index in range(_RIDGES)]
        feet = [self._horizon + tall * (0.04 + 0.27 * depth**1.2) for depth in depths]
        high = (1.0, 0.62, 1.05)[self.stage.variation] * (1.25 if self._long else 1.0)
        peaks = [high * tall * (0.36 - 0.17 * depth) * float(rng.uniform(0.8, 1.25)) for depth in depths]
        # Rows below `hidden` are covered by the next ridge and need no pixels.
        hidden = [foot + peak * 0.35 for foot, peak in zip(feet[1:], peaks[1:], strict=True)]
        for index, (depth, foot, peak) in enumerate(zip(depths, feet, peaks, strict=True)):
            bottom = math.ceil(hidden[index] + 2) if index < len(hidden) else self._rows.stop
            self._ridges.append(
                (self._ridge(rng, depth, foot, peak, min(bottom, self._rows.stop)), 1.6 * 2.05**index)
            )
        if self.stage.variation == 0:
            self._ridges.append((self._trees(rng, 0.25, 80), 1.6 * 2.05**_RIDGES))
            share, count = (0.78, 7) if self._long else (0.58, 15)
            self._ridges.append((self._trees(rng, share, count), 1.6 * 2.05 ** (_RIDGES + 0.8)))

    def _ridge(self, rng: np.random.Generator, depth: float, foot: float, peak: float, bottom: int) -> Layer:
        """Paint one ridge down to the row `bottom`, below which nearer ones hide it."""
        stage, palette = self.stage, self.stage.palette
        width, height = int(stage.width * (1.5 + 0.2 * rng.random())), stage.height
        line = self._outline(rng, width, depth)
        profile = foot - peak * line + peak * 0.35
        if depth > 0.7 and stage.variation == 0:
            profile -= self._teeth(rng, width) * np.float32(stage.height * 0.03 * depth)
        far = mix(palette.ground[1], palette.sky[2], 0.45)
        near = mix(palette.ground[0], palette.ground[1], 0.16)
        body = mix(far, near, depth**0.75)
        haze = mix(palette.sky[2], palette.ground[1], 0.35 + 0.3 * depth)
        haze = mix(haze, body, 0.55 * depth)
        # Only the rows that are seen, from the highest peak on.
        rows = slice(max(0, min(bottom - 1, math.floor(profile.min()) - 1)), bottom)
        lit = (
            self._strata(profile, height)[rows]
            if stage.variation == 1 and depth < 0.3
            else self._light_on(rng, profile, height, rows)
        )
        ys, _ = grid(height, width)
        ys = ys[rows]
        under = np.clip((ys - profile[None, :]) / np.float32(peak * 1.25), 0, 1).astype(np.float32)
        facing = (lit - 0.45) * np.float32(0.34 - 0.16 * depth) * (1 - under)
        if stage.variation == 1:
            facing = (lit - 0.4) * np.float32(0.62 - 0.3 * depth)
        rim = np.exp(-np.clip(ys - profile[None, :], 0, None) / np.float32(1.3 * self._unit)) * np.float32(
            0.18
        )
        color = np.empty((3, len(ys), width), np.float32)
        for plane, low, high, light in zip(color, body, haze, palette.light, strict=True):
            plane[:] = low + (high - low) * smooth(0.0, 1.0, under) * np.float32(0.9)
            plane += (np.float32(light) - plane) * np.clip(facing + rim, 0, 1)
            plane += plane * np.clip(facing, -1, 0) * np.float32(1.2)
        if stage.variation == 2 and depth > 0.2:
            self._light_windows(rng, color, profile, depth, rows.start)
        return Layer(color, below(profile, bottom)[rows], steps=4, top=rows.start)

    def _outline(self, rng: np.random.Generator, width: int, depth: float) -> Mask:
        """Return a ridge's outline from 0 to 1: peaks, rocks and dunes, or roofs."""
        if self.stage.variation == 0:
            cells = int(rng.integers(3, 6)) + int(2 * depth)
            return crest(rng, width, cells=cells, rough=0.46 + 0.04 * depth)
        if self.stage.variation == 1:
            return (
                buttes(rng, width, count=9)
                if depth < 0.3
                else dunes(rng, width, cells=int(rng.integers(3, 6)))
            )
        span = self._unit * (0.7 + 1.5 * depth) * (1.35 if self._long else 1.0)
        return towers(rng, width, wide=(13 * span, 40 * span), calm=depth * 0.7)

    def _light_on(self, rng: np.random.Generator, profile: Mask, height: int, rows: slice) -> Mask:
        """Return the brightness of each place under an outline, 0 to 1."""
        if self.stage.variation == 0:
            return relief(rng, profile, height, rows=rows)
        if self.stage.variation == 2:
            return np.full((rows.stop - rows.start, len(profile)), 0.45, np.float32)
        # A dune's face is lit or not as a whole; its edge runs down from the crest in a curve.
        ys, _ = grid(height, 1)
        under = np.clip(ys[rows] - profile[None, :], 0, None)
        tilt = np.gradient(blur(np.tile(profile, (2, 3)), 2.0)[0, len(profile) : 2 * len(profile)])
        side = -1.0 if self._sun[0] > self.stage.width / 2 else 1.0
        columns = (np.arange(len(profile))[None, :] + (under * 0.9 * side).astype(int)) % len(profile)
        facing = (tilt * side)[columns] * 4.0
        ripples = 0.06 * np.sin(under * np.float32(1.1 / self._unit) + 3 * np.sin(columns * 0.02))
        return smooth(-0.6, 0.6, (facing + ripples).astype(np.float32))

    def _strata(self, profile: Mask, height: int) -> Mask:
        """Return the brightness of layered rock."""
        ys, xs = grid(height, len(profile))
        layers = 0.05 * np.sin(ys * np.float32(0.9 / self._unit)) + 0.03 * np.sin(
            ys * np.float32(2.3 / self._unit)
        )
        flank = np.sin(xs * np.float32(0.05 / self._unit)) * 0.05
        return as_mask(np.float32(0.42) + layers + flank)

    def _light_windows(
        self, rng: np.random.Generator, color: Planes, profile: Mask, depth: float, top: int
    ) -> None:
        """Light some windows, more by night, in an image whose first row is `top`."""
        stage = self.stage
        step = max(2, round(self._unit * (2.2 + 2.2 * depth)))
        share = 0.10 + 0.25 * (1 - smoothstep(0.2, 0.7, stage.daylight))
        warm = mix(stage.palette.light, stage.palette.accents[0], 0.4)
        for x in range(0, len(profile) - step, step):
            for y in range(int(profile[x : x + step].max()) + step, stage.height - 1, step + 1):
                if rng.random() < share * 0.5:
                    spot = color[:, y - top : y - top + max(1, step // 2), x + 1 : x + max(2, step - 1)]
                    glow = np.array(warm, np.float32)[:, None, None]
                    spot += (glow - spot) * np.float32(rng.uniform(0.25, 0.8) * (0.35 + 0.5 * depth))

    def _teeth(self, rng: np.random.Generator, width: int) -> Mask:
        """Return the jagged edge of a distant forest."""
        return ridge(rng, width, cells=width // 9, octaves=2, rough=0.7) ** np.float32(2)

    def _trees(self, rng: np.random.Generator, share: float, count: int) -> Layer:
        """Return a row of pines, the tallest `share` of the land's height."""
        stage = self.stage
        width, height = int(stage.width * 1.8), stage.height
        tall = self._tall
        near = share > 0.4
        rise = 0.05 * ridge(rng, width, cells=3, octaves=3)
        ground = self._rows.stop + tall * (np.float32(0.05 if near else -0.025) - rise)
        mask = pines(rng, height, width, tall=tall * share, count=count, ground=ground, jitter=0.6)
        ink = mix(stage.palette.ink, stage.palette.ground[1], 0.0 if near else 0.13)
        color = np.array(ink, np.float32)[:, None, None]
        bottom = self._rows.stop
        return Layer(np.broadcast_to(color, (3, bottom, width)), mask[:bottom], steps=4)

    def _build_air(self) -> None:
        """Prepare mist between the ridges, beams, birds, motes and grain."""
        stage, palette = self.stage, self.stage.palette
        rng = stage.rng(5)
        height, width, tall = stage.height, stage.width, self._tall
        travel = (4, int(abs(self._rise)) + 4)
        self._rays = Rays(rng, height, width, center=self._sun, travel=travel, reach=height * 1.15, beams=22)
        self._mist = []
        for index, row in enumerate((0.66, 0.78, 0.92)):
            noise = fractal(rng, height, int(width * 1.5), cells=(6, 3), octaves=4)
            ys, _ = grid(height, 1)
            band = np.exp(-(((ys - self._top - tall * row) / (tall * 0.085)) ** 2))
            tint = mix(palette.sky[2], palette.ground[1], 0.25 + 0.2 * index)
            strength = np.float32(
                (0.75 - 0.1 * index) * (1.25 if stage.words.get("weather") == "fog" else 0.8)
            )
            alpha = np.clip(smooth(0.25, 0.95, noise) * band * strength - 0.012, 0, 1)[: self._rows.stop]
            color = np.broadcast_to(np.array(tint, np.float32)[:, None, None], (3, *alpha.shape))
            self._mist.append(Layer(color, alpha, steps=2))
        self._flock = Flock(
            rng, mix(palette.ink, palette.sky[1], 0.25), 9.0 * self._unit, int(rng.integers(6, 11))
        )
        self._flight = (float(rng.uniform(0.18, 0.34)), float(rng.choice([-1.0, 1.0])))
        self._motes = rng.random((26, 4)).T
        self._mote = [Sprite.glow(r * self._unit, 1.6) for r in (2.2, 4.0, 7.5)]
        lens = 2.3 if self._long else 1.0
        self._core = Sprite.glow(58.0 * self._unit * lens**0.5, 3.2)
        disc = (9.0 if not self._night else 11.0) * lens
        self._sprites = Sprite.disc(disc * self._unit, soft=2.2 * self._unit)
        self._grain = rng.normal(0, 2.3, (height + 64, width + 64)).astype(np.float32)
        self._frame = vignette(height, width, 0.30)[self._rows]

    def paint(self, planes: Planes, moment: Moment) -> None:
        """Draw one frame."""
        rows = self._rows
        view = planes[:, rows]  # the black bars are neither read nor painted
        # The sun moves fast at first and slows down towards the end.
        rise = self._rise * (1.0 - (1.0 - moment.progress) ** 1.6)
        drop = self._rise * 0.5 - rise
        sun = (self._sun[0], self._sun[1] + drop - self._bar)
        view[:] = self._sky[:, rows]
        self._paint_sky(view, moment, sun)
        self._paint_land(view, moment, sun, drop)
        self._paint_motes(view, moment, sun)
        self._paint_grain(view, moment)
        planes[:, : rows.start] = 0
        planes[:, rows.stop :] = 0

    def _paint_sky(self, view: Planes, moment: Moment, sun: tuple[float, float]) -> None:
        """Paint sky, stars, sun and clouds."""
        palette = self.stage.palette
        breath = 0.75 + 0.35 * moment.level
        dx, dy = round(sun[0]), round(sun[1])
        if self.stage.daylight < 0.4:
            strength = 1.1 - 2.5 * self.stage.daylight
            self._stars.add(view, moment.clock, strength, int(self._horizon), top=self._bar)
        haze = mix(palette.sky[2], palette.light, 0.4)
        self._glows[0].over(view, haze, (0.20 if self._night else 0.62) * breath, dx, dy)
        self._sprites.over(view, *sun, mix(palette.light, (255.0, 255.0, 255.0), 0.75), 1.0)
        for index, layer in enumerate(self._clouds):
            drift = 18.0 * self._unit * math.sin(moment.clock * 0.05 * (1 + index))
            layer.over(view, -0.12 * layer.width + drift * self._way, -self._bar)
        if self._night:
            self._sprites.over(view, *sun, palette.light, 0.85)
        self._glows[1].over(view, palette.light, (0.34 if self._night else 0.80) * breath, dx, dy)

    def _paint_land(self, view: Planes, moment: Moment, sun: tuple[float, float], drop: float) -> None:
        """Paint the ridges with mist, birds and beams between them."""
        palette = self.stage.palette
        # Steady beams where motion is reduced.
        bands = moment.bands if not self.stage.reduce_motion else moment.bands * 0 + np.float32(0.4)
        power = (0.20 if self._night else 0.85) * (0.55 + 0.55 * moment.level + 0.12 * moment.onset)
        power *= smoothstep(0.0, 0.12, moment.progress)
        beams = self._rays.mask(moment.clock, 0.0, drop, bands, self._rows)
        self._paint_beams(view, beams, power)
        travel = self._way * moment.clock * self._pace
        # Parallax: each nearer ridge moves about twice as fast.
        for index, (layer, speed) in enumerate(self._ridges):
            layer.over(view, -travel * speed - index * 97.0, -self._bar)
            if index == 1:
                self._paint_birds(view, moment)
            if 1 <= index <= 3:
                creep = travel * speed * 0.8 + moment.clock * 3.0 * self._pace
                self._mist[index - 1].over(view, -creep, -self._bar, clamp(0.72 + 0.28 * moment.bass))
            if index == 2:
                self._paint_beams(view, beams, power * 0.34)
        self._paint_glare(view, sun, moment, palette.light)

    def _paint_beams(self, view: Planes, beams: Mask, power: float) -> None:
        """Blend the light of the beams over the view."""
        light = mix(self.stage.palette.light, self.stage.palette.sky[2], 0.35)
        shine, work = scratch(beams.shape, 2), scratch(beams.shape, 3)
        np.multiply(beams, np.float32(power), out=shine)
        bound(shine, 0, 0.9)
        for plane, value in zip(view, light, strict=True):
            np.subtract(np.float32(value), plane, out=work)
            work *= shine
            plane += work

    def _paint_glare(self, view: Planes, sun: tuple[float, float], moment: Moment, light: Color) -> None:
        """Paint the sun's glare that spills over the crests."""
        strength = (0.08 if self._night else 0.30) * (0.7 + 0.5 * moment.level)
        self._glows[1].over(view, light, strength, round(sun[0]), round(sun[1]))
        core = mix(light, (255.0, 255.0, 255.0), 0.35)
        self._core.add(view, *sun, core, (0.3 if self._night else 0.95) * (0.7 + 0.4 * moment.level))

    def _paint_birds(self, view: Planes, moment: Moment) -> None:
        row, way = self._flight
        span = self.stage.width * 1.3
        at = (moment.clock * 11.0 * self._unit + span * 0.35) % (span * 1.6)
        x = at if way > 0 else self.stage.width - at
        y = row * (self._rows.stop - self._bar) + math.sin(moment.clock * 0.23) * 9 * self._unit
        self._flock.over(view, x, y, moment.clock, opacity=0.85)

    def _paint_motes(self, view: Planes, moment: Moment, sun: tuple[float, float]) -> None:
        """Paint dust in the air that catches the light."""
        height, width = self.stage.height, self.stage.width
        tempo = 0.4 if self.stage.reduce_motion else 1.0
        tall, pulse = self._rows.stop - self._rows.start, 0.42 * (0.6 + 0.6 * moment.level)
        x, y, size, phase = self._motes
        along = (x - self._way * moment.clock * tempo * (0.012 + 0.03 * size)) % 1.1 - 0.05
        down = tall * ((y + 0.02 * np.sin(moment.clock * 0.4 + phase * 9)) % 1)
        near = np.exp(-np.hypot(along * width - sun[0], down - sun[1]) / height * 1.7)
        glow = pulse * near * (0.6 + 0.4 * np.sin(moment.clock * (0.6 + phase) + phase * 20))
        kind = np.minimum(2, (size * 3.2).astype(int))
        add_each(view, self._mote, kind, along * width, down, self.stage.palette.light, glow)

    def _paint_grain(self, view: Planes, moment: Moment) -> None:
        view *= self._frame
        # Another part of one sheet of grain for each frame.
        y, x = (moment.index * 37) % 61, (moment.index * 53) % 59
        grain = self._grain[y : y + view.shape[1], x : x + view.shape[2]]
        view += grain
