"""Cutting a part of a sound into a file of its own."""

from __future__ import annotations

import wave
from pathlib import Path

from ..errors import NarrationError
from .probe import probe
from .sound import samples_of

__all__ = ["cut_sound"]


def cut_sound(path: Path, start: float, end: float, to: Path) -> Path:
    """Write a part of a sound as a WAV file, exact to the sample.

    The WAV file has the file's own sample rate and at most two channels. Ten minutes of MP3 take about a second;
    memory is flat in the length.

    Args:
        path: An audio file, or a video with sound.
        start: Start of the part, in seconds.
        end: End of the part, in seconds; a part that reaches beyond the sound ends with the sound.
        to: The WAV file; written under a temporary name and then renamed.

    Returns:
        `to`.

    Raises:
        NarrationError: The file cannot be opened, or has no sound in that part.
        OSError: The disk is full, or the folder cannot be written to.
    """
    audio = probe(path).audio
    rate = (audio.sample_rate if audio else 0) or 44_100
    partial = to.with_name(f"{to.name}.partial")
    try:
        if not _write_part(path, int(start * rate), int(end * rate), rate, partial):
            raise NarrationError(
                f"{path.name} has no sound between {start:.1f} and {end:.1f} s. Select another part.",
                path=path,
            )
        return partial.replace(to)
    finally:
        partial.unlink(missing_ok=True)


def _write_part(path: Path, first: int, last: int, rate: int, to: Path) -> int:
    """Write samples `first` to `last`; return how many there were."""
    at = written = 0
    with wave.open(str(to), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        # Decoded from the beginning: a seek in a file without an index lands anywhere.
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
