"""Measurements of a video's frames for its flags: each check takes frame by frame and keeps a few numbers."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..media.survey import Bytes, Floats, SmallFrame
from ..models import Cue, SubtitleLook
from .flashes import luminance_of

__all__ = [
    "CaptionContrast",
    "Cuts",
    "Flicker",
    "Sharpness",
    "Stills",
    "caption_contrast",
    "edge_width",
]

_BLACK_LUMA = 15
"""Brightness of 255 up to which a pixel counts as black: 6 %, as text on a dark screen is far above it."""

_BLACK_PART = 0.98  # of the pixels; a light in the distance takes more than the rest

# Codecs redraw a still part at each key frame a little differently, which nobody sees.
_STILL_MEAN, _STILL_BLOCK, _BLOCK = 1.0, 6.0, 10

# A change of the whole frame's brightness from which an alternation is seen, of 255.
_FLICKER_CHANGE = 3.0

# Mean change of 255, times the change of the frames around it, and the correlation from which it is the same scene.
_CUT_CHANGE, _CUT_ALONE, _CUT_LIKENESS = 10.0, 3.0, 0.7

# An edge is judged within 16 pixels, if its contrast is not lost in noise; a frame with few edges is not judged.
_REACH, _EDGE_CONTRAST, _FEWEST_EDGES, _SHARPEST, _EVERY_ROW = 16, 40, 60, 5.0, 4

_CAPTION_ROWS, _CAPTION_COLUMNS = (0.78, 0.95), (0.15, 0.85)
_CAPTION_PART = 0.25  # the part of the frame, at the bottom, in which burnt-in captions stand

# Luminance of the box and outline that burning in draws, and the part of a letter's surroundings that they cover. The
# outline and the shadow together are about 0.0045 of the frame's height wide, and a stroke is 0.0055: within a stroke's
# width of a letter, the scene is left two fifths.
_DARK, _OUTLINE_COVERS, _BOX_COVERS = 0.005, 0.6, 0.65


class Stills:
    """The longest time without movement, and the longest time of black.

    A frame is compared with the first one of the still time, so that a slow movement counts as one.

    Args:
        burnt: Captions are part of the frames: the lower part is not looked at.

    Attributes:
        frozen: Seconds, without black ones.
        black: Seconds.
    """

    def __init__(self, *, burnt: bool = False) -> None:
        self.frozen = self.black = 0.0
        self._burnt = burnt
        self._first: npt.NDArray[np.int16] | None = None
        self._still_from = self._black_from = 0.0
        self._is_black = False

    def add(self, frame: SmallFrame) -> None:
        """Take the next frame."""
        black = bool((frame.luma <= _BLACK_LUMA).mean() >= _BLACK_PART)
        self.finish(frame.time)
        if black and not self._is_black:
            self._black_from = frame.time
        luma = _above_captions(frame.luma, self._burnt).astype(np.int16)
        if self._first is None or black or self._is_black or _moved(self._first, luma):
            self._first, self._still_from = luma, frame.time
        self._is_black = black

    def finish(self, end: float) -> None:
        """Count the last frame until `end`, in seconds."""
        if self._first is None:
            return
        if self._is_black:
            self.black = max(self.black, end - self._black_from)
        else:
            self.frozen = max(self.frozen, end - self._still_from)


def _moved(first: npt.NDArray[np.int16], luma: npt.NDArray[np.int16]) -> bool:
    if first.shape != luma.shape:
        return True
    change = np.abs(luma - first)
    if change.mean() >= _STILL_MEAN:
        return True
    height, width = (side // _BLOCK * _BLOCK for side in change.shape)
    blocks = change[:height, :width].reshape(height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK)
    return bool(blocks.mean(axis=(1, 3)).max(initial=0) >= _STILL_BLOCK)


def _above_captions(luma: Bytes, burnt: bool) -> Bytes:
    return luma[: round(len(luma) * (1 - _CAPTION_PART))] if burnt else luma


class Flicker:
    """How often the brightness of the whole frame goes up and down in one second, at most.

    Attributes:
        most: Pairs of opposing changes in one second.
    """

    def __init__(self) -> None:
        self.most = 0
        self._low = self._high = float("nan")
        self._direction = 0
        self._events: deque[float] = deque()

    def add(self, frame: SmallFrame) -> None:
        """Take the next frame."""
        mean = float(frame.luma.mean())
        self._low, self._high = min(mean, self._low), max(mean, self._high)
        if mean - self._low >= _FLICKER_CHANGE and self._direction <= 0:
            self._direction, self._high = 1, mean
        elif self._high - mean >= _FLICKER_CHANGE and self._direction >= 0:
            self._direction, self._low = -1, mean
        else:
            return
        self._events.append(frame.time)
        while frame.time - self._events[0] >= 1.0 - 1e-3:
            self._events.popleft()
        self.most = max(self.most, len(self._events) // 2)


class Cuts:
    """The most cuts within a window of time.

    A cut is one frame that differs a lot from the one before, with little change around it: a fast movement lasts
    longer, a disturbed frame changes twice, and a change of brightness keeps what is in the frame.

    Args:
        window: Seconds.

    Attributes:
        most: Number of cuts.
    """

    def __init__(self, window: float) -> None:
        self.most = 0
        self._window = window
        self._before: Floats | None = None
        self._change, self._candidate = 0.0, -1.0
        self._events: deque[float] = deque()

    def add(self, frame: SmallFrame) -> None:
        """Take the next frame."""
        luma, before = frame.luma.astype(np.float32), self._before
        self._before = luma
        if before is None or before.shape != luma.shape:
            return
        change = float(np.abs(luma - before).mean())
        if self._candidate >= 0 and self._change >= _CUT_ALONE * change:
            self._count(self._candidate)
        cut = (
            change >= max(_CUT_CHANGE, _CUT_ALONE * self._change) and _likeness(before, luma) < _CUT_LIKENESS
        )
        self._change, self._candidate = change, frame.time if cut else -1.0

    def _count(self, time: float) -> None:
        self._events.append(time)
        while time - self._events[0] >= self._window:
            self._events.popleft()
        self.most = max(self.most, len(self._events))


def _likeness(first: Floats, second: Floats) -> float:
    """Return the correlation of two frames, -1 to 1; 1 if one of them is empty."""
    first, second = first - first.mean(), second - second.mean()
    spread = float(np.sqrt(np.square(first).mean() * np.square(second).mean()))
    return float((first * second).mean()) / spread if spread >= 1 else 1.0


class Sharpness:
    """The width of the sharpest edges, in pixels of a frame of at most 640.

    Args:
        burnt: Captions are part of the frames: the lower part is not looked at.
    """

    def __init__(self, *, burnt: bool = False) -> None:
        self._burnt = burnt
        self._widths: deque[float] = deque(maxlen=20_000)

    def add(self, frame: SmallFrame) -> None:
        """Take the next frame; only those with `detail` count."""
        if frame.detail is None:
            return
        width = edge_width(_above_captions(frame.detail, self._burnt))
        if width is not None:
            self._widths.append(width)

    @property
    def edge(self) -> float:
        """The median over the frames that can be judged; 0 without any."""
        return float(np.median(self._widths)) if self._widths else 0.0


def edge_width(luma: Bytes) -> float | None:
    """Return how many pixels the sharpest edges of a frame take to go from dark to bright, 1 to 15.

    An edge's width is its contrast over its steepest step; the sharpest twentieth decides, so that a soft background
    behind a sharp subject is not called blurred.

    Returns:
        Pixels, or None for a frame with too few edges.
    """
    found = np.concatenate([_edge_widths(luma), _edge_widths(luma.T)])
    return float(np.percentile(found, _SHARPEST)) if len(found) >= _FEWEST_EDGES else None


def _edge_widths(luma: Bytes) -> Floats:
    """Return the widths of the steepest edges along some of the rows, one in `_REACH` pixels."""
    rows = luma[::_EVERY_ROW].astype(np.int16)
    steps = np.abs(np.diff(rows, axis=1))
    count = steps.shape[1] // _REACH
    parts = steps[:, : count * _REACH].reshape(len(rows), count, _REACH)
    steepest = parts.max(axis=2, initial=0)
    row, part = np.nonzero(steepest * _REACH >= _EDGE_CONTRAST)
    place = part * _REACH + parts[row, part].argmax(axis=1)
    # An edge may reach into the next part: look around its steepest step.
    around = place[:, None] + np.arange(-_REACH // 2 + 1, _REACH // 2 + 1)
    near = rows[row[:, None], around.clip(0, rows.shape[1] - 1)]
    contrast = near.max(axis=1, initial=0) - near.min(axis=1, initial=255)
    widths: Floats = (contrast / steepest[row, part])[contrast >= _EDGE_CONTRAST].astype(np.float32)
    return widths


class CaptionContrast:
    """The contrast of white captions with what they stand on, and how long it is too low.

    Args:
        cues: The captions, in order.
        look: How burning in draws them.
        least: The contrast ratio below which they count as hard to read, 1 to 21.

    Attributes:
        lowest: The lowest contrast ratio so far; 21 without captions.
        seconds: Seconds for which captions were below `least`.
    """

    def __init__(self, cues: Sequence[Cue], look: SubtitleLook, least: float) -> None:
        self.lowest, self.seconds = 21.0, 0.0
        self._cues, self._look, self._least = cues, look, least
        self._next = 0
        self._below_from: float | None = None

    def add(self, frame: SmallFrame) -> None:
        """Take the next frame."""
        if self._below_from is not None:
            self.seconds += frame.time - self._below_from
            self._below_from = None
        while self._next < len(self._cues) and self._cues[self._next].end <= frame.time:
            self._next += 1
        if self._next == len(self._cues) or self._cues[self._next].start > frame.time:
            return
        contrast = caption_contrast(frame.light, self._look)
        self.lowest = min(self.lowest, contrast)
        if contrast < self._least:
            self._below_from = frame.time


def caption_contrast(light: Floats, look: SubtitleLook) -> float:
    """Return the contrast ratio of white letters, 1 to 21, with what is near them at the place of the captions.

    Captions that are burnt in already cover the smaller part of that place, so its median is that of the scene.

    Source: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
    """
    height, width = light.shape[1:]
    top, bottom = (round(part * height) for part in _CAPTION_ROWS)
    left, right = (round(part * width) for part in _CAPTION_COLUMNS)
    scene = float(np.median(luminance_of(light[:, top:bottom, left:right])))
    if look is SubtitleLook.OUTLINE:
        behind = (1 - _OUTLINE_COVERS) * scene + _OUTLINE_COVERS * _DARK
    else:  # players and FFmpeg mix the values of a translucent box, not the light
        behind = ((1 - _BOX_COVERS) * scene ** (1 / 2.2) + _BOX_COVERS * _DARK ** (1 / 2.2)) ** 2.2
    return float(1.05 / (behind + 0.05))
