"""Curves between 0 and 1 for motion, fades and edges."""

from __future__ import annotations

import numpy as np

from .arrays import Mask, as_mask

__all__ = ["clamp", "ease", "smooth", "smoothstep"]


def clamp(x: float, low: float = 0.0, high: float = 1.0) -> float:
    """Return `x` limited to the bounds."""
    return low if x < low else high if x > high else x


def smoothstep(low: float, high: float, x: float) -> float:
    """Return 0 below `low`, 1 above `high` and an S-curve between; `low` above `high` reverses it."""
    t = clamp((x - low) / ((high - low) or 1e-9))
    return t * t * (3.0 - 2.0 * t)


def smooth(low: float, high: float, x: Mask) -> Mask:
    """Apply `smoothstep` to an array."""
    t = np.clip((x - np.float32(low)) / np.float32(high - low), 0, 1)
    return as_mask(t * t * (3 - 2 * t))


def ease(t: float) -> float:
    """Return an ease-out curve: 0 at 0, steep at first, flat at 1."""
    return 1.0 - (1.0 - clamp(t)) ** 3
