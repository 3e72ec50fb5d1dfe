"""The narration's features at every frame: loudness, spectrum, onsets, pauses.

They are computed block by block from raw samples on disk. 53 numbers per frame are kept, 10 MB for half an hour.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .backdrop import Moment

__all__ = ["BANDS", "Sound"]

BANDS = 48
"""Bands of the spectrum."""

_RATE = 16_000
_WINDOW = 1024
_BLOCK = 256
_SILENCE = 60.0
"""RMS of 16-bit samples that counts as silence (about -55 dB of full scale)."""

_PAUSE = 0.07
"""Level below which a frame belongs to a pause."""

_FAINT = 20 * _SILENCE
"""Magnitude of a band that counts as silence."""


class Sound:
    """The narration's features, frame by frame.

    Args:
        samples: Raw mono samples, 16 kHz, signed 16 bit.
        fps: Frames per second.
        frames: Number of frames.
    """

    def __init__(self, samples: Path, *, fps: int, frames: int) -> None:
        self.fps, self.frames = fps, frames
        power = _spectra(samples, fps, frames)
        level, rest = power[:, 0], power[:, 1:]
        loud = max(_SILENCE, _percentile(level, 95))
        rise, fall = (1 - math.exp(-1 / (seconds * fps)) for seconds in (0.035, 0.19))
        self._level = _smoothed(np.clip(level / np.float32(loud), 0, 1.2), rise, fall)
        bands = _perceived(rest)
        self._flow = np.cumsum(np.minimum(self._level, 1), dtype=np.float64) / fps
        self._bands = _smoothed(bands, rise, fall)
        np.clip(self._bands, 0, 1, out=self._bands)
        self._onset = _decayed(_onsets(bands), 0.5 ** (1 / (0.05 * fps)))
        self._voice = _decayed(
            (level > max(_SILENCE, loud * 0.06)).astype(np.float32), 0.5 ** (1 / (0.35 * fps))
        )

    def at(self, index: int) -> Moment:
        """Return the features of one frame."""
        bands = self._bands[index]
        return Moment(
            index=index,
            time=index / self.fps,
            progress=index / max(1, self.frames - 1),
            level=float(min(1.0, self._level[index])),
            bass=float(bands[:9].mean()),
            treble=float(bands[-10:].mean()),
            onset=float(self._onset[index]),
            bands=bands,
            voice=float(min(1.0, self._voice[index])),
            flow=float(self._flow[index]),
        )

    def pauses(self, shortest: float = 0.25) -> list[tuple[float, float]]:
        """Return the centre and length of each pause of at least `shortest` seconds, in seconds."""
        quiet = np.flatnonzero(self._level < _PAUSE)
        runs = np.split(quiet, np.flatnonzero(np.diff(quiet) > 1) + 1) if len(quiet) else []
        long = [run for run in runs if len(run) >= shortest * self.fps]
        return [(float(run[0] + run[-1] + 1) / 2 / self.fps, len(run) / self.fps) for run in long]


def _spectra(path: Path, fps: int, frames: int) -> npt.NDArray[np.float32]:
    """Return the RMS and each band's magnitude, shape (frames, 1 + BANDS)."""
    window = np.hanning(_WINDOW).astype(np.float32)
    edges, out = _edges(), np.zeros((frames, 1 + BANDS), np.float32)
    for begin in range(0, frames, _BLOCK):
        middles = [frame * _RATE // fps for frame in range(begin, min(begin + _BLOCK, frames))]
        count = len(middles)
        first = max(0, middles[0] - _WINDOW // 2)
        raw = np.fromfile(path, "<i2", middles[-1] + _WINDOW // 2 - first, offset=2 * first)
        pieces = np.stack([_window_at(raw, middle - first) for middle in middles])
        out[begin : begin + count, 0] = np.sqrt(np.mean(pieces * pieces, axis=1))
        magnitude = np.abs(np.fft.rfft(pieces * window, axis=1)).astype(np.float32)
        out[begin : begin + count, 1:] = np.add.reduceat(magnitude, edges, axis=1)[:, :BANDS]
    return out


def _window_at(raw: npt.NDArray[np.int16], middle: int) -> npt.NDArray[np.float32]:
    """Return the samples around one sample, padded with zeros at the narration's ends."""
    start = middle - _WINDOW // 2
    piece = np.zeros(_WINDOW, np.float32)
    low, high = max(0, start), min(len(raw), start + _WINDOW)
    if low < high:
        piece[low - start : high - start] = raw[low:high]
    return piece


def _perceived(magnitudes: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Scale each band to its own range on a logarithmic scale, as an ear would; in place to save memory."""
    for band in magnitudes.T:
        band /= np.float32(_percentile(band, 98)) + np.float32(_FAINT)
    magnitudes *= np.float32(8)
    np.log1p(magnitudes, out=magnitudes)
    magnitudes /= np.float32(math.log(9))
    return magnitudes


def _edges() -> npt.NDArray[np.int_]:
    """Return the first FFT bin of each band: logarithmic from 80 to 7600 Hz, at least one bin wide."""
    wanted = np.geomspace(80, 7600, BANDS + 1) * _WINDOW / _RATE
    edges = [int(wanted[0])]
    for value in wanted[1:]:
        edges.append(max(edges[-1] + 1, round(value)))
    return np.array(edges)


def _smoothed(values: npt.NDArray[np.floating], rise: float, fall: float) -> npt.NDArray[np.float32]:
    """Return an envelope that follows the values with different speeds up and down."""
    out = np.empty_like(values, dtype=np.float32)
    held = values[0] * 0
    up, down = np.float32(rise), np.float32(fall)
    for index, value in enumerate(values):
        held = held + (value - held) * np.where(value > held, up, down)
        out[index] = held
    return out


def _onsets(bands: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """Return the strength of a syllable's start at each frame, 0 to 1, from the spectral flux."""
    flux = np.empty(len(bands), np.float32)
    flux[:1] = np.maximum(bands[:1], 0).mean(axis=1)
    for begin in range(1, len(bands), _BLOCK):
        rising = np.diff(bands[begin - 1 : begin + _BLOCK], axis=0)
        flux[begin : begin + _BLOCK] = np.maximum(rising, 0).mean(axis=1)
    strong = max(0.02, _percentile(flux, 92))
    return np.asarray(np.clip((flux - 0.45 * strong) / strong, 0, 1), np.float32)


def _percentile(values: npt.NDArray[np.floating], percent: float) -> float:
    """Compute `np.percentile`."""
    # Numpy's own imports masked arrays, which takes longer than all other work of this module.
    place = (len(values) - 1) * percent / 100
    low = int(place)
    high = min(low + 1, len(values) - 1)
    ordered = np.partition(values, (low, high))
    return float(ordered[low] + (ordered[high] - ordered[low]) * (place - low))


def _decayed(values: npt.NDArray[np.float32], keep: float) -> npt.NDArray[np.float32]:
    """Hold each peak and let it decay by the factor `keep` per frame."""
    out, held = np.empty_like(values), 0.0
    for index, value in enumerate(values):
        held = max(float(value), held * keep)
        out[index] = held
    return out
