"""The newest film or animatic of a board, remembered in its folder, so that a view shows it on any later day."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import replace
from pathlib import Path

from ..errors import ConfigError
from ..result import GeneratedVideo
from .folder import BoardFolder

__all__ = ["film_record", "is_animatic", "newest_film", "remember_film"]


def film_record(folder: BoardFolder) -> Path:
    """Return the file that remembers the newest film; it may not exist."""
    return folder.path / "film.json"


def remember_film(folder: BoardFolder, video: GeneratedVideo) -> GeneratedVideo:
    """Remember a film as the newest one and return it; a disk that is full costs only the memory of it."""
    to = film_record(folder)
    partial = to.with_name(f".{to.name}.{os.getpid()}.partial")
    with contextlib.suppress(OSError):
        partial.write_text(json.dumps(video.as_dict(), ensure_ascii=False), encoding="utf-8", newline="\n")
        partial.replace(to)
    return video


def newest_film(folder: BoardFolder) -> GeneratedVideo | None:
    """Return the newest film or animatic, or None if there is none, or its file is gone. The board may have moved."""
    try:
        video = GeneratedVideo.from_dict(json.loads(film_record(folder).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ConfigError):
        return None
    for parent in (video.path.parent, folder.path, folder.path.parent):
        path = parent / video.path.name
        if path.is_file():
            return video if path == video.path else _moved(video, path.parent)
    return None


def is_animatic(folder: BoardFolder, video: GeneratedVideo) -> bool:
    """Return True for an animatic, False for a film."""
    return video.path.parent.resolve() == folder.path.resolve()


def _moved(video: GeneratedVideo, parent: Path) -> GeneratedVideo:
    """Return a video whose files lie in another folder now."""

    def there(path: Path | None) -> Path | None:
        found = None if path is None else parent / path.name
        return found if found is not None and found.is_file() else None

    return replace(
        video,
        path=parent / video.path.name,
        captions=there(video.captions),
        poster=there(video.poster),
        sprite=there(video.sprite),
        thumbnails=there(video.thumbnails),
        chapters=there(video.chapters),
    )
