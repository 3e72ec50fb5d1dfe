"""The still that stands for a video: the most telling of a few frames."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import av

from ..errors import MediaError
from .probe import DAMAGED, open_media

__all__ = ["make_poster", "rgb_frame", "small_still", "write_still"]

_LOOKS = 5


async def make_poster(video: Path, to: Path, *, at: float, exact: bool = False, width: int = 960) -> Path:
    """Writes a JPEG of the frame with the most contrast among a few around a moment.

    Args:
        video: The video.
        to: The JPEG.
        at: The moment, in seconds.
        exact: Whether it is the frame of that moment and no other, because somebody has looked already.
        width: The JPEG's width in pixels; at most the video's own.

    Raises:
        MediaError: No frame could be read.
    """
    return await asyncio.to_thread(_make, video, to, at, exact, width)


def _make(video: Path, to: Path, at: float, exact: bool, width: int) -> Path:
    try:
        with open_media(video) as container:
            frames = _frame_at(container, at) if exact else _keyframes(container, at)
            if not frames:
                raise MediaError(f"No frame of {video.name} could be read for a poster.")
            write_still(max(frames, key=_contrast), to, width=width)
    except DAMAGED as error:
        raise MediaError(f"The poster could not be made: {error}") from error
    return to


def _frame_at(container: Any, at: float) -> list[Any]:
    """The frame that is shown at a moment, or the last one before the end."""
    stream = container.streams.video[0]
    container.seek(int(at * av.time_base), backward=True)
    frames: list[Any] = []
    for frame in container.decode(stream):
        frames = [frame]
        if frame.time is not None and frame.time >= at - 1e-3:
            break
    return frames


def _keyframes(container: Any, at: float) -> list[Any]:
    stream = container.streams.video[0]
    stream.codec_context.skip_frame = "NONKEY"
    container.seek(int(at * av.time_base), backward=True)
    frames: list[Any] = []
    for frame in container.decode(stream):
        frames.append(frame)
        if len(frames) == _LOOKS:
            break
    return frames


def _contrast(frame: Any) -> float:
    return float(frame.reformat(width=64, height=36, format="gray").to_ndarray().std())


def small_still(still: Path, *, width: int) -> bytes:
    """A JPEG again, so many pixels across.

    Raises:
        MediaError: It cannot be read.
    """
    try:
        with (
            tempfile.TemporaryDirectory(prefix="voxweave-still-") as folder,
            av.open(str(still), format="mjpeg", options={"protocol_whitelist": "file"}) as container,
        ):
            to = Path(folder) / "small.jpg"
            write_still(next(container.decode(video=0)), to, width=width)
            return to.read_bytes()
    except (StopIteration, *DAMAGED) as error:
        raise MediaError(f"{still.name} could not be read: {error}") from error


def rgb_frame(pixels: Any) -> Any:
    """A frame out of bytes, shape (height, width, 3), red, green, blue."""
    return av.VideoFrame.from_ndarray(pixels, format="rgb24")


def write_still(frame: Any, to: Path, *, width: int) -> None:
    """Writes a frame as JPEG, at most so many pixels wide."""
    width = min(width, frame.width) & ~1
    height = round(frame.height * width / frame.width) & ~1
    with av.open(str(to), "w", format="mjpeg") as out:
        stream: Any = out.add_stream("mjpeg", rate=1)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuvj420p"
        stream.codec_context.options = {"qmin": "3", "qmax": "5"}
        still = frame.reformat(width=width, height=height, format="yuvj420p")
        still.pts = None
        out.mux(stream.encode(still))
        out.mux(stream.encode(None))
