"""Captions as a person sees them, measured in screenshots: browsers tell no script where they paint them."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Painted:
    """The captions in a frame, or none where `rows` is empty."""

    rows: tuple[int, ...]
    """The height of each row of letters in pixels, from the top."""
    clear: float
    """The space between the lowest letter and the frame's edge, as a share of the frame's height."""


def painted(frame: Any, hide: Callable[[], object]) -> Painted:
    """Measure the captions of a paused video by what vanishes when they are hidden.

    Args:
        frame: The locator of what a person sees of the video.
        hide: Called to hide the captions.
    """
    shown = _pixels(frame)
    hide()
    hidden = _pixels(frame)
    # Letters are nearly white; compression and the browser's scaling change a pixel by less than 30 of 255.
    letters = (np.abs(shown - hidden).max(axis=2) > 30) & (shown.min(axis=2) > 170)
    inked = letters.any(axis=1)
    runs = [(inky, len(list(run))) for inky, run in itertools.groupby(inked.tolist())]
    rows = tuple(height for inky, height in runs if inky and height >= 5)
    below = len(inked) - 1 - int(np.flatnonzero(inked)[-1]) if rows else 0
    return Painted(rows, below / len(inked))


def _pixels(frame: Any) -> NDArray[np.int16]:
    with av.open(io.BytesIO(frame.screenshot())) as png:
        return next(png.decode(video=0)).to_ndarray(format="rgb24").astype(np.int16)
