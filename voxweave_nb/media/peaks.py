"""The shape of a sound for a person's eye, and its true length: both come from decoding it once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from ..errors import MediaError, NarrationError
from .probe import DAMAGED, open_media

__all__ = ["Shape", "samples_of", "shape_of"]

_RATE = 8_000
_BLOCK = 160
"""Samples that one peak is taken over at first: a fiftieth of a second."""

_MOST_PEAKS = 32_768
_MOST_BROKEN = 200


@dataclass(frozen=True)
class Shape:
    """How loud a sound is, from its beginning to its end.

    Attributes:
        peaks: Its loudest moments in as many equal parts as were asked for, each 0 to 100; the loudest is 100.
        duration: Seconds, as decoded.
    """

    peaks: tuple[int, ...]
    duration: float


def shape_of(path: Path, bins: int = 400) -> Shape:
    """Decodes a sound once, with memory flat in its length.

    Args:
        path: An audio file, or a video whose sound counts.
        bins: How many peaks are wanted; a very short sound has fewer.

    Raises:
        NarrationError: It cannot be opened, has no sound in it, or almost none could be heard.
    """
    peaks, count, heard = np.empty(0, np.float32), _BLOCK, 0
    rest = np.empty(0, np.int16)
    for block in samples_of(path, rate=_RATE, layout="mono"):
        heard += len(block)
        rest = np.concatenate([rest, block[:, 0]])
        whole = len(rest) // count * count
        peaks = np.concatenate([peaks, _loudest(rest[:whole], count)])
        rest = rest[whole:]
        if len(peaks) > _MOST_PEAKS:
            peaks, count = _halved(peaks), count * 2
    if heard < _RATE // 20:
        raise NarrationError(
            f"Less than a twentieth of a second of {path.name} could be heard. Give a whole audio file.",
            path=path,
        )
    return Shape(_scaled(np.concatenate([peaks, _loudest(rest, max(1, len(rest)))]), bins), heard / _RATE)


def samples_of(
    path: Path, *, rate: int | None = None, layout: str | None = None
) -> Iterator[npt.NDArray[np.int16]]:
    """A sound's samples, block by block: arrays of (samples, channels).

    Args:
        path: An audio file, or a video whose sound counts.
        rate: Samples per second; None takes the file's own.
        layout: `"mono"` or `"stereo"`; None takes the file's own, at most stereo.

    Raises:
        NarrationError: It cannot be opened or has no sound in it.
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
        resampler = av.AudioResampler(format="s16", layout=wanted, rate=rate or context.sample_rate)
        for frame in _frames(container, stream):
            yield from _resampled(resampler, frame)
        yield from _resampled(resampler, None)


def _frames(container: Any, stream: Any) -> Iterator[Any]:
    """Every frame that can be decoded; what is damaged is passed over."""
    packets, broken = container.demux(stream), 0
    while broken <= _MOST_BROKEN:
        try:
            packet = next(packets)
        except (StopIteration, *DAMAGED):
            return
        try:
            yield from packet.decode()
        except DAMAGED:
            broken += 1


def _resampled(resampler: Any, frame: Any) -> Iterator[npt.NDArray[np.int16]]:
    with contextlib.suppress(*DAMAGED):  # a damaged frame may claim another layout or rate
        for piece in resampler.resample(frame):
            channels = piece.layout.nb_channels
            flat = np.frombuffer(bytes(piece.planes[0]), np.int16)[: piece.samples * channels]
            yield flat.reshape(-1, channels)


def _loudest(samples: npt.NDArray[np.int16], count: int) -> npt.NDArray[np.float32]:
    if not len(samples):
        return np.empty(0, np.float32)
    loudest: npt.NDArray[np.float32] = np.abs(samples.astype(np.float32)).reshape(-1, count).max(axis=1)
    return loudest


def _halved(peaks: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    even = peaks[: len(peaks) // 2 * 2].reshape(-1, 2).max(axis=1)
    return np.concatenate([even, peaks[len(even) * 2 :]])


def _scaled(peaks: npt.NDArray[np.float32], bins: int) -> tuple[int, ...]:
    edges = np.linspace(0, len(peaks), min(bins, len(peaks)) + 1).astype(int)[:-1]
    binned = np.maximum.reduceat(peaks, edges)
    return tuple(round(100 * float(peak) / max(1.0, float(binned.max()))) for peak in binned)
