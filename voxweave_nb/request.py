"""The checked input of one video: `VideoRequest`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .config import VideoConfig

__all__ = ["VideoRequest"]


@dataclass(frozen=True, slots=True)
class VideoRequest:
    """The checked input of one video, before the job starts.

    Attributes:
        narration: The audio file.
        subtitles: A subtitle file, the text of one, or None.
        config: The video's options.
    """

    narration: Path
    subtitles: Path | str | None
    config: VideoConfig
