"""The peaks of a sound, for drawing its waveform, and its decoded length."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..errors import NarrationError
from .sound import samples_of

__all__ = ["Shape", "samples_of", "shape_of"]

_RATE = 8_000
_BLOCK = 160  # samples under one peak at first: a fiftieth of a second
_MOST_PEAKS = 32_768


@dataclass(frozen=True)
class Shape:
    """The waveform of a sound.

    Attributes:
        peaks: The loudest sample of each of equally long parts, 0 to 100; the loudest of all is 100.
        duration: Length in seconds, as decoded.
    """

    peaks: tuple[int, ...]
    duration: float


def shape_of(path: Path, bins: int = 400) -> Shape:
    """Decode a sound once and return its waveform; memory is flat in its length.

    Args:
        path: An audio file, or a video with sound.
        bins: Number of peaks; a very short sound has fewer.

    Raises:
        NarrationError: The file cannot be opened, has no sound, or less than 0.05 s can be decoded.
    """
    peaks, count, decoded = np.empty(0, np.float32), _BLOCK, 0
    rest = np.empty(0, np.int16)
    for block in samples_of(path, rate=_RATE, layout="mono"):
        decoded += len(block)
        rest = np.concatenate([rest, block[:, 0]])
        whole = len(rest) // count * count
        peaks = np.concatenate([peaks, _loudest(rest[:whole], count)])
        rest = rest[whole:]
        # Twice as long parts keep the number of peaks, and with it the memory, below a limit.
        if len(peaks) > _MOST_PEAKS:
            peaks, count = _halved(peaks), count * 2
    if decoded < _RATE // 20:
        raise NarrationError(
            f"Less than 0.05 s of {path.name} could be decoded. Give a complete audio file.", path=path
        )
    return Shape(_scaled(np.concatenate([peaks, _loudest(rest, max(1, len(rest)))]), bins), decoded / _RATE)


def _loudest(samples: npt.NDArray[np.int16], count: int) -> npt.NDArray[np.float32]:
    """Return the loudest of every `count` samples."""
    if not len(samples):
        return np.empty(0, np.float32)
    loudest: npt.NDArray[np.float32] = np.abs(samples.astype(np.float32)).reshape(-1, count).max(axis=1)
    return loudest


def _halved(peaks: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Merge peaks two by two."""
    even = peaks[: len(peaks) // 2 * 2].reshape(-1, 2).max(axis=1)
    return np.concatenate([even, peaks[len(even) * 2 :]])


def _scaled(peaks: npt.NDArray[np.float32], bins: int) -> tuple[int, ...]:
    """Reduce peaks to at most `bins`, scaled to 0 to 100."""
    edges = np.linspace(0, len(peaks), min(bins, len(peaks)) + 1).astype(int)[:-1]
    binned = np.maximum.reduceat(peaks, edges)
    return tuple(round(100 * float(peak) / max(1.0, float(binned.max()))) for peak in binned)
