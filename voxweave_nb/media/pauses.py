"""Hearing the pauses of a narration, in its decoded samples."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .narration import RATE

__all__ = ["SHORTEST", "find_pauses"]

SHORTEST = 0.12
"""Seconds of the shortest pause that is reported: stops within words, as before a `t`, are shorter."""

_STEP = 0.01  # seconds of sound under one level
_BLOCK = 6_000  # steps that are read at once: one minute
_FULL, _QUIETEST = 32_768, 1e-12  # of power: -120 dB
_SILENT = -119.0  # dB; below it is digital silence
# A pause is quieter than speech by more than its own soft sounds are, and close to the quiet of the recording.
_BELOW_SPEECH, _ABOVE_QUIET, _LEAST_BELOW = 30.0, 8.0, 14.0


def find_pauses(samples: Path, *, shortest: float = SHORTEST) -> tuple[tuple[float, float], ...]:
    """Return start and end of each pause of a narration in seconds, those at its ends included.

    What counts as quiet is told from the recording itself: its loud parts are speech, its quietest are pauses. Half an
    hour takes about a second; memory is flat in the length.

    Args:
        samples: Raw samples as `Narration.samples`: mono, 16 kHz, signed 16 bit.
        shortest: Seconds of the shortest pause.
    """
    levels = np.concatenate([*_levels(samples), np.empty(0, np.float32)])
    if not len(levels):
        return ()
    quiet = levels < _threshold(levels)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]]).astype(np.int8)))
    runs = edges.reshape(-1, 2)
    return tuple(
        (float(first) * _STEP, float(last) * _STEP)
        for first, last in runs
        if (last - first) * _STEP >= shortest - 1e-9
    )


def _threshold(levels: npt.NDArray[np.float32]) -> float:
    """Return the level in dB below which a part is quiet."""
    heard = levels[levels > _SILENT]
    if not len(heard):
        return 0.0
    loud, soft = np.percentile(heard, 90), np.percentile(levels, 5)
    return float(np.clip(soft + _ABOVE_QUIET, loud - _BELOW_SPEECH, loud - _LEAST_BELOW))


def _levels(samples: Path) -> Iterator[npt.NDArray[np.float32]]:
    """Yield the level of each step, in dB below full scale."""
    count = round(RATE * _STEP)
    with samples.open("rb") as file:
        while block := file.read(2 * count * _BLOCK):
            values = np.frombuffer(block[: len(block) // 2 * 2], "<i2").astype(np.float32) / _FULL
            whole = values[: len(values) // count * count]
            if len(whole):
                power = np.square(whole.reshape(-1, count)).mean(axis=1)
                yield (10 * np.log10(np.maximum(power, _QUIETEST))).astype(np.float32)
