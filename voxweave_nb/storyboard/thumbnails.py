"""Thumbnails of scenes: of a take, of one's own image or clip, or of the draft. They are kept in the board."""

from __future__ import annotations

import base64
import os
from functools import lru_cache
from pathlib import Path

from ..errors import MediaError
from ..result import GeneratedVideo
from .folder import BoardFolder
from .scene import SceneRecord

__all__ = ["draft_thumbnail", "film_poster", "own_thumbnail", "small_thumbnail", "take_thumbnail"]

_WIDTH, _POSTER = 320, 960
_AT = 0.4  # share of a clip at which its thumbnail is taken


def take_thumbnail(folder: BoardFolder, file: str, seconds: float) -> Path | None:
    """Return the JPEG of a take, made at the first call; None if its file is gone or cannot be read.

    Args:
        folder: The board's folder.
        file: The take's file name.
        seconds: Its length in seconds.
    """
    return _kept(folder, folder.takes / file, _AT * seconds)


def own_thumbnail(folder: BoardFolder, scene: SceneRecord) -> Path | None:
    """Return the JPEG of the image or clip of one's own that a scene shows, or None."""
    if not scene.own:
        return None
    return _kept(folder, folder.own / scene.own, None if scene.still and not scene.clip else 0.5)


def draft_thumbnail(folder: BoardFolder, film: GeneratedVideo, scene: SceneRecord) -> Path | None:
    """Return the JPEG of a film at the middle of a scene, or None if the film ends before or cannot be read."""
    at = (scene.start + scene.end) / 2
    return _kept(folder, film.path, at) if at < film.duration else None


def film_poster(folder: BoardFolder, film: GeneratedVideo) -> Path | None:
    """Return the poster of a film; of an animatic, which has none, a frame of it."""
    return film.poster or _kept(folder, film.path, _AT * film.duration, _POSTER)


def small_thumbnail(path: Path, width: int) -> str:
    """Return a JPEG as a small `data:` URL, or an empty text if it cannot be read.

    Args:
        path: The JPEG.
        width: The largest width in pixels.
    """
    try:
        status = path.stat()
        return _encoded(path, (status.st_mtime_ns, status.st_size), width)
    except (OSError, MediaError):
        return ""


@lru_cache(maxsize=512)
def _encoded(path: Path, _version: tuple[int, int], width: int) -> str:
    from ..media.poster import tiny_still

    content = base64.b64encode(tiny_still(path, width=width, quality=50)).decode("ascii")
    return f"data:image/webp;base64,{content}"


def _kept(folder: BoardFolder, source: Path, at: float | None, width: int = _WIDTH) -> Path | None:
    """Return the thumbnail of a file at a time in seconds, None for an image; it is made once."""
    try:
        status = source.stat()
        moment = "" if at is None else f"-{at:.1f}"
        name = f"{source.stem[:40]}-{status.st_mtime_ns:x}-{status.st_size:x}{moment}-{width}.jpg"
        to = folder.path / "cache" / "thumbnails" / name
        if not to.is_file():
            to.parent.mkdir(parents=True, exist_ok=True)
            partial = to.with_name(f".{os.getpid()}-{name}")
            _write(source, at, partial, width)
            partial.replace(to)
    except (OSError, MediaError):
        return None
    return to


def _write(source: Path, at: float | None, to: Path, width: int) -> None:
    from ..media.decode import DAMAGED, open_media
    from ..media.poster import frame_at, rgb_frame, write_still
    from ..media.stills import open_image

    try:
        if at is None:
            write_still(rgb_frame(open_image(source)), to, width=width)
            return
        with open_media(source) as container:
            frames = frame_at(container, at)
            if not frames:
                raise MediaError(f"No frame of {source.name} could be read.")
            write_still(frames[-1], to, width=width)
    except DAMAGED as error:
        raise MediaError(f"{source.name} could not be read: {error}") from error
