"""A painted sky: towering clouds in four tones, hills and trees below, wind, petals, fireflies by night."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ..arrays import Mask, Planes, as_mask, scratch
from ..backdrop import Backdrop, Moment
from ..blur import blur
from ..colors import Color, mix
from ..drawing import Light, segment
from ..easing import smooth, smoothstep
from ..layers import Layer
from ..masks import below, gradient, grid, polygon, pooled
from ..nature import Flock, Rays, Stars, crest
from ..noise import fractal, ridge
from ..puffs import Balls, Heap, Tones, crown, crown_height, cumulus, heap, toned, tree
from ..sprites import Sprite, Stamp, add_each

__all__ = ["AnimeBackdrop"]

_WHITE: Color = (255.0, 255.0, 255.0)


class AnimeBackdrop(Backdrop):
    """A wide sky over a meadow, a coast or a village."""

    name = "anime"

    def prepare(self) -> None:
        """Paint the layers."""
        stage = self.stage
        self._unit = stage.height / 360.0
        self._calm = 0.4 if stage.reduce_motion else 1.0
        self._tempo = {"slow": 0.65, "fast": 1.5}.get(stage.words.get("tempo", ""), 1.0) * self._calm
        self._night = stage.daylight < 0.2
        rng = stage.rng(1)
        self._layout(rng)
        self._build_sky(stage.rng(2 + 20 * stage.angle))
        self._layers: list[tuple[Layer, float]] = []
        self._build_land(stage.rng(3 + 20 * stage.angle))
        self._build_front(stage.rng(4 + 20 * stage.angle))
        self._build_air(stage.rng(5))

    def _layout(self, rng: np.random.Generator) -> None:
        """Choose the horizon, the sun's position and the place."""
        stage = self.stage
        self._low = stage.angle == 1  # seen from the grass, under more sky
        self._horizon = stage.height * (0.83 if self._low else float(rng.choice([0.60, 0.66, 0.70])))
        side = float(rng.choice([0.22, 0.3, 0.7, 0.78]))
        side = 1.0 - side if self._low else side
        up = 0.46 if self._night else 0.06 + 0.40 * smoothstep(0.42, 0.9, stage.daylight)
        self._sun = (side * stage.width, self._horizon - up * stage.height)
        self._toward = 1.0 if side > 0.5 else -1.0
        self._way = -self._toward
        self._kind = (0, 1, 3)[stage.variation]  # meadow, coast, village; 2 is a wood
        if stage.words.get("place") == "forest":
            self._kind = 2

    # --- sky ---

    def _build_sky(self, rng: np.random.Generator) -> None:
        """Paint the sky, its clouds and the sun's glow."""
        stage, palette = self.stage, self.stage.palette
        height, width, horizon = stage.height, stage.width, int(self._horizon) + 1
        column = gradient(horizon, palette.sky, (0.0, 0.55, 1.0))
        rest = np.broadcast_to(column[:, -1:], (3, height - horizon, 1))
        self._sky = np.broadcast_to(np.concatenate([column, rest], 1), (3, height, width)).copy()
        self._add_thin_clouds(rng)
        self._tones = self._cloud_tones()
        scale = stage.height / 360.0
        weather = {"clear": 0.6, "clouds": 1.35, "storm": 1.6, "rain": 1.4}.get(
            stage.words.get("weather", ""), 1.0
        )
        far = self._bank(rng, 1.5, count=9, size=20 * scale * weather, foot=self._horizon - 2 * scale)
        near = self._tower(rng, 1.8, size=(112 if self._low else 86) * scale * weather)
        self._clouds = [(far, 1.6), (near, 3.4)]
        self._stars = Stars(stage.rng(6), horizon, width, int(width * horizon / 150))
        self._glow = _round_glow(height * 0.95, 2.0)
        self._heart = _round_glow(height * 0.26, 2.2)
        self._disc = Sprite.disc((14 if self._night else 12) * self._unit, soft=2 * self._unit)

    def _add_thin_clouds(self, rng: np.random.Generator) -> None:
        """Add high thin clouds, as drawn with a dry brush."""
        stage = self.stage
        height, width = stage.height, stage.width
        noise = fractal(rng, height, width, cells=(9, 2), octaves=6)
        lean = (np.arange(height)[:, None] * float(rng.uniform(-1.2, 1.2))).astype(int)
        # Shear the noise, so that the strokes lean.
        noise = noise[np.arange(height)[:, None], (np.arange(width)[None, :] + lean) % width]
        ys, _ = grid(height, 1)
        high = np.exp(-(((ys / height - rng.uniform(0.1, 0.3)) / 0.16) ** 2)).astype(np.float32)
        alpha = smooth(0.52, 0.85, noise) * high * np.float32(0.15 if self._night else 0.5)
        color = mix(stage.palette.light, _WHITE, 0.4)
        for plane, value in zip(self._sky, color, strict=True):
            plane += (np.float32(value) - plane) * alpha

    def _cloud_tones(self) -> Tones:
        """Return four tones from the shadow under a cloud to its lit edge."""
        palette = self.stage.palette
        day = smoothstep(0.5, 0.85, self.stage.daylight)
        edge = mix(palette.light, _WHITE, 0.25 + 0.6 * day)
        if self._night:
            edge = mix(palette.sky[2], palette.light, 0.45)
        lit = mix(edge, palette.sky[2], 0.28 + 0.15 * (1 - day))
        shade = mix(mix(palette.sky[1], palette.sky[2], 0.5), edge, 0.30 * day)
        deep = mix(mix(palette.sky[0], palette.sky[1], 0.72), edge, 0.18 * day)
        return deep, shade, lit, edge

    def _bank(self, rng: np.random.Generator, wide: float, *, count: int, size: float, foot: float) -> Layer:
        """Return a row of small clouds along the horizon."""
        height, width = self.stage.height, int(self.stage.width * wide)
        balls: Balls = []
        for _ in range(count):
            x, bulk = rng.uniform(0, width), size * rng.uniform(0.5, 1.15)
            balls += cumulus(rng, x, foot, bulk, spread=rng.uniform(2.0, 3.6), tall=rng.uniform(0.7, 1.3))
        return self._cloud(rng, balls, height, width, foot)

    def _tower(self, rng: np.random.Generator, wide: float, *, size: float) -> Layer:
        """Return the great cloud opposite the sun and two smaller ones."""
        height, width = self.stage.height, int(self.stage.width * wide)
        middle = self.stage.width * (0.5 - 0.24 * self._toward * rng.uniform(0.7, 1.2))
        foot = self._horizon + 6 * self._unit
        balls = cumulus(rng, middle, foot, size, spread=rng.uniform(1.6, 2.2), tall=rng.uniform(1.5, 2.2))
        balls += cumulus(rng, middle + self._toward * size * 2.2, foot, size * 0.6, spread=2.2, tall=1.1)
        second = middle + width * rng.uniform(0.42, 0.58)
        balls += cumulus(rng, second, foot, size * rng.uniform(0.6, 0.8), spread=2.2, tall=1.6)
        return self._cloud(rng, balls, height, width, foot)

    def _cloud(self, rng: np.random.Generator, balls: Balls, height: int, width: int, foot: float) -> Layer:
        """Paint balls of vapour in four tones that dissolve into the haze below."""
        palette = self.stage.palette
        cloud = heap(rng, balls, height, width, toward=(0.62 * self._toward, -0.62))
        rows, columns = cloud.place
        ys, _ = grid(height, 1)
        low = smooth(float(foot - 60 * self._unit), float(foot), ys[rows])
        painted = toned(cloud.lit - 0.16 * low, self._tones, soft=0.045)
        for plane, value in zip(painted, palette.sky[2], strict=True):
            plane += (np.float32(value) - plane) * low * np.float32(0.75)
        color = np.zeros((3, len(low), width), np.float32)
        alpha = np.zeros((len(low), width), np.float32)
        color[..., columns], alpha[:, columns] = painted, cloud.alpha * (1 - 0.55 * low)
        return Layer(color, alpha, steps=4, top=rows.start)

    # --- land ---

    def _build_land(self, rng: np.random.Generator) -> None:
        """Paint far mountains, then hills, the sea or a village."""
        stage, palette = self.stage, self.stage.palette
        height = stage.height
        air = mix(palette.sky[2], palette.ground[1], 0.45)
        for index, (tall, share) in enumerate(((0.15, 0.25), (0.10, 0.6))):
            width = int(stage.width * (1.5 + 0.25 * index))
            line = crest(rng, width, cells=4 + 2 * index, rough=0.42)
            foot = self._horizon + height * (0.005 + 0.02 * index)
            profile = (foot - height * tall * line).astype(np.float32)
            color = mix(air, palette.ground[1], share)
            bottom = int(self._horizon) + 2 if self._kind == 1 else height
            self._layers.append((self._mountain(rng, profile, color, air, bottom), 2.6 + 1.6 * index))
        self._water: tuple[int, int] | None = None
        if self._kind == 1:
            self._build_water(rng)
        # Number of hills: a coast has one, a village stands between two.
        steps = {0: 4, 1: 1, 2: 4, 3: 2}[self._kind]
        for index in range(steps):
            depth = (index + 1) / steps
            after = (index + 2) / steps
            foot, rise = self._slope_of(after)
            hidden = math.ceil(foot + rise * 0.4 + 2) if index + 1 < steps else height
            if self._kind == 3 and index == steps - 1:
                low, high = self._slope_of(depth)
                self._layers.append((self._paint_village(rng, low - 0.2 * high), 9.0))
            self._layers.append((self._hill(rng, depth, min(height, hidden)), 4.5 + 9.0 * depth**1.4))

    def _mountain(
        self, rng: np.random.Generator, profile: Mask, color: Color, air: Color, bottom: int
    ) -> Layer:
        """Paint a mountain in two flat tones that fade into haze at its foot, down to the row `bottom`."""
        height, width = self.stage.height, len(profile)
        ys, _ = grid(height, width)
        under = ys - profile[None, :]
        fold = blur(fractal(rng, height, width, cells=(3, 14), octaves=4), 0.8 * self._unit)
        # The outline a little closer to the sun: a slope that rises away from the sun is lit.
        side = np.roll(profile, int(-self._toward * 14 * self._unit))
        lit = smooth(-1.0, 1.0, (side[None, :] - profile[None, :]) * 0.5 + (fold - 0.5) * 26 - under * 0.10)
        bright = mix(color, self.stage.palette.light, 0.15)
        planes = np.stack(
            [np.float32(a) + np.float32(b - a) * lit for a, b in zip(color, bright, strict=True)]
        )
        fade = smooth(0, 46 * self._unit, under) * np.float32(0.75)
        for plane, value in zip(planes, air, strict=True):
            plane += (np.float32(value) - plane) * fade
        return Layer(planes[:, :bottom], below(profile, bottom), steps=4)

    def _build_water(self, rng: np.random.Generator) -> None:
        """Paint the sea up to the horizon in bands of colour, and choose the places of its glints."""
        stage, palette = self.stage, self.stage.palette
        top, bottom = int(self._horizon) + 1, stage.height
        rows = bottom - top
        near = mix(palette.sky[0], palette.ground[1], 0.25)
        column = gradient(
            rows,
            [mix(palette.sky[2], palette.sky[1], 0.5), mix(palette.sky[1], near, 0.4), near],
            (0, 0.3, 1),
        )
        self._sea = np.broadcast_to(column, (3, rows, stage.width)).copy()
        noise = fractal(rng, rows, stage.width, cells=(10, 3), octaves=4)
        stripes = smooth(0.55, 0.60, noise) * np.float32(0.22)
        for plane, value in zip(self._sea, palette.sky[2], strict=True):
            plane += (np.float32(value) - plane) * stripes
        count = 420
        y = (rng.random(count) ** 1.7 * rows * 0.9).astype(int)
        spread = 0.06 + 0.22 * y / rows
        x = self._sun[0] + rng.normal(0, 1, count) * spread * stage.width
        self._glints = np.stack([x, y + top, rng.uniform(0, 6.28, count), rng.uniform(1.5, 4.0, count)])
        self._water = (top, bottom)

    def _slope_of(self, depth: float) -> tuple[float, float]:
        """Return a hill's row and rise by its depth, 0 the farthest to 1 the nearest."""
        room = self.stage.height - self._horizon
        return self._horizon + room * (0.06 + 0.62 * depth**1.1), room * (0.16 + 0.16 * depth)

    def _hill(self, rng: np.random.Generator, depth: float, bottom: int) -> Layer:
        """Paint a hill in four greens with trees along its edge, down to the row `bottom`."""
        stage, palette = self.stage, self.stage.palette
        height, width = stage.height, int(stage.width * (1.5 + 0.35 * depth))
        room = height - self._horizon
        foot, rise = self._slope_of(depth)
        profile = foot - rise * ridge(rng, width, cells=3, octaves=2, rough=0.3) + rise * 0.4
        profile = profile.astype(np.float32)
        base = mix(palette.ground[1], palette.ground[0], 0.25 + 0.75 * depth)
        tones = self._greens(base, depth)
        alpha = below(profile, height)
        # Only visible rows are painted: from the highest treetop down to the nearer hill.
        rows = slice(max(0, int(float(profile.min()) - crown_height(*self._bush(depth)))), bottom)
        ys, _ = grid(height, width)
        under = np.clip(ys[rows] - profile[None, :], 0, None)
        strokes = fractal(rng, height, width, cells=(12, 7), octaves=5, part=(rows, slice(None)))
        lit = 0.80 - under / np.float32(room * 0.62) + (strokes - 0.5) * np.float32(0.55)
        color = np.zeros((3, height, width), np.float32)
        color[:, rows] = toned(as_mask(lit), tones, soft=0.05)
        trees = self._grove(rng, profile, depth)
        if trees:
            crowns = heap(rng, trees, height, width, toward=(0.6 * self._toward, -0.66))
            leaves = mix(base, palette.ink, 0.30 - 0.12 * depth)
            _paint_leaves(color, alpha, crowns, self._greens(leaves, depth))
        return Layer(color[:, rows], alpha[rows], steps=4, top=rows.start)

    def _paint_village(self, rng: np.random.Generator, foot: float) -> Layer:
        """Paint gabled houses with windows that are lit at night."""
        stage, palette = self.stage, self.stage.palette
        height, width = stage.height, int(stage.width * 1.7)
        color, alpha = np.zeros((3, height, width), np.float32), np.zeros((height, width), np.float32)
        air = mix(palette.sky[2], palette.ground[1], 0.5)
        dark = 1 - smoothstep(0.3, 0.6, stage.daylight)
        wall = mix(mix(palette.light, air, 0.45), palette.ink, 0.62 * dark)
        roofs = [
            mix(mix(palette.accents[k % len(palette.accents)], palette.ink, 0.42 + 0.25 * dark), air, 0.22)
            for k in (1, 2)
        ]
        roofs.append(mix(mix(palette.sky[0], palette.ink, 0.3), air, 0.3))
        for _ in range(26):
            wide = int(self._unit * rng.uniform(20, 38))
            x = int(rng.uniform(0, width - wide))
            ground = min(height - 1, int(foot - self._unit * rng.uniform(-6, 14)))
            eaves = ground - int(self._unit * rng.uniform(13, 24))
            ridge_at = eaves - int(wide * rng.uniform(0.30, 0.46))
            self._paint_house(
                color, alpha, (x, x + wide, ridge_at, eaves, ground), wall, roofs[int(rng.integers(3))]
            )
            for k in range(int(rng.integers(1, 4))):
                wx, wy = x + int(wide * (0.16 + 0.26 * k)), eaves + int(self._unit * 4)
                pane = (
                    mix(palette.sky[1], palette.ink, 0.3)
                    if rng.random() > dark * 0.8
                    else (255.0, 214.0, 128.0)
                )
                tall, broad = max(2, int(self._unit * 5)), max(2, int(self._unit * 4.4))
                color[:, wy : wy + tall, wx : wx + broad] = np.array(pane, np.float32)[:, None, None]
        return Layer(color, alpha, steps=4)

    def _paint_house(
        self, color: Planes, alpha: Mask, box: tuple[int, int, int, int, int], wall: Color, roof: Color
    ) -> None:
        """Paint one house; `box` is its left, right, ridge, eaves and ground."""
        left, right, top, eaves, ground = box
        half, lean = (right - left) // 2, self._toward
        side = (1.0, 0.8) if lean < 0 else (0.8, 1.0)
        for x0, x1, shade in ((left, left + half, side[0]), (left + half, right, side[1])):
            color[:, eaves : ground + 40, x0:x1] = np.array(wall, np.float32)[:, None, None] * np.float32(
                shade
            )
            alpha[eaves : ground + 40, x0:x1] = 1.0
        over = max(1, round(2 * self._unit))
        for y in range(max(0, top), eaves + over):
            reach = int(half * min(1.0, (y - top) / max(1, eaves - top))) + over
            x0, x1 = max(0, left + half - reach), min(alpha.shape[1], left + half + reach)
            middle = left + half
            for a, b, shade in ((x0, middle, side[0]), (middle, x1, side[1])):
                color[:, y, a:b] = np.array(roof, np.float32)[:, None] * np.float32(shade)
            alpha[y, x0:x1] = 1.0

    def _greens(self, base: Color, depth: float) -> Tones:
        """Return four tones of a plant's colour at a depth."""
        palette = self.stage.palette
        dark = mix(base, palette.ink, 0.42)
        shade = mix(base, palette.ink, 0.20)
        lit = mix(base, palette.light, 0.16 if self._night else 0.26)
        far = 0.42 * (1 - depth)
        air = mix(palette.sky[2], palette.ground[1], 0.5)
        return mix(dark, air, far), mix(shade, air, far), mix(base, air, far), mix(lit, air, far * 0.8)

    def _bush(self, depth: float) -> tuple[float, float]:
        """Return the largest size of a bush in pixels, and its greatest ratio of height to size."""
        return self._unit * (5.0 + 13.75 * depth), 1.7 if self._kind == 2 else 1.3

    def _grove(self, rng: np.random.Generator, profile: Mask, depth: float) -> Balls:
        """Return treetops along a hill's edge: single ones, or a whole wood."""
        width = len(profile)
        largest, tallest = self._bush(depth)
        balls: Balls = []
        groups = int(width / (largest * 0.92)) if self._kind == 2 else int(rng.integers(5, 10))
        for _ in range(groups):
            x = float(rng.uniform(0, width))
            bulk = largest * float(rng.uniform(0.48, 1.0))
            foot = float(profile[int(x) % width]) + bulk * 0.55
            balls += crown(rng, x, foot, bulk, tall=float(rng.uniform(1.0, tallest)))
        return balls

    # --- front ---

    def _build_front(self, rng: np.random.Generator) -> None:
        """Paint the meadow in front: a slope, a tree or poles on it, blades of grass."""
        stage, palette = self.stage, self.stage.palette
        height, width = stage.height, int(stage.width * 2.2)
        ink = mix(palette.ground[0], palette.ink, 0.35)
        tones = self._greens(ink, 1.0)
        line = ridge(rng, width, cells=3, octaves=2, rough=0.2)
        self._slope = (height - height * (0.05 + 0.11 * line)).astype(np.float32)
        ys, _ = grid(height, width)
        # Everything above this row has the brightest tone.
        first = max(0, int(float(self._slope.min()) - 0.05 * height))
        strokes = fractal(
            rng, height, width, cells=(10, 40), octaves=4, part=(slice(first, None), slice(None))
        )
        lit = (
            0.9
            - (ys[first:] - self._slope[None, :]) / np.float32(height * 0.15) * 0.8
            + (strokes - 0.5) * np.float32(0.7)
        )
        color = np.empty((3, height, width), np.float32)
        color[:, :first] = np.array(tones[-1], np.float32)[:, None, None]
        color[:, first:] = toned(as_mask(lit), tones, soft=0.05)
        alpha = below(self._slope, height)
        self._paint_landmark(rng, color, alpha)
        self._front = Layer(color, alpha, steps=2)
        self._blades = [self._grass(rng, share) for share in (0.10, 0.14)]
        wave = fractal(rng, 96, 512, cells=(4, 5), octaves=3)
        self._gust = smooth(0.55, 0.9, wave)

    def _paint_landmark(self, rng: np.random.Generator, color: Planes, alpha: Mask) -> None:
        """Paint lone trees, or poles with wires."""
        if self._kind == 3:
            self._paint_poles(rng, color, alpha)
            return
        if self._low and self._kind == 0:
            return
        palette = self.stage.palette
        height, width = alpha.shape
        blossom = self._kind in (0, 1) and not self._night
        spots = [self.stage.width * (0.5 + 0.33 * self._toward * -1)] + (
            [width * 0.75] if rng.random() < 0.6 else []
        )
        for x in spots:
            size = height * float(rng.uniform(0.15, 0.20))
            foot = float(self._slope[int(x) % width])
            trunk, balls = tree(rng, x, foot, size)
            bark = mix(palette.ink, palette.ground[0], 0.15)
            mask = np.zeros_like(alpha)
            for limb in trunk:
                _add_limb(mask, limb)
            _paint_over(color, alpha, mask, bark)
            leaves = heap(rng, balls, height, width, toward=(0.6 * self._toward, -0.66), fine=True)
            leaf = (
                palette.accents[2 % len(palette.accents)]
                if blossom
                else mix(palette.ground[0], palette.ink, 0.2)
            )
            _paint_leaves(color, alpha, leaves, self._leaves(leaf))

    def _leaves(self, leaf: Color) -> Tones:
        """Return four tones of a tree's leaves."""
        palette = self.stage.palette
        return (
            mix(leaf, mix(palette.ink, palette.sky[0], 0.4), 0.55),
            mix(leaf, mix(palette.ink, palette.sky[0], 0.5), 0.28),
            leaf,
            mix(leaf, mix(palette.light, _WHITE, 0.4), 0.45),
        )

    def _paint_poles(self, rng: np.random.Generator, color: Planes, alpha: Mask) -> None:
        """Paint a row of telegraph poles and their wires."""
        height, width = alpha.shape
        ink = mix(self.stage.palette.ink, self.stage.palette.sky[0], 0.2)
        tall, thick = height * 0.46, 2.6 * self._unit
        count = 3
        xs = [(k + 0.25 + rng.uniform(-0.06, 0.06)) * width / count for k in range(count)]
        mask = np.zeros_like(alpha)
        arms = []
        for x in xs:
            foot = float(self._slope[int(x) % width]) + 4
            top = foot - tall * float(rng.uniform(0.95, 1.1))
            _add_limb(mask, (x, foot, x, top, thick * 1.4, thick))
            for k, half in enumerate((15.0, 11.0)):
                y = top + (10 + 17 * k) * self._unit
                _add_limb(
                    mask, (x - half * self._unit, y, x + half * self._unit, y, thick * 0.8, thick * 0.8)
                )
            arms.append((x, top))
        for (x0, y0), (x1, y1) in zip(arms, [*arms[1:], (arms[0][0] + width, arms[0][1])], strict=True):
            for side, down in ((-14, 8), (13, 8), (-10, 25), (9, 25)):
                wire = _wire(
                    height,
                    width,
                    (x0 + side * self._unit, y0 + down * self._unit),
                    (x1 + side * self._unit, y1 + down * self._unit),
                    sag=height * 0.07,
                    thick=0.9 * self._unit,
                )
                np.maximum(mask, wire * np.float32(0.8), out=mask)
        _paint_over(color, alpha, mask, ink)

    def _grass(self, rng: np.random.Generator, share: float) -> Layer:
        """Paint blades of grass along the lower edge."""
        stage, palette = self.stage, self.stage.palette
        height, width = stage.height, int(stage.width * 1.5)
        fine = 2
        mask = np.zeros((int(height * share * 1.3) * fine, width * fine), np.float32)
        rows = mask.shape[0]
        tint = np.zeros((rows, width * fine), np.float32)
        x, grown, young, lean, hue = rng.random((int(width / self._unit * 0.55), 5)).T
        tall = rows * (0.25 + 0.65 * grown) * (0.5 + 0.5 * young)
        # All rows of all blades, then all pixels of all rows: no Python loop over blades.
        blade, y = _repeat_index(tall.astype(int))
        t = y / tall[blade]
        middle = x[blade] * width * fine + (lean[blade] - 0.5) * tall[blade] * t**2
        half = (1 - t) * 1.9 * fine * self._unit * 0.6 + 0.4
        left = np.floor(middle - half).astype(int)
        row, across = _repeat_index(np.ceil(middle + half).astype(int) - left)
        at = rows - 1 - y[row], (left[row] + across) % (width * fine)
        mask[at] = 1
        tint[at] = hue[blade[row]] * 0.6 + 0.4 * t[row]
        alpha = pooled(mask, fine)
        shade = as_mask(pooled(tint, fine) / np.maximum(alpha, np.float32(0.01)))
        dark = mix(palette.ground[0], palette.ink, 0.62)
        bright = mix(palette.ground[0], palette.light, 0.06)
        color = np.stack(
            [np.float32(a) + np.float32(b - a) * shade for a, b in zip(dark, bright, strict=True)]
        )
        return Layer(color, alpha, steps=4, top=height - len(alpha))

    def _build_air(self, rng: np.random.Generator) -> None:
        """Prepare beams, petals or fireflies, birds, lens flares and meteors."""
        stage, palette = self.stage, self.stage.palette
        height, width = stage.height, stage.width
        self._rays = Rays(rng, height, width, center=self._sun, travel=(2, 2), reach=height * 1.1, beams=16)
        accents = palette.accents
        self._petals = [
            [_petal(size * self._unit, turn / 8, accents[hue % len(accents)]) for turn in range(8)]
            for hue, size in ((1, 3.2), (2, 4.2), (0, 2.6), (2, 7.0))
        ]
        count = 26 if self._night else 44
        self._flight = rng.random((count, 5)).T
        self._fly = [Sprite.glow(r * self._unit, 1.8) for r in (3.0, 6.0, 11.0)]
        self._flock = Flock(
            rng, mix(palette.ink, palette.sky[1], 0.3), 11 * self._unit, int(rng.integers(4, 9))
        )
        self._ghosts = [Sprite(r * self._unit, _ghost) for r in (9.0, 20.0, 13.0, 34.0)]
        self._meteors = rng.random((64, 3)).tolist()

    def paint(self, planes: Planes, moment: Moment) -> None:
        """Draw one frame."""
        self._wind = 1.3 * moment.clock * self._tempo
        self._paint_sky(planes, moment)
        self._paint_land(planes, moment)
        self._paint_front(planes, moment)
        self._paint_flight(planes, moment)
        self._paint_lens(planes, moment)

    def _travel(self, moment: Moment) -> float:
        """Return how far the camera has moved, in pixels for a layer with a speed of 1."""
        return (
            self._way
            * (moment.clock * self._tempo + 2.0 * math.sin(moment.progress * math.pi / 2))
            * self._unit
        )

    def _paint_sky(self, planes: Planes, moment: Moment) -> None:
        """Paint sky, stars, sun and clouds."""
        palette = self.stage.palette
        planes[:] = self._sky
        breath = 0.75 + 0.35 * moment.level
        if self.stage.daylight < 0.35:
            self._stars.add(planes, moment.clock, 1.3 - 3.0 * self.stage.daylight, int(self._horizon))
            self._paint_meteor(planes, moment)
        sun = self._sun
        haze = mix(palette.light, palette.sky[2], 0.35)
        self._glow.over(planes, haze, (0.18 if self._night else 0.50) * breath, round(sun[0]), round(sun[1]))
        self._disc.over(planes, *sun, mix(palette.light, _WHITE, 0.6), 1.0)
        travel = self._travel(moment)
        for layer, speed in self._clouds:
            layer.over(planes, -travel * speed + self._wind * 0.8 * speed * self._unit)
        self._heart.over(
            planes,
            mix(palette.light, _WHITE, 0.4),
            (0.22 if self._night else 0.70) * breath,
            *map(round, sun),
        )

    def _paint_meteor(self, planes: Planes, moment: Moment) -> None:
        """Paint a meteor, at most one every three seconds."""
        slot, within = divmod(moment.time, 3.1)
        x, y, chance = self._meteors[int(slot) % len(self._meteors)]
        if chance < 0.35 or within > 0.9:
            return
        width, height = self.stage.width, self.stage.height
        t = within / 0.9
        head = (x * width + 0.30 * height * t, (0.05 + 0.4 * y) * self._horizon + 0.13 * height * t)
        for k in range(6):
            a, b = k * 0.016 * height, (k + 1) * 0.016 * height
            segment(
                planes,
                (head[0] - a, head[1] - a * 0.43),
                (head[0] - b, head[1] - b * 0.43),
                1.3 * self._unit,
                _WHITE,
                0.75 * (1 - k / 6) * math.sin(math.pi * t),
            )

    def _paint_land(self, planes: Planes, moment: Moment) -> None:
        """Paint mountains, water or hills, birds and beams."""
        travel = self._travel(moment)
        if self._water is not None:
            top, bottom = self._water
            for layer, speed in self._layers[:2]:
                layer.over(planes, -travel * speed)
            planes[:, top:bottom] = self._sea
            self._paint_glints(planes, moment)
        for layer, speed in self._layers[2 if self._water is not None else 0 :]:
            layer.over(planes, -travel * speed)
        self._paint_birds(planes, moment)
        self._paint_rays(planes, moment)

    def _paint_glints(self, planes: Planes, moment: Moment) -> None:
        """Paint short strokes of light on the water."""
        xs, ys, phases, paces = self._glints
        lit = np.sin(phases + moment.clock * paces * self._tempo) - 0.45 + 0.5 * moment.level
        steps = np.arange(int(2 + 5 * self._unit))
        seen = np.flatnonzero((lit > 0) & (xs > 4) & (xs < self.stage.width - len(steps)))
        seen = seen[np.argsort(lit[seen])]  # where strokes overlap, the brightest is painted last
        columns, rows = xs[seen].astype(int), ys[seen].astype(int)
        gain = np.minimum(lit[seen] * 1.6, 1).astype(np.float32)
        color = mix(self.stage.palette.light, _WHITE, 0.5)
        near = 1 + ((rows - self._horizon) / 14).astype(int)
        glint, step = np.nonzero(steps <= near[:, None] * 2 * self._unit)
        places, gain = (rows[glint], columns[glint] + step), gain[glint]
        for plane, value in zip(planes, color, strict=True):
            under = plane[places]
            plane[places] = under + (np.float32(value) - under) * gain

    def _paint_birds(self, planes: Planes, moment: Moment) -> None:
        span = self.stage.width * 1.5
        at = (moment.clock * 22 * self._unit * self._tempo) % span
        x = at if self._way < 0 else self.stage.width - at
        y = self._horizon * 0.42 + 14 * self._unit * math.sin(moment.clock * 0.35)
        self._flock.over(planes, x, y, moment.clock, 1.1, 0.9)

    def _paint_rays(self, planes: Planes, moment: Moment) -> None:
        power = (0.05 if self._night else 0.24) * (0.4 + 0.8 * moment.level)
        rows = slice(0, self.stage.height)
        mask = self._rays.mask(moment.clock * 0.8, 0, 0, moment.bands, rows)
        mask *= np.float32(power)
        work = scratch(mask.shape, 3)
        for plane, value in zip(planes, mix(self.stage.palette.light, _WHITE, 0.3), strict=True):
            np.subtract(np.float32(value), plane, out=work)
            work *= mask
            plane += work

    def _paint_front(self, planes: Planes, moment: Moment) -> None:
        travel = self._travel(moment)
        self._front.over(planes, -travel * 22)
        self._paint_gust(planes)
        for index, layer in enumerate(self._blades):
            sway = (
                (2.2 + 3.0 * moment.level)
                * math.sin(self._wind * 2.6 + index * 1.7)
                * self._unit
                * self._calm
            )
            layer.over(planes, -travel * (30 + 9 * index) + sway - index * 61)

    def _paint_gust(self, planes: Planes) -> None:
        """Paint gusts of wind as lighter waves in the grass."""
        height, width = self.stage.height, self.stage.width
        rows = min(96, int(height * 0.16))
        part = planes[:, height - rows :]
        start = int(-self._wind * 70) % 512
        # The tile of gusts repeats every 512 columns.
        columns = (np.arange(width) * np.float32(0.8 / self._unit)).astype(np.intp) + start
        wave = self._gust[:rows].take(columns % 512, axis=1)
        wave *= np.linspace(0, 1, rows, dtype=np.float32)[:, None] * np.float32(0.16)
        light = mix(self.stage.palette.ground[0], self.stage.palette.light, 0.6)
        for plane, value in zip(part, light, strict=True):
            plane += (np.float32(value) - plane) * wave

    def _paint_flight(self, planes: Planes, moment: Moment) -> None:
        """Paint petals in the wind by day, fireflies by night."""
        if self._night:
            self._paint_fireflies(planes, moment)
        else:
            self._paint_petals(planes, moment)

    def _paint_petals(self, planes: Planes, moment: Moment) -> None:
        width, height = self.stage.width, self.stage.height
        x, y, size, phase, pace = self._flight
        near = 0.35 + 0.65 * size
        across = (x - self._way * self._wind * (0.05 + 0.10 * near)) % 1.12 - 0.06
        sway = 0.02 * np.sin(moment.clock * 1.7 + phase * 9)
        fall = (y + moment.clock * self._tempo * 0.03 * (0.5 + pace) + sway) % 1.1 - 0.05
        swing = 9 * self._unit * near * np.sin(moment.clock * (1.2 + pace) + phase * 6.3)
        turn = (self._wind * (0.9 + pace) * 3 + phase * 8).astype(int) % 8
        kind = np.where(size > 0.9, 3, np.arange(len(size)) % 3)
        each = (kind.tolist(), turn.tolist(), (across * width).tolist(), (fall * height + swing).tolist())
        for k, pose, at, down in zip(*each, strict=True):
            self._petals[k][pose].over(planes, at, down, 0.9)

    def _paint_fireflies(self, planes: Planes, moment: Moment) -> None:
        width, height = self.stage.width, self.stage.height
        x, y, size, phase, _ = self._flight
        across = (
            x + 0.03 * np.sin(moment.clock * 0.5 + phase * 20) + 0.01 * moment.clock * (phase - 0.5)
        ) % 1.0
        down = 0.62 + 0.36 * y + 0.03 * np.sin(moment.clock * 0.8 + phase * 13)
        blink = np.maximum(0, np.sin(moment.clock * (0.7 + phase) + phase * 17)) ** 2
        glow = 0.9 * blink * (0.6 + 0.7 * moment.level)
        color = self.stage.palette.accents[2 % len(self.stage.palette.accents)]
        kind = np.minimum(2, (size * 3).astype(int))
        add_each(planes, self._fly, kind, across * width, down * height, color, glow)

    def _paint_lens(self, planes: Planes, moment: Moment) -> None:
        """Paint lens flares of the sun."""
        if self._night:
            return
        width, height = self.stage.width, self.stage.height
        cx, cy = width / 2, height / 2
        dx, dy = cx - self._sun[0], cy - self._sun[1]
        strength = 0.10 * (0.4 + 0.9 * moment.level)
        colors = self.stage.palette.accents
        for index, (sprite, along) in enumerate(zip(self._ghosts, (0.55, 1.25, 1.6, 2.05), strict=True)):
            sprite.add(
                planes,
                self._sun[0] + dx * along,
                self._sun[1] + dy * along,
                colors[index % len(colors)],
                strength,
            )


def _paint_over(color: Planes, alpha: Mask, mask: Mask, paint: Color) -> None:
    """Blend one colour over the painting, in place."""
    for plane, value in zip(color, paint, strict=True):
        plane += (np.float32(value) - plane) * mask
    np.maximum(alpha, mask, out=alpha)


def _paint_leaves(color: Planes, alpha: Mask, leaves: Heap, tones: Tones) -> None:
    """Blend leaves in their tones over the painting, in place."""
    for plane, paint in zip(color, toned(leaves.lit, tones, soft=0.03), strict=True):
        part = plane[leaves.place]
        part += (paint - part) * leaves.alpha
    part = alpha[leaves.place]
    np.maximum(part, leaves.alpha, out=part)


def _repeat_index(counts: npt.NDArray[np.int_]) -> tuple[npt.NDArray[np.int_], npt.NDArray[np.int_]]:
    """Repeat each index `counts` times; return the indices and the number of each repetition."""
    index = np.repeat(np.arange(len(counts)), counts)
    return index, np.arange(len(index)) - np.repeat(np.cumsum(counts) - counts, counts)


def _add_limb(mask: Mask, limb: tuple[float, float, float, float, float, float]) -> None:
    """Add a tapering bar to a mask, from (x0, y0) to (x1, y1), with a thickness for each end."""
    x0, y0, x1, y1, thick0, thick1 = limb
    reach = max(thick0, thick1) / 2 + 1
    top, bottom = max(0, int(min(y0, y1) - reach)), max(0, math.ceil(max(y0, y1) + reach))
    left, right = max(0, int(min(x0, x1) - reach)), max(0, math.ceil(max(x0, x1) + reach))
    part = mask[top:bottom, left:right]
    ys, xs = grid(*part.shape)
    ys, xs = ys + np.float32(top), xs + np.float32(left)
    dx, dy = x1 - x0, y1 - y0
    along = np.clip(((xs - x0) * dx + (ys - y0) * dy) / max(1e-6, dx * dx + dy * dy), 0, 1)
    away = np.hypot(xs - x0 - along * dx, ys - y0 - along * dy)
    bar = np.clip((thick0 + (thick1 - thick0) * along) / 2 + 0.5 - away, 0, 1).astype(np.float32)
    np.maximum(part, bar, out=part)


def _wire(
    height: int, width: int, start: tuple[float, float], end: tuple[float, float], *, sag: float, thick: float
) -> Mask:
    """Return the mask of a hanging wire, which may wrap around at the right edge."""
    steps = np.arange(math.floor(start[0]), math.ceil(end[0]))
    t = (steps - start[0]) / (end[0] - start[0])
    line = start[1] + (end[1] - start[1]) * t + sag * 4 * t * (1 - t)
    ys, _ = grid(height, 1)
    out = np.zeros((height, width), np.float32)
    out[:, steps % width] = np.clip(thick / 2 + 0.5 - np.abs(ys - line[None, :].astype(np.float32)), 0, 1)
    return out


def _petal(size: float, turn: float, color: Color) -> Stamp:
    """Return a petal at one moment of its tumbling, `turn` from 0 to 1."""
    side = math.ceil(size * 2.4) + 2
    angle, flat = turn * 2 * math.pi, 0.35 + 0.55 * abs(math.cos(turn * 2 * math.pi))
    points = []
    for k in range(18):
        a = k / 18 * 2 * math.pi
        x, y = math.cos(a) * size * (1 - 0.25 * math.cos(a)), math.sin(a) * size * 0.62 * flat
        points.append(
            (
                side / 2 + x * math.cos(angle) - y * math.sin(angle),
                side / 2 + x * math.sin(angle) + y * math.cos(angle),
            )
        )
    mask = polygon(side, side, points)
    ys, _ = grid(side, side)
    tone = np.clip(1.04 - 0.25 * ys / side, 0, 1.05)
    color_planes = np.array(color, np.float32)[:, None, None] * np.broadcast_to(tone, (side, side))
    return Stamp(np.minimum(color_planes, 255).astype(np.float32), mask)


def _round_glow(radius: float, power: float) -> Light:
    """Return a round glow centred at (0, 0)."""
    size = int(radius)
    ys, xs = grid(2 * size + 1, 2 * size + 1)
    away = np.hypot(xs - size, ys - size) / np.float32(radius)
    mask: Mask = np.clip(1 - away, 0, 1).astype(np.float32)
    return Light(mask ** np.float32(power), -size, -size)


def _ghost(away: Mask) -> Mask:
    """Return the profile of a lens flare's ghost: an even disc with a bright rim."""
    return smooth(1.0, 0.94, away) * (np.float32(0.5) + np.float32(0.5) * away**3)
