"""The output folder: file names, private work folders, and the move of finished files to their final names.

A file gets its final name only once it is complete, so a half-written video never has one.
"""

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

__all__ = ["FinishedFiles", "PublishedFiles", "embed", "publish", "work_folder"]

_WORK_PREFIX = ".voxweave-"
_STALE_SECONDS = 24 * 3600.0

_MAX_UNREADABLE_BYTES = 5_000_000
"""The most bytes of unreadable subtitles to keep beside the video."""


@dataclass(frozen=True)
class FinishedFiles:
    """The finished files in the work folder, ready to be published.

    Attributes:
        video: The video.
        cues: The captions.
        mode: The actual delivery of the captions.
        poster: The poster, or None.
        unreadable: Subtitles that could not be read, a file or text, to keep unchanged beside the video; or None.
    """

    video: Path
    cues: Sequence[Cue]
    mode: SubtitleMode
    poster: Path | None = None
    unreadable: Path | str | None = None


@dataclass(frozen=True)
class PublishedFiles:
    """The finished files under their final names in the output folder.

    Attributes:
        video: The video.
        captions: The WebVTT file, or None without captions.
        poster: The poster, or None.
    """

    video: Path
    captions: Path | None
    poster: Path | None


@contextlib.contextmanager
def work_folder(output_dir: Path) -> Iterator[Path]:
    """Create a private folder inside the output folder; it is deleted when the context ends.

    Finished files are then on the same file system as their final place, so moving them is a rename.

    Raises:
        ConfigError: The output folder cannot be created or written to.
    """
    try:
        output_dir.mkdir(parents=True, exist_ok=True)
        _delete_stale_work_folders(output_dir)
        folder = Path(tempfile.mkdtemp(prefix=_WORK_PREFIX, dir=output_dir)).resolve()
    except OSError as error:
        raise ConfigError(
            f"The output folder {output_dir} cannot be written to ({error.strerror}). Choose another folder with "
            "output_dir=... or VOXWEAVE_OUTPUT_DIR."
        ) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _delete_stale_work_folders(output_dir: Path) -> None:
    # A killed process cannot delete its folder. One that is a day old has no living owner.
    for old in output_dir.glob(f"{_WORK_PREFIX}*"):
        if old.is_dir() and time.time() - old.stat().st_mtime > _STALE_SECONDS:
            shutil.rmtree(old, ignore_errors=True)


def publish(files: FinishedFiles, output_dir: Path, request: VideoRequest) -> PublishedFiles:
    """Move finished files to new names in the output folder, without replacing any file."""
    stem = _file_stem(request)
    names = itertools.chain([stem], (f"{stem}-{count}" for count in itertools.count(2)))
    candidates = (output_dir / (name + files.video.suffix) for name in names)
    video = next(path for path in candidates if _move_unless_taken(files.video, path))
    captions = _write_captions(files, video)
    poster = video.with_suffix(".jpg") if files.poster else None
    if files.poster and poster:
        files.poster.replace(poster)
    return PublishedFiles(video, captions, poster)


def _move_unless_taken(source: Path, target: Path) -> bool:
    """Move a file to a new name; return False if the name is taken."""
    try:
        os.link(source, target)  # atomic, and fails if the target exists
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.EXDEV, errno.ENOSYS):
            raise
        if target.exists():  # this file system has no hard links
            return False
        source.replace(target)
    else:
        source.unlink()
    return True


def _write_captions(files: FinishedFiles, video: Path) -> Path | None:
    if files.unreadable is not None:
        _keep_unreadable_subtitles(files.unreadable, video)
    if not files.cues or files.mode is SubtitleMode.NONE:
        return None
    from .media.subtitles import write_subtitles

    captions = video.with_suffix(".vtt")
    _write_atomically(captions, write_subtitles(files.cues, "webvtt"))
    if files.mode is SubtitleMode.SIDECAR:  # players load an .srt file with the video's name by themselves
        _write_atomically(video.with_suffix(".srt"), write_subtitles(files.cues, "srt"))
    return captions


def _write_atomically(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8", newline="\n")
    partial.replace(path)


def _keep_unreadable_subtitles(subtitles: Path | str, video: Path) -> None:
    if isinstance(subtitles, str):
        _write_atomically(video.with_suffix(".subtitles.txt"), subtitles[:_MAX_UNREADABLE_BYTES])
    elif subtitles.stat().st_size <= _MAX_UNREADABLE_BYTES:
        shutil.copyfile(subtitles, video.with_name(f"{video.stem}.subtitles{subtitles.suffix or '.txt'}"))


def _file_stem(request: VideoRequest) -> str:
    name = re.sub(r"[^\w]+", "-", request.narration.stem).strip("-_")[:60] or "narration"
    return f"{name}-{request.config.style}-{time.strftime('%Y%m%d-%H%M%S')}"


async def embed(
    video: Path, subtitles: Path | str, to: Path, mode: SubtitleMode, look: SubtitleLook
) -> tuple[str, ...]:
    """Write a copy of a video with subtitles to a new file, and return the warnings.

    Args:
        video: The video.
        subtitles: A subtitle file, or the text of one.
        to: The new file, which must not exist.
        mode: The delivery of the subtitles.
        look: The look of burnt-in subtitles.

    Raises:
        FileExistsError: The new file exists.
    """
    from .media.assemble import embed_subtitles
    from .media.subtitles import read_subtitles

    read = read_subtitles(subtitles)
    with work_folder(to.absolute().parent) as work:
        target = work / f"embedded{to.suffix}"
        done = await embed_subtitles(video, read.cues, mode=mode, look=look, work=work, to=target)
        files = FinishedFiles(done.path, read.cues, done.subtitle_mode)
        if not _move_unless_taken(files.video, to):
            raise FileExistsError(f"{to} exists. Choose another name.")
        if done.subtitle_mode is SubtitleMode.SIDECAR:
            _write_captions(files, to)
    return (*read.warnings, *done.warnings)
