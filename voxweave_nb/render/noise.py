"""Value noise in octaves: clouds in two dimensions, outlines in one. It wraps around without a seam."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .arrays import Mask

__all__ = ["fractal", "ridge"]


def fractal(
    rng: np.random.Generator,
    height: int,
    width: int,
    *,
    cells: tuple[int, int] = (3, 4),
    octaves: int = 5,
    part: tuple[slice, slice] = (slice(None), slice(None)),
) -> Mask:
    """Return clouds from 0 to 1 that tile in both directions.

    Args:
        rng: Source of the lattice's values.
        height: Pixels.
        width: Pixels.
        cells: Lattice cells of the coarsest octave, down and across.
        octaves: Number of octaves, each twice as fine and half as strong as the one before.
        part: Rows and columns to compute; the values are scaled so that this part spans 0 to 1.
    """
    rows, columns = [], []
    for octave in range(octaves):
        down, across = cells[0] << octave, cells[1] << octave
        if down > height or across > width:
            break
        bumps = rng.random((down, across), np.float32) * np.float32(0.5**octave)
        rows.append(_weights(height, down)[part[0]] @ bumps)
        columns.append(_weights(width, across)[part[1]])
    if not rows:
        return np.zeros((height, width), np.float32)[part]
    # One product adds all octaves, instead of one product and one sum for each.
    total = np.concatenate(rows, 1) @ np.concatenate(columns, 1).T
    low, high = float(total.min()), float(total.max())
    total -= np.float32(low)
    total /= np.float32(max(1e-6, high - low))
    return total


def ridge(
    rng: np.random.Generator, length: int, *, cells: int = 4, octaves: int = 6, rough: float = 0.5
) -> Mask:
    """Return a mountain's outline from 0 to 1, shape (length,), that tiles.

    Args:
        rng: Source of the lattice's values.
        length: Pixels.
        cells: Lattice cells of the coarsest octave.
        octaves: Number of octaves, each twice as fine as the one before.
        rough: Strength of each octave relative to the one before.
    """
    line = np.zeros(length, np.float32)
    for octave in range(octaves):
        bumps = cells << octave
        if bumps > length:
            break
        line += np.float32(rough**octave) * (_weights(length, bumps) @ rng.random(bumps, np.float32))
    low, high = float(line.min()), float(line.max())
    return (line - np.float32(low)) / np.float32(max(1e-6, high - low))


def _weights(length: int, cells: int) -> npt.NDArray[np.float32]:
    """Return the weight of each lattice value at each pixel, shape (length, cells)."""
    at = (np.arange(length) + 0.5) * cells / length
    left = np.floor(at).astype(int)
    t = at - left
    t = t * t * (3.0 - 2.0 * t)
    weights = np.zeros((length, cells), np.float32)
    weights[np.arange(length), left % cells] += 1.0 - t
    weights[np.arange(length), (left + 1) % cells] += t
    return weights
