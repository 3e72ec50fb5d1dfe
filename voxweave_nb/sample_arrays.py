"""Samples of sound in an array, as blocks of a WAV file."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from .errors import NarrationError
from .validation import shown

__all__ = ["is_array", "wav_blocks"]

_BLOCK = 250_000
"""Samples that are converted at a time."""

_MOST_CHANNELS = 8
_RATES = (1, 768_000)
_EXPECTED = "Give (rate, samples) with a rate in hertz and an array of numbers, such as (16000, samples)."


def is_array(value: Any) -> bool:
    """Return True for an array of numpy or of a library that converts to it."""
    return hasattr(value, "__array__") and hasattr(value, "shape")


def wav_blocks(pair: tuple[Any, Any] | list[Any], most: int) -> Iterator[bytes]:
    """Check a sample rate with an array, in either order, and yield the bytes of a WAV file.

    Whole numbers keep their depth of 8, 16 or 32 bits. Floats are from -1 to 1, and become 16 bits; louder ones are
    scaled down to 1. Of two dimensions, the shorter one is that of the channels.

    Args:
        pair: The rate in hertz and the samples.
        most: Largest file in bytes.

    Raises:
        NarrationError: The rate or the array is none, or the file would be larger than `most`.
    """
    import numpy as np

    rate, array = pair if not hasattr(pair[0], "__len__") else (pair[1], pair[0])
    rate = _checked_rate(rate)
    samples = _checked_samples(np.asarray(array))
    kind = _depth(samples)
    size = samples.size * np.dtype(kind).itemsize
    if size > most:
        raise NarrationError(
            f"The samples would be a file of {size / 1e6:,.0f} MB; the limit is {most / 1e6:,.0f} MB. Give fewer "
            "samples or a compressed file, or raise max_narration_bytes in Settings."
        )
    return _blocks(samples, rate, kind)


def _blocks(samples: Any, rate: int, kind: str) -> Iterator[bytes]:
    import numpy as np

    channels, depth = samples.shape[1], np.dtype(kind).itemsize
    size, frame = samples.size * depth, channels * depth
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * frame, frame, 8 * depth)
    yield b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt " + struct.pack("<I", 16) + form
    yield b"data" + struct.pack("<I", size)
    scale = 1.0
    if samples.dtype.kind == "f":
        scale = 32767 / max(1.0, *(float(np.abs(part).max()) for part in _parts(samples)))
    for part in _parts(samples):
        numbers = np.rint(part.astype(np.float64) * scale) if samples.dtype.kind == "f" else part
        yield numbers.astype(kind).tobytes()


def _parts(samples: Any) -> Iterator[Any]:
    for start in range(0, len(samples), _BLOCK):
        yield samples[start : start + _BLOCK]


def _checked_rate(rate: Any) -> int:
    try:
        number = int(rate)
        valid = not isinstance(rate, bool) and number == rate and _RATES[0] <= number <= _RATES[1]
    except (TypeError, ValueError, OverflowError):
        valid = False
    if not valid:
        raise NarrationError(f"The sample rate is {shown(rate)}. {_EXPECTED}")
    return number


def _checked_samples(samples: Any) -> Any:
    """Return samples of the shape (samples, channels)."""
    import numpy as np

    if samples.dtype.kind not in "iuf" or samples.ndim not in (1, 2) or not samples.size:
        raise NarrationError(
            f"The samples are {shown(samples)} of type {str(samples.dtype)[:40]}. {_EXPECTED}"
        )
    shaped = samples.reshape(-1, 1) if samples.ndim == 1 else samples
    shaped = shaped.T if shaped.shape[0] < shaped.shape[1] else shaped
    if shaped.shape[1] > _MOST_CHANNELS:
        raise NarrationError(
            f"The samples have {shaped.shape[1]} channels; {_MOST_CHANNELS} are the most. {_EXPECTED}"
        )
    if samples.dtype == np.int8:
        return (shaped.astype(np.int16) + 128).astype(np.uint8)
    if samples.dtype.kind == "f" and not all(bool(np.isfinite(part).all()) for part in _parts(shaped)):
        raise NarrationError(
            "Some of the samples are infinite or not numbers (NaN). Replace them, such as by 0."
        )
    return shaped


def _depth(samples: Any) -> str:
    """Return the type of numbers in the file: 8 bits have no sign in a WAV file, more have one."""
    import numpy as np

    if samples.dtype.kind == "f":
        return "<i2"
    if samples.dtype == np.uint8:
        return "<u1"
    low, high = int(samples.min()), int(samples.max())
    if low >= -(2**15) and high < 2**15 and samples.dtype != np.int32:
        return "<i2"
    if not (low >= -(2**31) and high < 2**31):
        raise NarrationError(f"The samples are from {low} to {high}, more than 32 bits. {_EXPECTED}")
    return "<i4"
