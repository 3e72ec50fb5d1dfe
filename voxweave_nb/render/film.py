"""A film: a backdrop that follows the narration, cut into shots. It paints any frame."""

from __future__ import annotations

import bisect
import contextlib
import ctypes
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from ..styles import StyleSheet, load_style
from .arrays import Planes
from .backdrop import Backdrop, Moment, Stage
from .backdrops import load_backdrop
from .bloom import Bloom
from .colors import hex_color
from .features import Sound
from .fork import call_in_parallel
from .job import RenderJob
from .prompt import Reading, read_prompt
from .shades import Shade, Shades
from .shots import Shot, cut
from .transitions import Transition, dissolve, whip

__all__ = ["Film"]

_FADE_IN = 0.7
_FADE_OUT = 0.9


class Film:
    """A render's frames.

    Args:
        job: The parameters.

    Attributes:
        shots: Its shots, in order.
    """

    def __init__(self, job: RenderJob) -> None:
        self.job = job
        self.sheet: StyleSheet = load_style(job.style)
        self.reading: Reading = read_prompt(job.prompt, job.seed, self.sheet, job.variation)
        self.width, self.height = job.inner(self.sheet.frame.get("fine", 1.0))
        self.sound = Sound(Path(job.samples), fps=job.fps, frames=job.frames)
        how = self.sheet.shots
        self.shots = cut(job.duration, job.cues, self.sound.pauses(), pace=how["pace"])
        # A dissolve is the calmest transition.
        self._transition = (
            Transition("dissolve", 1.2)
            if job.reduce_motion
            else Transition(how["transition"], how["seconds"])
        )
        self._backdrops: dict[int, Backdrop] = {}
        self._followed = -1
        self._fade_color = hex_color(self.sheet.frame.get("fade", "#000000"))
        self._before: Planes | None = None
        bloom = self.sheet.frame["bloom"]
        self._bloom = Bloom(self.height, self.width, bloom) if bloom else None
        self._dither = _dither(self.height, self.width)
        self._shades = Shades((), self.height, self.width)

    def set_shades(self, shades: Sequence[Shade]) -> None:
        """Set the shades to paint under titles."""
        self._shades = Shades(shades, self.height, self.width)

    def _stage(self, angle: int) -> Stage:
        return Stage(
            width=self.width,
            height=self.height,
            fps=self.job.fps,
            frames=self.job.frames,
            seed=self.reading.seed,
            palette=self.reading.palette,
            daylight=self.reading.daylight,
            words={**self.reading.words, **({} if self._has_lesson() else {"layout": "alone"})},
            reduce_motion=self.job.reduce_motion,
            variation=self.reading.variation,
            angle=angle,
        )

    def _has_lesson(self) -> bool:
        """True if text stays on screen to the end, so that the backdrop must leave room for it."""
        titled = bool(self.job.prompt if self.job.title is None else self.job.title)
        return self.sheet.type["layout"] == "lesson" and (titled or bool(self.job.cues))

    def shot_at(self, time: float) -> Shot:
        """Return the shot at a time in seconds."""
        return self.shots[max(0, bisect.bisect_right([shot.start for shot in self.shots], time + 1e-6) - 1)]

    def in_transition(self, index: int) -> bool:
        """Return True for a frame that lies in a transition between two shots."""
        time, shot = index / self.job.fps, self.shot_at(index / self.job.fps)
        return (
            self._transition.visibility(shot, time) < 1.0
            or self._transition.pan(shot, time, last=self._is_last(shot)) != 0.0
        )

    def prepare(self, part: range) -> None:
        """Build the backdrops of some frames now instead of when they are first needed."""
        first, last = (self.shot_at(index / self.job.fps).number for index in (part.start, part.stop - 1))
        angles = dict.fromkeys(self._angle(shot) for shot in self.shots[first : last + 1])
        missing = [angle for angle in angles if angle not in self._backdrops]
        builds = [partial(self._build, angle) for angle in missing]
        parallel = load_backdrop(self.sheet.backdrop).independent_angles
        built = call_in_parallel(builds) if parallel else [build() for build in builds]
        for angle, backdrop in zip(missing, built, strict=True):
            self._add_backdrop(angle, backdrop)

    def planes(self) -> Planes:
        """Return new planes to paint on."""
        return np.zeros((3, self.height, self.width), np.float32)

    @cached_property
    def _planes(self) -> Planes:
        return self.planes()

    def paint(self, index: int) -> Planes:
        """Return one frame, undithered, in planes that the next call overwrites. Frames must be in rising order."""
        self.compose(index, self._planes)
        self._add_effects(index, self._planes)
        return self._planes

    def compose(self, index: int, planes: Planes) -> None:
        """Paint one frame's shots into the planes. Frames must be in rising order."""
        moment = self.sound.at(index)
        shot = self.shot_at(moment.time)
        self._follow(index)
        self._paint_shot(planes, moment, shot)
        if (visibility := self._transition.visibility(shot, moment.time)) < 1.0:
            if self._before is None:
                self._before = np.empty_like(planes)
            self._paint_shot(self._before, moment, self.shots[shot.number - 1])
            dissolve(planes, self._before, visibility)
        if pan := self._transition.pan(shot, moment.time, last=self._is_last(shot)):
            whip(planes, pan)

    def _add_effects(self, index: int, planes: Planes) -> None:
        """Add bloom, the shades under titles, and the fades at both ends."""
        if self._bloom is not None:
            self._bloom.add(planes)
        self._shades.paint(planes, index / self.job.fps)
        self._fade_in_and_out(planes, index / self.job.fps)

    def _is_last(self, shot: Shot) -> bool:
        return shot.number == len(self.shots) - 1

    def _paint_shot(self, planes: Planes, moment: Moment, shot: Shot) -> None:
        into = max(0.0, moment.time - shot.start)
        here = replace(moment, shot=shot.number, into=into, along=shot.along(moment.time))
        self.backdrop_of(shot).paint(planes, here)

    def backdrop_of(self, shot: Shot) -> Backdrop:
        """Return the backdrop as a shot sees it, built on first use."""
        angle = self._angle(shot)
        if angle not in self._backdrops:
            self._add_backdrop(angle, self._build(angle))
        return self._backdrops[angle]

    def _angle(self, shot: Shot) -> int:
        angles: int = self.sheet.shots["angles"]
        return shot.number % angles

    def _build(self, angle: int) -> Backdrop:
        backdrop = load_backdrop(self.sheet.backdrop)(self._stage(angle))
        _trim_memory()
        return backdrop

    def _add_backdrop(self, angle: int, backdrop: Backdrop) -> None:
        """Keep a backdrop, after it has followed the frames so far."""
        for index in range(self._followed + 1):
            backdrop.follow(self.sound.at(index))
        self._backdrops[angle] = backdrop

    def _follow(self, index: int) -> None:
        """Let all backdrops follow the sound up to a frame."""
        for earlier in range(self._followed + 1, index + 1):
            moment = self.sound.at(earlier)
            for backdrop in self._backdrops.values():
                backdrop.follow(moment)
        self._followed = max(self._followed, index)

    def _fade_in_and_out(self, planes: Planes, time: float) -> None:
        shown = _fade_factor(time, self.job.duration)
        if shown < 1.0:
            for plane, value in zip(planes, self._fade_color, strict=True):
                plane *= np.float32(shown)
                plane += np.float32(value * (1.0 - shown))

    def draw(self, index: int, frame: np.ndarray[Any, np.dtype[np.uint8]]) -> None:
        """Write one frame as bytes in the encoder's plane order: green, blue, red."""
        self.compose(index, self._planes)
        self.finish(index, self._planes, frame)

    def finish(self, index: int, planes: Planes, frame: np.ndarray[Any, np.dtype[np.uint8]]) -> None:
        """Convert composed planes to bytes, dithered against banding.

        Thread-safe beside `compose` on other planes.
        """
        self._add_effects(index, planes)
        planes += self._dither
        np.clip(planes, 0, 255, out=planes)
        for target, source in zip(frame, (1, 2, 0), strict=True):
            np.copyto(target, planes[source], casting="unsafe")


def _trim_memory() -> None:
    """Return the memory freed after building a backdrop to the system, where the C library supports it."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def _fade_factor(time: float, duration: float) -> float:
    """Return 0 at both ends of the film and 1 between."""
    rise, fall = min(_FADE_IN, duration / 4), min(_FADE_OUT, duration / 4)
    t = min(1.0, (time + 0.04) / rise, max(0.0, (duration - time) / fall))
    return t * t * (3.0 - 2.0 * t)


def _dither(height: int, width: int) -> Planes:
    """Return triangular noise of one step, the same for every frame, plus 0.5 so that truncation rounds."""
    rng = np.random.default_rng(7)
    noise = rng.random((3, height, width), np.float32) + rng.random((3, height, width), np.float32)
    return (noise - np.float32(0.5)).astype(np.float32)
