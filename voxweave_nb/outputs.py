"""The output folder: file names, private work folders, and the move of finished files to their final names.

A file gets its final name only once it is complete, so a half-written video never has one.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import itertools
import os
import shutil
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import ConfigError, MediaError, VoxweaveError
from .models import Cue, SubtitleLook, SubtitleMode, VideoFormat
from .private_folders import new_private_folder, remove_left_folders
from .renditions import rendition_path, renditions_of
from .request import VideoRequest
from .validation import reject_reserved_name

__all__ = [
    "FinishedFiles",
    "PublishedFiles",
    "disk_errors",
    "embed",
    "make_rendition",
    "publish",
    "try_lock",
    "work_folder",
]

_WORK_PREFIX = ".voxweave-"
_LOCK = "owner.lock"
_STALE_SECONDS = 24 * 3600.0

_MAX_UNREADABLE_BYTES = 5_000_000
"""The most bytes of unreadable subtitles to keep beside the video."""

_LONGEST_NAME = 143
"""The longest file name in bytes: the limit of eCryptfs; other file systems take 255."""

_RESERVED = 36
"""Bytes of a file name that are left for what follows the stem: `-2`, `.thumbnails.vtt`, the ending of a rendition."""

_DISK_FULL = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))
_UNWRITABLE = (*_DISK_FULL, errno.EROFS, errno.EIO)
"""Errors of writing only: never those of a file that a person named."""


@dataclass(frozen=True)
class FinishedFiles:
    """The finished files in the work folder, ready to be published.

    Attributes:
        video: The video.
        cues: The captions.
        mode: The actual delivery of the captions.
        poster: The poster, or None.
        unreadable: Subtitles that could not be read, a file or text, to keep unchanged beside the video; or None.
        sprite: The sprite sheet of thumbnails, or None.
        thumbnails: Its WebVTT track, which names the sheet's file; or None.
        chapters: The chapters; the text of each is its title.
    """

    video: Path
    cues: Sequence[Cue]
    mode: SubtitleMode
    poster: Path | None = None
    unreadable: Path | str | None = None
    sprite: Path | None = None
    thumbnails: Path | None = None
    chapters: Sequence[Cue] = ()


@dataclass(frozen=True)
class PublishedFiles:
    """The finished files under their final names in the output folder.

    Attributes:
        video: The video.
        captions: The WebVTT file, or None without captions.
        poster: The poster, or None.
        sprite: The sprite sheet of thumbnails, or None.
        thumbnails: Its WebVTT track, or None.
        chapters: The WebVTT track of the chapters, or None.
        warnings: Files that could not be kept, in sentences.
    """

    video: Path
    captions: Path | None
    poster: Path | None
    sprite: Path | None = None
    thumbnails: Path | None = None
    chapters: Path | None = None
    warnings: tuple[str, ...] = ()


@contextlib.contextmanager
def disk_errors(folder: Path, advice: Callable[[], str] = str) -> Iterator[None]:
    """Turn errors of a disk that is full or cannot be written to into a sentence.

    Args:
        folder: The folder that is written to, named where the error names none.
        advice: Returns a sentence to append to the error's own.

    Raises:
        ConfigError: The disk is full, read-only or broken.
    """
    full = os.strerror(errno.ENOSPC)
    try:
        yield
    except MediaError as error:
        if full not in str(error):
            raise
        raise _unwritable(folder, OSError(errno.ENOSPC, full), advice()) from error
    except VoxweaveError:  # a time-out is an OSError, too
        raise
    except OSError as error:
        if error.errno not in _UNWRITABLE:
            raise
        written = error.filename2 or error.filename  # of two, the second is the target
        # A file may be named by its descriptor, a number.
        where = Path(os.fsdecode(written)).parent if isinstance(written, (str, bytes)) else folder
        raise _unwritable(where, error, advice()) from error


def _unwritable(folder: Path, error: OSError, advice: str = "") -> ConfigError:
    full = error.errno in _DISK_FULL
    return ConfigError(
        f"The output folder {folder} cannot be written to ({error.strerror or error}). "
        f"{'Free some space there, or choose' if full else 'Choose'} another folder with output_dir=... or "
        f"VOXWEAVE_OUTPUT_DIR. {advice}".rstrip()
    )


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
        folder = new_private_folder(_WORK_PREFIX, output_dir)
        lock = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise _unwritable(output_dir, error) from error
    try:
        try_lock(lock)  # where locks are missing, nobody else can take it either
        with disk_errors(output_dir):
            yield folder
    finally:
        os.close(lock)
        shutil.rmtree(folder, ignore_errors=True)


def _delete_stale_work_folders(output_dir: Path) -> None:
    """Delete the folders of killed processes, which could not do so themselves."""
    remove_left_folders(_WORK_PREFIX, output_dir)
    # Of a process that cannot be seen, such as one on another machine, the lock tells after a day: on some network file
    # systems a lock is seen on its own machine only.
    for old in output_dir.glob(f"{_WORK_PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - old.stat().st_mtime > _STALE_SECONDS and _has_no_owner(old):
                shutil.rmtree(old, ignore_errors=True)


def _has_no_owner(folder: Path) -> bool:
    """Return True if the process that made a work folder has ended; the system frees its lock then."""
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR)
    except FileNotFoundError:  # made by an earlier release
        return True
    try:
        return try_lock(lock)
    finally:
        os.close(lock)


def try_lock(file: int) -> bool:
    """Lock an open file until it is closed; return False if another process holds it, or there are no locks here."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def publish(files: FinishedFiles, output_dir: Path, request: VideoRequest) -> PublishedFiles:
    """Move finished files to new names in the output folder, without replacing any file.

    All names are free and taken together, so that files of two videos never mix.
    """
    parts, warnings = _parts(files)
    stem = _file_stem(request)
    for name in itertools.chain([stem], (f"{stem}-{count}" for count in itertools.count(2))):
        if files.sprite and files.thumbnails:
            parts[".thumbnails.vtt"] = _track_naming(f"{name}.sprite.jpg", files.sprite, files.thumbnails)
        targets = {ending: output_dir / (name + ending) for ending in parts}
        if _move_all([(parts[ending], target) for ending, target in targets.items()]) is None:
            break
    return PublishedFiles(
        targets[files.video.suffix],
        targets.get(".vtt"),
        targets.get(".jpg"),
        targets.get(".sprite.jpg"),
        targets.get(".thumbnails.vtt"),
        targets.get(".chapters.vtt"),
        tuple(warnings),
    )


def _parts(files: FinishedFiles) -> tuple[dict[str, Path], list[str]]:
    """Return the files to publish by what follows the stem in their names, the video last, and warnings."""
    work, warnings = files.video.parent, list[str]()
    parts = _write_captions(files, work)
    if files.unreadable is not None:
        try:
            parts |= _copy_unreadable(files.unreadable, work)
        except OSError as error:
            if error.errno in _UNWRITABLE:
                raise
            name = Path(files.unreadable).name
            warnings.append(f"{name} could not be kept beside the video ({error.strerror or error}).")
    if files.poster:
        parts[".jpg"] = files.poster
    if files.chapters:
        from .media.chapters import chapter_track

        parts[".chapters.vtt"] = _write(work / "published-chapters.vtt", chapter_track(files.chapters))
    if files.sprite and files.thumbnails:
        parts |= {".sprite.jpg": files.sprite, ".thumbnails.vtt": files.thumbnails}
    return {**parts, files.video.suffix: files.video}, warnings


def _move_all(pairs: Sequence[tuple[Path, Path]]) -> Path | None:
    """Move files to new names, all or none; return the first name that is taken, or None."""
    moved: list[tuple[Path, Path]] = []
    try:
        for source, target in pairs:
            if not _move_unless_taken(source, target):
                return target
            moved.append((source, target))
        moved.clear()
    finally:
        for source, target in reversed(moved):
            target.replace(source)
    return None


def _move_unless_taken(source: Path, target: Path) -> bool:
    """Move a file to a new name; return False if the name is taken."""
    try:
        os.link(source, target)  # atomic, and fails if the target exists
    except FileExistsError:
        return False
    except (OSError, AttributeError, NotImplementedError):  # file systems refuse links in many ways
        return _rename_unless_taken(source, target)
    source.unlink()
    return True


def _rename_unless_taken(source: Path, target: Path) -> bool:
    """Rename a file where there are no hard links; an empty file takes the name first, so nothing is replaced."""
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return False
    try:
        source.replace(target)
    except OSError:
        target.unlink(missing_ok=True)
        raise
    return True


def _write_captions(files: FinishedFiles, work: Path) -> dict[str, Path]:
    """Write the caption files into the work folder; return them by their suffixes."""
    if not files.cues or files.mode is SubtitleMode.NONE:
        return {}
    from .media.subtitles import write_subtitles

    written = {".vtt": _write(work / "published.vtt", write_subtitles(files.cues, "webvtt"))}
    if files.mode is SubtitleMode.SIDECAR:  # players load an .srt file with the video's name by themselves
        written[".srt"] = _write(work / "published.srt", write_subtitles(files.cues, "srt"))
    return written


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _copy_unreadable(subtitles: Path | str, work: Path) -> Mapping[str, Path]:
    """Copy unreadable subtitles into the work folder; return the copy by its ending, nothing if they are huge."""
    copy = work / "unreadable"
    if isinstance(subtitles, str):
        return {".subtitles.txt": _write(copy, subtitles[:_MAX_UNREADABLE_BYTES])}
    if subtitles.stat().st_size > _MAX_UNREADABLE_BYTES:
        return {}
    shutil.copyfile(subtitles, copy)
    suffix = subtitles.suffix if 1 < len(os.fsencode(subtitles.suffix)) <= 8 else ".txt"
    return {f".subtitles{suffix}": copy}


def _track_naming(name: str, sprite: Path, track: Path) -> Path:
    """Write a copy of a thumbnails track that names the sprite sheet as it will be called; return the copy."""
    text = track.read_text(encoding="utf-8").replace(f"{sprite.name}#", f"{name}#")
    return _write(track.with_name("published-thumbnails.vtt"), text)


def _file_stem(request: VideoRequest) -> str:
    ending = f"-{request.config.style}-{time.strftime('%Y%m%d-%H%M%S')}"
    room = _LONGEST_NAME - _RESERVED - len(os.fsencode(ending))
    name = request.narration.name
    # `Path.stem` depends on Python's release for "...mp3".
    stem = name.rpartition(".")[0] if "." in name else name
    return f"{_cut(_safe_name(stem), room) or 'narration'}{ending}"


def _safe_name(text: str) -> str:
    """Return the letters, digits and combining marks of a name in NFC, with a hyphen for everything between."""
    kept: list[str] = []
    for character in unicodedata.normalize("NFC", text):
        if character == "_" or unicodedata.category(character)[0] in "LN":
            kept.append(character)
        elif kept and kept[-1] != "-":
            # Marks, and the joiners of Persian and Indic words, belong to the letter before them.
            kept.append(character if _belongs_to_letter(character) else "-")
    return "".join(kept).strip("-_\u200c\u200d")


def _belongs_to_letter(character: str) -> bool:
    return unicodedata.category(character)[0] == "M" or character in "\u200c\u200d"


def _cut(name: str, most_bytes: int) -> str:
    """Cut a name to 60 characters and a number of bytes, between whole letters."""
    end = min(len(name), 60)
    while end and (
        len(os.fsencode(name[:end])) > most_bytes or (end < len(name) and _belongs_to_letter(name[end]))
    ):
        end -= 1
    return name[:end].strip("-_\u200c\u200d")


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
        ConfigError: Windows reserves its name.
    """
    reject_reserved_name(to)
    from .media.assemble import embed_subtitles
    from .media.probe import probe
    from .media.subtitles import read_subtitles

    length = (await asyncio.to_thread(probe, video)).duration
    read = await asyncio.to_thread(lambda: read_subtitles(subtitles, duration=length or None))
    with work_folder(to.absolute().parent) as work:
        target = work / f"embedded{to.suffix}"
        done = await embed_subtitles(video, read.cues, mode=mode, look=look, work=work, to=target)
        sidecar = done.subtitle_mode is SubtitleMode.SIDECAR
        files = FinishedFiles(done.path, read.cues if sidecar else (), done.subtitle_mode)
        parts, _ = _parts(files)
        taken = _move_all([(part, to.with_suffix(ending)) for ending, part in parts.items()])
        if taken is not None:
            raise FileExistsError(f"{taken} exists. Choose another name.")
    return (*read.warnings, *done.warnings)


@dataclass
class _Making:
    """A rendition that is being made, for any number of callers."""

    task: asyncio.Task[Path]
    listeners: list[Callable[[float], None]]


_making: dict[Path, _Making] = {}


async def make_rendition(
    video: Path,
    format: VideoFormat = VideoFormat.MP4,
    *,
    on_progress: Callable[[float], None] = lambda _: None,
) -> Path:
    """Return the rendition of a video, which is made beside it unless it is there; on the background loop.

    Callers that ask at the same time get the same one. It is stopped when all of them have been canceled.

    Args:
        video: The video. One that has the codecs of the rendition is returned itself.
        format: `MP4` for H.264 with MP3, `WEBM` for VP8 with Vorbis.
        on_progress: Called with a fraction from 0 to 1.

    Raises:
        MediaError: The video is missing, or cannot be encoded.
        ConfigError: The video's folder cannot be written to.
    """
    try:
        target = await asyncio.to_thread(rendition_path, video, format)
    except OSError as error:
        raise MediaError(f"The video {video} cannot be read ({error.strerror or error}).") from error
    if target.is_file():
        return target
    making = _making.get(target)
    if making is None:
        making = _making[target] = _Making(asyncio.create_task(_make_rendition(video, format, target)), [])
        making.task.add_done_callback(lambda _: _making.pop(target, None))
    making.listeners.append(on_progress)
    try:
        return await asyncio.shield(making.task)
    except asyncio.CancelledError:
        making.listeners.remove(on_progress)
        if not making.listeners:
            making.task.cancel()
        raise


async def _make_rendition(video: Path, format: VideoFormat, target: Path) -> Path:
    from .media.rendition import encode_rendition, is_rendition

    def report(fraction: float) -> None:
        for listener in tuple(_making[target].listeners):
            listener(fraction)

    if await asyncio.to_thread(is_rendition, video, format):
        return video
    with work_folder(target.parent) as work:
        made = work / f"rendition.{format.value}"
        await encode_rendition(video, made, format=format, on_progress=report)
        if await asyncio.to_thread(_rendition_path_or_none, video, format) != target:
            raise MediaError(f"{video.name} has changed while a copy of it was made. Try again.")
        _replace(made, target)
    for old in renditions_of(video):
        if old.suffix == target.suffix and old != target:
            with contextlib.suppress(OSError):
                old.unlink()
    return target


def _rendition_path_or_none(video: Path, format: VideoFormat) -> Path | None:
    with contextlib.suppress(OSError):
        return rendition_path(video, format)
    return None


def _replace(made: Path, target: Path) -> None:
    """Rename a rendition; another process may have made the same one, and Windows replaces no file that is open."""
    try:
        made.replace(target)
    except PermissionError:
        if not target.is_file():
            raise
