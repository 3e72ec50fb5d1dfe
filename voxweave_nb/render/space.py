"""Space: places in three dimensions, the camera, and which pixels many shapes cover."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from .arrays import Planes, bound

__all__ = ["Camera", "Points", "Runs", "framed", "shadow"]

Points: TypeAlias = npt.NDArray[np.float32]
"""Places in space, shape (count, 3): to the right, up, towards the camera's first position."""


@dataclass(frozen=True)
class Camera:
    """A camera on a circle around its target, looking at it.

    Attributes:
        turn: Radians around the target.
        lift: Radians above the floor.
        away: Distance in units of space.
        zoom: Pixels per unit at a distance of one.
        x: Column of the target in the frame.
        y: Row of the target.
        target: A place in space.
    """

    turn: float
    lift: float
    away: float
    zoom: float
    x: float
    y: float
    target: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def see(self, points: Points) -> tuple[Points, Points, Points]:
        """Return columns, rows and distances of places; a distance under 0.05 is behind the camera."""
        p: Points = points - np.array(self.target, np.float32)
        ct, st = math.cos(self.turn), math.sin(self.turn)
        cl, sl = math.cos(self.lift), math.sin(self.lift)
        right: Points = p[:, 0] * np.float32(ct) - p[:, 2] * np.float32(st)
        deep: Points = p[:, 0] * np.float32(st) + p[:, 2] * np.float32(ct)
        up: Points = p[:, 1] * np.float32(cl) - deep * np.float32(sl)
        near: Points = deep * np.float32(cl) + p[:, 1] * np.float32(sl)
        away: Points = np.float32(self.away) - near
        scale = (np.float32(self.zoom) / np.maximum(away, np.float32(0.05))).astype(np.float32)
        x: Points = np.float32(self.x) + right * scale
        y: Points = np.float32(self.y) - up * scale
        return x, y, away

    @property
    def horizon(self) -> float:
        """The row of the floor at an infinite distance."""
        return self.y - self.zoom * math.tan(self.lift)


class Runs:
    """The pixels of a row or column that each of many shapes covers, concatenated.

    Args:
        middles: Centre of each shape along the axis, in pixels.
        reach: Half the length that each covers.
        length: Pixels of the axis, for all or for each.

    Attributes:
        first: Each shape's first pixel.
        count: Number of pixels that it covers; 0 outside the frame.
        start: Its offset in the concatenated arrays.
        away: Distance of each pixel from its shape's centre.
    """

    def __init__(self, middles: Points, reach: Points, length: int | npt.NDArray[np.intp]) -> None:
        self.first = np.maximum(np.floor(middles - reach), 0).astype(np.intp)
        last = np.minimum(np.ceil(middles + reach), length).astype(np.intp)
        self.count = np.maximum(last - self.first, 0)
        ends = np.cumsum(self.count)
        self.start = ends - self.count
        places = np.arange(int(ends[-1]) if len(ends) else 0) + self.spread(
            self.first - self.start + 0.5 - middles
        )
        self.away = places.astype(np.float32)

    def spread(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Repeat each shape's value for each of its pixels."""
        return np.repeat(values, self.count)


def shadow(planes: Planes, x: float, y: float, wide: float, tall: float, strength: float) -> None:
    """Darken a soft ellipse centred at (x, y), `wide` and `tall` pixels from its centre to its edge."""
    x0, x1 = max(0, math.floor(x - wide)), min(planes.shape[2], math.ceil(x + wide))
    y0, y1 = max(0, math.floor(y - tall)), min(planes.shape[1], math.ceil(y + tall))
    if x0 >= x1 or y0 >= y1:
        return
    dx = (np.arange(x0, x1, dtype=np.float32) + np.float32(0.5 - x)) / np.float32(wide)
    dy = (np.arange(y0, y1, dtype=np.float32) + np.float32(0.5 - y)) / np.float32(tall)
    fade = (1 - dx * dx)[None, :] - (dy * dy)[:, None]
    bound(fade)
    fade *= fade
    fade *= np.float32(-strength)
    fade += 1
    planes[:, y0:y1, x0:x1] *= fade


class _Path(Protocol):
    @property
    def away(self) -> float: ...


P = TypeVar("P", bound=_Path)


def framed(paths: Sequence[P], framing: str) -> tuple[P, ...]:
    """Return the camera paths of a framing, in their order; all paths for an empty one.

    Args:
        paths: Camera paths; `away` is the distance.
        framing: `"wide"` for the farthest third, `"detail"` for the nearest, `"medium"` for the rest.
    """
    if not framing:
        return tuple(paths)
    third = max(1, len(paths) // 3)
    far = sorted((path.away for path in paths), reverse=True)
    low, high = {
        "wide": (far[third - 1], far[0]),
        "medium": (far[-third - 1], far[third]),
        "detail": (far[-1], far[-third]),
    }[framing]
    return tuple(path for path in paths if low <= path.away <= high)
