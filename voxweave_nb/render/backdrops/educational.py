"""A bright paper background: a card with a chart that the voice draws, soft shapes, and room for text.

The prompt's variation selects the chart: bars with falling caps, a wheel with the film's progress, or the voice's last
seconds as a row of pills. Text (headline, key phrases) is drawn by `titles`, not here.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np
import numpy.typing as npt

from ..arrays import Mask, Planes, as_mask
from ..backdrop import Backdrop, Moment, base_size, is_wide
from ..blur import blur
from ..colors import Color, mix
from ..drawing import Light, stroke
from ..easing import clamp, ease, smoothstep
from ..masks import gradient, grid, rounded
from ..sprites import Sprite

__all__ = ["EducationalBackdrop"]

_BARS = 12
_SPOKES = 36
_PILLS = 30
_PILL_SECONDS = 0.13
_SPOTS = ((0.53, 0.12), (0.965, 0.47), (0.515, 0.80), (0.90, 0.885), (0.70, 0.095))
_NARROW_SPOTS = ((0.93, 0.04), (0.955, 0.47), (0.06, 0.89), (0.90, 0.885), (0.55, 0.94))
_WHITE: Color = (255.0, 255.0, 255.0)


class EducationalBackdrop(Backdrop):
    """A chart on a card; see the module's docstring."""

    name = "educational"

    def prepare(self) -> None:
        """Lay out the card and paint everything that does not move."""
        stage = self.stage
        self._w, self._h, unit = stage.width, stage.height, base_size(stage.width, stage.height)
        self._u, self._pad = unit / 360, 0.056 * unit
        self._wide = is_wide(stage.width, stage.height)
        self._calm = 0.5 if stage.reduce_motion else 1.0
        self._chart = ("bars", "wheel", "pills")[(stage.variation + stage.angle) % 3]
        self._lay_out()
        self._bare = self._paper(stage.rng(2))
        # The card fades in during the first shot only.
        self._stage_set = self._bare.copy() if stage.angle == 0 else self._bare
        self._paint_card(self._stage_set)
        self._prepare_chart()
        self._prepare_drifters(stage.rng(3))

    def _lay_out(self) -> None:
        """Place the card: right of the text, below it in a narrow frame, centred without text."""
        alone = self.stage.words.get("layout") == "alone"
        wide, tall = (0.405 if self._wide else 0.86) * self._w, self._card_height(alone)
        middle = 0.735 * self._w if self._wide and not alone else 0.5 * self._w
        top = 0.165 * self._h if self._wide else (0.42 * self._h - tall / 2 if alone else 0.53 * self._h)
        self._card = (middle - wide / 2, top, middle + wide / 2, top + tall)
        pad = self._pad
        self._plot = (self._card[0] + pad, top + pad, self._card[2] - pad, top + tall - pad)

    def _card_height(self, alone: bool) -> float:
        """Return the card's height in pixels."""
        if self._wide:
            return 0.62 * self._h
        return min(0.6 * self._h, 0.86 * self._w) if alone else 0.32 * self._h

    def _paper(self, rng: np.random.Generator) -> Planes:
        """Paint the paper: a gradient with a grid of dots; also prepare the shapes of colour."""
        palette = self.stage.palette
        paper = np.repeat(gradient(self._h, palette.sky), self._w, axis=2)
        self._blobs: list[tuple[Light, Color, float, float]] = []
        corners = [(0.92, 0.08), (0.60, 0.98), (0.04, 0.05), (1.0, 0.75), (0.30, 1.02)]
        order = rng.permutation(len(palette.accents))
        for place, (x, y) in enumerate(corners[: 4 if rng.random() < 0.5 else 5]):
            color = mix(palette.accents[int(order[place % len(order)])], _WHITE, 0.25)
            radius = self._h * rng.uniform(0.34, 0.52)
            at = (self._w * (x + rng.uniform(-0.05, 0.05)), self._h * (y + rng.uniform(-0.05, 0.05)))
            self._blobs.append(
                (self._blob(rng, at, radius), color, rng.uniform(0, 6.28), 0.27 if x > 0.5 else 0.17)
            )
        dots = self._dots()
        for plane, value in zip(paper, palette.ink, strict=True):
            plane += (np.float32(value) - plane) * dots
        return paper

    def _blob(self, rng: np.random.Generator, at: tuple[float, float], radius: float) -> Light:
        """Return a round shape with an uneven soft edge."""
        margin = math.ceil(30 * self._u)
        ys, xs = grid(self._h + 2 * margin, self._w + 2 * margin)
        dy, dx = ys - np.float32(at[1] + margin), xs - np.float32(at[0] + margin)
        turn = np.arctan2(dy, dx)
        wave = 1 + sum(
            np.float32(rng.uniform(0.05, 0.12)) * np.sin(turn * k + np.float32(rng.uniform(0, 6.28)))
            for k in (2, 3, 5)
        )
        away = np.hypot(dx, dy) / (np.float32(radius) * wave)
        t = np.clip((np.float32(1.12) - away) / np.float32(0.5), 0, 1)
        return Light((t * t * (3 - 2 * t)).astype(np.float32), -margin, -margin)

    def _dots(self) -> Mask:
        """Return a grid of faint dots."""
        ys, xs = grid(self._h, self._w)
        step = np.float32(15 * self._u)
        fx, fy = (xs + step / 2) % step - step / 2, (ys + step / 2) % step - step / 2
        dots = np.clip(np.float32(0.95 * self._u) + np.float32(0.5) - np.hypot(fx, fy), 0, 1)
        return as_mask(dots * np.float32(0.075))

    def _paint_card(self, paper: Planes) -> None:
        """Paint the card: white with round corners and a soft shadow."""
        palette, u = self.stage.palette, self._u
        left, top, right, bottom = self._card
        shadow = blur(
            rounded(self._h, self._w, (left + 4 * u, top + 12 * u, right - 4 * u, bottom + 10 * u), 16 * u),
            11 * u,
        )
        Light(shadow).over(paper, palette.ink, 0.17)
        near = blur(rounded(self._h, self._w, (left, top + 2 * u, right, bottom + 2 * u), 14 * u), 2.2 * u)
        Light(near).over(paper, palette.ink, 0.10)
        self._face = Light(rounded(self._h, self._w, self._card, 14 * u))
        self._face.over(paper, palette.ground[0])

    def _prepare_drifters(self, rng: np.random.Generator) -> None:
        """Prepare small shapes that float over the paper, away from the text."""
        palette = self.stage.palette
        spots = _SPOTS if self._wide else _NARROW_SPOTS
        self._drifters = []
        for place, (x, y) in enumerate(spots):
            size = rng.uniform(4.0, 8.5) * self._u
            sprite = Sprite.ring(size, 1.6 * self._u) if rng.random() < 0.6 else Sprite.disc(size * 0.62)
            self._drifters.append(
                (sprite, x, y, rng.uniform(0, 6.28), palette.accents[place % len(palette.accents)])
            )

    # --- charts --------------------------------------------------------------------------------------------------

    def _prepare_chart(self) -> None:
        """Prepare the chart and paint its fixed lines."""
        left, top, right, bottom = self._plot
        accents = self.stage.palette.accents
        self._value = np.zeros(max(_BARS, _SPOKES), np.float32)
        self._speed = np.zeros_like(self._value)
        self._cap = np.zeros(_BARS, np.float32)
        self._history: deque[tuple[float, int]] = deque(maxlen=_PILLS + 3)
        self._pill_at, self._pill_peak = 0.0, 0.0
        paler = mix(self.stage.palette.ink, self.stage.palette.ground[0], 0.90)
        if self._chart == "bars":
            self._pitch = (right - left) / _BARS
            self._thick = self._pitch * 0.6
            for level in range(5):
                y = round(bottom - level * (bottom - top) / 4) + 0.5
                stroke(self._stage_set, (left, y), (right, y), 0.9 * self._u, paler, 0.9)
            self._dot = Sprite.disc(self._thick * 0.24)
        elif self._chart == "wheel":
            self._prepare_wheel(paler)
        else:
            middle = (top + bottom) / 2
            stroke(self._stage_set, (left, middle), (right, middle), 1.2 * self._u, paler)
            self._head = Sprite.disc(5.2 * self._u)
            self._aura = Sprite.glow(30 * self._u, 1.6)
        self._colors = [accents[k * len(accents) // _BARS % len(accents)] for k in range(_BARS)]

    def _prepare_wheel(self, paler: Color) -> None:
        """Prepare the wheel's ring, knob and centre."""
        left, top, right, bottom = self._plot
        self._hub = ((left + right) / 2, (top + bottom) / 2)
        self._ring = (bottom - top) / 2 - 1.5 * self._u
        ys, xs = grid(self._h, self._w)
        dx, dy = xs - np.float32(self._hub[0]), ys - np.float32(self._hub[1])
        off = np.abs(np.hypot(dx, dy) - np.float32(self._ring))
        band = np.clip(np.float32(2.4 * self._u + 0.5) - off, 0, 1).astype(np.float32)
        Light(band).over(self._stage_set, paler)
        reach = math.ceil(self._ring + 4 * self._u)
        x, y = round(self._hub[0]) - reach, round(self._hub[1]) - reach
        area = np.s_[y : y + 2 * reach, x : x + 2 * reach]
        self._band, self._band_at = band[area], area
        turn = (np.arctan2(dx, -dy) / np.float32(2 * math.pi)) % 1
        self._turn = np.ascontiguousarray(turn[area], np.float32)
        self._knob = Sprite.disc(4.6 * self._u)
        # One disc for each size, as sprites cannot be scaled.
        self._heart = [Sprite.disc(self._ring * (0.20 + 0.011 * k)) for k in range(12)]

    # --- every frame ---------------------------------------------------------------------------------------------

    def follow(self, moment: Moment) -> None:
        """Move everything with inertia: the chart's values, the bars' caps, the row of pills."""
        grown = self._growth(moment)
        if self._chart == "bars":
            bands = moment.bands.reshape(_BARS, -1).mean(1)
            idle = 0.05 + 0.025 * np.sin(
                np.arange(_BARS, dtype=np.float32) * 0.9 + np.float32(moment.time * 1.6)
            )
            alive = np.sin(np.arange(_BARS, dtype=np.float32) * 2.3 + np.float32(moment.clock * 8.0))
            alive *= np.float32(0.26 * moment.level * self._calm)
            values = np.clip(self._spring((0.8 * bands + idle + alive) * np.float32(grown)), 0, 1)
            # Caps fall faster during speech.
            fall = np.float32((0.1 + 0.7 * moment.level) / self.stage.fps)
            self._cap = np.maximum(values, self._cap - fall)
        elif self._chart == "wheel":
            half = moment.bands[: _SPOKES + 8].reshape(-1, 2).mean(1)[: _SPOKES // 2]
            shimmer = np.sin(np.arange(_SPOKES, dtype=np.float32) * 2.3 + np.float32(moment.clock * 9.0))
            shimmer *= np.float32(0.22 * moment.level * self._calm)
            self._spring((np.concatenate([half, half[::-1]]) * np.float32(0.8) + shimmer) * np.float32(grown))
        else:
            self._spring(np.array([moment.level], np.float32))
            self._add_pill(moment)

    def _add_pill(self, moment: Moment) -> None:
        """Add a pill every eighth of a second: the loudest level since the last, coloured by pitch."""
        voice = moment.level**1.5 * (0.7 + 0.3 * moment.onset)
        self._pill_peak = max(self._pill_peak, voice)
        # A loop, as a low frame rate may need several pills in one frame.
        while moment.clock - self._pill_at >= _PILL_SECONDS:
            self._pill_at += _PILL_SECONDS
            pitch = int(np.argmax(moment.bands[:40])) if moment.level > 0.08 else 0
            self._history.append((self._pill_peak, pitch))
            self._pill_peak = voice

    def _growth(self, moment: Moment) -> float:
        """Return the chart's size, 0 to 1: it grows at the start and shrinks at the end."""
        length = self.stage.frames / self.stage.fps
        return ease((moment.time - 0.5) / 1.4) * smoothstep(0.0, min(1.6, length * 0.3), length - moment.time)

    def paint(self, planes: Planes, moment: Moment) -> None:
        """Draw paper, shapes, card and chart."""
        here, grown = ease((moment.time - 0.15) / 1.0), self._growth(moment)
        np.copyto(planes, self._stage_set if here >= 1 else self._bare)
        if here < 1:
            planes += (self._stage_set - self._bare) * np.float32(here)
        self._paint_blobs(planes, moment)
        self._face.over(planes, self.stage.palette.ground[0], here * 0.8)
        self._paint_drifters(planes, moment)
        {"bars": self._paint_bars, "wheel": self._paint_wheel, "pills": self._paint_pills}[self._chart](
            planes, moment, grown
        )

    def _paint_blobs(self, planes: Planes, moment: Moment) -> None:
        """Paint the large shapes of colour."""
        for light, color, phase, strength in self._blobs:
            t = moment.clock * 0.95 * self._calm + phase
            dx, dy = round(math.sin(t) * 24 * self._u), round(math.cos(t * 0.8) * 18 * self._u)
            light.over(planes, color, strength * (0.9 + 0.2 * moment.level), dx, dy)

    def _paint_drifters(self, planes: Planes, moment: Moment) -> None:
        """Paint the small floating shapes."""
        for sprite, x, y, phase, color in self._drifters:
            t = moment.clock * 0.9 * self._calm + phase
            lift = (math.sin(t) * 5 - 4 * moment.bass) * self._u
            at = (x * self._w + math.cos(t * 0.7) * 9 * self._u, y * self._h + lift)
            sprite.over(planes, *at, color, 0.55 * ease(moment.time - 0.4))

    def _spring(self, target: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Move the values towards a target like damped springs; return them."""
        # The spring's constants are tuned for 30 frames per second.
        count, step = len(target), 30 / self.stage.fps
        value, speed = self._value[:count], self._speed[:count]
        stiff, drag = (0.20, 0.58) if self._calm == 1.0 else (0.06, 0.6)
        speed += (target - value) * np.float32(stiff * step)
        speed *= np.float32(drag**step)
        value += speed * np.float32(step)
        return value

    def _paint_bars(self, planes: Planes, moment: Moment, grown: float) -> None:
        """Paint the bars and their caps."""
        left, top, _, bottom = self._plot
        values = np.clip(self._value[:_BARS], 0, 1)
        for k in range(_BARS):
            x = left + (k + 0.5) * self._pitch
            tall = max(self._thick * 0.5, float(values[k]) * (bottom - top))
            color = self._colors[k]
            self._bar(planes, x, bottom - tall, bottom, color, ease(grown * 2))
            y = bottom - float(self._cap[k]) * (bottom - top) - self._thick * 0.42
            self._dot.over(planes, x, y, color, 0.55 * grown)

    def _bar(self, planes: Planes, x: float, top: float, bottom: float, color: Color, opacity: float) -> None:
        """Paint a bar with a round head, lighter towards its head."""
        radius, reach = self._thick / 2, self._thick / 2 + 1
        x0, x1 = math.floor(x - reach), math.ceil(x + reach)
        y0, y1 = math.floor(top - 1), round(bottom)
        across = np.abs(np.arange(x0, x1, dtype=np.float32) + np.float32(0.5 - x))
        curve = np.sqrt(np.maximum(np.float32(radius * radius) - across * across, 0))
        head = np.float32(top + radius) - curve
        ys = np.arange(y0, y1, dtype=np.float32)[:, None] + np.float32(0.5)
        mask = np.clip(ys - head + np.float32(0.5), 0, 1) * np.clip(np.float32(radius + 0.5) - across, 0, 1)
        mask *= np.float32(opacity)
        light = np.clip((np.float32(bottom) - ys) / np.float32(self._plot[3] - self._plot[1]), 0, 1)
        for plane, value in zip(planes[:, y0:y1, x0:x1], color, strict=True):
            tone = np.float32(value) + light * np.float32((255 - value) * 0.22)
            plane += (tone - plane) * mask

    def _paint_wheel(self, planes: Planes, moment: Moment, grown: float) -> None:
        """Paint the wheel: the spectrum as rays, the progress as a ring, the voice as the centre."""
        accents, (x, y) = self.stage.palette.accents, self._hub
        values = np.clip(self._value[:_SPOKES], 0, 1)
        inner, outer = self._ring * 0.42, self._ring * 0.86
        for k in range(_SPOKES):
            turn = 2 * math.pi * (k + 0.5) / _SPOKES + 0.45 * moment.clock * self._calm
            dx, dy = math.sin(turn), -math.cos(turn)
            far = inner + (outer - inner) * (0.03 + 0.97 * float(values[k]))
            near = min(k, _SPOKES - 1 - k) * 2 / _SPOKES
            color = _along(accents[:4], near)
            start, end = (x + dx * inner, y + dy * inner), (x + dx * far, y + dy * far)
            stroke(planes, start, end, self._ring * 0.058, color, ease(grown * 2))
        self._paint_progress(planes, moment, grown)
        beat = clamp(0.2 + 0.8 * moment.level * grown)
        self._heart[round(beat * (len(self._heart) - 1))].over(planes, x, y, accents[0], 0.92 * grown)
        self._heart[0].over(planes, x, y, mix(accents[0], _WHITE, 0.35), 0.35 * grown)

    def _paint_progress(self, planes: Planes, moment: Moment, grown: float) -> None:
        """Paint the ring up to the film's progress, with a knob at its end."""
        color, (x, y) = self.stage.palette.accents[3 % len(self.stage.palette.accents)], self._hub
        soft = np.float32(self._ring * 2 * math.pi)
        mask = np.clip((np.float32(moment.progress) - self._turn) * soft + np.float32(0.5), 0, 1) * self._band
        mask *= np.float32(grown)
        for plane, value in zip(planes[:, *self._band_at], color, strict=True):
            plane += (np.float32(value) - plane) * mask
        turn = 2 * math.pi * moment.progress
        self._knob.over(
            planes, x + math.sin(turn) * self._ring, y - math.cos(turn) * self._ring, color, grown
        )

    def _paint_pills(self, planes: Planes, moment: Moment, grown: float) -> None:
        """Paint the voice's last seconds as pills that move to the left, the newest under a glowing dot."""
        left, top, right, bottom = self._plot
        accents, middle, step = self.stage.palette.accents, (top + bottom) / 2, (right - left) / _PILLS
        part = clamp((moment.clock - self._pill_at) / _PILL_SECONDS)
        value = float(self._value[0])
        for age, (peak, pitch) in enumerate(reversed(self._history)):
            x = right - (age + part + 1.2) * step
            seen = smoothstep(left - step, left + 4 * step, x) * grown
            if seen > 0.01:
                tall = (0.03 + 0.97 * peak) * (bottom - top) * 0.44
                stroke(
                    planes,
                    (x, middle - tall),
                    (x, middle + tall),
                    step * 0.52,
                    _along(accents[:4], pitch / 30),
                    seen,
                )
        tall = (0.05 + 0.95 * clamp(value)) * (bottom - top) * 0.46 * grown
        stroke(
            planes,
            (right, middle - tall),
            (right, middle + tall),
            step * 0.62,
            accents[3 % len(accents)],
            grown,
        )
        self._aura.over(planes, right, middle, accents[3 % len(accents)], 0.35 * grown * (0.3 + moment.level))
        self._head.over(planes, right, middle, accents[3 % len(accents)], grown)


def _along(colors: tuple[Color, ...], t: float) -> Color:
    """Return the colour at `t`, 0 to 1, along several colours."""
    at = clamp(t) * (len(colors) - 1)
    first = min(int(at), len(colors) - 2)
    return mix(colors[first], colors[first + 1], at - first)
