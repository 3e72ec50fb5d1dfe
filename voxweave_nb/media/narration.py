"""Opening a narration by decoding it once: the length in a header can be wrong or missing."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import av
import numpy as np

from ..errors import MediaError, NarrationError
from .decode import DAMAGED, open_media
from .sound import LEAST_RATE, Sound

__all__ = ["RATE", "Narration", "mp3_bytes", "open_narration", "wav_bytes"]

RATE = 16_000
"""Samples per second of the decoded narration: enough for speech, its pauses and its spectrum."""

_BYTES = 2  # per sample: signed, 16 bit, mono


_MP3_FRAME = 576  # samples of a frame at 16 kHz
_MP3_BIT_RATES = (64_000, 48_000, 40_000, 32_000, 24_000, 16_000)
_MP3_OVERHEAD = 4_000  # bytes of headers and of the last frames


@dataclass(frozen=True)
class Narration:
    """A narration that has been decoded to its end.

    Attributes:
        path: The file that was given.
        duration: Length in seconds, as decoded.
        samples: Raw samples in the work folder: mono, 16 kHz, signed 16 bit, little-endian.
        codec: The codec's name, such as `"mp3"`.
        sample_rate: Sample rate of the file, in hertz.
        channels: Number of channels in the file.
        warnings: Sentences about damage and wrong headers.
        uneven: True if the file has gaps, a late start or joined parts, which FFmpeg plays otherwise than a player:
            it is muxed from a copy, see `write_sound`.
    """

    path: Path
    duration: float
    samples: Path
    codec: str
    sample_rate: int
    channels: int
    warnings: tuple[str, ...] = ()
    uneven: bool = False


def open_narration(
    path: str | Path,
    *,
    work: Path,
    max_seconds: float,
    max_bytes: int,
    canceled: Callable[[], bool] = lambda: False,
) -> Narration:
    """Decode a narration once, block by block; memory is flat in its length.

    Args:
        path: The audio file, or a video with sound.
        work: A private folder for the samples.
        max_seconds: Longest decoded length, in seconds.
        max_bytes: Largest file, in bytes.
        canceled: Returns True to stop; called before each packet.

    Raises:
        NarrationError: The file is missing, empty, not audio, damaged beyond use, too long or too large.
        JobCanceled: `canceled` returned True.
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
        _check_rate(0 < (stream.codec_context.sample_rate or 0) < LEAST_RATE, path)
        samples = work / "samples.s16"
        sound = Sound(container, stream, rate=RATE, layout="mono", canceled=canceled)
        with samples.open("wb") as out:
            count = _write_samples(sound, out, limit=int(max_seconds * RATE))
        if count is None:
            raise NarrationError(
                f"The narration {path.name} is longer than {max_seconds / 60:g} minutes. Cut it, or raise "
                "max_narration_seconds in Settings.",
                path=path,
            )
        # FFmpeg, which reads the file later, would take gigabytes for such a part.
        _check_rate(sound.slow, path)
        _check_length(count, sound, path)
        context = stream.codec_context
        return Narration(
            path=path,
            duration=count / RATE,
            samples=samples,
            codec=context.name,
            sample_rate=context.sample_rate or 0,
            channels=context.layout.nb_channels,
            warnings=tuple(_warnings(count / RATE, sound, container, path)),
            uneven=sound.uneven,
        )


def wav_bytes(samples: Path, seconds: float) -> bytes:
    """Return the first `seconds` of a narration's samples as a WAV file, for providers that accept sound.

    Silence follows a narration that is shorter.
    """
    length = int(seconds * RATE) * _BYTES
    file = io.BytesIO()
    with samples.open("rb") as source, wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(_BYTES)
        out.setframerate(RATE)
        out.writeframes(source.read(length).ljust(length, b"\0"))
    return file.getvalue()


def mp3_bytes(samples: Path, seconds: float, *, most: int) -> bytes:
    """Return the first `seconds` of a narration's samples as an MP3 file, for providers that limit the size of sound.

    Args:
        samples: The narration's samples.
        seconds: The length in seconds.
        most: The size in bytes to stay below, as long as the lowest bit rate allows it.

    Raises:
        MediaError: This PyAV has no encoder for MP3.
    """
    room = 8 * (most - _MP3_OVERHEAD) / max(seconds, 0.1)
    bit_rate = next((rate for rate in _MP3_BIT_RATES if rate <= room), _MP3_BIT_RATES[-1])
    file = io.BytesIO()
    try:
        with samples.open("rb") as source, av.open(file, "w", format="mp3") as out:
            stream: Any = out.add_stream("libmp3lame", rate=RATE, layout="mono")
            stream.bit_rate = bit_rate
            for frame in _mp3_frames(source, int(seconds * RATE)):
                out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
    except DAMAGED as error:
        raise MediaError(f"The narration could not be encoded as MP3: {error}") from error
    return file.getvalue()


def _mp3_frames(source: BinaryIO, count: int) -> Iterator[Any]:
    """Yield the first `count` samples in frames of the size that the encoder takes."""
    done = 0
    while done < count and (block := source.read(min(_MP3_FRAME, count - done) * _BYTES)):
        samples = np.frombuffer(block[: len(block) // _BYTES * _BYTES], np.int16)
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16p", layout="mono")
        frame.rate, frame.pts = RATE, done
        done += len(samples)
        yield frame


def _write_samples(sound: Sound, out: BinaryIO, *, limit: int) -> int | None:
    """Write raw samples; return their number, or None if the sound is longer than `limit` samples."""
    count = 0
    for frame in sound:
        out.write(memoryview(frame.planes[0])[: frame.samples * _BYTES])
        count += frame.samples
        # A narration of exactly the longest length may be a few samples over after the resampler is flushed.
        if count > limit and not sound.flushing:
            return None
    return count


def _check_file(path: Path, max_bytes: int) -> None:
    if not path.exists():
        raise NarrationError(f"The narration {str(path)!r} was not found; check the path.", path=path)
    if not path.is_file():
        raise NarrationError(
            f"The narration {path} is a folder or a device; give the path of an audio file.", path=path
        )
    size = path.stat().st_size
    if size == 0:
        raise NarrationError(f"The narration {path.name} is empty (0 bytes); give an audio file.", path=path)
    if size > max_bytes:
        raise NarrationError(
            f"The narration {path.name} has {size / 1e6:,.0f} MB; the limit is {max_bytes / 1e6:,.0f} MB. Give a "
            "compressed file, or raise max_narration_bytes in Settings.",
            path=path,
        )


def _check_rate(slow: bool, path: Path) -> None:
    if slow:
        raise NarrationError(
            f"{path.name}, or a part of it, has fewer than {LEAST_RATE:,} samples per second, too few for speech. Give "
            "an audio file of 8,000 Hz or more.",
            path=path,
        )


def _check_length(count: int, sound: Sound, path: Path) -> None:
    if count < RATE // 20:
        why = "it is damaged or cut off" if sound.damaged else "it holds almost no sound"
        raise NarrationError(
            f"Less than 0.05 s of {path.name} could be decoded: {why}. Give a complete audio file.",
            path=path,
        )


def _warnings(duration: float, sound: Sound, container: Any, path: Path) -> Iterator[str]:
    declared = (container.duration or 0) / av.time_base
    if sound.jumped:
        yield (
            f"The clock of {path.name} jumps ahead by {sound.jumped / 60:,.0f} minutes, too long for a pause; what "
            "follows is played at once."
        )
    if sound.damaged:
        yield f"Parts of {path.name} are damaged and were skipped; {duration:.1f} s of it were decoded."
    elif declared > duration * 1.5 + 1:
        yield (
            f"The header of {path.name} declares {declared:.1f} s, but it holds {duration:.1f} s; the video is as long "
            "as the sound."
        )
