"""Opening and decoding media files with PyAV: the one decode loop, for files that may be damaged.

`Frames` yields the frames of a stream, `Sound` resamples them, and `samples_of` turns a file into NumPy blocks.
A packet that cannot be decoded is skipped and counted, so that the rest of a damaged file is still used. Memory is
flat in the length of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from ..errors import JobCanceled, MediaError, NarrationError
from .ffmpeg import FORMATS, MOST_PIXELS

__all__ = ["DAMAGED", "LEAST_RATE", "Frames", "Sound", "open_media", "samples_of", "whole_packets"]

DAMAGED = (av.error.FFmpegError, OSError, ValueError)
"""The exceptions that PyAV raises for a file that is damaged or of another kind than expected."""

# Tags in another encoding than UTF-8 must not make a file unreadable. From version 19 on PyAV sees to that itself.
_LENIENT: dict[str, Any] = {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 19 else {}

# Noise that looks like an MP3 can hold a damaged packet every few bytes: give up on it.
_MOST_DAMAGED = 200

LEAST_RATE = 1_000
"""Fewest samples per second of a sound that is resampled: a small frame of a lower rate becomes gigabytes."""

_LONGEST_FRAME = 120.0  # seconds of sound in one frame

Block = npt.NDArray[np.int16]


def open_media(path: Path) -> Any:
    """Open a file for reading; only the containers in `FORMATS` are allowed, and frames of `MOST_PIXELS`.

    Returns:
        A PyAV input container, to be closed by the caller.

    Raises:
        MediaError: The file is missing, or not in one of these containers.
    """
    try:
        # Opening decodes a frame where the headers do not describe it.
        options = {"format_whitelist": FORMATS, "max_pixels": str(MOST_PIXELS)}
        return av.open(f"file:{path.absolute()}", options=options, **_LENIENT)
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


class Sound:
    """The decoded sound of one stream, resampled; iterating yields PyAV audio frames.

    Args:
        container: An open PyAV container.
        stream: One of its audio streams.
        rate: Samples per second of the output.
        layout: Channel layout of the output: `"mono"` or `"stereo"`.
        format: Sample format of the output, by FFmpeg's name.
        canceled: Returns True to stop decoding; iterating then raises `JobCanceled`.

    Attributes:
        flushing: True once the stream has ended and only the resampler's remainder follows.
        slow: True if a frame had fewer than `LEAST_RATE` samples per second; such frames are skipped.
    """

    def __init__(
        self,
        container: Any,
        stream: Any,
        *,
        rate: int,
        layout: str,
        format: str = "s16",
        canceled: Callable[[], bool] = _never,
    ) -> None:
        self.flushing = self.slow = False
        # That of the first frame: PyAV would pass on another frame's samples as if of this rate.
        self._rate = 0
        self._frames = Frames(container, stream, canceled=canceled)
        self._resampler = av.AudioResampler(format=format, layout=layout, rate=rate)

    @property
    def damaged(self) -> int:
        """Number of packets and frames that could not be decoded so far."""
        return self._frames.damaged

    def __iter__(self) -> Iterator[Any]:
        for frame in self._frames:
            yield from self._resampled(frame)
        self.flushing = True
        yield from self._resampled(None)

    def _resampled(self, frame: Any) -> list[Any]:
        if frame is not None and not self._fits(frame):
            self._frames.damaged += 1
            return []
        try:
            return list(self._resampler.resample(frame))
        except DAMAGED:  # a damaged frame may claim another layout
            self._frames.damaged += 1
            return []

    def _fits(self, frame: Any) -> bool:
        """Return True if a frame has the rate of the first one, and takes little memory once it is resampled."""
        rate = frame.sample_rate or 0
        if rate < LEAST_RATE:
            self.slow = True
            return False
        if frame.samples > _LONGEST_FRAME * rate:
            return False
        self._rate = self._rate or rate
        return bool(rate == self._rate)


def samples_of(path: Path, *, rate: int | None = None, layout: str | None = None) -> Iterator[Block]:
    """Yield the samples of a file's first audio track, as arrays of shape (samples, channels).

    Args:
        path: An audio file, or a video with sound.
        rate: Samples per second; None keeps the file's rate.
        layout: `"mono"` or `"stereo"`; None keeps the file's layout, reduced to stereo at most.

    Raises:
        NarrationError: The file cannot be opened or has no sound.
    """
    try:
        container = open_media(path)
    except MediaError as error:
        raise NarrationError(str(error), path=path) from error
    with container:
        if not container.streams.audio:
            raise NarrationError(f"{path.name} has no sound in it. Give an audio file.", path=path)
        stream = container.streams.audio[0]
        context = stream.codec_context
        wanted = layout or ("mono" if context.layout.nb_channels == 1 else "stereo")
        for frame in Sound(container, stream, rate=rate or context.sample_rate, layout=wanted):
            channels = frame.layout.nb_channels
            # The plane is padded beyond the samples, and freed with the frame: copy what belongs to it.
            flat = np.frombuffer(bytes(frame.planes[0]), np.int16)[: frame.samples * channels]
            yield flat.reshape(-1, channels)
