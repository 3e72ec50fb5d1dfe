"""One video to make, checked and not yet started."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .config import VideoConfig

__all__ = ["VideoRequest"]


@dataclass(frozen=True, slots=True)
class VideoRequest:
    """One video to make: what is said, what is read, what is seen.

    Attributes:
        narration: The audio file.
        subtitles: A subtitle file, the text of one, or None.
        config: What the video shall be.
    """

    narration: Path
    subtitles: Path | str | None
    config: VideoConfig
