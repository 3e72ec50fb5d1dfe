"""A film: a backdrop that follows the narration, cut into shots. It paints any frame."""

from __future__ import annotations

import bisect
import contextlib
import ctypes
import itertools
from collections.abc import Container, Sequence
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
from .scene_reading import SceneView, view_scenes
from .shades import Shade, Shades
from .shots import Shot, cut, shots_of
from .transitions import Transition, dissolve, whip

__all__ = ["Film"]

_FADE_IN = 0.7
_FADE_OUT = 0.9

_SETTLING = 5.0
"""Seconds before a scene from which on its backdrop follows the narration, so that what it shows has settled."""

_SIDE_BY_SIDE = 2
"""Scenes whose backdrops are built at once and kept: as many as a film without scenes has camera positions."""

_DISSOLVE = 1.0
"""Seconds of a dissolve between two scenes in a style that has none of its own."""

_View = tuple[int, int]
"""A scene's number and a camera position."""


class Film:
    """A render's frames.

    Args:
        job: The parameters.

    Attributes:
        shots: Its shots, in order; one for each scene, if there are scenes.
        scenes: The scenes as they are shown, in order; may be empty.
    """

    def __init__(self, job: RenderJob) -> None:
        self.job = job
        self.sheet: StyleSheet = load_style(job.style)
        self.reading: Reading = read_prompt(job.prompt, job.seed, self.sheet, job.variation)
        self.width, self.height = job.inner(self.sheet.frame.get("fine", 1.0))
        self.sound = Sound(Path(job.samples), fps=job.fps, frames=job.frames)
        how = self.sheet.shots
        self.scenes: tuple[SceneView, ...] = view_scenes(
            job.scenes, job.prompt, job.seed, self.sheet, job.variation
        )
        self.shots = (
            shots_of(job.scenes, job.duration, job.fps)
            if job.scenes
            else cut(job.duration, job.cues, self.sound.pauses(), pace=how["pace"])
        )
        # A dissolve is the calmest transition.
        self._transition = (
            Transition("dissolve", 1.2)
            if job.reduce_motion
            else Transition(how["transition"], how["seconds"])
        )
        self._backdrops: dict[_View, Backdrop] = {}
        self._followed: dict[_View, int] = {}
        self._fade_color = hex_color(self.sheet.frame.get("fade", "#000000"))
        self._before: Planes | None = None
        bloom = self.sheet.frame["bloom"]
        self._bloom = Bloom(self.height, self.width, bloom) if bloom else None
        self._dither = _dither(self.height, self.width)
        self._shades = Shades((), self.height, self.width)

    def set_shades(self, shades: Sequence[Shade]) -> None:
        """Set the shades to paint under titles."""
        self._shades = Shades(shades, self.height, self.width)

    @property
    def understood(self) -> dict[str, str]:
        """The keywords that were read, for display; with scenes a line for each that is drawn, counted from 1."""
        if not self.scenes:
            return self.reading.understood
        lines = {f"scene {number}": view.understood for number, view in enumerate(self.scenes, 1)}
        only = self.job.only
        return lines if only is None else dict([list(lines.items())[only]])

    def _stage(self, view: _View) -> Stage:
        scene, angle = view
        reading = self.scenes[scene].reading if self.scenes else self.reading
        return Stage(
            width=self.width,
            height=self.height,
            fps=self.job.fps,
            frames=self.job.frames,
            seed=reading.seed,
            palette=reading.palette,
            daylight=reading.daylight,
            words={**reading.words, **({} if self._has_lesson() else {"layout": "alone"})},
            reduce_motion=self.job.reduce_motion,
            variation=reading.variation,
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
        transition = self._transition_to(shot)
        return (
            transition.visibility(shot, time) < 1.0
            or transition.pan(shot, time, last=self._is_last(shot)) != 0.0
        )

    def _transition_to(self, shot: Shot) -> Transition:
        """Return the transition at the start of a shot."""
        if not self.scenes:
            return self._transition
        if self.job.reduce_motion or self.job.scenes[shot.number].transition == "dissolve":
            seconds = self._transition.seconds if self._transition.kind == "dissolve" else _DISSOLVE
            # Over before the next one begins.
            return Transition("dissolve", min(seconds, (shot.end - shot.start) / 2))
        return Transition("cut", 0.0)

    def stretches(self, part: range) -> list[range]:
        """Split frames into stretches to draw one after another, so that few backdrops are kept at a time.

        Without scenes, it is one stretch.
        """
        if not self.scenes:
            return [part]
        # What the angles of one film share, two scenes do not: it would be in memory twice.
        apart = load_backdrop(self.sheet.backdrop).independent_angles
        numbers = range(0, len(self.shots), _SIDE_BY_SIDE if apart else 1)
        borders = [round(self.shots[number].start * self.job.fps) for number in numbers]
        inside = [part.start, *(frame for frame in borders if part.start < frame < part.stop), part.stop]
        return [range(first, stop) for first, stop in itertools.pairwise(inside)]

    def prepare(self, part: range) -> None:
        """Build the backdrops of some frames now instead of when they are first needed."""
        first, last = (self.shot_at(index / self.job.fps).number for index in (part.start, part.stop - 1))
        if first and self.scenes and self.in_transition(part.start):
            first -= 1
        views = dict.fromkeys(self._view(shot) for shot in self.shots[first : last + 1])
        self._keep(views)
        missing = [view for view in views if view not in self._backdrops]
        builds = [partial(self._build, view) for view in missing]
        parallel = load_backdrop(self.sheet.backdrop).independent_angles
        built = call_in_parallel(builds) if parallel else [build() for build in builds]
        self._backdrops.update(zip(missing, built, strict=True))

    def _keep(self, views: Container[_View]) -> None:
        """Drop the backdrops of other scenes."""
        if self.scenes:
            for view in [each for each in self._backdrops if each not in views]:
                del self._backdrops[view]
                self._followed.pop(view, None)
            _trim_memory()

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
        transition = self._transition_to(shot)
        self._paint_shot(planes, moment, shot)
        if (visibility := transition.visibility(shot, moment.time)) < 1.0:
            if self._before is None:
                self._before = np.empty_like(planes)
            self._paint_shot(self._before, moment, self.shots[shot.number - 1])
            dissolve(planes, self._before, visibility)
        if pan := transition.pan(shot, moment.time, last=self._is_last(shot)):
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
        backdrop = self.backdrop_of(shot)
        self._follow(shot, moment.index)
        into = max(0.0, moment.time - shot.start)
        here = replace(moment, shot=shot.number, into=into, along=shot.along(moment.time))
        backdrop.paint(planes, here)

    def backdrop_of(self, shot: Shot) -> Backdrop:
        """Return the backdrop as a shot sees it, built on first use."""
        view = self._view(shot)
        if view not in self._backdrops:
            near = self.shots[max(0, shot.number - 1) : shot.number + 2]
            self._keep({self._view(each) for each in near})
            self._backdrops[view] = self._build(view)
        return self._backdrops[view]

    def _view(self, shot: Shot) -> _View:
        if self.scenes:
            return shot.number, self.scenes[shot.number].angle
        angles: int = self.sheet.shots["angles"]
        return 0, shot.number % angles

    def _build(self, view: _View) -> Backdrop:
        backdrop = load_backdrop(self.sheet.backdrop)(self._stage(view))
        _trim_memory()
        return backdrop

    def _follow(self, shot: Shot, index: int) -> None:
        """Let a shot's backdrop follow the sound up to a frame, from the film's start or shortly before a scene."""
        view = self._view(shot)
        begin = max(0, round((shot.start - _SETTLING) * self.job.fps)) if self.scenes else 0
        followed = self._followed.get(view, begin - 1)
        for earlier in range(followed + 1, index + 1):
            self._backdrops[view].follow(self.sound.at(earlier))
        self._followed[view] = max(followed, index)

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
