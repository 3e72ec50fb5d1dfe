"""Polished balls in a studio with an orbiting camera: a knot, a pond of waves, or a planet with rings."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..arrays import Planes
from ..backdrop import Backdrop, Moment, base_size
from ..balls import Balls
from ..colors import Color, Palette, mix
from ..drawing import Light
from ..easing import clamp, smooth, smoothstep
from ..masks import gradient, grid, vignette
from ..materials import Material, Studio
from ..space import Camera, Points, framed, shadow
from ..sprites import Sprite

__all__ = ["ThreeDBackdrop"]

_GOLD: Color = (255.0, 196.0, 92.0)
_CHROME: Color = (226.0, 230.0, 240.0)


@dataclass(frozen=True)
class _CameraPath:
    """A camera position and its movement during a shot.

    Attributes:
        turn: Radians around the target.
        lift: Radians above it at the end of the shot.
        sink: Radians by which it starts higher.
        away: Distance at the start, as a factor.
        nearer: Distance at the end.
        aside: Offset of the aim to the side, in units of space.
        up: Offset of the aim upwards.
    """

    turn: float
    lift: float
    sink: float
    away: float
    nearer: float
    aside: float = 0.0
    up: float = 0.0


_PATHS = (
    _CameraPath(0.0, 0.0, 0.16, 1.24, 1.02),
    _CameraPath(1.1, -0.02, 0.04, 0.74, 0.66, aside=0.35, up=0.15),
    _CameraPath(2.5, 0.34, -0.10, 1.02, 0.92),
    _CameraPath(-1.3, 0.06, 0.0, 0.88, 1.06, aside=-0.4),
    _CameraPath(3.6, -0.05, 0.10, 0.98, 0.84, aside=0.25, up=0.1),
)
"""Camera paths of the shots: the first approaches from afar, the others follow in the seed's order."""


class ThreeDBackdrop(Backdrop):
    """An arrangement of balls over a floor: a knot, a pond or a planet."""

    name = "three_d"

    def prepare(self) -> None:
        """Choose the arrangement and shade the materials."""
        stage = self.stage
        rng = stage.rng(1)
        self._measure = base_size(stage.width, stage.height)
        self._unit = self._measure / 360.0
        self._calm = 0.35 if stage.reduce_motion else 1.0
        self._tempo = {"slow": 0.65, "fast": 1.5}.get(stage.words.get("tempo", ""), 1.0) * self._calm
        studio = Studio.of(stage.palette)
        accents = [stage.palette.accents[i] for i in rng.permutation(len(stage.palette.accents))]
        self._materials = [Material(color, studio) for color in accents]
        self._materials += [Material(_GOLD, studio, metal=0.9), Material(_CHROME, studio, metal=1.0)]
        arrangements: list[Callable[[np.random.Generator], None]] = [
            self._arrange_knot,
            self._arrange_pond,
            self._arrange_planet,
        ]
        self._mirrors = True
        self._move: Callable[[Moment], tuple[Points, Points]]
        arrangements[stage.variation](rng)
        self._turn0, self._way = float(rng.uniform(0, 6.28)), float(rng.choice([-1.0, 1.0]))
        paths = _PATHS[:1] + tuple(_PATHS[1 + i] for i in rng.permutation(len(_PATHS) - 1))
        self._paths = framed(paths, stage.words.get("framing", ""))
        self._build_room(rng)
        self._loudness = np.zeros(64, np.float32)

    # --- arrangements: each sets the balls' materials and how they move ---

    def _arrange_knot(self, rng: np.random.Generator) -> None:
        """Arrange balls along a knot."""
        count = 104
        p, q = ((2, 3), (3, 2), (2, 5), (3, 4))[int(rng.integers(4))]
        at = np.arange(count, dtype=np.float32) / count
        stripe = int(rng.integers(2, 5))
        last = len(self._materials) - 2
        self._kind = [(i // (count // (stripe * 4))) % stripe if i % 13 else last for i in range(count)]
        band = (np.abs(at * 2 - 1) * 40).astype(int)

        def move(moment: Moment) -> tuple[Points, Points]:
            t = (at + np.float32(moment.clock * 0.02 * self._tempo)) * np.float32(2 * math.pi)
            loud = moment.bands[band]
            ring = np.float32(1.30 + 0.05 * moment.level) + np.float32(0.56) * np.cos(q * t)
            points = np.stack(
                [ring * np.cos(p * t), np.float32(0.62) * np.sin(q * t), ring * np.sin(p * t)], 1
            )
            points[:, 1] += np.float32(1.06)
            return points, np.float32(0.135) * (np.float32(0.92) + np.float32(0.42) * loud)

        self._move, self._distance, self._lift, self._focus = move, 5.3, 0.15, (0.0, 0.95, 0.0)

    def _arrange_pond(self, rng: np.random.Generator) -> None:
        """Arrange a field of balls through which each syllable runs outwards as a wave."""
        rings = 7
        places = [(0.0, 0.0)]
        for ring in range(1, rings):
            for k in range(6 * ring):
                a = (k + 0.5 * (ring % 2)) / (6 * ring) * 2 * math.pi
                places.append((0.41 * ring * math.cos(a), 0.41 * ring * math.sin(a)))
        flat = np.array(places, np.float32)
        away = np.hypot(flat[:, 0], flat[:, 1])
        spokes = int(rng.integers(1, 4))
        hues = len(self._materials) - 2
        swirl = np.arctan2(flat[:, 1], flat[:, 0]) / (2 * math.pi) * spokes + away * float(
            rng.uniform(0.3, 0.9)
        )
        self._kind = [int(s * hues) % hues for s in swirl % 1.0]
        self._kind[0] = len(self._materials) - 2
        # Frames that a wave needs to reach each ball.
        delay = np.minimum(away * 14, 62).astype(int)
        band = np.minimum(away * 15, 47).astype(int)

        def move(moment: Moment) -> tuple[Points, Points]:
            wave = self._loudness[delay]
            swell = np.float32(0.10) * np.sin(
                away * np.float32(3.1) - np.float32(moment.clock * 1.6 * self._tempo)
            )
            rise = np.float32(0.40) * wave + swell + np.float32(0.20) * moment.bands[band] * wave
            size = np.float32(0.175) + np.float32(0.03) * wave
            points = np.stack([flat[:, 0], size + np.float32(0.10) + np.maximum(rise, -size), flat[:, 1]], 1)
            return points, size

        self._move, self._distance, self._lift, self._focus = move, 5.2, 0.27, (0.0, 0.42, 0.0)
        # The field of balls hides the floor.
        self._mirrors = False

    def _arrange_planet(self, rng: np.random.Generator) -> None:
        """Arrange a large ball with rings of small ones."""
        counts = [int(n) for n in rng.integers(16, 30, int(rng.integers(3, 5)))]
        radii = [1.05 + 0.36 * k for k in range(len(counts))]
        tilts = rng.uniform(-0.34, 0.34, (len(counts), 2))
        speeds = rng.uniform(0.18, 0.5, len(counts)) * rng.choice([-1, 1], len(counts))
        sizes = rng.uniform(0.07, 0.13, len(counts))
        hues = len(self._materials) - 2
        heart = int(rng.choice([len(self._materials) - 1, len(self._materials) - 2, 0]))
        self._kind = [heart]
        for index, count in enumerate(counts):
            odd = (index + 1) % hues
            self._kind += [odd if k % 5 else (odd + 2) % hues for k in range(count)]

        def move(moment: Moment) -> tuple[Points, Points]:
            points = [np.array([[0.0, 0.0, 0.0]], np.float32)]
            scales = [np.array([0.66 + 0.07 * moment.level], np.float32)]
            for index, count in enumerate(counts):
                a = np.arange(count, dtype=np.float32) / count * np.float32(2 * math.pi)
                a += np.float32(moment.clock * speeds[index] * self._tempo)
                loud = moment.bands[(np.arange(count) * 44 // count + index) % 48]
                r = np.float32(radii[index] + 0.10 * moment.level) + np.float32(0.10) * loud
                x, z = r * np.cos(a), r * np.sin(a)
                y = x * np.float32(math.sin(tilts[index, 0])) + z * np.float32(math.sin(tilts[index, 1]))
                points.append(np.stack([x, y, z], 1))
                scales.append(np.float32(sizes[index]) * (np.float32(0.9) + np.float32(0.45) * loud))
            placed = np.concatenate(points)
            placed[:, 1] += np.float32(1.18)
            return placed, np.concatenate(scales)

        self._move, self._distance, self._lift, self._focus = move, 5.4, 0.09, (0.0, 1.0, 0.0)

    # --- the room ---

    def _build_room(self, rng: np.random.Generator) -> None:
        """Build the wall, the floor, lamps out of focus, and balls close to the camera."""
        stage, palette = self.stage, self.stage.palette
        height, width = stage.height, stage.width
        self._wall = gradient(
            height * 2, [*palette.sky, mix(palette.sky[2], palette.ground[1], 0.5)], (0, 0.5, 0.93, 1)
        )
        below = [
            mix(palette.sky[2], palette.ground[1], 0.5),
            palette.ground[0],
            mix(palette.ground[0], palette.ink, 0.5),
        ]
        self._floor = gradient(height * 2, below, (0.0, 0.2, 0.75))
        ys, xs = grid(height * 2, width)
        glow = np.exp(-(((xs / width - 0.5) * 2.1) ** 2) - ((ys / height - 1.0) * 2.4) ** 2)
        self._halo = Light(glow.astype(np.float32), 0, -height)
        x, y, size, phase, hue = rng.random((26, 5)).T
        self._bokeh = (x, y, phase)
        discs = [Sprite(r * self._unit, _lens) for r in (9.0, 15.0, 24.0)]
        self._discs = [discs[int(k)] for k in size * 2.99]
        self._lamps = [mix(palette.accents[int(k)], palette.light, 0.35) for k in hue * len(palette.accents)]
        near = rng.uniform(0, 1, (4, 4))
        angles = np.linspace(0, 2 * math.pi, 5)[:4] + near[:, 0] * 0.7
        ring = self._distance * (0.62 + 0.14 * near[:, 1])
        close = np.stack([ring * np.cos(angles), 0.5 + 1.5 * near[:, 2], ring * np.sin(angles)], 1)
        self._close: Points = close.astype(np.float32)
        self._frame = vignette(height, width, 0.34)

    def _camera(self, moment: Moment) -> Camera:
        """Return the shot's camera, which orbits, sinks and approaches."""
        stage = self.stage
        path = self._paths[moment.shot % len(self._paths)]
        arrive = moment.along
        turn = self._turn0 + path.turn + self._way * 0.17 * moment.clock * self._tempo
        away = (
            self._distance * (path.away + (path.nearer - path.away) * arrive)
            - 0.03 * moment.level * self._calm
        )
        lift = self._lift + path.lift + path.sink * (1 - arrive) + 0.02 * math.sin(moment.clock * 0.31)
        x, y, z = self._focus
        aim = (x + path.aside * math.cos(turn), y + path.up, z - path.aside * math.sin(turn))
        return Camera(turn, lift, away, self._measure * 1.72, stage.width * 0.5, stage.height * 0.54, aim)

    def paint(self, planes: Planes, moment: Moment) -> None:
        """Draw one frame."""
        camera = self._camera(moment)
        self._paint_room(planes, moment, camera)
        points, sizes = self._move(moment)
        grown = smoothstep(0.0, 1.2, moment.time)
        self._paint_balls(planes, camera, points, sizes * np.float32(0.3 + 0.7 * grown))
        self._paint_close(planes, camera)
        np.multiply(planes, self._frame, out=planes)

    def follow(self, moment: Moment) -> None:
        """Record the loudness of the last 64 frames, the newest first."""
        self._loudness[1:] = self._loudness[:-1].copy()
        loudness = 0.75 * moment.level + 0.45 * moment.onset * self._calm
        self._loudness[0] = np.float32(0.6) * self._loudness[1] + np.float32(0.4 * min(1.0, loudness))

    def _paint_room(self, planes: Planes, moment: Moment, camera: Camera) -> None:
        """Paint the wall, the floor and the lamps."""
        height = self.stage.height
        palette: Palette = self.stage.palette
        horizon = round(clamp(camera.horizon, -height * 0.9, height - 1.0))
        top = max(0, horizon)
        if top:
            planes[:, :top] = self._wall[:, 2 * height - top - (horizon - top) : 2 * height - (horizon - top)]
        planes[:, top:] = (
            self._floor[:, : height - top] if horizon >= 0 else self._floor[:, -horizon : height - horizon]
        )
        self._paint_bokeh(planes, moment, camera, horizon)
        light = mix(palette.sky[2], palette.light, 0.5)
        self._halo.over(planes, light, 0.42 + 0.22 * moment.level, 0, horizon)

    def _paint_bokeh(self, planes: Planes, moment: Moment, camera: Camera, horizon: int) -> None:
        """Paint small lamps out of focus on the far wall, each driven by its own band."""
        width, height = self.stage.width, self.stage.height
        x, y, phase = self._bokeh
        # The wall is wider than the frame and moves with the camera's turn.
        across = (x * 2.4 - camera.turn / (2 * math.pi) * 2.4 * 1.6) % 2.4 - 0.7
        up = horizon - (0.04 + 0.62 * y**1.6) * height
        loudness = moment.bands[np.arange(len(x)) * 7 % 48]
        glint = 0.10 + 0.16 * loudness + 0.05 * np.sin(moment.clock + phase * 6.3)
        each = ((across * width).tolist(), up.tolist(), glint.tolist())
        for disc, color, at_x, at_y, strength in zip(self._discs, self._lamps, *each, strict=True):
            disc.over(planes, at_x, at_y, color, strength)

    def _paint_balls(self, planes: Planes, camera: Camera, points: Points, sizes: Points) -> None:
        """Paint the balls, their shadows and their reflections."""
        palette = self.stage.palette
        x, y, away = camera.see(points)
        seen = np.flatnonzero(away > np.float32(0.4))
        # Painter's algorithm: the farthest first.
        order = seen[np.argsort(-away[seen])]
        x, y, away = x[order], y[order], away[order]
        radii = np.float32(camera.zoom) * sizes[order] / away
        made_of = [self._materials[self._kind[i]] for i in order.tolist()]
        if self._mirrors:
            self._paint_mirrored(planes, camera, points[order], radii, made_of)
        else:
            self._paint_pond_shadow(planes, camera)
        self._paint_shadows(planes, camera, points[order], radii)
        blurs = np.float32(1.2) + np.abs(1 / away - np.float32(1 / (camera.away * 0.94))) * np.float32(
            camera.zoom * 0.052
        )
        fog = np.clip((away - np.float32(camera.away * 0.9)) * np.float32(0.10), 0, 0.5)
        haze = mix(palette.sky[2], palette.sky[1], 0.35)
        balls = Balls(planes, made_of, x, y, radii, blurs, haze=haze, fog=fog)
        balls.paint_all()

    def _paint_mirrored(
        self, planes: Planes, camera: Camera, points: Points, radii: Points, made_of: list[Material]
    ) -> None:
        """Paint the reflections in the floor, fainter and softer for higher balls."""
        x, y, _ = camera.see(points * np.array([1, -1, 1], np.float32))
        up = points[:, 1]
        fade = np.float32(0.30) * np.clip(np.float32(1.15) - np.float32(0.42) * up, 0, 1)
        soft = np.float32(1.2) + radii * (np.float32(0.25) + np.float32(0.35) * up)
        balls = Balls(planes, made_of, x, y, radii, soft, opacity=fade, upside_down=True)
        balls.paint_all()

    def _paint_shadows(self, planes: Planes, camera: Camera, points: Points, radii: Points) -> None:
        """Paint the shadows on the floor."""
        flat = max(0.12, math.sin(camera.lift))
        x, y, _ = camera.see(points * np.array([1, 0, 1], np.float32))
        # Of a pond only the shadows at its near edge are visible.
        first = 0 if self._mirrors else max(0, len(radii) - 24)
        each = zip(x.tolist(), y.tolist(), radii.tolist(), points[:, 1].tolist(), strict=True)
        for px, py, radius, up in list(each)[first:]:
            strength = 0.55 / (1 + 2.6 * up)
            if strength > 0.16 or radius > 40 * self._unit:
                wide = radius * (1.25 + 1.0 * up)
                shadow(planes, px, py, wide, wide * flat * 1.15, strength)

    def _paint_pond_shadow(self, planes: Planes, camera: Camera) -> None:
        """Paint one shadow under the whole pond."""
        x, y, away = (float(axis[0]) for axis in camera.see(np.zeros((1, 3), np.float32)))
        wide = camera.zoom * 3.3 / away
        shadow(planes, x, y, wide, wide * max(0.12, math.sin(camera.lift)), 0.5)

    def _paint_close(self, planes: Planes, camera: Camera) -> None:
        """Paint balls that drift past the lens, far out of focus."""
        x, y, away = camera.see(self._close)
        near = np.flatnonzero((away > np.float32(0.7)) & (away < np.float32(camera.away * 0.8)))
        radii = np.float32(camera.zoom * 0.16) / away[near]
        made_of = [self._materials[(i * 2 + 1) % len(self._materials)] for i in near.tolist()]
        fade = np.float32(0.95) * np.clip((away[near] - np.float32(0.7)) * 2, 0, 1)
        balls = Balls(planes, made_of, x[near], y[near], radii, radii * np.float32(0.55), opacity=fade)
        balls.paint_all()


def _lens(away: Points) -> Points:
    """Return the profile of a lamp out of focus: an even disc, a little brighter at its edge."""
    return smooth(1.0, 0.9, away) * (np.float32(0.72) + np.float32(0.28) * away * away)
