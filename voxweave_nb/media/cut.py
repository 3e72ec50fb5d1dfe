"""A part of a sound as a file of its own."""

from __future__ import annotations

import wave
from pathlib import Path

from ..errors import NarrationError
from .peaks import samples_of
from .probe import probe

__all__ = ["cut_sound"]


def cut_sound(path: Path, start: float, end: float, to: Path) -> Path:
    """Writes a part of a sound as a WAV file, exact to the sample, at the file's own rate and at most in stereo.

    It is decoded from its beginning, because a seek in a file without an index lands anywhere; ten minutes of MP3
    take about a second, and memory is flat.

    Args:
        path: An audio file, or a video whose sound counts.
        start: Where the part begins, in seconds.
        end: Where it ends, in seconds; what lies beyond the sound's own end is left out.
        to: The WAV file; it never stands for half a part.

    Raises:
        NarrationError: The file cannot be opened or has no sound in that part.
        OSError: The disk is full, or the folder cannot be written to.
    """
    audio = probe(path).audio
    rate = (audio.sample_rate if audio else 0) or 44_100
    partial = to.with_name(f"{to.name}.partial")
    try:
        if not _write(path, int(start * rate), int(end * rate), rate, partial):
            raise NarrationError(
                f"{path.name} has no sound between {start:.1f} and {end:.1f} s. Select another part.",
                path=path,
            )
        return partial.replace(to)
    finally:
        partial.unlink(missing_ok=True)


def _write(path: Path, first: int, last: int, rate: int, to: Path) -> int:
    """Writes samples `first` to `last`; returns how many there were."""
    at = written = 0
    with wave.open(str(to), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        for block in samples_of(path, rate=rate):
            part = block[max(0, first - at) : max(0, last - at)]
            if len(part):
                if not written:
                    out.setnchannels(part.shape[1])
                out.writeframes(part.astype("<i2", copy=False).tobytes())
            written += len(part)
            at += len(block)
            if at >= last:
                break
    return written
