"""Sheets: frames of a video in one JPEG, for a model that looks at images."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import Any

import av
import numpy as np

from ..errors import MediaError
from .decode import DAMAGED, open_media
from .ffmpeg import MOST_PIXELS
from .poster import frame_at, rgb_frame, write_still

__all__ = ["brightness_of", "make_sheet"]

_OPTIONS = {"protocol_whitelist": "file", "max_pixels": str(MOST_PIXELS)}
_COLUMNS = 4


def make_sheet(video: Path, *, frames: int = 8, seconds: float, width: int = 320) -> bytes:
    """Return a JPEG with frames of a video in the order of time, four in a row; blocks until it is made.

    Args:
        video: The video.
        frames: The number of frames; each shows the middle of an equal part of the video.
        seconds: The video's length in seconds.
        width: The width of one frame in pixels; frames higher than wide are made as high as that.

    Raises:
        MediaError: No frame can be read.
    """
    try:
        with open_media(video) as container:
            times = [seconds * (place + 0.5) / frames for place in range(frames)]
            shown = [frame for at in times for frame in frame_at(container, at)]
            if not shown:
                raise MediaError(f"No frame of {video.name} could be read for a sheet.")
            tiles = [_tile(frame, width) for frame in shown]
        return _jpeg(_arranged(tiles))
    except DAMAGED as error:
        raise MediaError(f"The sheet of {video.name} could not be made: {error}") from error


def brightness_of(jpeg: bytes) -> float:
    """Return the mean brightness of a JPEG, black 0 and white 255.

    Raises:
        MediaError: It is not a JPEG.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="voxweave-still-") as folder:
            path = Path(folder) / "image.jpg"
            path.write_bytes(jpeg)
            with av.open(str(path), format="mjpeg", options=_OPTIONS) as container:
                return float(next(container.decode(video=0)).to_ndarray(format="gray").mean())
    except (StopIteration, *DAMAGED) as error:
        raise MediaError(f"This is not a JPEG that can be read: {error}") from error


def _tile(frame: Any, width: int) -> Any:
    scale = width / max(frame.width, frame.height)
    size = (max(2, round(side * scale / 2) * 2) for side in (frame.width, frame.height))
    across, high = size
    return frame.reformat(width=across, height=high, format="rgb24").to_ndarray()


def _arranged(tiles: list[Any]) -> Any:
    """Return the tiles side by side, four in a row, the rest black."""
    high, across, _ = tiles[0].shape
    columns = min(_COLUMNS, len(tiles))
    sheet = np.zeros((math.ceil(len(tiles) / columns) * high, columns * across, 3), np.uint8)
    for place, tile in enumerate(tiles):
        row, column = divmod(place, columns)
        # A video may change its size on the way.
        part = tile[:high, :across]
        sheet[row * high : row * high + len(part), column * across : column * across + part.shape[1]] = part
    return sheet


def _jpeg(pixels: Any) -> bytes:
    with tempfile.TemporaryDirectory(prefix="voxweave-still-") as folder:
        to = Path(folder) / "sheet.jpg"
        write_still(rgb_frame(pixels), to, width=pixels.shape[1])
        return to.read_bytes()
