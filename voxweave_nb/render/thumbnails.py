"""Small pictures for scrubbing, and the best moment for a poster, out of frames that are drawn anyway.

A worker keeps a tile every second or so (`Tiles`); whoever asked for the video sets all workers' tiles in one sprite
sheet with a WebVTT track that says which part of it belongs to which seconds (`write_sprite`).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..timecode import webvtt_time

__all__ = ["SPRITE", "TRACK", "Tiles", "best_moment", "move_sprite", "plan_tiles", "write_sprite"]

SPRITE, TRACK = "sprite.jpg", "thumbnails.vtt"
"""What the two files are called in the folder of a render."""

_WIDTH = 160
_COLUMNS = 10
_MOST = 100
_EDGES = 1.2
"""Seconds at either end that are too dark for a poster."""

_TITLE = 5.0
"""Seconds in which the title stands in the picture."""

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Plan:
    """Which frames become tiles.

    Attributes:
        step: Seconds from tile to tile, at least 1.
        frames: The frames' numbers, rising.
    """

    step: float
    frames: tuple[int, ...]


def plan_tiles(duration: float, fps: int, frames: int) -> Plan:
    """A tile a second, and never more than a hundred; each from the middle of its seconds."""
    step = max(1.0, duration / _MOST)
    count = max(1, int(duration / step + 0.999))
    return Plan(step, tuple(min(frames - 1, int((k + 0.5) * step * fps)) for k in range(count)))


class Tiles:
    """Keeps the planned frames as small pictures, each with how well it would do as a poster."""

    def __init__(self, plan: Plan) -> None:
        self._wanted = set(plan.frames)
        self.kept: dict[int, tuple[Pixels, float]] = {}

    @property
    def pictures(self) -> list[Pixels]:
        """In the film's order, shape (height, width, 3)."""
        return [self.kept[index][0] for index in sorted(self.kept)]

    @property
    def scores(self) -> list[float]:
        """In the film's order."""
        return [self.kept[index][1] for index in sorted(self.kept)]

    def look(self, index: int, frame: Pixels, *, moving: bool) -> None:
        """Keeps a frame if it was planned; `moving` says that it lies between two shots.

        Args:
            index: The frame's number.
            frame: Green, blue and red planes, shape (3, height, width).
            moving: Whether it is no picture to stop at.
        """
        if index not in self._wanted:
            return
        height = max(2, round(_WIDTH * frame.shape[1] / frame.shape[2] / 2) * 2)
        down, across = _averages(frame.shape[1], height), _averages(frame.shape[2], _WIDTH).T
        small = down @ frame[[2, 0, 1]].astype(np.float32) @ across
        picture = (small + 0.5).astype(np.uint8).transpose(1, 2, 0)
        self.kept[index] = picture, 0.0 if moving else _score(picture)


@functools.lru_cache(maxsize=4)
def _averages(size: int, to: int) -> npt.NDArray[np.float32]:
    """Weights that average `size` pixels to `to`."""
    edges = np.linspace(0, size, to + 1)
    places = np.arange(size)
    covered = np.minimum(edges[1:, None], places + 1) - np.maximum(edges[:-1, None], places)
    weights = np.clip(covered, 0, 1)
    return np.asarray(weights / weights.sum(1, keepdims=True), np.float32)


def _score(picture: Pixels) -> float:
    """Contrast and colourfulness: how far lightness, red against green, and yellow against blue spread."""
    red, green, blue = picture.astype(np.float32).transpose(2, 0, 1)
    light = 0.3 * red + 0.6 * green + 0.1 * blue
    clipped = float(((light < 6) | (light > 250)).mean())
    return float(light.std() + 0.5 * (red - green).std() + 0.5 * ((red + green) / 2 - blue).std()) * (
        1 - clipped
    )


def best_moment(plan: Plan, scores: Sequence[float], fps: int, duration: float) -> float:
    """The moment of the best frame, in seconds: not while the film fades, after the title where that is possible."""
    times = [index / fps for index in plan.frames]
    for low in (min(_TITLE, duration * 0.5), min(_EDGES, duration * 0.25), 0.0):
        high = duration - min(_EDGES, duration * 0.2)
        fit = [(score, time) for score, time in zip(scores, times, strict=True) if low <= time <= high]
        if fit and max(fit)[0] > 0:
            return max(fit)[1]
    return duration / 2


def write_sprite(plan: Plan, pictures: Pixels, duration: float, folder: Path) -> tuple[Path, Path]:
    """Writes the sprite sheet and its track; returns both paths.

    Args:
        plan: Which frames they are.
        pictures: Shape (count, height, width, 3).
        duration: The film's, in seconds.
        folder: Where to.
    """
    from ..media.poster import rgb_frame, write_still  # workers, which write none, need not load PyAV

    count, tall, wide = pictures.shape[:3]
    columns = min(_COLUMNS, count)
    sheet = np.zeros((-(-count // columns) * tall, columns * wide, 3), np.uint8)
    lines = ["WEBVTT", ""]
    for number, picture in enumerate(pictures):
        x, y = number % columns * wide, number // columns * tall
        sheet[y : y + tall, x : x + wide] = picture
        end = duration if number == count - 1 else min(duration, (number + 1) * plan.step)
        lines += [
            f"{webvtt_time(number * plan.step)} --> {webvtt_time(end)}",
            f"{SPRITE}#xywh={x},{y},{wide},{tall}",
            "",
        ]
    write_still(rgb_frame(sheet), folder / SPRITE, width=sheet.shape[1])
    (folder / TRACK).write_text("\n".join(lines), encoding="utf-8")
    return folder / SPRITE, folder / TRACK


def move_sprite(sprite: Path, track: Path, video: Path) -> tuple[Path, Path]:
    """Gives both files names beside a video, and the track the sprite sheet's new name; returns the new paths."""
    new_sprite, new_track = video.with_suffix(f".{SPRITE}"), video.with_suffix(f".{TRACK}")
    text = track.read_text(encoding="utf-8").replace(f"{sprite.name}#", f"{new_sprite.name}#")
    sprite.replace(new_sprite)
    new_track.write_text(text, encoding="utf-8")
    return new_sprite, new_track
