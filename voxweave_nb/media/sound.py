"""Decoding sound on its timeline, as a player plays it: gaps are silent, and a stream may change midway.

`Sound` resamples a stream, and `samples_of` turns a file into NumPy blocks. Both fill with silence what a recording did
not send and the time before a late start, follow a stream to another rate or number of channels, and read WAV files
that were joined end to end.
"""

from __future__ import annotations

import io
import itertools
import mmap
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import av
import numpy as np
import numpy.typing as npt
from av.stream import Disposition

from ..errors import MediaError, NarrationError
from .decode import DAMAGED, Frames, open_media

__all__ = ["LEAST_RATE", "Sound", "samples_of", "write_sound"]

LEAST_RATE = 1_000
"""Fewest samples per second of a sound that is resampled: a small frame of a lower rate becomes gigabytes."""

_WRITTEN_RATE = 48_000
_MOST_JOINED = 1_000
_LONGEST_FRAME = 120.0  # seconds of sound in one frame

# Times are rounded to milliseconds, and recorders waver by some more; below this, samples are played end to end.
_TOLERANCE = 0.05
_LONGEST_SILENCE = 600.0  # seconds; a larger jump is a clock that was set, not a pause
_LATEST_START = 60.0  # seconds; sound alone that begins later was taken from the middle of a stream

_BEGINNINGS = {
    "wav": rb"(?:RIFF|RF64|RIFX).{4}WAVE(?:fmt |JUNK|bext|LIST|ds64)",
    "mp3": rb"ID3[\x02-\x04]\x00[\x00\x80\x40\xc0][\x00-\x7f]{4}",
    "flac": rb"fLaC\x00\x00\x00\x22",
    "aiff": rb"FORM.{4}AIF[FC]",
    "caf": rb"caff\x00\x01\x00\x00",
    "asf": rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c",
    "mov": rb"\x00\x00\x00.ftyp[0-9A-Za-z]{2}[0-9A-Za-z ]{2}",
    "ogg": rb"OggS\x00([\x00-\x07])",
}
"""How a file begins, by the first of its demuxer's names: several in one file were joined end to end.

FFmpeg reads Matroska to its end in any case. Of ADTS it does so too, as each frame has a header.
"""

Block = npt.NDArray[np.int16]


def _never() -> bool:
    return False


class Sound:
    """The decoded sound of one stream, resampled, on its timeline; iterating yields PyAV audio frames.

    Args:
        container: An open PyAV container.
        stream: One of its audio streams.
        rate: Samples per second of the output.
        layout: Channel layout of the output: `"mono"` or `"stereo"`.
        format: Sample format of the output, by FFmpeg's name.
        canceled: Returns True to stop decoding; iterating then raises `JobCanceled`.

    Attributes:
        damaged: Number of packets and frames that could not be decoded so far.
        flushing: True once the stream has ended and only the resampler's remainder follows.
        slow: True if a frame had fewer than `LEAST_RATE` samples per second; such frames are skipped.
        uneven: True if the samples are not the stream's own, end to end: FFmpeg would play the file otherwise.
        jumped: Seconds of the largest jump in time that was too long for a pause, and was left out; 0 without one.
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
        self.flushing = self.slow = self.uneven = False
        self.damaged, self.jumped = 0, 0.0
        self._container, self._stream, self._canceled = container, stream, canceled
        self._output: dict[str, Any] = {"format": format, "layout": layout, "rate": rate}
        self._rate = rate
        self._resampler: Any = None
        self._kind: tuple[Any, ...] = ()
        self._zero: float | None = None  # the time, in the stream's clock, at which the output begins
        self._heard = 0.0  # seconds of input and silence so far
        self._written = 0  # samples of output so far

    def __iter__(self) -> Iterator[Any]:
        steady = itertools.chain(self._steady(), [None])
        for frame, following in itertools.pairwise(steady):
            yield from self._silence_before(frame, following)
            if _kind(frame) != self._kind:
                yield from self._flushed()
                self.uneven = self.uneven or bool(self._kind)
                self._kind = _kind(frame)
            self._heard += frame.samples / frame.sample_rate
            yield from self._resampled(frame)
        self.flushing = True
        yield from self._flushed()

    def _steady(self) -> Iterator[Any]:
        """Yield the decoded frames without single ones of another kind: damage may claim any rate."""
        held: Any = None
        before: tuple[Any, ...] = ()
        for frame in itertools.chain(self._decoded(), [None]):
            if frame is not None and not self._fits(frame):
                self.damaged += 1
                continue
            if held is not None:
                if not before or _kind(held) in (before, _kind(frame)):
                    before = _kind(held)
                    yield held
                else:
                    self.damaged += 1
            held = frame

    def _decoded(self) -> Iterator[Any]:
        path = Path(self._container.name.removeprefix("file:"))
        kind = self._container.format.name.partition(",")[0]
        places = _joined(path, kind)
        if not places:
            yield from self._frames(self._container, self._stream)
            return
        self.uneven = True
        with path.open("rb") as file:
            for first, last in itertools.pairwise(places):
                yield from self._part(path, _Window(file, first, last), kind)

    def _part(self, path: Path, window: _Window, kind: str) -> Iterator[Any]:
        try:
            container = open_media(path, part=window)
        except MediaError:
            self.damaged += kind != "mp3"  # a second tag, without sound
            return
        with container:
            for stream in container.streams.audio[:1]:
                yield from self._frames(container, stream)

    def _frames(self, container: Any, stream: Any) -> Iterator[Any]:
        frames, damaged = Frames(container, stream, canceled=self._canceled), self.damaged
        for frame in frames:
            self.damaged += frames.damaged - damaged
            damaged = frames.damaged
            yield frame

    def _fits(self, frame: Any) -> bool:
        """Return True if a frame takes little memory once it is resampled."""
        rate = frame.sample_rate or 0
        self.slow = self.slow or rate < LEAST_RATE
        return rate >= LEAST_RATE and frame.samples <= _LONGEST_FRAME * rate

    def _silence_before(self, frame: Any, following: Any) -> Iterator[Any]:
        """Yield the silence between what was heard and a frame; time that runs backwards is played on."""
        if frame.time is None:
            return
        time = float(frame.time)
        if self._zero is None:
            self._zero = self._start(time)
        ahead = time - self._zero - self._heard
        if abs(ahead) <= _TOLERANCE or not self._agrees(ahead, frame, following):
            return
        self.uneven = True
        if not 0 < ahead <= _LONGEST_SILENCE:
            self.jumped = max(self.jumped, ahead)
            self._zero += ahead
            return
        yield from self._flushed()
        self._heard += ahead
        yield from self._silence(round(self._heard * self._rate) - self._written)

    def _start(self, first: float) -> float:
        """Return the time at which a player begins: that of the first picture or, in sound alone, zero."""
        pictures = [
            float(stream.start_time * stream.time_base)
            for stream in self._container.streams.video
            if stream.start_time is not None and Disposition.attached_pic not in stream.disposition
        ]
        if not pictures and first > _LATEST_START:
            return first
        return min(first, *(pictures or [0.0]))

    def _agrees(self, ahead: float, frame: Any, following: Any) -> bool:
        """Return True unless the next frame shows that this one's time is damaged."""
        if following is None or following.time is None:
            return True
        if ahead > 0:
            return bool(following.time >= frame.time)
        expected = (self._zero or 0.0) + self._heard + frame.samples / frame.sample_rate
        return bool(following.time < expected - _TOLERANCE)

    def _silence(self, count: int) -> Iterator[Any]:
        for at in range(0, count, self._rate):
            frame = av.AudioFrame(
                format=self._output["format"],
                layout=self._output["layout"],
                samples=min(self._rate, count - at),
            )
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            frame.sample_rate = self._rate
            self._written += frame.samples
            yield frame

    def _flushed(self) -> Iterator[Any]:
        """Yield what the resampler holds, and let the next frame make a new one: each knows one kind only."""
        if self._resampler is not None:
            yield from self._resampled(None)
            self._resampler = None

    def _resampled(self, frame: Any) -> Iterator[Any]:
        self._resampler = self._resampler or av.AudioResampler(**self._output)
        try:
            for done in self._resampler.resample(frame):
                self._written += done.samples
                yield done
        except DAMAGED:  # a damaged frame may claim anything
            self.damaged += 1


def _kind(frame: Any) -> tuple[Any, ...]:
    return () if frame is None else (frame.sample_rate, frame.layout.name, frame.format.name)


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


def write_sound(path: Path, to: Path) -> None:
    """Write a file's sound on its timeline as FLAC, stereo at 48 kHz, which every program plays alike.

    Args:
        path: An audio file, or a video with sound.
        to: The FLAC file.

    Raises:
        MediaError: The file cannot be opened.
    """
    with open_media(path) as container, av.open(str(to), "w", format="flac") as out:
        stream: Any = out.add_stream("flac", rate=_WRITTEN_RATE, layout="stereo")
        fifo, at = av.AudioFifo(), 0
        sound = Sound(
            container,
            container.streams.audio[0],
            rate=_WRITTEN_RATE,
            layout="stereo",
            format=stream.codec_context.format.name,
        )
        for frame in itertools.chain(sound, [None]):
            if frame is not None:
                frame.pts = None
                fifo.write(frame)
            while ready := fifo.read(4096, partial=frame is None):
                ready.pts, at = at, at + ready.samples
                out.mux(stream.encode(ready))
        out.mux(stream.encode(None))


def _joined(path: Path, kind: str) -> list[int]:
    """Return where each of the files begins that were joined into one, and where the last ends; else nothing."""
    if kind not in _BEGINNINGS:
        return []
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        starts = list(itertools.islice(_starts(content, kind), _MOST_JOINED))
        if kind == "mp3" and starts and starts[0]:
            starts = [0, *starts]
        return [0, *starts[1:], len(content)] if len(starts) > 1 else []


def _starts(content: mmap.mmap, kind: str) -> Iterator[int]:
    before = False
    for found in re.finditer(_BEGINNINGS[kind], content, re.DOTALL):
        # The first page of each Ogg stream is marked; those of one file stand together.
        first = kind != "ogg" or bool(found[1][0] & 2)
        if kind != "ogg" or (first and not before):
            yield found.start()
        before = first


class _Window(io.RawIOBase):
    """A part of an open file, as a file of its own."""

    def __init__(self, file: BinaryIO, first: int, last: int) -> None:
        self._file, self._first, self._length, self._at = file, first, last - first, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        left = max(0, self._length - self._at)
        self._file.seek(self._first + self._at)
        content = self._file.read(left if size < 0 else min(size, left))
        self._at += len(content)
        return content

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at
