"""Thumbnails for scrubbing and the best moment for a poster, from frames that are rendered anyway.

A worker keeps a tile about every second (`Tiles`). The renderer joins the tiles of all workers to one sprite sheet with
a WebVTT track that gives each tile's time and region (`write_sprite`).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..timecode import webvtt_time
from .job import RenderJob

__all__ = ["SPRITE", "TRACK", "TilePlan", "Tiles", "best_moment", "plan_tiles", "tiles_of", "write_sprite"]

SPRITE, TRACK = "sprite.jpg", "thumbnails.vtt"
"""Names of the two files in a render's folder."""

_WIDTH = 160
_COLUMNS = 10
_MOST = 100
"""Tiles of a sprite sheet."""

_EDGES = 1.2
"""Seconds at either end that are too dark for a poster."""

_TITLE = 5.0
"""Seconds at the start in which the title is shown."""

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class TilePlan:
    """The frames that become tiles.

    Attributes:
        step: Seconds from tile to tile, at least 1.
        frames: The frames' numbers, rising.
        first: The number of the video's first frame.
    """

    step: float
    frames: tuple[int, ...]
    first: int = 0


def plan_tiles(duration: float, fps: int, frames: int, *, first: int = 0) -> TilePlan:
    """Plan one tile per second and at most a hundred, each from the middle of its interval.

    Args:
        duration: The video's length in seconds.
        fps: Frames per second.
        frames: The number of frames.
        first: The number of the first one.
    """
    step = max(1.0, duration / _MOST)
    count = max(1, int(duration / step + 0.999))
    numbers = (min(frames - 1, int((k + 0.5) * step * fps)) for k in range(count))
    return TilePlan(step, tuple(first + number for number in numbers), first)


def tiles_of(job: RenderJob) -> TilePlan:
    """Return the tiles of a render."""
    return plan_tiles(job.seconds, job.fps, len(job.drawn), first=job.drawn.start)


class Tiles:
    """Keeps the planned frames as small images, each with a score as a poster.

    Args:
        plan: The frames to keep.

    Attributes:
        kept: Image and score by frame number.
    """

    def __init__(self, plan: TilePlan) -> None:
        self._wanted = set(plan.frames)
        self.kept: dict[int, tuple[Pixels, float]] = {}

    @property
    def images(self) -> list[Pixels]:
        """The images in the film's order, each of shape (height, width, 3)."""
        return [self.kept[index][0] for index in sorted(self.kept)]

    @property
    def scores(self) -> list[float]:
        """The scores in the film's order."""
        return [self.kept[index][1] for index in sorted(self.kept)]

    def offer(self, index: int, frame: Pixels, *, in_transition: bool) -> None:
        """Keep a frame if it was planned.

        Args:
            index: The frame's number.
            frame: Green, blue and red planes, shape (3, height, width).
            in_transition: True between two shots; such a frame scores 0.
        """
        if index not in self._wanted:
            return
        height = max(2, round(_WIDTH * frame.shape[1] / frame.shape[2] / 2) * 2)
        down, across = _averages(frame.shape[1], height), _averages(frame.shape[2], _WIDTH).T
        small = down @ frame[[2, 0, 1]].astype(np.float32) @ across
        image = (small + 0.5).astype(np.uint8).transpose(1, 2, 0)
        self.kept[index] = image, 0.0 if in_transition else _score(image)


@functools.lru_cache(maxsize=4)
def _averages(size: int, to: int) -> npt.NDArray[np.float32]:
    """Return weights that average `size` pixels to `to`."""
    edges = np.linspace(0, size, to + 1)
    places = np.arange(size)
    covered = np.minimum(edges[1:, None], places + 1) - np.maximum(edges[:-1, None], places)
    weights = np.clip(covered, 0, 1)
    return np.asarray(weights / weights.sum(1, keepdims=True), np.float32)


def _score(image: Pixels) -> float:
    """Rate contrast and colourfulness: the spread of lightness, red-green and yellow-blue, less for clipped pixels."""
    red, green, blue = image.astype(np.float32).transpose(2, 0, 1)
    light = 0.3 * red + 0.6 * green + 0.1 * blue
    clipped = float(((light < 6) | (light > 250)).mean())
    return float(light.std() + 0.5 * (red - green).std() + 0.5 * ((red + green) / 2 - blue).std()) * (
        1 - clipped
    )


def best_moment(plan: TilePlan, scores: Sequence[float], fps: int, duration: float) -> float:
    """Return the time of the best poster in seconds, outside the fades and, if possible, after the title."""
    times = [(index - plan.first) / fps for index in plan.frames]
    for low in (min(_TITLE, duration * 0.5), min(_EDGES, duration * 0.25), 0.0):
        high = duration - min(_EDGES, duration * 0.2)
        fit = [(score, time) for score, time in zip(scores, times, strict=True) if low <= time <= high]
        if fit and max(fit)[0] > 0:
            return max(fit)[1]
    return duration / 2


def write_sprite(plan: TilePlan, images: Pixels, duration: float, folder: Path) -> tuple[Path, Path]:
    """Write the sprite sheet and its WebVTT track; return both paths.

    Args:
        plan: The tiles' frames.
        images: The tiles, shape (count, height, width, 3).
        duration: The film's length in seconds.
        folder: The target.
    """
    from ..media.poster import rgb_frame, write_still  # workers write no sprite and need not load PyAV

    count, tall, wide = images.shape[:3]
    columns = min(_COLUMNS, count)
    sheet = np.zeros((-(-count // columns) * tall, columns * wide, 3), np.uint8)
    lines = ["WEBVTT", ""]
    for number, image in enumerate(images):
        x, y = number % columns * wide, number // columns * tall
        sheet[y : y + tall, x : x + wide] = image
        end = duration if number == count - 1 else min(duration, (number + 1) * plan.step)
        lines += [
            f"{webvtt_time(number * plan.step)} --> {webvtt_time(end)}",
            f"{SPRITE}#xywh={x},{y},{wide},{tall}",
            "",
        ]
    write_still(rgb_frame(sheet), folder / SPRITE, width=sheet.shape[1])
    (folder / TRACK).write_text("\n".join(lines), encoding="utf-8", newline="\n")
    return folder / SPRITE, folder / TRACK
