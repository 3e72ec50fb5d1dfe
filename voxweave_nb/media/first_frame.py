"""First frames: an image of a person, decoded, upright, and fitted to the size of a clip."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import av
import numpy as np

from ..errors import ConfigError
from ..images import ImageFile, Measures, measure
from .decode import DAMAGED
from .image_decoder import decode_image
from .poster import rgb_frame

__all__ = ["check_image", "fit_image", "fitted_pixels"]

_DEMUXERS = {"PNG": "png_pipe", "JPEG": "jpeg_pipe", "WebP": "webp_pipe"}
_QUALITIES = ("2", "4", "8", "16")
"""Quantisers of the JPEG, the best first; the first one that is small enough is taken."""

_MOST_BYTES = 3_500_000
"""Largest JPEG in bytes: Z.ai takes 5 MB, and base64 makes four bytes of three."""


def fit_image(image: ImageFile, size: tuple[int, int]) -> bytes:
    """Return an image as a JPEG of exactly a clip's size: scaled to cover it, cropped around its middle.

    It is turned as its Exif says. What is transparent lies on white, or on near-black if what is drawn is bright.

    Args:
        image: The image.
        size: Width and height in pixels.

    Raises:
        ConfigError: The image is gone, has changed, or is damaged.
    """
    frame = rgb_frame(fitted_pixels(image, size))
    for quality in _QUALITIES:
        jpeg = _jpeg(frame, quality)
        if len(jpeg) <= _MOST_BYTES:
            break
    return jpeg


def check_image(path: Path) -> Measures:
    """Decode an image; return its format and its size.

    Raises:
        ConfigError: It cannot be used, for the reason in the message.
    """
    image = ImageFile.of(path)
    content = image.content()
    _decoded(content, path.name)
    return measure(content)


def fitted_pixels(image: ImageFile, size: tuple[int, int]) -> Any:
    """Return the same as an array of shape (height, width, 3): red, green, blue, 8 bit.

    Raises:
        ConfigError: The image is gone, has changed, or is damaged.
    """
    content = image.content()
    pixels = _decoded(content, image.path.name)
    width, height = size
    high, wide, _ = pixels.shape
    scale = max(width / wide, height / high)
    # The part that is seen, cut out before it is scaled: a panorama would become far too wide.
    part_wide, part_high = min(wide, round(width / scale)), min(high, round(height / scale))
    left, top = (wide - part_wide) // 2, (high - part_high) // 2
    part = np.ascontiguousarray(pixels[top : top + part_high, left : left + part_wide])
    return rgb_frame(part).reformat(width=width, height=height, interpolation="LANCZOS").to_ndarray()


def _decoded(content: bytes, name: str) -> Any:
    """Return the pixels of an image as they are shown, in front of the ground of `decode_image`."""
    try:
        return decode_image(content, _DEMUXERS[measure(content).format])
    except (StopIteration, IndexError, *DAMAGED) as error:
        why = getattr(error, "strerror", None) or str(error) or "it has no pixels"
        raise ConfigError(
            f"The image {name} is damaged ({why}). Save it again, and give that file."
        ) from error


def _jpeg(frame: Any, quality: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="voxweave-still-") as folder:
        to = Path(folder) / "first-frame.jpg"
        with av.open(str(to), "w", format="mjpeg") as out:
            stream: Any = out.add_stream("mjpeg", rate=1)
            stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuvj420p"
            stream.codec_context.options = {"qmin": quality, "qmax": quality}
            still = frame.reformat(format="yuvj420p")
            still.pts = None
            out.mux(stream.encode(still))
            out.mux(stream.encode(None))
        return to.read_bytes()
