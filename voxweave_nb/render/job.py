"""A render's parameters, which travel to the worker as JSON."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from ..models import Cue, VideoQuality, VideoStyle
from .scene_list import FilmScene, first_frames

__all__ = ["RenderJob", "rendered_fps"]

_DRAFT_FPS = 24


def rendered_fps(fps: int, quality: VideoQuality) -> int:
    """Return the frames per second of a render: those of the config, but at most 24 for a draft."""
    return min(fps, _DRAFT_FPS) if quality is VideoQuality.DRAFT else fps


@dataclass(frozen=True)
class RenderJob:
    """The parameters of a render.

    Attributes:
        samples: Path of the narration's raw samples: mono, 16 kHz, signed 16 bit.
        duration: The narration's length in seconds, above 0.
        cues: The captions, for the text that some styles show.
        style: The style.
        width: Pixels of the video.
        height: Pixels of the video.
        fps: Frames per second.
        prompt: Seeds and adjusts the backdrop; also the source of the title.
        title: The title; None derives it from the prompt, `""` is none.
        variation: The name of the style's variation to draw; None lets the prompt and the seed choose.
        seed: A number that gives another version of the same prompt.
        reduce_motion: No flashes, a slow camera.
        codec: `"h264"` or `"vp9"`.
        quality: Size at which frames are painted, and effort of the encoder.
        scenes: The scenes, which follow each other without gaps; without any the film is cut by itself.
        only: The number of the one scene to draw, from 0; None draws the whole film.
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
    variation: str | None = None
    scenes: tuple[FilmScene, ...] = ()
    only: int | None = None

    @property
    def frames(self) -> int:
        """The number of frames that cover the narration, at least one."""
        return max(1, math.ceil(round(self.duration * self.fps, 6)))

    @property
    def drawn(self) -> range:
        """The frames to draw, counted from the start of the narration."""
        if self.only is None:
            return range(self.frames)
        borders = [0, *first_frames(self.scenes, self.fps)[1:], self.frames]
        return range(borders[self.only], borders[self.only + 1])

    @property
    def seconds(self) -> float:
        """The length of what is drawn, in seconds."""
        return self.duration if self.only is None else len(self.drawn) / self.fps

    def inner(self, fine: float = 1.0) -> tuple[int, int]:
        """Return the width and height at which backdrops are painted; FFmpeg scales them up and adds the titles.

        Args:
            fine: A style's factor, above 1 where edges are hard and frames are cheap to paint.
        """
        large = min(self.width, self.height) > 1200
        # Each side is divided by this: at standard quality 2 (3 for 4K), at others 1.5 (2 for 4K).
        whole = (3.0 if large else 2.0) if self.quality is VideoQuality.STANDARD else 2.0 if large else 1.5
        part = max(1.0, whole / fine)
        return max(32, int(self.width / part) // 2 * 2), max(18, int(self.height / part) // 2 * 2)

    def to_json(self) -> str:
        """Return the job as one line of JSON."""
        return json.dumps({**asdict(self), "cues": [cue.as_list() for cue in self.cues]})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        values: dict[str, Any] = json.loads(text)
        values["cues"] = [Cue.from_list(cue) for cue in values["cues"]]
        values["scenes"] = tuple(FilmScene(**scene) for scene in values.get("scenes", ()))
        values["style"], values["quality"] = VideoStyle(values["style"]), VideoQuality(values["quality"])
        return cls(**values)
