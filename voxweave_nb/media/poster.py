"""Posters: one frame of a video as a JPEG, the one with the most contrast among a few."""

from __future__ import annotations

import asyncio
import itertools
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from ..errors import MediaError
from .decode import DAMAGED, Frames, open_media
from .ffmpeg import MOST_PIXELS

__all__ = ["frame_at", "make_poster", "rgb_frame", "tiny_still", "write_png", "write_still"]

_JPEG = {"protocol_whitelist": "file", "max_pixels": str(MOST_PIXELS)}

_CANDIDATES = 5


async def make_poster(video: Path, to: Path, *, at: float, exact: bool = False, width: int = 960) -> Path:
    """Write a JPEG of the frame with the most contrast among the next five key frames.

    Args:
        video: The video.
        to: The JPEG.
        at: Time in the video, in seconds.
        exact: Take the frame shown at `at` instead of comparing key frames.
        width: Largest width of the JPEG, in pixels; never wider than the video.

    Returns:
        `to`.

    Raises:
        MediaError: No frame could be read.
    """
    return await asyncio.to_thread(_make_poster, video, to, at, exact, width)


def _make_poster(video: Path, to: Path, at: float, exact: bool, width: int) -> Path:
    try:
        with open_media(video) as container:
            frames = frame_at(container, at) if exact else _key_frames(container, at)
            if not frames:
                raise MediaError(f"No frame of {video.name} could be read for a poster.")
            write_still(max(frames, key=_contrast), to, width=width)
    except DAMAGED as error:
        raise MediaError(f"The poster could not be made: {error}") from error
    return to


def frame_at(container: Any, at: float) -> list[Any]:
    """Return the frame shown at a time in seconds, or the last one where the video is shorter; none without video."""
    frames: list[Any] = []
    for frame in _frames_from(container, at):
        frames = [frame]
        if frame.time is not None and frame.time >= at - 1e-3:
            break
    return frames


def _key_frames(container: Any, at: float) -> list[Any]:
    """Return the first few key frames from the one before a time on."""
    for stream in container.streams.video[:1]:
        stream.codec_context.skip_frame = "NONKEY"
    return list(itertools.islice(_frames_from(container, at), _CANDIDATES))


def _frames_from(container: Any, at: float) -> Any:
    """Iterate over the frames from the key frame before a time on; none for a file without video."""
    for stream in container.streams.video[:1]:
        container.seek(int(at * av.time_base), backward=True)
        yield from Frames(container, stream)


def _contrast(frame: Any) -> float:
    return float(frame.reformat(width=64, height=36, format="gray").to_ndarray().std())


def tiny_still(still: Path, *, width: int, quality: int = 30) -> bytes:
    """Return a JPEG file's image as a WebP, for many in one place: a tenth of a JPEG's bytes at 96 pixels of width.

    Args:
        still: The JPEG file.
        width: The largest width in pixels.
        quality: 0 to 100, as libwebp counts it.

    Raises:
        MediaError: The file cannot be read, or this PyAV has no WebP.
    """
    try:
        with av.open(str(still), format="mjpeg", options=_JPEG) as container:
            frame = next(container.decode(video=0))
        encoder: Any = av.CodecContext.create("libwebp", "w")
        encoder.width = min(width, frame.width) & ~1
        encoder.height = round(frame.height * encoder.width / frame.width) & ~1
        encoder.pix_fmt, encoder.time_base = "yuv420p", Fraction(1)
        encoder.options = {"quality": str(quality)}
        # A JPEG has values from 0 to 255, a WebP from 16 to 235.
        size = {"width": encoder.width, "height": encoder.height}
        small = frame.reformat(**size, format="yuv420p", src_color_range="JPEG", dst_color_range="MPEG")
        small.pts = 0
        return b"".join(bytes(packet) for packet in (*encoder.encode(small), *encoder.encode(None)))
    except (StopIteration, ValueError, *DAMAGED) as error:
        raise MediaError(f"{still.name} could not be read: {error}") from error


def rgb_frame(pixels: Any) -> Any:
    """Return a PyAV frame made from 8-bit pixels of shape (height, width, 3): red, green, blue."""
    return av.VideoFrame.from_ndarray(pixels, format="rgb24")


def write_still(frame: Any, to: Path, *, width: int) -> None:
    """Write a frame as a JPEG at most `width` pixels wide."""
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


def write_png(pixels: Any, to: Path) -> None:
    """Write 8-bit pixels of shape (height, width, 3) as a PNG."""
    import numpy as np

    encoder: Any = av.CodecContext.create("png", "w")
    encoder.height, encoder.width = pixels.shape[:2]
    encoder.pix_fmt, encoder.time_base = "rgb24", Fraction(1)
    frame = rgb_frame(np.ascontiguousarray(pixels))
    frame.pts = 0
    to.write_bytes(b"".join(bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode(None))))
