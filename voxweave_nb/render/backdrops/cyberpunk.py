"""A neon city at the edge of night: its windows show the spectrum, and its street carries every syllable away.

The city lights up with the first words and goes dark with the last. The prompt decides on the sun or the moon,
the skyline, a grid, a boulevard or a harbour in front, and rain, snow or haze.
"""

from __future__ import annotations

import math

import numpy as np

from ..arrays import Mask, Planes, as_mask, bound, scratch
from ..backdrop import Backdrop, Moment
from ..blur import blur
from ..colors import Color, mix
from ..drawing import Light, Lights, multiply, segment
from ..easing import clamp, ease, smoothstep
from ..masks import gradient, grid, vignette
from ..noise import fractal
from ..sprites import Sprite, Stamp
from .skyline import BEACONS, LEVELS, METERS, SIGNS, STEADY, TRIMS, Skyline, SkylineLook, glyph

__all__ = ["CyberpunkBackdrop"]

_WHITE: Color = (235.0, 240.0, 255.0)
_DARK: Color = (0.0, 0.0, 0.0)


class CyberpunkBackdrop(Backdrop):
    """A skyline with a reflecting foreground; see the module's docstring."""

    name = "cyberpunk"

    def prepare(self) -> None:
        """Choose the layout, then build it from back to front."""
        stage, rng = self.stage, self.stage.rng(1)
        self._w, self._h = stage.width, stage.height
        self._u = stage.height / 360
        self._calm = 0.35 if stage.reduce_motion else 1.0
        self._pace = {"slow": 0.6, "fast": 1.5}.get(stage.words.get("tempo", ""), 1.0) * self._calm
        self._close = (
            stage.angle == 1
        )  # from nearer: towers overhead, the sun behind the other end of the street
        self._ground = round(self._h * (rng.uniform(0.6, 0.67) + 0.10 * self._close))
        self._sun_x = float(rng.choice([0.5, 0.36, 0.64, 0.43, 0.57]))
        self._sun_x = (0.97 - self._sun_x if self._sun_x != 0.5 else 0.3) if self._close else self._sun_x
        self._sun_r = self._h * rng.uniform(0.17, 0.235) * (1.3 if self._close else 1.0)
        self._moon = stage.daylight < 0.12
        self._sun_r *= 0.66 if self._moon else 1.0
        self._front = ("grid", "street", "water")[stage.variation]
        self._weather = stage.words.get("weather") or str(rng.choice(["clear", "clear", "rain", "fog"]))
        self._prepare_sky(stage.rng(2))
        self._prepare_city()
        self._prepare_front()
        self._prepare_air(stage.rng(5))
        self._gains = np.zeros(BEACONS.stop, np.float32)
        self._pulses: list[float] = []
        self._last_pulse, self._last_glitch, self._glitch = -9.0, -9.0, 0.0

    # --- sky ---------------------------------------------------------------------------------------------------

    def _prepare_sky(self, rng: np.random.Generator) -> None:
        """Paint the sky and place its stars."""
        palette, day = self.stage.palette, self.stage.daylight
        deep = 0.55 + 0.45 * smoothstep(0.0, 0.4, day)
        zenith = mix(_DARK, palette.sky[0], deep)
        middle = mix(palette.sky[0], palette.sky[1], 0.35 + 0.65 * deep)
        glow = mix(palette.sky[1], palette.sky[2], 0.5 + 0.35 * smoothstep(0.0, 0.5, day))
        column = gradient(
            self._ground, [zenith, middle, mix(middle, glow, 0.55), glow], [0.0, 0.5, 0.82, 1.0]
        )
        sky = np.repeat(column, self._w, axis=2)
        clouds = fractal(rng, self._ground, self._w, cells=(3, 3), octaves=5)
        low = np.linspace(0.1, 1.0, self._ground, dtype=np.float32)[:, None]
        haze = np.clip((clouds - np.float32(0.45)) * np.float32(1.9), 0, 1) * low
        for plane, value in zip(
            sky, mix(palette.sky[1], palette.accents[3 % len(palette.accents)], 0.35), strict=True
        ):
            plane += haze * np.float32(value * 0.34)
        self._add_aurora(sky, mix(palette.accents[0], palette.accents[3 % len(palette.accents)], 0.5))
        self._sky = sky
        count = 150 if self._moon else 90
        places = rng.choice(int(self._ground * 0.7) * self._w, count, replace=False)
        bright = (rng.random(count) ** 3 * 190 + 25).astype(np.float32)
        self._stars = Lights(
            places % self._w, places // self._w, np.stack([bright, bright, bright * np.float32(1.15)])
        )
        self._twinkle = rng.uniform(0, 6.28, count).astype(np.float32)
        self._prepare_sun(rng)

    def _add_aurora(self, sky: Planes, tint: Color) -> None:
        """Add a second, colder light low on the side away from the sun."""
        ys, xs = grid(self._ground, self._w)
        side = 0.12 if self._sun_x >= 0.5 else 0.88
        away = ((xs / self._w - np.float32(side)) / np.float32(0.42)) ** 2 + (
            (ys / self._ground - 1) / np.float32(0.75)
        ) ** 2
        Light(as_mask(np.clip(1 - away, 0, 1) ** 2)).add(sky, tint, 0.34)

    def _prepare_sun(self, rng: np.random.Generator) -> None:
        """Prepare the sun's halo and the moon's face."""
        ys, xs = grid(2 * self._h, 2 * self._w)
        away = np.hypot(xs - np.float32(self._w), (ys - np.float32(self._h)) * np.float32(1.1))
        wide = np.float32(self._sun_r * 4.2)
        self._halo = Light(np.clip(1 - away / wide, 0, 1) ** np.float32(2.4), -self._w, -self._h)
        face = fractal(rng, 128, 128, cells=(4, 4), octaves=4)
        self._face = (0.72 + 0.28 * np.clip(face * 1.6 - 0.3, 0, 1)).astype(np.float32)

    # --- city --------------------------------------------------------------------------------------------------

    def _prepare_city(self) -> None:
        """Build the three rows of buildings, the mist, the flying cars and the searchlights."""
        palette, air = self.stage.palette, mix(self.stage.palette.sky[1], self.stage.palette.sky[2], 0.45)
        fog = {"fog": 0.22, "rain": 0.1, "storm": 0.14, "snow": 0.12}.get(self._weather, 0.0)
        ink, neon = palette.ink, palette.accents
        warm = mix((255.0, 205.0, 130.0), palette.light, 0.4)
        # Far to near: haze at the top and the foot, heights, widths, pitch of windows, share lit, signs, size of
        # their dots, dip below the sun, reach sideways.
        rows = [
            (0.30 + fog, 0.64, (0.33, 0.12), (0.03, 0.085), 3, 0.20, 0, 0.0, 0.35, 14),
            (0.08 + fog, 0.36 + fog / 2, (0.50, 0.14), (0.055, 0.15), 4, 0.40, 55, 1.0, 0.62, 30),
            (0.0 + fog / 3, 0.14 + fog / 2, (0.42, 0.06), (0.1, 0.2), 5, 0.42, 80, 1.8, 0.88, 58),
        ]
        self._rows, self._reach = [], []
        near = 1.5 if self._close else 1.0
        for number, (top, foot, tall, wide, pitch, lit, signs, cell, dip, reach) in enumerate(rows):
            look = SkylineLook(
                top=mix(ink, air, top),
                foot=mix(ink, air, foot),
                rim=mix(mix(ink, air, top), palette.light, 0.4 - 0.1 * number),
                neon=neon,
                warm=warm,
                tall=(min(0.66, tall[0] * near), tall[1] * near),
                wide=(wide[0] * near, wide[1] * near),
                pitch=max(2, round(pitch * self._u * near**0.7)),
                lit=lit,
                signs=signs,
                cell=cell * near**0.7,
                seen=self._sun_x,
                dip=dip,
            )
            self._reach.append(round(reach * self._u))
            self._rows.append(
                Skyline(
                    self.stage.rng(10 + number + 20 * self.stage.angle),
                    width=self._w,
                    height=self._h,
                    ground=self._ground,
                    reach=self._reach[-1] + 2,
                    look=look,
                )
            )
        up = np.linspace(0, 1, self._ground, dtype=np.float32)[:, None]
        self._mist = [Light(np.repeat(up ** np.float32(power), self._w, axis=1)) for power in (9.0, 16.0)]
        self._air = air
        rng = self.stage.rng(4)
        self._wake = rng.random(BEACONS.stop).astype(np.float32)
        self._phase = rng.uniform(0, 6.28, BEACONS.stop).astype(np.float32)
        self._lane = [self._flyer(rng) for _ in range(9)]
        self._dot = Sprite.glow(2.8 * self._u, 1.6)
        away = 1 - self._sun_x
        self._beams = [
            (away + rng.uniform(-0.1, 0.1), rng.uniform(-0.5, 0.5), 0.21),
            (self._sun_x + 0.22, 0.3, 0.16),
        ]
        self._beam_fade = np.linspace(0.0, 1.0, self._ground, dtype=np.float32)[:, None] ** np.float32(0.8)
        self._prepare_pylon(self.stage.rng(7))

    def _flyer(self, rng: np.random.Generator) -> tuple[float, float, float, int]:
        """Return a flying car: its height, its speed in widths per second, its start, and its colour."""
        way = 1 if rng.random() < 0.5 else -1
        return (rng.uniform(0.16, 0.5), way * rng.uniform(0.035, 0.09), rng.random(), int(rng.integers(3)))

    def _prepare_pylon(self, rng: np.random.Generator) -> None:
        """Build a mast close to the camera, out of focus, with a sign."""
        self._pylon = float(rng.uniform(0.87, 0.92))
        if self._close:
            self._pylon = 1.0 - self._pylon
        cell = max(1, round(4.6 * self._u))
        wide = max(round(34 * self._u), 6 * cell + 2)
        alpha, glow = np.zeros((self._h, wide), np.float32), np.zeros((self._h, wide), np.float32)
        alpha[:, wide // 2 - cell : wide // 2 + cell] = 1.0
        top = round(self._h * rng.uniform(0.16, 0.3))
        left = (wide - 6 * cell) // 2
        board = np.s_[top : top + 4 * 6 * cell + cell, left : left + 6 * cell]
        alpha[board] = 1.0
        glow[board] = 0.10
        for letter in range(4):
            y = top + cell + letter * 6 * cell
            glow[y : y + 5 * cell, left + cell : left + 5 * cell] += np.kron(
                glyph(rng), np.ones((cell, cell), np.float32)
            )
        sides = ((0, 0), (8, 8))
        alpha = blur(np.pad(alpha, sides), 1.2 * self._u)
        dark = np.array(mix(self.stage.palette.ink, _DARK, 0.5), np.float32)[:, None, None]
        self._mast = Stamp(np.broadcast_to(dark, (3, *alpha.shape)), alpha)
        self._mast_sign = Light(blur(np.pad(glow, sides), 1.0 * self._u))

    def _paint_pylon(self, planes: Planes, moment: Moment, sway: float) -> None:
        """Paint the mast and its sign."""
        x = round(self._pylon * self._w + sway * 30 * self._u)
        self._mast.over(planes, x, self._h / 2)
        bright = float(self._gains[SIGNS.start + 3])
        left = x - (self._mast.width - 2) // 2
        self._mast_sign.add(
            planes, self.stage.palette.accents[1], 1.1 * bright * (0.8 + 0.4 * moment.level), left
        )

    # --- foreground ------------------------------------------------------------------------------------

    def _prepare_front(self) -> None:
        """Build the ground: its colours, its mirror, its lines and its traffic."""
        palette, count = self.stage.palette, self._h - self._ground
        near, far = palette.ground
        self._rise = (np.arange(count, dtype=np.float32) + np.float32(0.6)) / np.float32(count)
        self._depth = (1 / self._rise).astype(np.float32)
        shine = mix(mix(far, palette.sky[2], 0.35), _DARK, 0.45 + 0.2 * self._moon)
        self._floor = gradient(count, [shine, mix(far, near, 0.84), mix(near, _DARK, 0.2)], [0.0, 0.2, 1.0])
        strength = {"grid": 0.50, "street": 0.50, "water": 0.66}[self._front]
        self._mirror = (np.float32(strength) * (1 - self._rise) ** np.float32(0.55))[:, None]
        _, xs = grid(count, self._w)
        across = (xs - np.float32(self._w * (0.5 + 0.35 * (self._sun_x - 0.5)))) * self._depth[:, None]
        self._lines, self._kerbs = self._prepare_lines(across)
        self._flow = self.stage.rng(3).uniform(0, 6.28, count).astype(np.float32)
        rng = self.stage.rng(6)
        self._cars = [(int(k), rng.random(), rng.uniform(0.8, 1.25)) for k in rng.integers(0, 4, 22)]
        self._vanish = self._w * (0.5 + 0.35 * (self._sun_x - 0.5))

    def _prepare_lines(self, across: Mask) -> tuple[Mask, Mask]:
        """Return the lines to the vanishing point, brighter when near, and a boulevard's kerbs."""
        if self._front == "water":
            nothing = np.zeros((1, 1), np.float32)
            return nothing, nothing
        gap = np.float32(self._w * (0.21 if self._front == "grid" else 0.40))
        lines, number = self._rays(across, gap, 1.0)
        if self._front == "grid":
            return lines, lines
        kerbs, _ = self._rays(across, gap * np.float32(2.0), 2.2)
        return lines * (np.abs(number) < 1.5), kerbs * (np.abs(np.abs(across) / gap - 2) < 0.5)

    def _rays(self, across: Mask, gap: np.float32, thick: float) -> tuple[Mask, Mask]:
        """Return lines to the vanishing point, `gap` apart, and the number of the nearest one for each pixel."""
        # Antialiasing: the distance from the nearest line, corrected for the line's slope.
        number = np.rint(across / gap)
        lean = number * gap / np.float32(len(self._depth))
        off = np.abs(across - number * gap) / self._depth[:, None] / np.sqrt(1 + lean * lean)
        half = (np.float32(0.35) + self._rise[:, None] * np.float32(0.9)) * np.float32(self._u * thick)
        line = np.clip(half + np.float32(0.5) - off, 0, 1) * np.minimum(1, half * 2)
        far = np.clip(gap / self._depth[:, None] / np.float32(9 * self._u) - np.float32(0.15), 0, 1)
        return as_mask(line * np.clip(self._rise * 3.6, 0, 1)[:, None] * far), number

    def _prepare_air(self, rng: np.random.Generator) -> None:
        """Prepare the vignette, and rain or snow."""
        self._vignette = vignette(self._h, self._w, 0.42)
        self._veils: list[tuple[Mask, float, float]] = []
        if self._weather in ("rain", "storm"):
            dense = 1.5 if self._weather == "storm" else 1.0
            self._veils = [
                (self._streaks(rng, int(150 * dense), 9, 0.45), 270, 0.0),
                (self._streaks(rng, int(46 * dense), 20, 0.8), 430, 0.0),
            ]
        elif self._weather == "snow":
            self._veils = [(self._flakes(rng, 240, 1.1), 26, 5.0), (self._flakes(rng, 70, 2.0), 44, 11.0)]

    def _streaks(self, rng: np.random.Generator, count: int, length: float, strength: float) -> Mask:
        """Return a tile of rain."""
        tile = np.zeros((3, self._h, self._w), np.float32)
        for x, y, part in rng.random((count, 3)):
            long = length * (0.6 + 0.8 * part) * self._u
            # Drawn twice, so that the tile repeats without a seam.
            for top in (y * self._h, y * self._h - self._h):
                start = (x * self._w, top)
                segment(
                    tile,
                    start,
                    (start[0] - long * 0.16, top + long),
                    0.55 * self._u,
                    _WHITE,
                    strength * (0.4 + 0.6 * part),
                )
        return np.ascontiguousarray(tile[2] / 255, np.float32)

    def _flakes(self, rng: np.random.Generator, count: int, radius: float) -> Mask:
        """Return a tile of snow."""
        tile, flake = np.zeros((3, self._h, self._w), np.float32), Sprite.glow((radius + 0.6) * self._u, 1.0)
        for x, y, part in rng.random((count, 3)):
            for top in (y * self._h, y * self._h - self._h, y * self._h + self._h):
                flake.add(tile, x * self._w, top, _WHITE, 0.3 + 0.6 * part)
        return np.ascontiguousarray(np.clip(tile[2] / 255, 0, 1), np.float32)

    # --- every frame -------------------------------------------------------------------------------------------

    def paint(self, planes: Planes, moment: Moment) -> None:
        """Draw sky, city, foreground and air."""
        self._travel = self._pace * moment.clock
        sky = planes[:, : self._ground]
        sky[...] = self._sky
        self._paint_stars(sky, moment)
        self._paint_sun(sky, moment)
        self._set_gains(moment)
        self._paint_beams(sky, moment)
        sway = math.sin(2 * math.pi * moment.clock * self._pace / 27 - 0.9)
        for number, row in enumerate(self._rows):
            row.paint(sky, self._gains, sway * self._reach[number])
            if number < 2:
                strength = (0.30 if number == 0 else 0.22) * (0.8 + 0.5 * moment.level)
                self._mist[number].add(sky, self._air, strength * (1.5 if self._weather == "fog" else 1.0))
                self._paint_flyers(sky, moment, number, sway)
        self._paint_front(planes, moment)
        self._paint_pylon(planes, moment, sway)
        self._paint_air(planes, moment)
        if not self.stage.reduce_motion:
            self._paint_glitch(planes, moment)

    def follow(self, moment: Moment) -> None:
        """Advance the waves of light, and start and decay glitches."""
        self._send_pulses(moment)
        self._glitch *= 0.62
        # Never twice within 1.6 seconds: flashes must stay rare (WCAG 2.3.1).
        if moment.onset > 0.9 and moment.level > 0.55 and moment.time - self._last_glitch > 1.6:
            self._last_glitch, self._glitch = moment.time, 1.0

    def _paint_stars(self, sky: Planes, moment: Moment) -> None:
        """Paint the twinkling stars."""
        dim = 1.0 - 0.75 * smoothstep(0.15, 0.6, self.stage.daylight)
        gains = 0.65 + 0.35 * np.sin(self._twinkle + np.float32(moment.clock * 1.4))
        self._stars.add(sky, (gains * np.float32(dim * (0.8 + 0.5 * moment.treble))).astype(np.float32))

    def _paint_sun(self, sky: Planes, moment: Moment) -> None:
        """Paint the sun, which sinks by a quarter of its height during the film, or the moon, which rises."""
        way = -0.22 if self._moon else 0.26
        x = self._w * self._sun_x
        y = (
            self._ground
            - self._sun_r * (0.92 if not self._moon else 2.3)
            + self._sun_r * way * (moment.progress - 0.5) * 2
        )
        palette = self.stage.palette
        glow = mix(palette.sky[2], palette.light, 0.3) if not self._moon else mix(palette.light, _WHITE, 0.5)
        strength = (0.42 if self._moon else 0.62) * (0.75 + 0.45 * moment.level + 0.12 * moment.bass)
        self._halo.add(sky, glow, strength, round(x), round(y))
        reach = math.ceil(self._sun_r) + 2
        top, bottom = max(0, round(y) - reach), min(sky.shape[1], round(y) + reach)
        left, right = max(0, round(x) - reach), min(sky.shape[2], round(x) + reach)
        if top >= bottom:
            return
        ys = (np.arange(top, bottom, dtype=np.float32) + np.float32(0.5 - y))[:, None]
        xs = (np.arange(left, right, dtype=np.float32) + np.float32(0.5 - x))[None, :]
        mask = np.clip(np.float32(self._sun_r) - np.sqrt(ys * ys + xs * xs), 0, 1)
        down = ys / np.float32(self._sun_r)
        if not self._moon:
            mask = mask * self._slats(down, moment)
        part = sky[:, top:bottom, left:right]
        for channel in range(3):
            upper = np.float32(mix(palette.light, _WHITE, 0.18 + 0.5 * self._moon)[channel])
            lower = np.float32(
                (palette.light if self._moon else mix(palette.sky[2], palette.accents[1], 0.4))[channel]
            )
            color = upper + (lower - upper) * np.clip(down * np.float32(0.62) + np.float32(0.42), 0, 1)
            if self._moon:
                color = color * self._moon_face(mask.shape)
            part[channel] += (color - part[channel]) * mask

    def _paint_beams(self, sky: Planes, moment: Moment) -> None:
        """Paint two searchlights behind the city."""
        rows = self._ground
        up = np.arange(rows, 0, -1, dtype=np.float32)[:, None]
        xs = np.arange(self._w, dtype=np.float32)[None, :]
        work, mask = scratch((rows, self._w)), scratch((rows, self._w), 1)
        mask[...] = 0
        for number, (foot, lean, tempo) in enumerate(self._beams):
            slope = lean + 0.32 * math.sin(moment.clock * tempo * self._pace + number * 2.1)
            np.subtract(xs, np.float32(foot * self._w) + up * np.float32(slope), out=work)
            work *= 1 / (np.float32(3 * self._u) + up * np.float32(0.075))
            np.multiply(work, work, out=work)
            np.subtract(np.float32(1), work, out=work)
            bound(work)
            mask += work
        mask *= (
            (up / np.float32(rows)) ** np.float32(0.5)
            * self._beam_fade
            * np.float32(0.10 + 0.13 * moment.level)
        )
        for plane, value in zip(sky, mix(self.stage.palette.accents[0], _WHITE, 0.3), strict=True):
            np.multiply(mask, np.float32(value), out=work)
            plane += work

    def _slats(self, down: Mask, moment: Moment) -> Mask:
        """Return the dark bars of a sinking sun, which widen downwards and with the bass."""
        at = (down + np.float32(0.12)) * np.float32(5.2) - np.float32(moment.clock * 0.16 * self._pace)
        wide = np.clip(down + np.float32(0.2), 0, 1) * np.float32(0.62 + 0.2 * moment.bass)
        edge = np.abs(at % 1 - np.float32(0.5)) * 2
        soft = np.float32(5.2 * 2.2 / self._sun_r)
        return as_mask(np.clip((edge - wide) / soft + np.float32(0.5), 0, 1))

    def _moon_face(self, shape: tuple[int, ...]) -> Mask:
        """Return the moon's texture, scaled to a shape."""
        rows = np.linspace(0, 127, shape[0]).astype(int)
        columns = np.linspace(0, 127, shape[1]).astype(int)
        return as_mask(self._face[rows][:, columns])

    def _set_gains(self, moment: Moment) -> None:
        """Set the brightness of every kind of light; they turn on with the first words and off with the last."""
        gains, t = self._gains, moment.time
        length = self.stage.frames / self.stage.fps
        awake = (
            min(ease(t / min(5.0, length * 0.3)), smoothstep(0.0, min(2.6, length * 0.2), length - t)) * 1.25
        )
        # Each light turns on at a time of its own.
        on = np.clip((np.float32(awake) - self._wake) * 5, 0, 1)
        bands = moment.bands.reshape(METERS, -1).mean(1) * np.float32(1.25)
        steps = np.arange(LEVELS, dtype=np.float32)[None, :]
        meters = np.clip(bands[:, None] * LEVELS - steps + np.float32(0.6), 0, 1)
        gains[1 : STEADY.start] = (0.14 + 1.2 * meters).reshape(-1)
        drift = np.sin(self._phase + np.float32(t * 0.5 * self._calm))
        gains[STEADY] = np.clip(0.62 + 0.6 * drift[STEADY], 0.08, 1) * np.float32(0.62 + 0.3 * moment.level)
        buzz = np.sin(self._phase[SIGNS] * 7 + np.float32(t * 2.1 * self._calm))
        gains[SIGNS] = np.clip(0.8 + 0.35 * buzz, 0.25, 1) * np.float32(0.75 + 0.55 * moment.level)
        gains[TRIMS] = np.float32(0.5 + 0.6 * moment.level + 0.25 * moment.onset * self._calm)
        # A sine cubed: short flashes with long pauses.
        gains[BEACONS] = np.clip(np.sin(self._phase[BEACONS] + np.float32(t * 2.4)), 0, 1) ** 3
        gains *= on

    def _paint_flyers(self, sky: Planes, moment: Moment, number: int, sway: float) -> None:
        """Paint the flying cars behind row `number`, with light trails."""
        colors = (self.stage.palette.accents[0], self.stage.palette.accents[1], _WHITE)
        for place, (height, speed, start, tint) in enumerate(self._lane):
            if place % 2 != number:
                continue
            x = ((start + speed * self._travel) % 1.3 - 0.15) * self._w + sway * self._reach[number]
            y = height * self._ground + math.sin(moment.clock * 0.6 + start * 9) * 2.5 * self._u
            size = 0.75 + 0.5 * number
            tail = math.copysign((9 + 16 * abs(speed) / 0.09) * size * self._u, speed)
            segment(sky, (x, y), (x - tail, y), 0.6 * self._u * size, colors[tint], 0.32)
            self._dot.add(sky, x, y, mix(colors[tint], _WHITE, 0.5), 0.8 * size)

    # --- foreground, frame by frame -----------------------------------------------------------------------------

    def _paint_front(self, planes: Planes, moment: Moment) -> None:
        """Paint the ground: reflection, lines, traffic and waves of light."""
        front = planes[:, self._ground :]
        self._reflect(planes, front, moment)
        if self._front != "water":
            self._paint_lines(front, moment)
        if self._front == "street":
            self._paint_cars(front, moment)
        self._paint_pulses(front)
        edge = 0.55 + 0.45 * moment.level
        glow = mix(self._air, self.stage.palette.accents[1], 0.35)
        rows = np.exp(-self._rise * np.float32(16.0))[:, None] * np.float32(edge * 0.62)
        for plane, value in zip(front, glow, strict=True):
            plane += rows * np.float32(value)

    def _reflect(self, planes: Planes, front: Planes, moment: Moment) -> None:
        """Paint the city upside down, broken by ripples: long and slow on water, fine on wet ground."""
        count = front.shape[1]
        wet = self._front == "water"
        swell = np.float32((2.8 if wet else 0.9) * self._u * (0.6 + 0.7 * moment.level)) * np.sqrt(self._rise)
        # Logarithmic in depth: ripples become finer towards the horizon.
        phase = np.log(self._depth + np.float32(0.15)) * np.float32(15.0 if wet else 9.0)
        ripple = np.sin(phase + np.float32(self._travel * 2.6)) + np.float32(0.6) * np.sin(
            phase * np.float32(2.7) + self._flow * np.float32(0.15) + np.float32(self._travel * 4.0)
        )
        rows = self._ground - 1 - np.arange(count, dtype=np.float32) * np.float32(0.97)
        source = np.clip(rows + ripple * swell * 2, 0, self._ground - 1).astype(np.intp)
        # The average of two samples, as reflections on water are stretched vertically.
        smear = np.clip(source - 2, 0, self._ground - 1)
        shift = np.rint(ripple * swell * np.float32(1.2 if wet else 0.5)).astype(int)
        work = scratch(front.shape)
        np.take(planes, source, axis=1, out=work, mode="clip")
        other = scratch(front.shape, 1)
        np.take(planes, smear, axis=1, out=other, mode="clip")
        work += other
        work *= self._mirror * np.float32(0.5)
        # Each row is shifted sideways by its own number of pixels.
        for row, by in enumerate(shift.tolist()):
            if by:
                other[:, row, by:], other[:, row, :by] = work[:, row, :-by], work[:, row, -by:]
                work[:, row] = other[:, row]
        np.add(self._floor, work, out=front)

    def _send_pulses(self, moment: Moment) -> None:
        """Move the waves of light towards the camera; each syllable's start sends a new one."""
        step = self._pace / self.stage.fps * (0.25 + 1.6 * moment.level)
        self._pulses = [z + step * (0.25 + 1.7 * z) for z in self._pulses if z < 1.2]
        # At most two waves a second.
        if moment.onset > 0.75 and moment.time - self._last_pulse > 0.45:
            self._last_pulse = moment.time
            self._pulses.append(0.015)

    def _paint_pulses(self, front: Planes) -> None:
        """Paint the waves of light."""
        tint = mix(self.stage.palette.accents[0], _WHITE, 0.15)
        for z in self._pulses:
            wide = np.float32(0.012 + 0.06 * z)
            rows = np.clip(1 - np.abs(self._rise - np.float32(z)) / wide, 0, 1) ** 2
            first, last = _span(rows)
            if first < last:
                strength = (
                    (0.6 if self._front != "water" else 0.34)
                    * (1 - 0.7 * clamp(z))
                    * (0.5 + 0.5 * self._calm)
                )
                glow = rows[first:last, None] * np.float32(strength)
                for plane, value in zip(front[:, first:last], tint, strict=True):
                    plane += glow * np.float32(value)

    def _paint_lines(self, front: Planes, moment: Moment) -> None:
        """Paint the grid, or the boulevard's lane marks and kerbs."""
        palette = self.stage.palette
        tint = palette.accents[0] if self._front == "grid" else mix(palette.light, _WHITE, 0.3)
        strength = (0.5 + 0.5 * moment.level) if self._front == "grid" else 0.34
        work = scratch(self._lines.shape)
        mask = self._lines
        if self._front == "street":
            dash = ((self._depth * np.float32(1.1) + np.float32(self._travel * 1.7)) % 1 < 0.5)[:, None]
            mask = np.multiply(self._lines, dash.astype(np.float32), out=scratch(self._lines.shape, 2))
        for plane, value in zip(front, tint, strict=True):
            np.multiply(mask, np.float32(value * strength), out=work)
            plane += work
        if self._front == "street":
            kerb = mix(palette.accents[0], _WHITE, 0.2)
            for plane, value in zip(front, kerb, strict=True):
                np.multiply(self._kerbs, np.float32(value * (0.55 + 0.5 * moment.level)), out=work)
                plane += work
        if self._front == "grid":
            rows = self._rungs()[:, None] * np.float32(strength * 1.1)
            for plane, value in zip(front, mix(tint, palette.accents[1], 0.35), strict=True):
                plane += rows * np.float32(value)

    def _rungs(self) -> Mask:
        """Return the grid's cross lines, which move towards the camera."""
        at = self._depth * np.float32(1.15) + np.float32(self._travel * 0.7)
        slope = np.maximum(np.float32(1e-3), self._depth * self._depth * np.float32(1.15 / len(self._depth)))
        off = np.abs((at + np.float32(0.5)) % 1 - np.float32(0.5)) / slope
        thick = np.float32(0.5 * self._u) + self._rise * np.float32(0.8 * self._u)
        far = np.clip(np.float32(0.9) / slope - np.float32(0.6), 0, 1)
        return as_mask(
            np.clip(thick + np.float32(0.5) - off, 0, 1) * np.clip(self._rise * 5, 0, 1) * far
        ).astype(np.float32)

    def _paint_cars(self, front: Planes, moment: Moment) -> None:
        """Paint traffic as streaks: red lights leave on the right, white ones arrive on the left."""
        count = front.shape[1]
        for lane, start, speed in self._cars:
            leaving = lane >= 2
            turn = (start + self._travel * 0.19 * speed) % 1
            z = 0.018 + (turn if not leaving else 1 - turn) ** 2.6 * 1.3
            side = (0.2, 0.6, 0.2, 0.6)[lane] * self._w * 0.80 * (1 if leaving else -1)
            end = z * 1.22 + 0.006
            here = (self._vanish + side * z, count * z)
            there = (self._vanish + side * end, count * end)
            tint = (255.0, 48.0, 60.0) if leaving else mix(_WHITE, self.stage.palette.light, 0.35)
            wide = (0.7 + 3.2 * z) * self._u
            pair = 0.042 * self._w * z
            for off in (-pair, pair):
                a, b = (here[0] + off, here[1]), (there[0] + off, there[1])
                segment(front, a, b, wide, tint, 0.5 * clamp(1.5 - z))
                segment(front, a, (a[0] * 0.7 + b[0] * 0.3, a[1] * 0.7 + b[1] * 0.3), wide * 1.5, tint, 0.45)

    # --- air -----------------------------------------------------------------------------------------------------

    def _paint_air(self, planes: Planes, moment: Moment) -> None:
        """Paint rain or snow, and the vignette."""
        for tile, speed, swing in self._veils:
            down = int(moment.clock * speed * self._u) % self._h
            aside = int(math.sin(moment.clock * 0.5) * swing * self._u)
            work = scratch(tile.shape, 3)
            np.multiply(tile, np.float32((60 if swing == 0 else 150) * (0.8 + 0.4 * moment.level)), out=work)
            shifted = np.roll(work, aside, axis=1) if aside else work
            planes[:, down:] += shifted[: self._h - down]
            planes[:, :down] += shifted[self._h - down :]
        multiply(planes, self._vignette)

    def _paint_glitch(self, planes: Planes, moment: Moment) -> None:
        """Shift some rows and split the colour channels on a hard syllable."""
        if self._glitch < 0.08:
            return
        by = max(1, round(3 * self._glitch * self._u))
        planes[0, :, by:] = planes[0, :, :-by].copy()
        planes[2, :, :-by] = planes[2, :, by:].copy()
        rng = np.random.default_rng([self.stage.seed & 0xFFFF, moment.index])
        for _ in range(3):
            top, tall = int(rng.integers(self._h)), int(rng.integers(2, 3 + round(10 * self._u)))
            slip = int(rng.integers(-8, 9) * self._glitch * self._u)
            planes[:, top : top + tall] = np.roll(planes[:, top : top + tall], slip, axis=2)


def _span(rows: Mask) -> tuple[int, int]:
    """Return the first and last nonzero row, the last exclusive."""
    lit = np.flatnonzero(rows > 0.003)
    return (int(lit[0]), int(lit[-1]) + 1) if len(lit) else (0, 0)
