"""Frames as they are shown: turned by the container's display matrix, their pixels square.

A phone, or a provider, may store frames on their side or squeezed and leave the rest to the player. Copying such a
stream copies the note to the player too, which not every player reads.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import av
import numpy as np

from .decode import Frames, open_media
from .ffmpeg import MOST_PIXELS

__all__ = ["View", "frame_view", "view_of"]

_MOST_STRETCHED = 4.0
"""Longer side of a pixel, in shorter ones, above which a header is wrong: video has at most 2."""


@dataclass(frozen=True, slots=True)
class View:
    """The way in which stored frames are shown: first swapped, then mirrored.

    Attributes:
        width: Width in pixels, as shown.
        height: Height in pixels, as shown.
        swapped: True if rows become columns.
        mirrored: True if left and right change places.
        flipped: True if top and bottom change places.
        square: True if a stored pixel is as wide as high.
        implausible: True if the shape of a stored pixel makes no sense; the size is that of square ones.
    """

    width: int
    height: int
    swapped: bool = False
    mirrored: bool = False
    flipped: bool = False
    square: bool = True
    implausible: bool = False

    @property
    def upright(self) -> bool:
        """True if frames are stored as they are shown."""
        return self.square and not (self.swapped or self.mirrored or self.flipped)

    def turn(self, pixels: Any) -> Any:
        """Return stored pixels of shape (height, width, channels) the right way up, in their own number."""
        if self.swapped:
            pixels = pixels.transpose(1, 0, 2)
        if self.mirrored:
            pixels = pixels[:, ::-1]
        return pixels[::-1] if self.flipped else pixels

    def apply(self, frame: Any) -> Any:
        """Return a stored frame as it is shown, in the pixel format of encoders."""
        pixels = np.ascontiguousarray(self.turn(frame.to_ndarray(format="rgb24")))
        turned = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        return turned.reformat(width=self.width, height=self.height, format="yuv420p")


def view_of(path: Path) -> View | None:
    """Return the view of a file's video stream; None without one, or if no frame can be decoded.

    Angles other than quarter turns are ignored, as most players do.

    Raises:
        MediaError: The file cannot be opened.
    """
    with open_media(path) as container:
        for stream in container.streams.video[:1]:
            for frame in Frames(container, stream):
                return frame_view(frame, stream.sample_aspect_ratio)
    return None


def frame_view(frame: Any, ratio: Any = None) -> View:
    """Return the view of a decoded frame; `ratio` is the shape of its pixels, None for squares."""
    a, b, c, d = _matrix(frame)
    swapped = abs(a) + abs(d) < abs(b) + abs(c)
    shape = float(ratio or 1)
    width, height = frame.width, frame.height
    stretched = max(shape, 1 / shape)
    implausible = stretched > _MOST_STRETCHED or (stretched > 1 and width * height * stretched > MOST_PIXELS)
    if shape > 1 and not implausible:
        width *= shape
    elif not implausible:
        height /= shape
    if swapped:
        width, height = height, width
    view = View(
        round(width),
        round(height),
        swapped=swapped,
        mirrored=(c if swapped else a) < 0,
        flipped=(b if swapped else d) < 0,
        square=shape == 1,
        implausible=implausible,
    )
    return view if view.upright else _even(view)


def _even(view: View) -> View:
    """Return a view whose sides are even, as encoders need them."""
    return replace(view, width=max(2, view.width & ~1), height=max(2, view.height & ~1))


def _matrix(frame: Any) -> tuple[int, int, int, int]:
    """Return the display matrix's four numbers that turn; a point moves to (a x + c y, b x + d y)."""
    try:
        data = frame.side_data
    except ValueError:  # a type that PyAV does not know, such as a photo's Exif in 18.1
        sine, cosine = (round(part(math.radians(frame.rotation))) for part in (math.sin, math.cos))
        return cosine, -sine, sine, cosine
    for index in range(len(data)):  # iterating gives the data or their keys, by PyAV's release
        side = data[index]
        if side.type.name == "DISPLAYMATRIX":
            a, b, _, c, d, *_ = struct.unpack("=9i", bytes(side))
            return a, b, c, d
    return 1, 0, 0, 1
