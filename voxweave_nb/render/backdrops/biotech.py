"""A view through a microscope: a double helix, a virus or neurons in depth, with impulses that follow the voice."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..arrays import Mask, Planes, bound, scratch
from ..backdrop import Backdrop, Moment
from ..balls import Balls
from ..colors import Color, mix
from ..drawing import Light
from ..easing import smooth, smoothstep
from ..masks import grid, vignette
from ..materials import Material, Studio
from ..noise import fractal
from ..rods import Rods
from ..space import Camera, Points, framed
from ..sprites import Sprite, add_each

__all__ = ["BiotechBackdrop"]


_FIBRE = 5
"""Segments of a nerve fibre."""


@dataclass(frozen=True)
class _CameraPath:
    """A camera position.

    Attributes:
        turn: Radians around the target.
        lift: Radians above it.
        away: Distance at the start of the shot, as a factor.
        nearer: Distance at its end.
        aside: Offset of the target, in frame widths.
    """

    turn: float
    lift: float
    away: float
    nearer: float
    aside: float = 0.0


@dataclass(frozen=True)
class _Seen:
    """Places as the camera sees them: columns, rows and distances."""

    x: Points
    y: Points
    away: Points

    def only(self, some: npt.NDArray[np.intp]) -> _Seen:
        """Return some of the places."""
        return _Seen(self.x[some], self.y[some], self.away[some])

    def __add__(self, other: _Seen) -> _Seen:
        pairs = ((self.x, other.x), (self.y, other.y), (self.away, other.away))
        return _Seen(*(np.concatenate(pair) for pair in pairs))


@dataclass(frozen=True)
class _Bars:
    """Bars between pairs of places.

    Attributes:
        starts: Where each begins.
        ends: Where each ends.
        girths: Thickness in units of space.
        colors: Shape (count, 3).
        behind: Distance added when bars and beads are sorted by depth.
    """

    starts: _Seen
    ends: _Seen
    girths: Points
    colors: Points
    behind: float = 0.0


@dataclass(frozen=True)
class _Beads:
    """Balls.

    Attributes:
        seen: Their centres.
        sizes: Radii in units of space.
        kinds: Index of each one's material.
        pulses: Strength of each one's own light.
        behind: Distance added when bars and beads are sorted by depth.
    """

    seen: _Seen
    sizes: Points
    kinds: Sequence[int]
    pulses: Points
    behind: float = 0.0


_PATHS = (
    _CameraPath(0.0, 0.0, 0.86, 1.02),
    _CameraPath(0.75, 0.12, 0.76, 0.69, aside=0.08),
    _CameraPath(-0.6, -0.2, 1.12, 1.0),
    _CameraPath(0.3, 0.42, 0.8, 0.9, aside=-0.06),
)
"""Camera paths of the shots: the first draws back from a close view, the others follow in the seed's order."""


class BiotechBackdrop(Backdrop):
    """A slowly turning molecule, virus or network of neurons with a moving plane of focus."""

    name = "biotech"

    def prepare(self) -> None:
        """Lay out the molecule, the cells and the honeycomb."""
        stage = self.stage
        rng = stage.rng(1)
        self._unit = stage.height / 360.0
        self._calm = 0.35 if stage.reduce_motion else 1.0
        self._tempo = {"slow": 0.65, "fast": 1.5}.get(stage.words.get("tempo", ""), 1.0) * self._calm
        light = sum(stage.palette.sky[1]) / 3
        self._bright = light > 150
        studio = Studio.of(stage.palette)
        accents = stage.palette.accents
        self._materials = [Material(color, studio, pulse=0.10) for color in accents[:4]]
        self._materials.append(Material(mix(accents[-1], stage.palette.light, 0.5), studio, pulse=0.35))
        self._accents = np.array(accents, np.float32)
        glows = [mix(accents[min(kind, len(accents) - 1)], stage.palette.light, 0.5) for kind in range(5)]
        self._glows = np.array(glows, np.float32)
        self._haze = mix(stage.palette.sky[1], stage.palette.sky[2], 0.35)
        self._turn0, self._way = float(rng.uniform(0, 6.28)), float(rng.choice([-1.0, 1.0]))
        paths = _PATHS[:1] + tuple(_PATHS[1 + i] for i in rng.permutation(len(_PATHS) - 1))
        self._paths = framed(paths, stage.words.get("framing", ""))
        ways = (
            (self._arrange_helix, self._paint_helix),
            (self._arrange_virus, self._paint_virus),
            (self._arrange_neurons, self._paint_neurons),
        )
        arrange, self._draw = ways[stage.variation]
        arrange(rng)
        self._build_back(rng)
        self._build_cells(rng)
        self._loudness = np.zeros(90, np.float32)
        self._build_trace()

    # --- background ---

    def _build_back(self, rng: np.random.Generator) -> None:
        """Paint the background with its honeycomb."""
        stage, palette = self.stage, self.stage.palette
        height, width = stage.height, stage.width
        ys, xs = grid(height, width)
        cx, cy = width * float(rng.uniform(0.35, 0.65)), height * float(rng.uniform(0.3, 0.6))
        away = np.hypot((xs - cx) / width * 1.5, (ys - cy) / height).astype(np.float32)
        plume = 0.16 * (fractal(rng, height, width, cells=(2, 3), octaves=4) - np.float32(0.5))
        t = np.clip(away + plume, 0, 1)
        colors = [palette.sky[2], palette.sky[1], palette.sky[0]]
        stops = [0.0, 0.34, 0.92]
        self._back = np.stack(
            [np.interp(t, stops, [c[i] for c in colors]).astype(np.float32) for i in range(3)]
        )
        if not self._bright:
            self._back *= np.float32(0.82)
        size = height * float(rng.uniform(0.075, 0.10))
        self._cells, lines, centers = _honeycomb(height, width, size)
        line = palette.accents[0] if self._bright else _line_color(palette.sky[2])
        self._lines = np.stack(
            [
                (np.float32(value) - plane) * lines * np.float32(0.55)
                for plane, value in zip(self._back, line, strict=True)
            ]
        )
        self._centers = centers
        self._spark = rng.random(len(centers)).astype(np.float32)
        self._glow = Sprite.glow(150 * self._unit, 2.0)
        self._frame = vignette(height, width, 0.22 if self._bright else 0.5)
        self._dust = rng.random((34, 4)).T
        self._grains = [Sprite.glow(r * self._unit, 1.4) for r in (1.8, 3.0, 5.5, 10.0)]

    def _build_cells(self, rng: np.random.Generator) -> None:
        """Draw translucent cells of several sizes."""
        accents = self.stage.palette.accents
        self._floats = []
        for index in range(9):
            near = index / 8
            radius = (20 + 74 * near**2) * self._unit * float(rng.uniform(0.8, 1.2))
            mask = _cell(rng, radius, soft=1.5 + abs(near - 0.35) * 12 * self._unit)
            color = accents[int(rng.integers(len(accents)))]
            tint = mix(color, self.stage.palette.sky[2], 0.35)
            x, y, pace = (
                rng.uniform(0, 1),
                rng.uniform(0.05, 0.95),
                (0.004 + 0.02 * near) * rng.choice([-1, 1]),
            )
            self._floats.append(
                (
                    Light(mask),
                    mask.shape[0] / 2,
                    tint,
                    float(x),
                    float(y),
                    float(pace),
                    float(rng.uniform(0, 6)),
                )
            )

    def _build_trace(self) -> None:
        """Set the position of the trace and its fade to all sides."""
        width, height = self.stage.width, self.stage.height
        self._trace = np.zeros(width // 2 + 8, np.float32)
        middle = round(height * 0.895)
        self._swing = round(height * 0.06)
        seen = round(self._swing * 1.4)
        self._band = slice(max(0, middle - seen), min(height, middle + seen))
        place: Mask = np.arange(width, dtype=np.float32) / np.float32(width)
        back = np.float32(width) - np.arange(width, dtype=np.float32)
        self._lag = np.float32(len(self._trace) - 1) - back * np.float32(0.5)
        self._ends = smooth(0.0, 0.10, place) * smooth(1.0, 0.90, place)
        down = np.arange(self._band.start, self._band.stop, dtype=np.float32)[:, None] - np.float32(middle)
        self._down: Mask = down
        self._margin = smooth(1.0, 0.65, np.abs(down) / np.float32(seen)) * self._ends

    def _paint_back(self, planes: Planes, moment: Moment) -> None:
        """Paint the background, the honeycomb's lights and the cells behind the molecule."""
        palette = self.stage.palette
        np.multiply(self._lines, np.float32(0.30 + 0.18 * moment.level), out=planes)
        planes += self._back
        height, width = self.stage.height, self.stage.width
        glow = mix(palette.sky[2], palette.accents[-1], 0.4)
        x = width * (0.5 + 0.3 * math.sin(moment.clock * 0.17 + self._turn0))
        y = height * (0.5 + 0.22 * math.cos(moment.clock * 0.13))
        self._glow.over(planes, x, y, glow, 0.28 + 0.34 * moment.level)
        self._paint_comb(planes, moment)
        for light, reach, tint, x0, y0, pace, phase in self._floats[:6]:
            self._paint_cell(planes, moment, light, reach, tint, x0, y0, pace, phase)

    def _paint_comb(self, planes: Planes, moment: Moment) -> None:
        """Light up the honeycomb's cells as the voice's impulse runs outwards."""
        # The farther out a cell, the older the loudness that it shows.
        far = np.minimum(self._centers * np.float32(38), 88).astype(np.intp)
        wave = self._loudness[far] * np.float32(0.75) * (np.float32(0.35) + self._spark)
        idle = np.maximum(np.sin(self._spark * 40 + np.float32(moment.clock * 0.6)) - np.float32(0.8), 0)
        lamp = (wave * np.float32(0.5) + idle * np.float32(0.5)).astype(np.float32)
        fill, work = scratch(self._cells.shape, 5), scratch(self._cells.shape, 6)
        np.take(lamp, self._cells, out=fill, mode="wrap")
        color = mix(self.stage.palette.sky[2], self.stage.palette.light, 0.3)
        strength = -46.0 if self._bright else 62.0
        for plane, value in zip(planes, color, strict=True):
            np.multiply(fill, np.float32(value / 255 * strength), out=work)
            plane += work

    def _paint_cell(
        self, planes: Planes, moment: Moment, light: Light, reach: float, tint: Color, *at: float
    ) -> None:
        """Paint one floating cell."""
        x0, y0, pace, phase = at
        width, height = self.stage.width, self.stage.height
        span = width + 2.2 * reach
        x = (x0 * span + moment.clock * pace * width * self._tempo) % span - 1.1 * reach
        y = y0 * height + 9 * self._unit * math.sin(moment.clock * 0.4 + phase)
        strength = 0.55 + 0.35 * moment.bass
        # Light added to a bright background would only clip.
        draw = light.over if self._bright else light.add
        draw(planes, tint, strength, round(x - reach), round(y - reach))

    # --- molecules ---

    def _arrange_helix(self, rng: np.random.Generator) -> None:
        """Choose the helix's axis, twist and base pairs."""
        self._count = 42
        tilt = float(rng.choice([0.30, 0.42, -0.30, -0.42, 1.15]))
        self._axis_tilt = tilt
        self._axis_deep = float(rng.choice([-1.0, 1.0])) * float(rng.uniform(0.22, 0.5))
        self._twist = float(rng.uniform(0.30, 0.40))
        self._pair = rng.integers(2, 4, (self._count, 2))

    def _paint_helix(self, planes: Planes, moment: Moment) -> None:
        """Paint the double helix."""
        camera, focus = self._camera(moment, 5.0)
        at = np.arange(self._count, dtype=np.float32) - np.float32(self._count / 2)
        scroll = moment.clock * 0.28 * self._tempo * self._way
        at = at - np.float32(scroll % 1.0)
        step = math.floor(scroll)
        angle = (at + np.float32(scroll)) * np.float32(self._twist) * self._way + np.float32(
            moment.clock * 0.5 * self._tempo
        )
        along = at * np.float32(0.18)
        # The helix scrolls endlessly over a fixed number of beads, so each one's identity moves with it.
        names = (np.arange(self._count) + step) % self._count
        loud = moment.bands[np.arange(self._count) * 47 // self._count]
        radius = np.float32(0.80 + 0.05 * moment.level)
        strands = [self._strand(along, angle + np.float32(half), radius) for half in (0.0, math.pi * 0.86)]
        size = np.float32(0.118) * (np.float32(0.9) + np.float32(0.42) * loud)
        pulse = self._pulse(np.abs(at))
        seen = [camera.see(strand) for strand in strands]
        middle = camera.see((strands[0] + strands[1]) * np.float32(0.5))
        rungs = np.flatnonzero(np.arange(self._count) % 2 == int(names[0]) % 2)
        pair = self._pair[names[rungs]]
        grown = size * (np.float32(1) + np.float32(0.25) * pulse)
        first, second = (_Seen(*places) for places in seen)
        inner = _Seen(*middle).only(rungs)
        bars = _Bars(
            first.only(rungs) + second.only(rungs),
            inner + inner,
            np.full(2 * len(rungs), 0.062, np.float32),
            self._accents[np.concatenate([pair[:, 0], pair[:, 0] + 1]) % 2 + 2],
            behind=0.02,
        )
        kinds = [0] * self._count + [1] * self._count
        beads = _Beads(first + second, np.tile(grown, 2), kinds, np.tile(pulse, 2))
        self._paint_parts(planes, camera, focus, bars, beads)

    def _strand(self, along: Points, angle: Points, radius: np.float32) -> Points:
        """Return points on a helix around the tilted axis."""
        tilt, deep = self._axis_tilt, self._axis_deep
        u, v = radius * np.cos(angle), radius * np.sin(angle)
        ct, st, cd, sd = math.cos(tilt), math.sin(tilt), math.cos(deep), math.sin(deep)
        x0, z0 = along * np.float32(cd) - v * np.float32(sd), along * np.float32(sd) + v * np.float32(cd)
        points: Points = np.stack(
            [x0 * np.float32(ct) - u * np.float32(st), x0 * np.float32(st) + u * np.float32(ct), z0], 1
        )
        return points.astype(np.float32)

    def _pulse(self, away: Points) -> Points:
        """Return the strength of the voice's impulse at each distance from the middle."""
        pulse: Points = self._loudness[np.minimum(away * np.float32(2.6), 88).astype(np.intp)]
        return pulse

    def _paint_parts(self, planes: Planes, camera: Camera, focus: float, bars: _Bars, beads: _Beads) -> None:
        """Paint bars and beads together, the farthest first."""
        rods, behind = self._rods(planes, camera, focus, bars)
        balls, farther = self._balls(planes, camera, focus, beads)
        count = len(behind)
        # Painter's algorithm: everything by distance, the farthest first.
        for index in np.argsort(-np.concatenate([behind, farther]), kind="stable").tolist():
            if index < count:
                rods.paint(index)
            else:
                balls.paint(index - count)

    def _rods(self, planes: Planes, camera: Camera, focus: float, bars: _Bars) -> tuple[Rods, Points]:
        """Return the bars in front of the camera, and their distances."""
        away = (bars.starts.away + bars.ends.away) * np.float32(0.5)
        # Anything nearer is behind the camera, or too large to recognise.
        here = np.flatnonzero(away > np.float32(0.8))
        far, starts, ends = away[here], bars.starts.only(here), bars.ends.only(here)
        colors = bars.colors[here]
        colors = colors + (np.array(self._haze, np.float32) - colors) * self._fog(camera, far)[:, None]
        rods = Rods(
            planes,
            np.stack([starts.x, starts.y]),
            np.stack([ends.x, ends.y]),
            np.float32(camera.zoom) * bars.girths[here] / far,
            colors,
            self._soft(camera, focus, far),
        )
        return rods, far + np.float32(bars.behind)

    def _balls(self, planes: Planes, camera: Camera, focus: float, beads: _Beads) -> tuple[Balls, Points]:
        """Return the beads in front of the camera, and their distances."""
        here = np.flatnonzero(beads.seen.away > np.float32(0.8))
        seen = beads.seen.only(here)
        kinds = [beads.kinds[k] for k in here.tolist()]
        balls = Balls(
            planes,
            [self._materials[kind] for kind in kinds],
            seen.x,
            seen.y,
            np.float32(camera.zoom) * beads.sizes[here] / seen.away,
            self._soft(camera, focus, seen.away),
            haze=self._haze,
            fog=self._fog(camera, seen.away),
            shine=None if self._bright else self._shine(kinds, beads.pulses[here]),
        )
        return balls, seen.away + np.float32(beads.behind)

    def _shine(self, kinds: list[int], pulses: Points) -> Points:
        """Return the light of beads while the voice's impulse passes."""
        strength = np.maximum(pulses - np.float32(0.3), 0) * np.float32(0.30 * self._calm)
        shine: Points = self._glows[kinds] * strength[:, None]
        return shine

    def _arrange_virus(self, rng: np.random.Generator) -> None:
        """Arrange a sphere of beads with crowned spikes."""
        body, spikes = 170, int(rng.integers(26, 44))
        self._body, self._spikes = _spread(body), _spread(spikes)
        self._tufts = rng.uniform(0.85, 1.15, spikes).astype(np.float32)
        self._hue = rng.permutation(4)

    def _paint_virus(self, planes: Planes, moment: Moment) -> None:
        """Paint the virus."""
        camera, focus = self._camera(moment, 4.7)
        spin = np.float32(moment.clock * 0.22 * self._tempo * self._way)
        beat = np.float32(1.0 + 0.05 * moment.level)
        center = np.array(
            [0.12 * math.sin(moment.clock * 0.21), 0.05 * math.sin(moment.clock * 0.5), 0], np.float32
        )
        body = _turned(self._body, spin) * beat + center
        loud = moment.bands[np.arange(len(self._spikes)) * 47 // len(self._spikes)]
        reach = self._tufts * (np.float32(1.36) + np.float32(0.22) * loud)
        tips = _turned(self._spikes, spin) * reach[:, None] * beat + center
        roots = _turned(self._spikes, spin) * beat + center
        heart, skin = _Seen(*camera.see(center[None])), _Seen(*camera.see(body))
        # The core hides the beads on its far side.
        front = np.flatnonzero(skin.away < np.float32(camera.away))
        top, foot = _Seen(*camera.see(tips)), _Seen(*camera.see(roots))
        count = len(tips)
        colors = np.repeat(self._accents[None, int(self._hue[1])], count, 0)
        spikes = _Bars(foot, top, np.full(count, 0.05, np.float32), colors, behind=0.05)
        plain = np.full(len(front), 0.118, np.float32)
        crown = np.float32(0.105) + np.float32(0.035) * loud
        kinds = [int(self._hue[3 if k % 5 == 2 else 0]) for k in front.tolist()]
        beads = _Beads(
            heart + skin.only(front) + top,
            np.concatenate([np.array([0.94 * beat], np.float32), plain, crown]),
            [int(self._hue[2]), *kinds, *[int(self._hue[1])] * count],
            np.concatenate([np.zeros(1 + len(front), np.float32), loud]),
        )
        self._paint_parts(planes, camera, focus, spikes, beads)

    def _arrange_neurons(self, rng: np.random.Generator) -> None:
        """Arrange cell bodies with branches, connected to their neighbours by curved fibres."""
        places = [np.array([-2.2, -0.5, 0.2])]
        # Rejection sampling keeps the cell bodies at least one unit apart.
        while len(places) < 7:
            place = rng.uniform((-2.5, -1.15, -1.3), (2.5, 1.15, 0.9))
            if min(float(np.linalg.norm(place - other)) for other in places) > 1.0:
                places.append(place)
        self._somas = np.array(places, np.float32)
        self._girths = rng.uniform(0.17, 0.27, len(places)).astype(np.float32)
        away = np.linalg.norm(self._somas[:, None] - self._somas[None], axis=2)
        links = {
            (min(i, int(j)), max(i, int(j))) for i in range(len(places)) for j in np.argsort(away[i])[1:3]
        }
        t = np.linspace(0, 1, _FIBRE + 1)[:, None]
        fibres = []
        for i, j in sorted(links):
            a, b = self._somas[i], self._somas[j]
            bend = (a + b) / 2 + rng.normal(0, 0.30, 3)
            # A quadratic Bézier curve.
            fibres.append((1 - t) ** 2 * a + 2 * t * (1 - t) * bend + t**2 * b)
        self._fibres = np.array(fibres, np.float32)
        branches = []
        for soma in self._somas:
            for way in _spread(4) + rng.normal(0, 0.35, (4, 3)):
                points = [soma]
                for reach in (0.42, 0.26, 0.26):
                    points.append(points[-1] + way * reach * rng.uniform(0.8, 1.2))
                    way = way * 0.9 + rng.normal(0, 0.32, 3)
                branches.append(points)
        self._branches = np.array(branches, np.float32)

    def _paint_neurons(self, planes: Planes, moment: Moment) -> None:
        """Paint the neurons and the impulses along their fibres."""
        camera, focus = self._camera(moment, 5.0)
        accents = self.stage.palette.accents
        fibre = mix(accents[1], accents[-1], 0.35)
        branches = self._as_bars(camera, self._branches, (0.10, 0.062, 0.03), accents[0])
        fibres = self._as_bars(camera, self._fibres, (0.055,) * _FIBRE, fibre)
        bars = _Bars(
            branches.starts + fibres.starts,
            branches.ends + fibres.ends,
            np.concatenate([branches.girths, fibres.girths]),
            np.concatenate([branches.colors, fibres.colors]),
        )
        count = len(self._somas)
        loudness = moment.bands[np.arange(count) * 6 % 48]
        sizes = self._girths * (np.float32(1) + np.float32(0.16) * loudness)
        kinds = [(0, 2, 1, 3)[k % 4] for k in range(count)]
        somas = _Beads(
            _Seen(*camera.see(self._somas)), sizes, kinds, np.zeros(count, np.float32), behind=-0.1
        )
        self._paint_parts(planes, camera, focus, bars, somas)
        self._paint_impulses(planes, camera)

    def _as_bars(self, camera: Camera, lines: Points, girths: tuple[float, ...], color: Color) -> _Bars:
        """Return polylines as bars: `lines` has shape (count, 1 + segments, 3), `girths` one value for each segment."""
        starts, ends = (camera.see(part.reshape(-1, 3)) for part in (lines[:, :-1], lines[:, 1:]))
        count = len(starts[0])
        colors = np.repeat(np.array([color], np.float32), count, 0)
        return _Bars(_Seen(*starts), _Seen(*ends), np.resize(np.array(girths, np.float32), count), colors)

    def _paint_impulses(self, planes: Planes, camera: Camera) -> None:
        """Paint the voice's impulses along every fibre."""
        count = 13
        at = np.linspace(0, _FIBRE, count)
        low = np.minimum(at.astype(int), _FIBRE - 1)
        part = (at - low).astype(np.float32)[None, :, None]
        points = self._fibres[:, low] * (1 - part) + self._fibres[:, low + 1] * part
        x, y, far = (axis.reshape(-1, count) for axis in camera.see(points.reshape(-1, 3)))
        color = mix(self.stage.palette.light, self.stage.palette.accents[-1], 0.25)
        for k in range(len(points)):
            for n in range(count):
                pulse = float(self._loudness[min(88, n * 6)])
                if pulse > 0.22 and far[k, n] > 0.8:
                    sprite = self._grains[3 if far[k, n] < camera.away else 2]
                    strength = 0.85 * (pulse - 0.15) * (0.4 if self._bright else 1.0)
                    sprite.add(planes, float(x[k, n]), float(y[k, n]), color, strength)

    def _camera(self, moment: Moment, away: float) -> tuple[Camera, float]:
        """Return the shot's camera and the distance that is in focus, which moves slowly forward and back."""
        stage = self.stage
        path = self._paths[moment.shot % len(self._paths)]
        turn = path.turn + 0.16 * math.sin(moment.clock * 0.11 * self._tempo + self._turn0)
        lift = path.lift + 0.10 * math.sin(moment.clock * 0.09 + 1.0)
        far = away * (path.away + (path.nearer - path.away) * moment.along)
        middle = stage.width * (0.5 + path.aside)
        camera = Camera(turn, lift, far, stage.height * 1.38, middle, stage.height * 0.47)
        return camera, far - 0.35 + 0.5 * math.sin(moment.clock * 0.23)

    def _soft(self, camera: Camera, focus: float, away: Points) -> Points:
        """Return the width of edges at a distance: the farther out of focus, the wider."""
        soft: Points = np.abs(1 / np.maximum(np.float32(0.3), away) - np.float32(1 / focus))
        return np.float32(1.2) + soft * np.float32(camera.zoom * 0.085)

    def _fog(self, camera: Camera, away: Points) -> Points:
        """Return the haze at a distance."""
        fog: Points = np.clip((away - np.float32(camera.away - 0.35)) * np.float32(0.30), 0, 0.62)
        return fog

    # --- front ---

    def paint(self, planes: Planes, moment: Moment) -> None:
        """Draw one frame."""
        self._paint_back(planes, moment)
        self._draw(planes, moment)
        self._paint_dust(planes, moment)
        self._paint_trace(planes, moment)
        for light, reach, tint, x0, y0, pace, phase in self._floats[7:]:
            self._paint_cell(planes, moment, light, reach, tint, x0, y0, pace, phase)
        np.multiply(planes, self._frame, out=planes)

    def follow(self, moment: Moment) -> None:
        """Record the loudness of the last three seconds, the newest first, and extend the trace."""
        self._loudness[1:] = self._loudness[:-1].copy()
        loudness = min(1.0, 0.6 * moment.level + 0.6 * moment.onset * self._calm)
        self._loudness[0] = np.float32(0.55) * self._loudness[1] + np.float32(0.45 * loudness)
        self._trace[:-1] = self._trace[1:].copy()
        swing = math.sin(moment.index * 2.1) * (0.25 + 0.75 * moment.onset) + 0.5 * math.sin(
            moment.index * 0.9
        )
        self._trace[-1] = moment.level * swing

    def _paint_dust(self, planes: Planes, moment: Moment) -> None:
        """Paint drifting particles."""
        width, height = self.stage.width, self.stage.height
        color = mix(self.stage.palette.light, self.stage.palette.accents[-1], 0.3)
        x, y, size, phase = self._dust
        across = (x + moment.clock * self._tempo * (0.006 + 0.02 * size) * self._way) % 1.06 - 0.03
        down = (y - moment.clock * self._tempo * 0.012 * (0.3 + phase)) % 1.06 - 0.03
        glint = (0.16 + 0.42 * (1 - size)) * (0.6 + 0.4 * np.sin(moment.clock * (0.5 + phase) + phase * 30))
        grains = (size**1.6 * 3.99).astype(int)
        add_each(planes, self._grains, grains, across * width, down * height, color, glint)

    def _paint_trace(self, planes: Planes, moment: Moment) -> None:
        """Draw the narration as an instrument's trace, the newest at the right."""
        line = np.interp(self._lag, np.arange(len(self._trace)), self._trace).astype(np.float32)
        line *= self._ends * np.float32(self._swing * 0.95)
        slope = np.zeros_like(line)
        slope[1:-1] = (line[2:] - line[:-2]) * np.float32(0.5)
        away = self._down - line
        np.abs(away, out=away)
        away *= np.float32(1 / self._unit) / np.sqrt(1 + slope * slope)
        lit = away * np.float32(-0.30)
        np.exp(lit, out=lit)
        lit *= np.float32(0.42)
        np.subtract(np.float32(1.5), away, out=away)
        bound(away)
        lit += away
        lit *= self._margin
        lit *= np.float32(smoothstep(0.0, 0.06, moment.progress) * 0.85)
        bound(lit)
        color = self.stage.palette.accents[0]
        for plane, value in zip(planes[:, self._band], color, strict=True):
            work = np.subtract(np.float32(value), plane, out=away)
            work *= lit
            plane += work


def _line_color(color: Color) -> Color:
    """Return the colour of the honeycomb's lines, a little brighter than the horizon."""
    return mix(color, (255.0, 255.0, 255.0), 0.12)


def _spread(count: int) -> Points:
    """Return points spread evenly over the unit sphere, on a golden spiral."""
    k = np.arange(count) + 0.5
    up, turn = 1 - 2 * k / count, k * math.pi * (1 + 5**0.5)
    flat = np.sqrt(1 - up * up)
    points: Points = np.stack([flat * np.cos(turn), up, flat * np.sin(turn)], 1).astype(np.float32)
    return points


def _turned(points: Points, angle: np.float32) -> Points:
    """Rotate points around a tilted axis."""
    c, s = np.cos(angle), np.sin(angle)
    x, y = (
        points[:, 0] * np.float32(0.94) - points[:, 1] * np.float32(0.34),
        points[:, 0] * np.float32(0.34) + points[:, 1] * np.float32(0.94),
    )
    turned: Points = np.stack([x * c - points[:, 2] * s, y, x * s + points[:, 2] * c], 1).astype(np.float32)
    return turned


def _honeycomb(
    height: int, width: int, size: float
) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.intp]], Mask, Mask]:
    """Return each pixel's cell, the lines between cells, and each cell's distance from the centre in heights."""
    ys, xs = grid(height, width)
    across, down = size * math.sqrt(3), size * 1.5
    columns, rows = int(width / across) + 3, int(height / down) + 3
    best = np.full((height, width), 1e9, np.float32)
    second = best.copy()
    owner = np.zeros((height, width), np.intp)
    middles = []
    # Voronoi cells: for each pixel the nearest centre, and the distance to the second nearest.
    for row in range(-1, rows):
        for column in range(-1, columns):
            cx, cy = (column + 0.5 * (row % 2)) * across, row * down
            middles.append(math.hypot(cx - width / 2, cy - height / 2) / height)
            x0, x1 = max(0, int(cx - size * 1.8)), min(width, int(cx + size * 1.8) + 1)
            y0, y1 = max(0, int(cy - size * 1.8)), min(height, int(cy + size * 1.8) + 1)
            if x0 >= x1 or y0 >= y1:
                continue
            away = np.hypot(xs[:, x0:x1] - np.float32(cx), ys[y0:y1] - np.float32(cy))
            first, next_ = best[y0:y1, x0:x1], second[y0:y1, x0:x1]
            closer = away < first
            owner[y0:y1, x0:x1][closer] = len(middles) - 1
            next_[:] = np.minimum(next_, np.maximum(first, away))
            first[:] = np.minimum(first, away)
    gap = (second - best) * np.float32(0.5)
    lines = np.clip(np.float32(1.25 * height / 360) - gap + np.float32(0.3), 0, 1)
    return owner, lines.astype(np.float32), np.array(middles, np.float32)


def _cell(rng: np.random.Generator, radius: float, soft: float) -> Mask:
    """Return the mask of a living cell: an uneven membrane, a faint body, a nucleus with a highlight."""
    wall = max(0.05, soft / radius)
    size = int(radius * 2.2 * max(1.0, 0.93 + 2.2 * wall)) + 2  # as far as the membrane is visible
    ys, xs = grid(size, size)
    dx, dy = xs - size / 2, ys - size / 2
    angle = np.arctan2(dy, dx)
    wobble = sum(
        a * np.sin(k * angle + p)
        for k, a, p in zip((2, 3, 5), (0.05, 0.04, 0.02), rng.uniform(0, 6, 3), strict=True)
    )
    away = np.hypot(dx, dy) / (radius * (1 + wobble))
    membrane = np.exp(-(((away - 0.93) / wall) ** 2)) * (0.65 + 0.35 * np.sin(angle + 2.4))
    body = smooth(1.0, 0.75, away.astype(np.float32)) * (0.10 + 0.25 * away**3)
    nx, ny = rng.uniform(-0.25, 0.25, 2)
    core = np.hypot(dx / radius - nx, dy / radius - ny)
    nucleus = smooth(0.36, 0.36 - max(0.08, wall), core.astype(np.float32)) * (0.22 + 0.5 * core)
    cell: Mask = np.clip(membrane * 0.6 + body + nucleus, 0, 1).astype(np.float32)
    return cell
