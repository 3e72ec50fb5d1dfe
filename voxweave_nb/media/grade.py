"""The colours of a clip: measured, and matched to those of another.

Clips that continue each other drift in colour and contrast from one to the next. Each is matched to the first of its
chain: the one before would hand its own drift on.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Colors", "last_frame", "measure_colors"]


@dataclass(frozen=True, slots=True)
class Colors:
    """The colours of a clip: mean and spread of brightness (Y) and of both colour differences (Cb, Cr), 0 to 255."""

    means: tuple[float, float, float]
    spreads: tuple[float, float, float]


def measure_colors(video: Path) -> Colors:
    """Measure a video's colours in a few frames.

    Raises:
        MediaError: The file is not a video.
    """
    raise NotImplementedError


def last_frame(video: Path, to: Path, *, at: float | None = None, colors: Colors | None = None) -> Path:
    """Write a frame of a video as a PNG, as it is shown: the reference image for a clip that continues it.

    Args:
        video: The video.
        to: The PNG file.
        at: The end of what is used of the video, in seconds; None for its own end.
        colors: Colours to match the frame to, or None.

    Raises:
        MediaError: The file is not a video.
    """
    raise NotImplementedError
