"""Opening and decoding media files with PyAV: the one decode loop, for files that may be damaged.

`Frames` yields the frames of a stream; `media/sound.py` puts those of a sound on its timeline. A packet that cannot be
decoded is skipped and counted, so that the rest of a damaged file is still used. Memory is flat in the length of the
file.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av

from ..errors import JobCanceled, MediaError
from .ffmpeg import FORMATS, MOST_PIXELS

__all__ = ["DAMAGED", "Frames", "open_media", "whole_packets"]

DAMAGED = (av.error.FFmpegError, OSError, ValueError)
"""The exceptions that PyAV raises for a file that is damaged or of another kind than expected."""

# Tags in another encoding than UTF-8 must not make a file unreadable. From version 19 on PyAV sees to that itself.
_LENIENT: dict[str, Any] = {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 19 else {}

# Noise that looks like an MP3 can hold a damaged packet every few bytes: give up on it.
_MOST_DAMAGED = 200


def open_media(path: Path, *, part: io.RawIOBase | None = None) -> Any:
    """Open a file for reading; only the containers in `FORMATS` are allowed, and frames of `MOST_PIXELS`.

    Args:
        path: The file.
        part: A part of it to read instead of the whole.

    Returns:
        A PyAV input container, to be closed by the caller.

    Raises:
        MediaError: The file is missing, or not in one of these containers.
    """
    try:
        # Opening decodes a frame where the headers do not describe it.
        options = {"format_whitelist": FORMATS, "max_pixels": str(MOST_PIXELS)}
        return av.open(part or f"file:{path.absolute()}", options=options, **_LENIENT)
    except DAMAGED as error:
        what = getattr(error, "strerror", None) or str(error)
        raise MediaError(
            f"{path.name} cannot be opened as audio or video ({what}). Give a file in one of: mp3, wav, flac, m4a, "
            "mp4, mov, aac, ogg, opus, webm, mkv, aiff, caf, wma."
        ) from error


def whole_packets(container: Any, *streams: Any) -> Iterator[Any]:
    """Yield the packets of some or all streams up to the first one that cannot be read, all of them whole."""
    packets = container.demux(*streams)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, *DAMAGED):
            return
        if packet.size and packet.pts is not None and not packet.is_corrupt:
            yield packet


def _never() -> bool:
    return False


class Frames:
    """The decoded frames of one stream; damaged packets are skipped.

    Iterating raises `JobCanceled` once `canceled()` returns True; it is called before each packet.

    Args:
        container: An open PyAV container.
        stream: One of its streams.
        canceled: Returns True to stop decoding.

    Attributes:
        damaged: Number of packets and frames that could not be decoded so far.
    """

    def __init__(self, container: Any, stream: Any, *, canceled: Callable[[], bool] = _never) -> None:
        self.damaged = 0
        self._container = container
        self._stream = stream
        self._canceled = canceled
        if stream.type == "video":
            stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}

    def __iter__(self) -> Iterator[Any]:
        packets = self._container.demux(self._stream)
        while True:
            if self._canceled():
                raise JobCanceled(f"Reading {Path(self._container.name).name} was canceled.")
            try:
                packet = next(packets)
            except StopIteration:
                return
            except DAMAGED:
                self.damaged += 1
                return
            try:
                yield from packet.decode()
            except DAMAGED:
                self.damaged += 1
                if self.damaged > _MOST_DAMAGED:
                    return
