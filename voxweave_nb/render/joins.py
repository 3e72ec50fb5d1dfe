"""How one shot gives way to the next: a cut, a dissolve, or a whip of the camera."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from .canvas import smoothstep
from .scene import Planes
from .shots import Shot

__all__ = ["Join", "dissolve", "whip"]


@dataclass(frozen=True)
class Join:
    """A style's way from shot to shot.

    Attributes:
        kind: What it is.
        seconds: How long it takes; 0 for a cut.
    """

    kind: Literal["cut", "dissolve", "whip"]
    seconds: float

    def dissolved(self, shot: Shot, time: float) -> float:
        """How much of a shot is to be seen over the one before it, 0 to 1."""
        if self.kind != "dissolve" or shot.number == 0:
            return 1.0
        return smoothstep(0.0, self.seconds, time - shot.start)

    def whipped(self, shot: Shot, time: float, *, last: bool) -> float:
        """How far the camera is turned away: to 1 at the end of a shot, from -1 at the start of the next."""
        if self.kind != "whip":
            return 0.0
        half = self.seconds / 2
        leaving = 0.0 if last else max(0.0, 1 - (shot.end - time) / half)
        coming = 0.0 if shot.number == 0 else max(0.0, 1 - (time - shot.start) / half)
        return leaving**2 if leaving else -(coming**2)


def dissolve(planes: Planes, before: Planes, shown: float) -> None:
    """Mixes the shot before into the planes, of which so much is shown."""
    planes -= before
    planes *= np.float32(shown)
    planes += before


def whip(planes: Planes, turned: float) -> None:
    """Moves the picture aside and smears it along the way, by how far the camera is turned (-1 to 1)."""
    width = planes.shape[2]
    away, smear = round(turned * 0.6 * width), max(1, round(abs(turned) ** 0.7 * 0.22 * width))
    sums = np.empty((3, planes.shape[1], width + smear + 1), np.float32)
    sums[..., 0] = 0
    columns = (np.arange(width + smear) + away - smear // 2) % width
    np.cumsum(planes[..., columns], axis=2, out=sums[..., 1:])
    np.subtract(sums[..., smear + 1 :], sums[..., 1 : width + 1], out=planes)
    planes *= np.float32(1 / smear)
