"""Transitions from shot to shot: a cut, a dissolve, or a whip pan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from .arrays import Planes
from .easing import smoothstep
from .shots import Shot

__all__ = ["Transition", "dissolve", "whip"]


@dataclass(frozen=True)
class Transition:
    """A style's transition.

    Attributes:
        kind: Cut, dissolve or whip pan.
        seconds: Its length; 0 for a cut.
    """

    kind: Literal["cut", "dissolve", "whip"]
    seconds: float

    def visibility(self, shot: Shot, time: float) -> float:
        """Return a shot's opacity over the shot before it, 0 to 1."""
        if self.kind != "dissolve" or shot.number == 0:
            return 1.0
        return smoothstep(0.0, self.seconds, time - shot.start)

    def pan(self, shot: Shot, time: float, *, last: bool) -> float:
        """Return how far a whip pan has turned: rising to 1 at the end of a shot, from -1 at the start of the next."""
        if self.kind != "whip":
            return 0.0
        half = self.seconds / 2
        leaving = 0.0 if last else max(0.0, 1 - (shot.end - time) / half)
        arriving = 0.0 if shot.number == 0 else max(0.0, 1 - (time - shot.start) / half)
        return leaving**2 if leaving else -(arriving**2)


def dissolve(planes: Planes, before: Planes, visibility: float) -> None:
    """Blend the planes over those of the shot before, in place."""
    planes -= before
    planes *= np.float32(visibility)
    planes += before


def whip(planes: Planes, pan: float) -> None:
    """Shift and smear the planes sideways, in place, for a pan of -1 to 1."""
    width = planes.shape[2]
    away, smear = round(pan * 0.6 * width), max(1, round(abs(pan) ** 0.7 * 0.22 * width))
    # A running sum averages over any length of smear at the same cost.
    sums = np.empty((3, planes.shape[1], width + smear + 1), np.float32)
    sums[..., 0] = 0
    columns = (np.arange(width + smear) + away - smear // 2) % width
    np.cumsum(planes[..., columns], axis=2, out=sums[..., 1:])
    np.subtract(sums[..., smear + 1 :], sums[..., 1 : width + 1], out=planes)
    planes *= np.float32(1 / smear)
