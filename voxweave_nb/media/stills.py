"""Images as pieces of a film: opened safely, and shown with a calm move that never shows an edge.

The move is a window that slides or grows inside the image. FFmpeg's `zoompan` moves by whole pixels, which trembles;
`perspective` reads the window between pixels.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import MediaError
from ..images import MOST_PIXELS
from .decode import DAMAGED
from .image_decoder import decode_image
from .poster import write_png

__all__ = ["MOVES", "Move", "is_image", "open_image", "plan_move", "write_last_view"]

MOVES = 4
"""The number of different moves."""

# The move over a second, and over the whole, in sizes of the frame: slower than the eye follows.
_PER_SECOND, _MOST = 0.012, 0.12
_LONG_PER_SECOND, _LONG_MOST = 0.03, 0.6
_LONG = 1.2  # an image this much longer than the frame is shown from one end towards the other

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "png_pipe"),
    (b"\xff\xd8\xff", "jpeg_pipe"),
    (b"BM", "bmp_pipe"),
    (b"II*\x00", "tiff_pipe"),
    (b"MM\x00*", "tiff_pipe"),
)
_MOST_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class Window:
    """A window in an image; left, top, width and height in pixels of the image."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Move:
    """A move of a window inside an image, from its first to its last place, at a constant speed."""

    first: Window
    last: Window

    def filters(self, size: tuple[int, int], frames: int, fps: int, *, still: bool = False) -> list[str]:
        """Return FFmpeg's filters that show the move in frames of a size.

        Args:
            size: Width and height of the video in pixels.
            frames: The number of frames that the move takes.
            fps: Frames per second.
            still: True to show the first window all the time.
        """
        left, top, right, bottom = self._bounds()
        # The smallest window has the pixels of the frame; nothing is lost before it is read.
        scale = size[0] / min(self.first.width, self.last.width)
        wide, high = round((right - left) * scale / 2) * 2, round((bottom - top) * scale / 2) * 2
        scale_x, scale_y = wide / (right - left), high / (bottom - top)
        how = "flags=lanczos:out_color_matrix=bt709:out_range=tv"
        repeat = f"loop=loop={frames}:size=1,setpts=N/({fps}*TB),fps={fps}"
        moved = [] if still else [self._perspective(left, top, scale_x, scale_y, frames)]
        return [
            f"crop={right - left}:{bottom - top}:{left}:{top}",
            f"scale={max(2, wide)}:{max(2, high)}:{how}",
            "format=yuv420p",
            repeat,
            *moved,
            f"scale={size[0]}:{size[1]}:flags=lanczos",
        ]

    def _bounds(self) -> tuple[int, int, int, int]:
        """Return the part of the image that the window ever shows: left, top, right, bottom."""
        both = (self.first, self.last)
        return (
            int(min(window.left for window in both)),
            int(min(window.top for window in both)),
            int(np.ceil(max(window.left + window.width for window in both) - 1e-6)),
            int(np.ceil(max(window.top + window.height for window in both) - 1e-6)),
        )

    def _perspective(self, left: int, top: int, scale_x: float, scale_y: float, frames: int) -> str:
        def moved(first: float, last: float) -> str:
            return f"({first:.5f}+{(last - first) / max(1, frames - 1):.8f}*clip(on-1\\,0\\,{frames - 1}))"

        a, b = self.first, self.last
        x0 = moved((a.left - left) * scale_x, (b.left - left) * scale_x)
        x1 = moved((a.left + a.width - left) * scale_x, (b.left + b.width - left) * scale_x)
        y0 = moved((a.top - top) * scale_y, (b.top - top) * scale_y)
        y2 = moved((a.top + a.height - top) * scale_y, (b.top + b.height - top) * scale_y)
        corners = f"x0={x0}:y0={y0}:x1={x1}:y1={y0}:x2={x0}:y2={y2}:x3={x1}:y3={y2}"
        return f"perspective={corners}:interpolation=cubic:sense=source:eval=frame"


def plan_move(image: tuple[int, int], size: tuple[int, int], seconds: float, kind: int) -> Move:
    """Return the move for an image: in, along, out, along the other way, by `kind`.

    An image that is much longer than the frame is always shown along its length.

    Args:
        image: Width and height of the image in pixels.
        size: Width and height of the video in pixels.
        seconds: The length of the move.
        kind: Any number; the moves take turns.
    """
    wide, high = image
    aspect = size[0] / size[1]
    full = Window(0, 0, min(wide, high * aspect), min(high, wide / aspect))
    full_x, full_y = wide / full.width, high / full.height
    kind %= MOVES
    back = kind >= 2
    if max(full_x, full_y) > _LONG:
        travel = min(_LONG_PER_SECOND * seconds, _LONG_MOST)
        move = _along(image, full, travel, upright=full_y > full_x)
    elif kind in (1, 3):
        travel = min(_PER_SECOND * seconds, _MOST)
        part = 1 / (1 + travel)
        small = Window(0, 0, full.width * part, full.height * part)
        move = _along(image, small, travel, upright=False)
    else:
        small_part = 1 / (1 + min(_PER_SECOND * seconds, _MOST))
        move = Move(_centred(image, full, 1.0), _centred(image, full, small_part))
    return Move(move.last, move.first) if back else move


def _centred(image: tuple[int, int], full: Window, part: float) -> Window:
    width, height = full.width * part, full.height * part
    return Window((image[0] - width) / 2, (image[1] - height) / 2, width, height)


def _along(image: tuple[int, int], window: Window, travel: float, *, upright: bool) -> Move:
    """Return a move along one side, about the middle; about two fifths from above in a tall image, where faces are."""
    rest_x, rest_y = image[0] - window.width, image[1] - window.height
    if upright:
        moved = min(travel * window.height, rest_y)
        begin = (rest_y - moved) * 0.4
        return Move(
            Window(rest_x / 2, begin, window.width, window.height),
            Window(rest_x / 2, begin + moved, window.width, window.height),
        )
    moved = min(travel * window.width, rest_x)
    begin = (rest_x - moved) / 2
    return Move(
        Window(begin, rest_y / 2, window.width, window.height),
        Window(begin + moved, rest_y / 2, window.width, window.height),
    )


def write_last_view(image: Path, to: Path, size: tuple[int, int] | None, seconds: float, kind: int) -> Path:
    """Write the part of an image that is on show when its move ends, as a PNG in the image's own pixels.

    Args:
        image: The image.
        to: The PNG file.
        size: Width and height of the video in pixels; None for the whole image.
        seconds: The length of the move.
        kind: The kind of the move, see `plan_move`.

    Returns:
        `to`.

    Raises:
        MediaError: The file is not an image that can be read.
    """
    pixels = open_image(image)
    if size is None:
        write_png(pixels, to)
        return to
    view = plan_move((pixels.shape[1], pixels.shape[0]), size, seconds, kind).last
    left, top = round(view.left), round(view.top)
    write_png(pixels[top : top + round(view.height), left : left + round(view.width)], to)
    return to


def open_image(path: Path) -> Any:
    """Decode an image: pixels of shape (height, width, 3), 8-bit red, green, blue, as they are shown.

    What is transparent lies on white, or on near-black if what is drawn is bright.

    Raises:
        MediaError: The file is missing, too large, or not a PNG, JPEG, WebP, BMP or TIFF.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            content = file.read() if size <= _MOST_BYTES else b""
    except OSError as error:
        raise MediaError(
            f"The image {path.name} cannot be opened ({error.strerror}); check the path."
        ) from error
    if size > _MOST_BYTES:
        raise MediaError(
            f"The image {path.name} has {size / 1e6:,.0f} MB; the limit is {_MOST_BYTES / 1e6:,.0f} MB."
        )
    demuxer = _demuxer(content[:16])
    if not demuxer:
        raise MediaError(
            f"{path.name} is not an image that can be read. Give a PNG, JPEG, WebP, BMP or TIFF file."
        )
    try:
        return decode_image(content, demuxer)
    except (StopIteration, IndexError, *DAMAGED) as error:
        raise MediaError(
            f"The image {path.name} could not be read ({error}). Give a PNG, JPEG, WebP, BMP or TIFF file of at most "
            f"{MOST_PIXELS / 1e6:.0f} megapixels."
        ) from error


def is_image(path: Path) -> bool:
    """Return True if a file begins as an image does; False if it cannot be read."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        return _demuxer(file.read(16)) != ""
    return False


def _demuxer(head: bytes) -> str:
    """Return FFmpeg's demuxer for an image's first bytes, or an empty string."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp_pipe"
    return next((name for magic, name in _SIGNATURES if head.startswith(magic)), "")
