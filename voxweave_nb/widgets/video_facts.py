"""What a page has to know of a video before it plays it: size, codecs, captions, files and their places."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypedDict

from ..environment import front_end, notebook_folder
from ..errors import VoxweaveError
from ..models import Cue, SubtitleMode
from ..result import GeneratedVideo
from ..timecode import parse_time

__all__ = [
    "VideoExtras",
    "cues_for_page",
    "describe",
    "file_facts",
    "files_of",
    "first_cues",
    "places_of",
    "read_cues",
]

# Characters of captions in the widget's state; the page requests the rest.
_MOST_CHARACTERS = 12_000
# Bytes at a file's end by which the page recognises it on a server.
_TAIL = 32
_DEFAULT_FPS = 30.0
# An entry of a WebVTT file of thumbnails: start, end, and the rectangle in the sprite.
_TILE = r"([\d:.]+)[ \t]+-->[ \t]+([\d:.]+)[^\n]*\n[^\n#]*#xywh=(\d+),(\d+),(\d+),(\d+)"


class VideoExtras(TypedDict, total=False):
    """What a result already has and a path needs; see `Player`."""

    captions: str | os.PathLike[str] | Sequence[Cue] | None
    poster: str | os.PathLike[str] | None
    title: str | None
    settings: str | None
    sprite: str | os.PathLike[str] | None
    thumbnails: str | os.PathLike[str] | None
    chapters: str | os.PathLike[str] | None


def describe(
    paths: dict[str, Path],
    result: GeneratedVideo | None,
    cues: int,
    *,
    title: str | None = None,
    settings: str | None = None,
) -> dict[str, Any]:
    """Return a video's description for the page, the `Facts` of `static/source.js`.

    Args:
        paths: The existing files by name, as `files_of` returns them.
        result: The result, or None for a file.
        cues: The number of captions.
        title: Shown below the video; None takes the prompt, or the file's name.
        settings: The line of Python to copy; None takes the result's.
    """
    path = paths["video"]
    config = result.provenance.config if result else None
    width, height, duration, fps, codecs = measure(path, result)
    return {
        "title": title if title is not None else (config.prompt if config else "") or path.stem,
        "settings": settings if settings is not None else repr(config) if config else "",
        **file_facts(path), "codecs": codecs, "width": width, "height": height,
        "duration": duration, "fps": fps,
        "burnt": result is not None and result.subtitle_mode is SubtitleMode.BURN,
        "cues": cues,
        "files": {name: {"name": each.name, "places": places_of(each)} for name, each in paths.items()},
        "tiles": tiles_of(paths.get("thumbnails")) if "sprite" in paths else [],
        "chapters": chapters_of(paths.get("chapters")),
    }  # fmt: skip


def files_of(path: Path, result: GeneratedVideo | None, extras: VideoExtras) -> dict[str, Path]:
    """Return the existing files of a video by their names in the page: video, captions, poster, chapters and so on."""
    captions = extras.get("captions")
    found = {
        "video": path,
        "captions": result.captions
        if result
        else captions
        if isinstance(captions, str | os.PathLike)
        else None,
        "poster": extras.get("poster") or (result and result.poster),
        "sprite": extras.get("sprite") or getattr(result, "sprite", None),
        "thumbnails": extras.get("thumbnails") or getattr(result, "thumbnails", None),
        "chapters": extras.get("chapters") or getattr(result, "chapters", None),
    }
    paths = {name: Path(os.fspath(each)).expanduser() for name, each in found.items() if each}
    return {name: each for name, each in paths.items() if each.is_file()}


def first_cues(cues: tuple[Cue, ...]) -> tuple[Cue, ...]:
    """Return as many cues as the widget's state may hold."""
    characters = 0
    for place, cue in enumerate(cues):
        characters += len(cue.text) + 20  # two times and the brackets
        if characters > _MOST_CHARACTERS:
            return cues[:place]
    return cues


def cues_for_page(cues: Sequence[Cue]) -> list[list[Any]]:
    """Return cues as lists of start and end in seconds, and text."""
    return [[cue.start, cue.end, cue.text] for cue in cues]


def read_cues(
    result: GeneratedVideo | None, captions: str | os.PathLike[str] | Sequence[Cue] | None
) -> tuple[Cue, ...]:
    """Return the captions that were given: a file, cues, or those of the result.

    Raises:
        SubtitleError: The file cannot be read.
    """
    if captions is None:
        return tuple(result.cues) if result else ()
    if isinstance(captions, str | os.PathLike):
        from ..media.subtitles import read_subtitles

        return tuple(read_subtitles(captions if isinstance(captions, str) else Path(captions)).cues)
    return tuple(captions)


def file_facts(path: Path) -> dict[str, Any]:
    """Return what the page has to know of a video's file: media type, size in bytes, and its last bytes."""
    kind = "video/webm" if path.suffix.lower() in (".webm", ".mkv") else "video/mp4"
    return {"mime": kind, "size": path.stat().st_size, "tail": _tail(path)}


def measure(path: Path, result: GeneratedVideo | None) -> tuple[int, int, float, float, dict[str, str]]:
    """Return width, height, duration in seconds, frames per second and the names of the codecs."""
    from ..media.probe import probe

    try:
        info = probe(path)
    except VoxweaveError:  # the browser may still be able to play it
        if result is None:
            return 16, 9, 0.0, _DEFAULT_FPS, {}
        return result.width, result.height, result.duration, _DEFAULT_FPS, {}
    stream = info.video
    codecs = {"audio": info.audio.codec} if info.audio else {}
    if stream is None or not stream.width:
        return 16, 9, info.duration, _DEFAULT_FPS, codecs
    codecs["video"] = stream.codec
    return stream.width, stream.height, info.duration, stream.fps or _DEFAULT_FPS, codecs


def _tail(path: Path) -> str:
    """Return the file's last bytes in hexadecimal."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        return file.read(_TAIL).hex()


def places_of(path: Path) -> list[str]:
    """Return paths of a file relative to the notebook's folder, by the session's name and by the working folder.

    Empty for a page that has no server to ask for them.
    """
    if not front_end().serves_files:
        return []
    found: dict[str, None] = {}
    for folder in (notebook_folder(), Path.cwd()):
        try:
            found[Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()] = None
        except ValueError:  # on another drive
            continue
    return list(found)


def tiles_of(thumbnails: Path | None) -> list[list[float]]:
    """Return start, end, x, y, width and height of each thumbnail: seconds, and pixels of the sprite."""
    if thumbnails is None:
        return []
    text = thumbnails.read_text("utf-8", "replace").replace("\r\n", "\n")
    return [
        [parse_time(start) or 0.0, parse_time(end) or 0.0, *map(float, box)]
        for start, end, *box in re.findall(_TILE, text)
    ]


def chapters_of(track: Path | None) -> list[list[Any]]:
    """Return the chapters of a WebVTT track as lists of start and end in seconds, and title.

    Raises:
        SubtitleError: The file cannot be read.
    """
    return cues_for_page(read_cues(None, track)) if track else []
