"""Measuring a narration: its voiced stretches, and the spectrum of each hundredth of a second.

The background is measured in each band of the spectrum and taken away before anything is called speech, so that steady
noise and a bed of music under the voice do not hide the pauses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..media.narration import RATE

__all__ = ["HOP", "Floats", "Heard", "listen"]

Floats = npt.NDArray[np.float32]

HOP = 0.01
"""Seconds between two frames of sound."""

_STEP, _WINDOW, _FFT = round(RATE * HOP), 400, 512
_BLOCK = 6_000  # frames that are read at once: one minute
_EDGES = (120, 240, 360, 500, 640, 800, 1000, 1250, 1550, 1900, 2300, 2800, 3400, 4200, 5200, 6400, 7800)
BANDS = len(_EDGES) - 1
_FULL, _LEAST = 32_768.0, 1e-12
# Seconds from a frame's first sample to where a sound begins, or ends, that is first, or last, heard in the frame.
_EDGES_AT = np.array([0.018, 0.012])

# The background is the quietest tenth of each band, over stretches of some seconds.
_STRETCH, _QUIET, _OVER = 400, 10.0, 2.5
_LOUD = 92.0  # percentile of frames that are as loud as the voice is
_LOCAL = 2_000  # frames over which the voice's loudness is measured: another speaker may be softer
_SOFTER = 18.0  # dB that a voice may be softer than the loudest one
_DEEPEST = 40.0  # dB below the voice, at most, of its soft sounds
_ABOVE_REST = 0.3  # of the way from what is left in pauses up to the voice
_GAP, _BURST = 7, 4  # frames; shorter gaps are stops within words, shorter sounds are clicks


@dataclass(frozen=True)
class Heard:
    """The sound of a narration.

    Attributes:
        duration: Length in seconds.
        segments: Start and end of each stretch without a pause, in seconds, of shape `(n, 2)`.
        bands: Decibels above the background in each band and frame, of shape `(frames, BANDS)`.
        level: Decibels of each frame, without the background.
    """

    duration: float
    segments: npt.NDArray[np.float64]
    bands: Floats
    level: Floats

    @property
    def spoken(self) -> float:
        """Seconds of sound without the pauses."""
        return float((self.segments[:, 1] - self.segments[:, 0]).sum())


def listen(samples: Path | npt.NDArray[np.int16]) -> Heard:
    """Measure a narration. A minute takes about a tenth of a second.

    Args:
        samples: Raw samples as `Narration.samples`, or an array of them: mono, 16 kHz, signed 16 bit.
    """
    powers = np.concatenate([*_powers(samples), np.empty((0, BANDS), np.float32)])
    count = samples.stat().st_size // 2 if isinstance(samples, Path) else len(samples)
    duration = count / RATE
    nothing = np.empty((0, 2))
    if not len(powers):
        return Heard(duration, nothing, powers, np.empty(0, np.float32))
    floor = _background(powers)
    clean = np.maximum(powers - _OVER * floor, _LEAST)
    level = _smooth(10 * np.log10(clean.sum(axis=1)))
    bands = 10 * np.log10(np.maximum(powers, _LEAST) / np.maximum(floor, 1e-9))
    segments = _segments(level > _threshold(level)) * HOP + _EDGES_AT
    return Heard(duration, np.minimum(segments, duration), bands.astype(np.float32), level)


def _blocks(samples: Path | npt.NDArray[np.int16]) -> Iterator[npt.NDArray[np.int16]]:
    """Yield the samples of a minute each, with those that the last window reaches into."""
    count, more = _STEP * _BLOCK, _WINDOW - _STEP
    if not isinstance(samples, Path):
        padded = np.concatenate([samples, np.zeros(more, np.int16)])
        for begin in range(0, len(samples), count):
            yield padded[begin : begin + count + more]
        return
    with samples.open("rb") as file:
        kept = file.read(2 * count)
        while kept:
            following = file.read(2 * count)
            block = kept[: len(kept) // 2 * 2] + following[: 2 * more].ljust(2 * more, b"\0")
            yield np.frombuffer(block[: len(block) // 2 * 2], "<i2")
            kept = following


def _powers(samples: Path | npt.NDArray[np.int16]) -> Iterator[Floats]:
    """Yield the power in each band, for the frames of a minute each."""
    window = np.hanning(_WINDOW).astype(np.float32) / _FULL
    # The first line of each band; the last band ends where the next one would begin.
    *begins, end = np.ceil(np.array(_EDGES) * _FFT / RATE).astype(np.intp)
    for block in _blocks(samples):
        if len(block) < _WINDOW:
            continue
        frames = np.lib.stride_tricks.sliding_window_view(block, _WINDOW)[::_STEP]
        for part in np.array_split(frames, max(1, len(frames) // 500)):
            spectrum = np.fft.rfft(part * window, _FFT)
            heard = spectrum[:, begins[0] : end]
            power = heard.real**2 + heard.imag**2
            bands = np.add.reduceat(power, np.array(begins) - begins[0], axis=1) / _WINDOW
            yield bands.astype(np.float32)


def _background(powers: Floats) -> Floats:
    """Return the power of the background in each frame and band, from the quietest frames around."""
    count = max(1, round(len(powers) / _STRETCH))
    parts = np.array_split(powers, count)
    floors = np.stack([np.percentile(part, _QUIET, axis=0) for part in parts])
    # A stretch without a pause has no background of its own: the least of its neighbours counts.
    padded = np.pad(floors, ((2, 2), (0, 0)), mode="edge")
    least = np.min([padded[at : at + count] for at in range(5)], axis=0)
    middles = (np.arange(count) + 0.5) * len(powers) / count
    places = np.arange(len(powers))
    logs = np.log(np.maximum(least, _LEAST))
    spread = np.stack([np.interp(places, middles, band) for band in logs.T], axis=1)
    return np.asarray(np.exp(spread), np.float32)


def _smooth(level: Floats) -> Floats:
    padded = np.pad(level, 1, mode="edge")
    return ((padded[:-2] + padded[1:-1] + padded[2:]) / 3).astype(np.float32)


def _threshold(level: Floats) -> Floats:
    """Return the level above which a frame is voice, for each frame."""
    overall = np.percentile(level, _LOUD)
    count = max(1, round(len(level) / _LOCAL))
    parts = np.array_split(level, count)
    voice = np.maximum([np.percentile(part, _LOUD) for part in parts], overall - _SOFTER)
    rest = np.array([np.percentile(part, 10) for part in parts])
    least = np.maximum(voice - _DEEPEST, rest + _ABOVE_REST * (voice - rest))
    middles = (np.arange(count) + 0.5) * len(level) / count
    return np.asarray(np.interp(np.arange(len(level)), middles, least), np.float32)


def _segments(voiced: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Return first and last frame of each stretch, without short gaps and short sounds."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], voiced, [False]]).astype(np.int8)))
    runs = edges.reshape(-1, 2)
    if not len(runs):
        return np.empty((0, 2))
    apart = runs[1:, 0] - runs[:-1, 1] >= _GAP
    begins = runs[np.concatenate([[True], apart]), 0]
    ends = runs[np.concatenate([apart, [True]]), 1]
    whole = ends - begins >= _BURST
    return np.stack([begins[whole], ends[whole]], axis=1).astype(np.float64)
