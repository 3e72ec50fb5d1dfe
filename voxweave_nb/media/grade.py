"""The colours of a clip: measured, and matched to those of another.

Clips that continue each other drift in colour and contrast from one to the next. Each is matched to the first of its
chain: matched to the one before, it would take over that one's drift.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import MediaError
from .decode import DAMAGED, Frames, open_media
from .poster import frame_at, rgb_frame, write_png
from .probe import video_length
from .stills import open_image
from .upright import view_of

__all__ = ["Colors", "Grade", "last_frame", "measure_colors", "measure_image", "rgb_of"]

_SAMPLES = 12
_SMALL = (96, 54)

# Beyond these a difference is not drift but another subject, and correcting it would look wrong.
_GAINS = (0.8, 1.25)
_MOST_SHIFT = 24.0  # of 255

_KR, _KB = 0.2126, 0.0722  # BT.709
_BT601 = (0.299, 0.114)
_BT709, _FULL = 1, 2  # as FFmpeg numbers them


@dataclass(frozen=True, slots=True)
class Colors:
    """The colours of a clip: brightness Y and the colour differences Cb and Cr of BT.709, in levels of 0 to 255.

    Attributes:
        means: The mean of each; Y from 16 to 235, Cb and Cr around 128.
        spreads: The standard deviation of each.
    """

    means: tuple[float, float, float]
    spreads: tuple[float, float, float]

    def grade_to(self, target: Colors) -> Grade:
        """Return the grade that gives these colours the mean and spread of others, within limits."""
        gains, shifts = [], []
        for own, goal, mean, wanted in zip(
            self.spreads, target.spreads, self.means, target.means, strict=True
        ):
            # A plane without any spread, such as that of a grey frame, has nothing to scale.
            gain = min(max(goal / own, _GAINS[0]), _GAINS[1]) if own > 1 and goal > 1 else 1.0
            moved = min(max(wanted - mean, -_MOST_SHIFT), _MOST_SHIFT)
            gains.append(gain)
            shifts.append(mean + moved - gain * mean)
        return Grade((gains[0], gains[1], gains[2]), (shifts[0], shifts[1], shifts[2]))


@dataclass(frozen=True, slots=True)
class Grade:
    """A correction of colours: each of Y, Cb and Cr times its gain, plus its shift in levels of 0 to 255."""

    gains: tuple[float, float, float]
    shifts: tuple[float, float, float]

    @property
    def filter(self) -> str:
        """FFmpeg's filter, for frames in yuv420p."""
        planes = zip("yuv", self.gains, self.shifts, strict=True)
        # Rounded: FFmpeg's tables are made by cutting off.
        return "lutyuv=" + ":".join(
            f"{name}='clip(val*{gain:.5f}+{shift + 0.5:.3f},minval,maxval)'" for name, gain, shift in planes
        )

    def apply(self, rgb: Any) -> Any:
        """Return pixels of shape (height, width, 3), 8-bit red, green, blue, with the correction."""
        planes = _to_ycc(rgb) * np.array(self.gains, np.float32) + np.array(self.shifts, np.float32)
        return _to_rgb(planes)


def measure_colors(video: Path, *, begin: float = 0.0, end: float | None = None) -> Colors:
    """Measure a video's colours in frames that are spread over it.

    Args:
        video: The video.
        begin: The start of the part that is measured, in seconds.
        end: The end of the part that is measured, in seconds; None for the video's own.

    Raises:
        MediaError: The file is not a video.
    """
    length = video_length(video).seconds
    end = min(length, end or length)
    found = []
    try:
        with open_media(video) as container:
            for frame in _spread(container, begin, end):
                found.append(_ycc_of(frame, _SMALL).reshape(-1, 3))
    except DAMAGED as error:
        raise MediaError(f"The colours of {video.name} could not be measured: {error}") from error
    if not found:
        raise MediaError(f"No frame of {video.name} could be read; a video file was expected.")
    return _measured(np.concatenate(found))


def measure_image(path: Path) -> Colors:
    """Measure an image's colours.

    Raises:
        MediaError: The file is not an image that can be read.
    """
    pixels = open_image(path)
    step = max(1, max(pixels.shape[:2]) // 200)
    return _measured(_to_ycc(pixels[::step, ::step]).reshape(-1, 3))


def _measured(pixels: Any) -> Colors:
    y, cb, cr = (float(mean) for mean in pixels.mean(axis=0))
    spread_y, spread_cb, spread_cr = (float(spread) for spread in pixels.std(axis=0))
    return Colors((y, cb, cr), (spread_y, spread_cb, spread_cr))


def last_frame(video: Path, to: Path, *, end: float | None = None, colors: Colors | None = None) -> Path:
    """Write the last frame of a video as a PNG, as it is shown: the reference image for a clip that continues it.

    Args:
        video: The video.
        to: The PNG file.
        end: The end of the part that is used, in seconds; None for the video's own.
        colors: Colours to match the video to, or None.

    Returns:
        `to`.

    Raises:
        MediaError: The file is not a video.
    """
    length = video_length(video).seconds
    at = min(length, end or length)
    view = view_of(video)
    try:
        with open_media(video) as container:
            frames = _shown_before(container, at)
        if view is None or not frames:
            raise MediaError(f"No frame of {video.name} could be read; a video file was expected.")
        pixels = view.turn(rgb_of(frames[0]))
        if not view.square:
            scaled = rgb_frame(np.ascontiguousarray(pixels)).reformat(width=view.width, height=view.height)
            pixels = scaled.to_ndarray()
        if colors is not None:
            pixels = measure_colors(video, end=end).grade_to(colors).apply(pixels)
        write_png(pixels, to)
    except DAMAGED as error:
        raise MediaError(f"The last frame of {video.name} could not be read: {error}") from error
    return to


def _shown_before(container: Any, at: float) -> list[Any]:
    """Return the frame that is on show just before a time, in a list; none without video."""
    if not container.streams.video:
        return []
    step = 1 / float(container.streams.video[0].average_rate or 30)
    return frame_at(container, max(0.0, at - step))


def _spread(container: Any, begin: float, end: float) -> Iterator[Any]:
    """Yield a few frames from all over a part of a video."""
    if not container.streams.video:
        return
    step, wanted = (end - begin) / _SAMPLES, begin
    for frame in Frames(container, container.streams.video[0]):
        at = wanted if frame.time is None else frame.time
        if at >= end:
            return
        if at >= wanted:
            wanted = at + step
            yield frame


def rgb_of(frame: Any) -> Any:
    """Return a frame's pixels as stored, of shape (height, width, 3): 8-bit red, green, blue."""
    return _to_rgb(_ycc_of(frame, (frame.width, frame.height)))


def _ycc_of(frame: Any, size: tuple[int, int]) -> Any:
    """Return a frame's Y, Cb, Cr of BT.709 with Y from 16 to 235; floats of shape (height, width, 3)."""
    # PyAV before 15 takes BT.709 for BT.601 on the way to RGB; a change of size and sampling alone keeps the values.
    full = frame.color_range == _FULL or frame.format.name.startswith("yuvj")
    planes = frame.reformat(width=size[0], height=size[1], format="yuvj444p" if full else "yuv444p")
    ycc = planes.to_ndarray().astype(np.float32).transpose(1, 2, 0)
    if full:
        ycc = (ycc - (0, 128, 128)) * np.array([219, 224, 224], np.float32) / 255 + np.array(
            [16, 128, 128], np.float32
        )
    return ycc if frame.colorspace == _BT709 else _to_ycc(_to_rgb(ycc, _BT601))


def _to_ycc(rgb: Any) -> Any:
    """Return 8-bit red, green, blue as Y, Cb, Cr of BT.709 with Y from 16 to 235; floats."""
    red, green, blue = (rgb[..., plane].astype(np.float32) for plane in range(3))
    y = _KR * red + (1 - _KR - _KB) * green + _KB * blue
    cb, cr = (blue - y) / (2 - 2 * _KB), (red - y) / (2 - 2 * _KR)
    return np.stack([16 + y * (219 / 255), 128 + cb * (224 / 255), 128 + cr * (224 / 255)], axis=-1)


def _to_rgb(ycc: Any, weights: tuple[float, float] = (_KR, _KB)) -> Any:
    red_weight, blue_weight = weights
    y = (ycc[..., 0] - 16) * (255 / 219)
    cb, cr = ((ycc[..., plane] - 128) * (255 / 224) for plane in (1, 2))
    red, blue = y + cr * (2 - 2 * red_weight), y + cb * (2 - 2 * blue_weight)
    green = (y - red_weight * red - blue_weight * blue) / (1 - red_weight - blue_weight)
    return np.clip(np.stack([red, green, blue], axis=-1) + 0.5, 0, 255).astype(np.uint8)
