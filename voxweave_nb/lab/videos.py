"""The videos of a lab: their records with relative paths, so that the folder can be moved and shared."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import VoxweaveError
from ..result import GeneratedVideo

__all__ = ["brought", "lies_in", "restored", "stored", "stored_files"]

_COMPANIONS = ("captions", "poster", "sprite", "thumbnails")


def stored(video: GeneratedVideo, folder: Path) -> dict[str, Any]:
    """Return a video's values with paths relative to the lab's folder, so that the folder can be moved."""
    values = video.as_dict()
    for name in ("path", *_COMPANIONS):
        if values.get(name):
            values[name] = Path(os.path.relpath(values[name], folder.absolute())).as_posix()
    return values


def restored(values: Mapping[str, Any], folder: Path, *, embed_limit: int) -> GeneratedVideo:
    """Return the video of values that `stored` returned. Its file may no longer exist.

    Raises:
        ValueError: The values are not those of a video.
    """
    paths = {name: str(folder / values[name]) for name in ("path", *_COMPANIONS) if values.get(name)}
    try:
        return GeneratedVideo.from_dict({**values, **paths}, embed_limit=embed_limit)
    except (KeyError, TypeError, VoxweaveError) as error:
        raise ValueError(f"a video's record is damaged: {error}") from error


def stored_files(values: Mapping[str, Any]) -> list[str]:
    """Return the paths in a video's record, the video first."""
    return [str(values[name]) for name in ("path", *_COMPANIONS) if values.get(name)]


def brought(video: GeneratedVideo, folder: Path) -> GeneratedVideo:
    """Copy a video and its companions into a folder; return the video there."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / video.path.name
    count = 1
    while target.exists() and not target.samefile(video.path):
        count += 1
        target = folder / f"{video.path.stem}-{count}{video.path.suffix}"
    if not target.exists():
        video.save(target)
    names = {
        name: target.with_name(target.stem + path.name.removeprefix(video.path.stem))
        for name in _COMPANIONS
        if (path := getattr(video, name)) is not None
    }
    there = {name: path if path.exists() else None for name, path in names.items()}
    return replace(
        video,
        path=target,
        captions=there.get("captions"),
        poster=there.get("poster"),
        sprite=there.get("sprite"),
        thumbnails=there.get("thumbnails"),
    )


def lies_in(path: Path, folder: Path) -> bool:
    """Return whether a file lies in a folder or below it."""
    try:
        path.resolve().relative_to(folder.resolve())
    except ValueError:
        return False
    return True
