"""A render before it starts: what is asked for, and all that is known before the first frame."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np

from ..models import Cue, VideoStyle
from ..styles import StyleSheet, load_style
from .features import Sound
from .prompt import Reading, hex_color, read_prompt
from .scene import Planes, Scene, Stage
from .scenes import load_scene

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
        draft: Half as fine, for a quick look.
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
    draft: bool = False

    @property
    def frames(self) -> int:
        """How many frames cover the narration; at least one."""
        return max(1, math.ceil(round(self.duration * self.fps, 6)))

    def inner(self, fine: float = 1.0) -> tuple[int, int]:
        """The size at which scenes are painted: half the video's, a third of a 4K one's, a quarter for a draft.

        Args:
            fine: What a style asks for beyond that, where its edges are hard and its pictures cheap.
        """
        whole = (4 if self.draft else 2) if min(self.width, self.height) <= 1200 else (6 if self.draft else 3)
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
        values["style"] = VideoStyle(values["style"])
        return cls(**values)


class Film:
    """A scene on its stage, with its narration: paints any frame's planes.

    Args:
        job: What is asked for.
    """

    def __init__(self, job: RenderJob) -> None:
        self.job = job
        self.sheet: StyleSheet = load_style(job.style)
        self.reading: Reading = read_prompt(job.prompt, job.seed, self.sheet)
        self.width, self.height = job.inner(self.sheet.picture.get("fine", 1.0))
        self.sound = Sound(Path(job.samples), fps=job.fps, frames=job.frames)
        self.scene: Scene = load_scene(self.sheet.scene)(self._stage())
        self._fade = hex_color(self.sheet.picture.get("fade", "#000000"))
        self._planes: Planes = np.zeros((3, self.height, self.width), np.float32)
        self._dither = _dither(self.height, self.width)

    def _stage(self) -> Stage:
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
        )

    def _has_words(self) -> bool:
        """Whether words will be set over the picture to its end, so that the scene leaves room for them."""
        titled = bool(self.job.prompt if self.job.title is None else self.job.title)
        return self.sheet.type["layout"] == "lesson" and (titled or bool(self.job.cues))

    def paint(self, index: int) -> Planes:
        """The picture of one frame; the same planes are used for the next."""
        moment = self.sound.at(index)
        self.scene.paint(self._planes, moment)
        shown = _shown(moment.time, self.job.duration)
        if shown < 1.0:
            for plane, value in zip(self._planes, self._fade, strict=True):
                plane *= np.float32(shown)
                plane += np.float32(value * (1.0 - shown))
        return self._planes

    def draw(self, index: int, frame: np.ndarray[Any, np.dtype[np.uint8]]) -> None:
        """Paints one frame as bytes in the encoder's order: green, blue, red; dithered, so that skies do not band."""
        planes = self.paint(index)
        planes += self._dither
        np.clip(planes, 0, 255, out=planes)
        for target, source in zip(frame, (1, 2, 0), strict=True):
            np.copyto(target, planes[source], casting="unsafe")


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
