"""The names of a video's renditions: copies beside it, for pages that cannot decode the video itself.

A name holds the video's whole name and a fingerprint of its contents. So a rendition is found again without opening it,
never taken for another video, and made anew once the video has changed.
"""

from __future__ import annotations

import glob
import hashlib
from pathlib import Path

from .models import VideoFormat

__all__ = ["rendition_path", "renditions_of"]

_SAMPLED = 65_536  # bytes at either end of a video that its fingerprint covers


def rendition_path(video: Path, format: VideoFormat = VideoFormat.MP4) -> Path:
    """Return where the rendition of a video is, or will be: `talk.mp4.rendition-1f2e3d4c.mp4`.

    Raises:
        OSError: The video cannot be read.
    """
    with video.open("rb") as file:
        status = video.stat()
        digest = hashlib.sha256(f"{status.st_size} {status.st_mtime_ns}".encode())
        digest.update(file.read(_SAMPLED))
        file.seek(max(0, status.st_size - _SAMPLED))
        digest.update(file.read(_SAMPLED))
    return video.with_name(f"{video.name}.rendition-{digest.hexdigest()[:8]}.{format.value}")


def renditions_of(video: Path) -> tuple[Path, ...]:
    """Return the renditions of a video that exist, also those of its earlier contents."""
    pattern = f"{glob.escape(video.name)}.rendition-????????."
    found = (path for each in VideoFormat for path in video.parent.glob(pattern + each.value))
    return tuple(sorted(found))
