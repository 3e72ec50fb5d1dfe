"""Reading a finished video from end to end for its checks: small frames, and the levels of its sound.

Both readers are iterators whose memory is flat in the length of the file. A part that cannot be decoded is skipped and
counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from av.video.reformatter import VideoReformatter

from ..errors import MediaError
from .decode import DAMAGED, Frames, open_media
from .sound import Sound

__all__ = ["LEVEL_SECONDS", "FrameSurvey", "SmallFrame", "SoundSurvey"]

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

LEVEL_SECONDS = 0.05
"""Seconds of sound under one level: shorter than a syllable."""

_LONG_SIDE = 160  # pixels of a small frame
_DETAIL_SIDE = 640  # pixels of a frame for judging sharpness, at most
_DETAIL_EVERY = 0.5  # seconds
# A damaged or hostile file may claim a million frames per second; no screen shows more than this.
_SHORTEST_FRAME = 1 / 250
_RATE = 8_000
_QUIETEST = -120.0

# Red from V, green from U and V, blue from U, for full-range chroma (ITU-R BT.709 and BT.601).
_BT709 = (1.5748, -0.1873, -0.4681, 1.8556)
_BT601 = (1.402, -0.3441, -0.7141, 1.772)
_BT601_SPACES = (5, 6)
_FULL_RANGE = 2


def _linear_light() -> Floats:
    """Return the light of each 8-bit sRGB value, from 0 to 1 (WCAG 2.2, "relative luminance")."""
    value = np.arange(256) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4).astype(np.float32)


@dataclass(frozen=True, slots=True)
class SmallFrame:
    """One frame, made small.

    Attributes:
        time: Seconds from the start of the video.
        luma: The brightness of shape (height, width), black 0 and white 255; the longer side has 160 pixels.
        light: Linear red, green and blue, 0 to 1, of shape (3, height / 2, width / 2).
        detail: The brightness with at most 640 pixels on the longer side, twice a second; else None.
    """

    time: float
    luma: Bytes
    light: Floats
    detail: Bytes | None


class FrameSurvey:
    """The frames of a video's first video stream as `SmallFrame`, in order.

    Iterating raises `MediaError` for a file without a readable frame, and `JobCanceled` once `canceled()` returns True.

    Args:
        path: The video.
        canceled: Returns True to stop; called before each packet.

    Attributes:
        damaged: Number of packets and frames that could not be decoded so far.
        end: Seconds at which the last frame so far ends.
    """

    def __init__(self, path: Path, *, canceled: Callable[[], bool] = lambda: False) -> None:
        self.damaged = 0
        self.end = 0.0
        self._path, self._canceled = path, canceled
        self._reformatter: Any = VideoReformatter()
        self._light = _linear_light()

    def __iter__(self) -> Iterator[SmallFrame]:
        with open_media(self._path) as container:
            if not container.streams.video:
                raise MediaError(f"{self._path.name} has no video in it. Give a video.")
            stream = container.streams.video[0]
            frames = Frames(container, stream, canceled=self._canceled)
            step = 1 / min(max(float(stream.average_rate or 25), 1.0), 1 / _SHORTEST_FRAME)
            start, last, detail_at, unusable = None, -1.0, 0.0, 0
            for frame in frames:
                if frame.time is not None and start is None:
                    start = float(frame.time)
                time = self.end if frame.time is None else float(frame.time) - (start or 0.0)
                if time - last < _SHORTEST_FRAME and last >= 0:
                    continue  # out of order, or faster than any screen
                small = self._small(frame, time, detail=time >= detail_at)
                self.end = time + (float((frame.duration or 0) * (frame.time_base or 0)) or step)
                unusable += small is None
                self.damaged, last = frames.damaged + unusable, time
                if small is not None:
                    detail_at = time + _DETAIL_EVERY if small.detail is not None else detail_at
                    yield small
            self.damaged = frames.damaged + unusable
            if last < 0:
                raise MediaError(f"No frame of {self._path.name} could be read. Make the video again.")

    def _small(self, frame: Any, time: float, *, detail: bool) -> SmallFrame | None:
        full = frame.color_range == _FULL_RANGE or frame.format.name.startswith("yuvj")
        try:
            luma, *chroma = self._planes(frame, _LONG_SIDE)
            fine = (
                self._planes(frame, min(_DETAIL_SIDE, max(frame.width, frame.height)))[0] if detail else None
            )
        except DAMAGED:  # a frame of a pixel format that cannot be converted
            return None
        return SmallFrame(
            time,
            _full_luma(luma, full),
            self._light[_colors(luma, *chroma, full=full, space=int(frame.colorspace))],
            None if fine is None else _full_luma(fine, full),
        )

    def _planes(self, frame: Any, long_side: int) -> list[Bytes]:
        """Return the planes of a frame in another size, without their padding."""
        scale = long_side / max(frame.width, frame.height)
        width, height = (max(2, round(side * scale / 2) * 2) for side in (frame.width, frame.height))
        small = self._reformatter.reformat(
            frame, width=width, height=height, format="yuv420p", interpolation="AREA"
        )
        return [
            np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width].copy()
            for plane in small.planes
        ]


def _full_luma(luma: Bytes, full: bool) -> Bytes:
    """Return brightness from 0 to 255; most video keeps it from 16 to 235."""
    return luma if full else _STRETCHED[luma]


_STRETCHED = np.clip(np.rint((np.arange(256) - 16) * (255 / 219)), 0, 255).astype(np.uint8)


def _colors(luma: Bytes, blue: Bytes, red: Bytes, *, full: bool, space: int) -> Bytes:
    """Return red, green and blue, 8 bits each, at the size of the chroma planes."""
    height, width = blue.shape
    wide = luma[: 2 * height, : 2 * width].astype(np.uint16)
    bright = (wide[::2, ::2] + wide[1::2, ::2] + wide[::2, 1::2] + wide[1::2, 1::2]).astype(np.float32) / 4
    u, v = blue.astype(np.float32) - 128, red.astype(np.float32) - 128
    if not full:
        bright, u, v = (bright - 16) * (255 / 219), u * (255 / 224), v * (255 / 224)
    red_v, green_u, green_v, blue_u = _BT601 if space in _BT601_SPACES else _BT709
    colors = np.stack([bright + red_v * v, bright + green_u * u + green_v * v, bright + blue_u * u])
    rounded: Bytes = np.clip(np.rint(colors), 0, 255).astype(np.uint8)
    return rounded


class SoundSurvey:
    """The levels of a video's first audio stream, one for each `LEVEL_SECONDS`, in dB below full scale.

    Iterating yields arrays; -120 is digital silence. It raises `MediaError` for a file that cannot be opened, and
    `JobCanceled` once `canceled()` returns True.

    Args:
        path: The video.
        canceled: Returns True to stop; called before each packet.

    Attributes:
        present: False once the file is known to lack an audio stream.
        damaged: Number of packets and frames that could not be decoded so far.
    """

    def __init__(self, path: Path, *, canceled: Callable[[], bool] = lambda: False) -> None:
        self.present, self.damaged = True, 0
        self._path, self._canceled = path, canceled

    def __iter__(self) -> Iterator[Floats]:
        with open_media(self._path) as container:
            self.present = bool(container.streams.audio)
            if not self.present:
                return
            sound = Sound(
                container, container.streams.audio[0], rate=_RATE, layout="mono", canceled=self._canceled
            )
            count = int(_RATE * LEVEL_SECONDS)
            rest = np.empty(0, np.float32)
            for frame in sound:
                samples = np.frombuffer(bytes(frame.planes[0]), np.int16)[: frame.samples]
                rest = np.concatenate([rest, samples.astype(np.float32) / 32768])
                whole = len(rest) // count * count
                if whole:
                    yield _levels(rest[:whole].reshape(-1, count))
                    rest = rest[whole:]
            self.damaged = sound.damaged


def _levels(parts: Floats) -> Floats:
    power = np.square(parts).mean(axis=1)
    least = 10 ** (_QUIETEST / 10)
    levels: Floats = (10 * np.log10(np.maximum(power, least))).astype(np.float32)
    return levels
