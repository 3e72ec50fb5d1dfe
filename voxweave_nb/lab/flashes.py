"""Counting flashes as WCAG 2.2 defines them, for success criterion 2.3.1 ("Three Flashes or Below Threshold").

A general flash is a pair of opposing changes of relative luminance by 10 % or more of the maximum, where the darker
state is below 0.80. A red flash is a pair of opposing transitions to or from a saturated red, which has
R / (R + G + B) >= 0.8, with a difference of more than 0.2 in the CIE 1976 UCS diagram. A video passes with at most
three of them in any one second, or if those that happen together take no more than a quarter of every field of
10 degrees, which is 341 x 256 pixels where the screen has 1024 x 768.

Flashes are counted at each place of the frame; the frame is taken to fill the screen. Something bright that moves, and
a cut, change each place once or twice and are no flashing.

Source: https://www.w3.org/TR/WCAG22/#dfn-general-flash-and-red-flash-thresholds
"""

from __future__ import annotations

from collections import deque

import numpy as np
import numpy.typing as npt

__all__ = ["MOST_FLASHES", "FlashCounter", "luminance_of"]

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

MOST_FLASHES = 3
"""Flashes in one second that WCAG allows."""

_CHANGE = np.float32(0.1)  # of relative luminance
_BRIGHT = np.float32(0.8)  # the darker state of a flash is below it
_RED_SHARE = np.float32(0.8)
_RED_CHANGE = np.float32(0.2)  # in the CIE 1976 UCS diagram
_AREA = 0.25  # of a field of 10 degrees
_FIELD, _SCREEN = (341, 256), (1024, 768)
_SECOND = 1.0 - 1e-3  # two events a second apart, with rounded times, are not within one second

# Stray light of a screen, as part of full white: it keeps the noise of dark places from having a colour.
_FLARE = np.float32(0.003)
_TO_X = np.array([0.4124, 0.3576, 0.1805], np.float32)
_TO_Y = np.array([0.2126, 0.7152, 0.0722], np.float32)
_TO_Z = np.array([0.0193, 0.1192, 0.9505], np.float32)
_PURE_RED = (np.float32(0.4507), np.float32(0.5229))


def luminance_of(light: Floats) -> Floats:
    """Return the relative luminance, 0 to 1, of linear red, green and blue of shape (3, height, width)."""
    luminance: Floats = light[0] * _TO_Y[0] + light[1] * _TO_Y[1] + light[2] * _TO_Y[2]
    return luminance


class FlashCounter:
    """The most flashes of either kind in any one second of a video, over a large enough area.

    Attributes:
        general: The most general flashes in one second so far, or 0 while there are no more than `MOST_FLASHES`.
        red: The most red flashes, likewise.
    """

    def __init__(self) -> None:
        self.general = self.red = 0
        self._brightness: _Brightness | None = None
        self._redness: _Redness | None = None
        self._general, self._red = _LastSecond(), _LastSecond()

    def add(self, time: float, light: Floats) -> None:
        """Take the next frame.

        Args:
            time: Seconds from the start of the video, rising.
            light: Linear red, green and blue, 0 to 1, of shape (3, height, width).
        """
        luminance = luminance_of(light)
        if self._brightness is None or self._redness is None or self._brightness.shape != luminance.shape:
            # A frame of another size, as in a damaged file, starts anew.
            self._brightness, self._redness = _Brightness(luminance), _Redness(light)
            self._general, self._red = _LastSecond(), _LastSecond()
            return
        self.general = self._general.add(time, self._brightness.changed(luminance), self.general)
        self.red = self._red.add(time, self._redness.changed(light, luminance), self.red)


class _Brightness:
    """The peaks and valleys of the luminance of each place."""

    def __init__(self, luminance: Floats) -> None:
        self.shape = luminance.shape
        self._low, self._high = luminance.copy(), luminance.copy()
        self._direction = np.zeros(luminance.shape, np.int8)

    def changed(self, luminance: Floats) -> Mask:
        """Return where the luminance has just risen or fallen by the threshold since the last valley or peak."""
        low, high = np.minimum(self._low, luminance), np.maximum(self._high, luminance)
        up = (luminance - low >= _CHANGE) & (low < _BRIGHT) & (self._direction <= 0)
        down = (high - luminance >= _CHANGE) & (luminance < _BRIGHT) & (self._direction >= 0)
        self._low, self._high = np.where(down, luminance, low), np.where(up, luminance, high)
        self._direction[up], self._direction[down] = 1, -1
        changed: Mask = up | down
        return changed


class _Redness:
    """The changes of each place between saturated red and other colours."""

    def __init__(self, light: Floats) -> None:
        u, v, red = _chromaticity(light, luminance_of(light))
        self._state = (u, v)  # the extreme since the last transition
        self._red = red

    def changed(self, light: Floats, luminance: Floats) -> Mask:
        """Return where a saturated red has just come or gone."""
        u, v, red = _chromaticity(light, luminance)
        if not (red.any() or self._red.any()):
            # Nothing is red: keep what is the farthest from it.
            farther = _redder(self._state, (u, v))
            self._keep(farther, u, v)
            return np.zeros(red.shape, np.bool_)
        old_u, old_v = self._state
        far = np.square(u - old_u) + np.square(v - old_v) > _RED_CHANGE**2
        changed: Mask = far & (red != self._red)
        redder = _redder((u, v), self._state)
        self._keep(changed | np.where(self._red, redder, ~redder), u, v)
        self._red = np.where(changed, red, self._red)
        return changed

    def _keep(self, where: Mask, u: Floats, v: Floats) -> None:
        self._state = (np.where(where, u, self._state[0]), np.where(where, v, self._state[1]))


def _chromaticity(light: Floats, luminance: Floats) -> tuple[Floats, Floats, Mask]:
    """Return u' and v' of the CIE 1976 UCS diagram, and where the colour is a saturated red."""
    red, green, blue = light
    total = red + green + blue + 3 * _FLARE
    x = red * _TO_X[0] + green * _TO_X[1] + blue * _TO_X[2] + _FLARE * _TO_X.sum()
    y = luminance + _FLARE
    z = red * _TO_Z[0] + green * _TO_Z[1] + blue * _TO_Z[2] + _FLARE * _TO_Z.sum()
    whole = x + 15 * y + 3 * z
    return 4 * x / whole, 9 * y / whole, red + _FLARE >= _RED_SHARE * total


def _redder(first: tuple[Floats, Floats], second: tuple[Floats, Floats]) -> Mask:
    """Return where the first colour is nearer to pure red than the second."""
    near = [np.square(u - _PURE_RED[0]) + np.square(v - _PURE_RED[1]) for u, v in (first, second)]
    return np.asarray(near[0] < near[1])


class _LastSecond:
    """The transitions of each place within the last second."""

    def __init__(self) -> None:
        self._events: deque[tuple[float, Mask]] = deque()
        self._counts: npt.NDArray[np.int16] | None = None

    def add(self, time: float, changed: Mask, most: int) -> int:
        """Take a frame's transitions; return the most flashes in one second, at least `most`."""
        if self._counts is None:
            self._counts = np.zeros(changed.shape, np.int16)
        while self._events and time - self._events[0][0] >= _SECOND:
            self._counts -= self._events.popleft()[1]
        if not changed.any():
            return most
        self._events.append((time, changed))
        self._counts += changed
        flashes = self._counts // 2
        for count in range(max(most, MOST_FLASHES) + 1, int(flashes.max()) + 1):
            if not _fills_a_field(flashes >= count):
                break
            most = count
        return most


def _fills_a_field(mask: Mask) -> bool:
    """Return True if a mask takes more than a quarter of some field of 10 degrees."""
    height, width = mask.shape
    scale = min(_SCREEN[0] / width, _SCREEN[1] / height)
    high, wide = (max(1, round(side / scale)) for side in (_FIELD[1], _FIELD[0]))
    # A field may reach beyond a narrow frame, where nothing flashes.
    sums = np.zeros((height + 1, width + 1), np.int32)
    np.cumsum(np.cumsum(mask, axis=0), axis=1, out=sums[1:, 1:])
    rows, columns = min(high, height), min(wide, width)
    fields = sums[rows:, columns:] - sums[:-rows, columns:] - sums[rows:, :-columns] + sums[:-rows, :-columns]
    return bool(fields.max() > _AREA * high * wide)
