"""A render before it starts: what is asked for, and all that is known before the first frame."""

from __future__ import annotations

import bisect
import contextlib
import ctypes
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np

from ..models import Cue, VideoQuality, VideoStyle
from ..styles import StyleSheet, load_style
from .bloom import Bloom
from .features import Sound
from .fork import make_at_once
from .joins import Join, dissolve, whip
from .prompt import Reading, hex_color, read_prompt
from .scene import Moment, Planes, Scene, Stage
from .scenes import load_scene
from .shades import Shade, Shades
from .shots import Shot, cut

__all__ = ["Film", "RenderJob"]

_FADE_IN = 0.7
_FADE_OUT = 0.9


@dataclass(frozen=True)
class RenderJob:
    """What is to be rendered; travels to the worker as JSON.

    Attributes:
        samples: The narration's raw samples on disk: mono, 16 kHz, signed 16 bit.
        duration: The narration's length in seconds, above 0.
        cues: The captions, for the words that some styles set into the picture.
        style: The look.
        width: Pixels of the video.
        height: Pixels of the video.
        fps: Frames per second.
        prompt: Seeds and steers the scene, and becomes the title.
        title: The title, None for one made of the prompt, `""` for none.
        seed: Another take of the same prompt.
        reduce_motion: No flashes, a slow camera.
        codec: `"h264"` or `"vp9"`.
        quality: How fine the scene is painted and how carefully it is encoded.
    """

    samples: str
    duration: float
    cues: list[Cue]
    style: VideoStyle
    width: int
    height: int
    fps: int
    prompt: str = ""
    title: str | None = None
    seed: int | None = None
    reduce_motion: bool = False
    codec: Literal["h264", "vp9"] = "h264"
    quality: VideoQuality = VideoQuality.STANDARD

    @property
    def frames(self) -> int:
        """How many frames cover the narration; at least one."""
        return max(1, math.ceil(round(self.duration * self.fps, 6)))

    def inner(self, fine: float = 1.0) -> tuple[int, int]:
        """The size at which scenes are painted; type is set at the video's own.

        Half the video's, a third of a 4K one's; two thirds and a half if it shall be fine, two thirds of a draft's.

        Args:
            fine: What a style asks for beyond that, where its edges are hard and its pictures cheap.
        """
        large = min(self.width, self.height) > 1200
        whole = (3.0 if large else 2.0) if self.quality is VideoQuality.STANDARD else 2.0 if large else 1.5
        part = max(1.0, whole / fine)
        return max(32, int(self.width / part) // 2 * 2), max(18, int(self.height / part) // 2 * 2)

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The job that `to_json` wrote."""
        values: dict[str, Any] = json.loads(text)
        values["cues"] = [Cue(**cue) for cue in values["cues"]]
        values["style"], values["quality"] = VideoStyle(values["style"]), VideoQuality(values["quality"])
        return cls(**values)


class Film:
    """A scene on its stage, with its narration, cut into shots: paints any frame's planes.

    Args:
        job: What is asked for.

    Attributes:
        shots: Its shots, in order.
    """

    def __init__(self, job: RenderJob) -> None:
        self.job = job
        self.sheet: StyleSheet = load_style(job.style)
        self.reading: Reading = read_prompt(job.prompt, job.seed, self.sheet)
        self.width, self.height = job.inner(self.sheet.picture.get("fine", 1.0))
        self.sound = Sound(Path(job.samples), fps=job.fps, frames=job.frames)
        how = self.sheet.shots
        self.shots = cut(job.duration, job.cues, self.sound.pauses(), pace=how["pace"])
        self._join = Join("dissolve", 1.2) if job.reduce_motion else Join(how["join"], how["seconds"])
        self._scenes: dict[int, Scene] = {}
        self._heard = -1
        self._fade = hex_color(self.sheet.picture.get("fade", "#000000"))
        self._before: Planes | None = None
        bloom = self.sheet.picture["bloom"]
        self._bloom = Bloom(self.height, self.width, bloom) if bloom else None
        self._dither = _dither(self.height, self.width)
        self._shades = Shades((), self.height, self.width)

    def shade(self, shades: Sequence[Shade]) -> None:
        """Darkens what will lie under words."""
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
            words={**self.reading.words, **({} if self._has_words() else {"layout": "alone"})},
            reduce_motion=self.job.reduce_motion,
            variation=self.reading.variation,
            angle=angle,
        )

    def _has_words(self) -> bool:
        """Whether words will be set over the picture to its end, so that the scene leaves room for them."""
        titled = bool(self.job.prompt if self.job.title is None else self.job.title)
        return self.sheet.type["layout"] == "lesson" and (titled or bool(self.job.cues))

    def shot_at(self, time: float) -> Shot:
        """The shot that is seen at a time."""
        return self.shots[max(0, bisect.bisect_right([shot.start for shot in self.shots], time + 1e-6) - 1)]

    def joining(self, index: int) -> bool:
        """Whether a frame lies between two shots."""
        time, shot = index / self.job.fps, self.shot_at(index / self.job.fps)
        return (
            self._join.dissolved(shot, time) < 1.0
            or self._join.whipped(shot, time, last=self._last(shot)) != 0.0
        )

    def prepare(self, part: range) -> None:
        """Prepares all that is seen in some of the frames, which else happens when it is first needed."""
        first, last = (self.shot_at(index / self.job.fps).number for index in (part.start, part.stop - 1))
        angles = dict.fromkeys(self._angle(shot) for shot in self.shots[first : last + 1])
        wanted = [angle for angle in angles if angle not in self._scenes]
        makes = [partial(self._prepared, angle) for angle in wanted]
        apart = load_scene(self.sheet.scene).apart
        made = make_at_once(makes) if apart else [make() for make in makes]
        for angle, scene in zip(wanted, made, strict=True):
            self._keep(angle, scene)

    def planes(self) -> Planes:
        """New planes to paint on."""
        return np.zeros((3, self.height, self.width), np.float32)

    @cached_property
    def _planes(self) -> Planes:
        return self.planes()

    def paint(self, index: int) -> Planes:
        """The picture of one frame; the same planes are used for the next. Frames come in rising order."""
        self.compose(index, self._planes)
        self._shine(index, self._planes)
        return self._planes

    def compose(self, index: int, planes: Planes) -> None:
        """Paints what is seen in one frame. Frames come in rising order."""
        moment = self.sound.at(index)
        shot = self.shot_at(moment.time)
        self._follow(index)
        self._paint_shot(planes, moment, shot)
        if (shown := self._join.dissolved(shot, moment.time)) < 1.0:
            if self._before is None:
                self._before = np.empty_like(planes)
            self._paint_shot(self._before, moment, self.shots[shot.number - 1])
            dissolve(planes, self._before, shown)
        if turned := self._join.whipped(shot, moment.time, last=self._last(shot)):
            whip(planes, turned)

    def _shine(self, index: int, planes: Planes) -> None:
        """The glow around what is bright, what goes under words, and the film's fading in and out."""
        if self._bloom is not None:
            self._bloom.add(planes)
        self._shades.paint(planes, index / self.job.fps)
        self._fade_in_and_out(planes, index / self.job.fps)

    def _last(self, shot: Shot) -> bool:
        return shot.number == len(self.shots) - 1

    def _paint_shot(self, planes: Planes, moment: Moment, shot: Shot) -> None:
        into = max(0.0, moment.time - shot.start)
        here = replace(moment, shot=shot.number, into=into, along=shot.along(moment.time))
        self.scene_of(shot).paint(planes, here)

    def scene_of(self, shot: Shot) -> Scene:
        """The scene as a shot sees it, prepared when it is first needed."""
        angle = self._angle(shot)
        if angle not in self._scenes:
            self._keep(angle, self._prepared(angle))
        return self._scenes[angle]

    def _angle(self, shot: Shot) -> int:
        angles: int = self.sheet.shots["angles"]
        return shot.number % angles

    def _prepared(self, angle: int) -> Scene:
        scene = load_scene(self.sheet.scene)(self._stage(angle))
        _give_back()
        return scene

    def _keep(self, angle: int, scene: Scene) -> None:
        """Tells a scene what it missed; from now on it hears every frame."""
        for index in range(self._heard + 1):
            scene.follow(self.sound.at(index))
        self._scenes[angle] = scene

    def _follow(self, index: int) -> None:
        for earlier in range(self._heard + 1, index + 1):
            moment = self.sound.at(earlier)
            for scene in self._scenes.values():
                scene.follow(moment)
        self._heard = max(self._heard, index)

    def _fade_in_and_out(self, planes: Planes, time: float) -> None:
        shown = _shown(time, self.job.duration)
        if shown < 1.0:
            for plane, value in zip(planes, self._fade, strict=True):
                plane *= np.float32(shown)
                plane += np.float32(value * (1.0 - shown))

    def draw(self, index: int, frame: np.ndarray[Any, np.dtype[np.uint8]]) -> None:
        """Paints one frame as bytes in the encoder's order: green, blue, red."""
        self.compose(index, self._planes)
        self.finish(index, self._planes, frame)

    def finish(self, index: int, planes: Planes, frame: np.ndarray[Any, np.dtype[np.uint8]]) -> None:
        """Makes bytes of what was composed, dithered, so that skies do not band.

        May run in another thread while the next frame is composed on other planes.
        """
        self._shine(index, planes)
        planes += self._dither
        np.clip(planes, 0, 255, out=planes)
        for target, source in zip(frame, (1, 2, 0), strict=True):
            np.copyto(target, planes[source], casting="unsafe")


def _give_back() -> None:
    """Gives the system what preparing a scene took and has let go, where the C library can."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def _shown(time: float, duration: float) -> float:
    """0 at the very start and end, 1 between."""
    rise, fall = min(_FADE_IN, duration / 4), min(_FADE_OUT, duration / 4)
    t = min(1.0, (time + 0.04) / rise, max(0.0, (duration - time) / fall))
    return t * t * (3.0 - 2.0 * t)


def _dither(height: int, width: int) -> Planes:
    """Half a step up, so that cutting rounds, and triangular noise of one step, the same for every frame."""
    rng = np.random.default_rng(7)
    noise = rng.random((3, height, width), np.float32) + rng.random((3, height, width), np.float32)
    return (noise - np.float32(0.5)).astype(np.float32)
