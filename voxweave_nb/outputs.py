"""Where finished files land: their names, and the move from a private folder that makes them whole or absent."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import ConfigError
from .models import Cue, SubtitleLook, SubtitleMode
from .request import VideoRequest

__all__ = ["Parts", "Published", "embed", "publish", "work_folder"]

_PREFIX = ".voxweave-"
_STALE = 24 * 3600.0

_LARGEST_KEPT = 5_000_000
"""How many bytes of unreadable subtitles are kept beside the video."""


@dataclass(frozen=True)
class Parts:
    """What is finished in the work folder.

    Attributes:
        video: The video.
        cues: The captions.
        mode: Where they went.
        poster: The poster, or None.
        unread: Subtitles that could not be read, to be kept as they came, or None.
    """

    video: Path
    cues: Sequence[Cue]
    mode: SubtitleMode
    poster: Path | None = None
    unread: Path | str | None = None


@dataclass(frozen=True)
class Published:
    """Where the finished files are now."""

    video: Path
    captions: Path | None
    poster: Path | None


@contextlib.contextmanager
def work_folder(output_dir: Path) -> Iterator[Path]:
    """A private folder inside the output folder, so that a finished file only has to be renamed.

    Raises:
        ConfigError: The output folder cannot be made or written to.
    """
    try:
        output_dir.mkdir(parents=True, exist_ok=True)
        _sweep(output_dir)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=output_dir)).resolve()
    except OSError as error:
        raise ConfigError(
            f"The output folder {output_dir} cannot be written to ({error.strerror}). Choose another one with "
            "output_dir=... or VOXWEAVE_OUTPUT_DIR."
        ) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(output_dir: Path) -> None:
    """Removes work folders that a killed process left behind more than a day ago."""
    for old in output_dir.glob(f"{_PREFIX}*"):
        if old.is_dir() and time.time() - old.stat().st_mtime > _STALE:
            shutil.rmtree(old, ignore_errors=True)


def publish(parts: Parts, output_dir: Path, request: VideoRequest) -> Published:
    """Moves the finished files to names of their own; nothing that exists is replaced."""
    stem = _stem(request)
    names = itertools.chain([stem], (f"{stem}-{count}" for count in itertools.count(2)))
    candidates = (output_dir / (name + parts.video.suffix) for name in names)
    video = next(path for path in candidates if _claim(parts.video, path))
    captions = _write_captions(parts, video)
    poster = video.with_suffix(".jpg") if parts.poster else None
    if parts.poster and poster:
        parts.poster.replace(poster)
    return Published(video, captions, poster)


def _claim(source: Path, target: Path) -> bool:
    """Gives a file its final name unless that is taken; the name never stands for half a file."""
    try:
        os.link(source, target)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.EXDEV, errno.ENOSYS):
            raise
        if target.exists():
            return False
        source.replace(target)
    else:
        source.unlink()
    return True


def _write_captions(parts: Parts, video: Path) -> Path | None:
    if parts.unread is not None:
        _keep(parts.unread, video)
    if not parts.cues or parts.mode is SubtitleMode.NONE:
        return None
    from .media.subtitles import write_subtitles

    captions = video.with_suffix(".vtt")
    _write_whole(captions, write_subtitles(parts.cues, "webvtt"))
    if parts.mode is SubtitleMode.SIDECAR:  # players pick up an .srt of the video's name by themselves
        _write_whole(video.with_suffix(".srt"), write_subtitles(parts.cues, "srt"))
    return captions


def _write_whole(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8", newline="\n")
    partial.replace(path)


def _keep(unread: Path | str, video: Path) -> None:
    if isinstance(unread, str):
        _write_whole(video.with_suffix(".subtitles.txt"), unread[:_LARGEST_KEPT])
    elif unread.stat().st_size <= _LARGEST_KEPT:
        shutil.copyfile(unread, video.with_name(f"{video.stem}.subtitles{unread.suffix or '.txt'}"))


def _stem(request: VideoRequest) -> str:
    name = re.sub(r"[^\w]+", "-", request.narration.stem).strip("-_")[:60] or "narration"
    return f"{name}-{request.config.style}-{time.strftime('%Y%m%d-%H%M%S')}"


async def embed(
    video: Path, subtitles: Path | str, to: Path, mode: SubtitleMode, look: SubtitleLook
) -> tuple[str, ...]:
    """Puts subtitles into a video of its own name; returns the warnings."""
    from .media.assemble import embed_subtitles
    from .media.subtitles import read_subtitles

    read = read_subtitles(subtitles)
    with work_folder(to.absolute().parent) as work:
        target = work / f"embedded{to.suffix}"
        done = await embed_subtitles(video, read.cues, mode=mode, look=look, work=work, to=target)
        parts = Parts(done.path, read.cues, done.subtitle_mode)
        if not _claim(parts.video, to):
            raise FileExistsError(f"{to} exists. Name a file that does not exist yet.")
        if done.subtitle_mode is SubtitleMode.SIDECAR:
            _write_captions(parts, to)
    return (*read.warnings, *done.warnings)
