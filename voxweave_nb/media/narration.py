"""Opening a narration by decoding it once: headers lie about length, and some have none."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import av

from ..errors import JobCanceled, MediaError, NarrationError
from .probe import DAMAGED, open_media

__all__ = ["RATE", "Narration", "open_narration", "wav_bytes"]

RATE = 16_000
"""Samples per second of what the rest of the house hears: enough for speech, its pauses and its spectrum."""

_BYTES = 2  # per sample: signed, 16 bit, mono
_MOST_BROKEN = 200


@dataclass(frozen=True)
class Narration:
    """A narration that has been heard to its end.

    Attributes:
        path: The file as it was given.
        duration: Seconds, as decoded.
        samples: Raw samples in the work folder: mono, 16 kHz, signed 16 bit, little-endian.
        codec: The codec's name, such as `"mp3"`.
        sample_rate: The file's own, in hertz.
        channels: The file's own.
        warnings: What is odd about it, in sentences.
    """

    path: Path
    duration: float
    samples: Path
    codec: str
    sample_rate: int
    channels: int
    warnings: tuple[str, ...] = ()


def open_narration(
    path: str | Path,
    *,
    work: Path,
    max_seconds: float,
    max_bytes: int,
    canceled: Callable[[], bool] = lambda: False,
) -> Narration:
    """Decodes a narration once, block by block, so that memory stays flat.

    Args:
        path: The audio file; a video's sound is taken too.
        work: A private folder for the samples.
        max_seconds: The cap on its decoded length.
        max_bytes: The cap on its size on disk.
        canceled: Asked now and then whether to stop.

    Raises:
        NarrationError: It is missing, empty, no audio, damaged beyond use, or passes a cap.
        JobCanceled: `canceled` said so.
    """
    path = Path(path)
    _check_file(path, max_bytes)
    try:
        container = open_media(path)
    except MediaError as error:
        raise NarrationError(f"The narration {error}", path=path) from error
    with container:
        if not container.streams.audio:
            raise NarrationError(
                f"The narration {path.name} has no sound in it; give an audio file.", path=path
            )
        stream = container.streams.audio[0]
        samples = work / "samples.s16"
        heard = _Heard(limit=int(max_seconds * RATE), name=path.name, canceled=canceled)
        with samples.open("wb") as out:
            heard.decode(container, stream, out)
        _check_heard(heard, path, max_seconds)
        context = stream.codec_context
        return Narration(
            path=path,
            duration=heard.samples / RATE,
            samples=samples,
            codec=context.name,
            sample_rate=context.sample_rate or 0,
            channels=context.layout.nb_channels,
            warnings=tuple(_oddities(heard, container, path)),
        )


def wav_bytes(samples: Path, seconds: float) -> bytes:
    """The first so many seconds of a narration's samples as a WAV file, for providers that take it along."""
    file = io.BytesIO()
    with samples.open("rb") as source, wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(_BYTES)
        out.setframerate(RATE)
        out.writeframes(source.read(int(seconds * RATE) * _BYTES))
    return file.getvalue()


class _Heard:
    """A count of what was decoded, and the loop that decodes it."""

    def __init__(self, *, limit: int, name: str, canceled: Callable[[], bool]) -> None:
        self.samples = 0
        self.broken = 0
        self.too_long = False
        self._limit = limit
        self._name = name
        self._canceled = canceled

    def decode(self, container: Any, stream: Any, out: BinaryIO) -> None:
        """Writes all sound as raw samples, passing over what is damaged."""
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        for frame in self._frames(container, stream):
            for piece in self._resampled(resampler, frame):
                self._write(piece, out)
            if self.samples > self._limit:
                self.too_long = True
                return
        for piece in self._resampled(resampler, None):
            self._write(piece, out)

    def _frames(self, container: Any, stream: Any) -> Iterator[Any]:
        packets = container.demux(stream)
        while True:
            if self._canceled():
                raise JobCanceled(f"Reading {self._name} was stopped.")
            try:
                packet = next(packets)
            except StopIteration:
                return
            except DAMAGED:
                self.broken += 1
                return
            try:
                yield from packet.decode()
            except DAMAGED:
                self.broken += 1
                if self.broken > _MOST_BROKEN:
                    return

    def _resampled(self, resampler: Any, frame: Any) -> list[Any]:
        try:
            return list(resampler.resample(frame))
        except DAMAGED:  # a damaged frame may claim another layout or rate
            self.broken += 1
            return []

    def _write(self, frame: Any, out: BinaryIO) -> None:
        out.write(bytes(frame.planes[0])[: frame.samples * _BYTES])
        self.samples += frame.samples


def _check_file(path: Path, max_bytes: int) -> None:
    if not path.exists():
        raise NarrationError(f"There is no narration {str(path)!r}; check the path.", path=path)
    if not path.is_file():
        raise NarrationError(f"The narration {path} is no file; give the path of an audio file.", path=path)
    size = path.stat().st_size
    if size == 0:
        raise NarrationError(f"The narration {path.name} is empty (0 bytes); give an audio file.", path=path)
    if size > max_bytes:
        raise NarrationError(
            f"The narration {path.name} has {size / 1e6:,.0f} MB; at most {max_bytes / 1e6:,.0f} MB are taken. Give a "
            "compressed file, or raise max_narration_bytes in Settings.",
            path=path,
        )


def _check_heard(heard: _Heard, path: Path, max_seconds: float) -> None:
    if heard.too_long:
        raise NarrationError(
            f"The narration {path.name} is longer than {max_seconds / 60:g} minutes. Cut it, or raise "
            "max_narration_seconds in Settings.",
            path=path,
        )
    if heard.samples < RATE // 20:
        why = "it is damaged or cut off" if heard.broken else "it holds almost no sound"
        raise NarrationError(
            f"Less than a twentieth of a second of {path.name} could be heard: {why}. Give a whole audio file.",
            path=path,
        )


def _oddities(heard: _Heard, container: Any, path: Path) -> Iterator[str]:
    said = (container.duration or 0) / av.time_base
    real = heard.samples / RATE
    if heard.broken:
        yield f"Parts of {path.name} are damaged and were passed over; {real:.1f} s of it were heard."
    elif said > real * 1.5 + 1:
        yield f"{path.name} says that it lasts {said:.1f} s and holds {real:.1f} s; the video is as long as the sound."
