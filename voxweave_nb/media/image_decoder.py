"""Images as pixels: decoded whole, upright, and without transparency; for first frames and for shots of a film."""

from __future__ import annotations

import io
from typing import Any

import av
import numpy as np

from ..images import MOST_PIXELS, jpeg_orientation
from .upright import frame_view

__all__ = ["decode_image"]

_OPTIONS = {"max_pixels": str(MOST_PIXELS), "err_detect": "explode"}

_WHITE, _DARK = 255.0, 18.0
_BRIGHT = 160.0
"""Mean of what is drawn, 0 to 255, from which on white would hide it."""


def decode_image(content: bytes, demuxer: str) -> Any:
    """Return an image's pixels as they are shown, of shape (height, width, 3): red, green, blue, 8 bit.

    The image is turned as its Exif says. What is transparent lies on white; if what is drawn is bright, as a white
    logo is, it lies on near-black (18 of 255).

    Args:
        content: The bytes of its file.
        demuxer: FFmpeg's demuxer for its format, such as `"png_pipe"`.

    Raises:
        StopIteration, IndexError: It has no pixels.
        ValueError, OSError, av.FFmpegError: It is damaged, broken off, or has more than 40 million pixels; see
            `decode.DAMAGED`.
    """
    opened: Any = av.open(io.BytesIO(content), format=demuxer, options=_OPTIONS)
    with opened as container:
        container.streams.video[0].codec_context.options = _OPTIONS
        frame = next(container.decode(video=0))
        if frame.is_corrupt:
            raise ValueError("some of its pixels are missing")
        return np.ascontiguousarray(_upright(_opaque(frame), frame, content))


def _opaque(frame: Any) -> Any:
    # The colours of a palette may be transparent, of which the format knows nothing.
    if not any(component.is_alpha for component in frame.format.components) and frame.format.name != "pal8":
        return frame.to_ndarray(format="rgb24")
    pixels = frame.to_ndarray(format="rgba").astype(np.float32)
    colors, cover = pixels[..., :3], pixels[..., 3:] / 255
    seen = float((colors.mean(axis=-1, keepdims=True) * cover).sum() / max(1.0, float(cover.sum())))
    ground = _DARK if seen > _BRIGHT and float(cover.mean()) < 0.98 else _WHITE
    return np.rint(colors * cover + ground * (1 - cover)).astype(np.uint8)


def _upright(pixels: Any, frame: Any, content: bytes) -> Any:
    """Turn stored pixels as Exif says: mirrored first, then rows become columns."""
    orientation = jpeg_orientation(content)
    if orientation is None:  # FFmpeg reads the Exif of other formats
        return frame_view(frame).turn(pixels)
    if orientation >= 5:
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels
