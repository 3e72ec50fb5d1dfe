"""Finding FFmpeg and what it supports."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..child_environment import child_environment, creation_flags
from ..errors import FFmpegFailed, FFmpegMissing

__all__ = [
    "FORMATS",
    "INPUT_OPTIONS",
    "MOST_PIXELS",
    "STDERR_KEPT",
    "FFmpeg",
    "believe_ffmpeg",
    "failure",
    "find_ffmpeg",
]

FORMATS = "mp3,wav,flac,mov,mp4,m4a,3gp,3g2,mj2,ogg,matroska,webm,aac,aiff,caf,w64,asf"
"""The demuxers that a person's file may be opened with, for FFmpeg's `format_whitelist`.

A playlist (HLS, DASH, ffconcat) with the suffix of an audio file makes FFmpeg read other local files. A protocol
whitelist does not stop that, since all of them are `file:`; this list does.
"""

MOST_PIXELS = 40_000_000
"""Most pixels of a frame that is decoded: above 8K (7680x4320). A PNG of a megabyte may become a gigabyte."""

INPUT_OPTIONS = (
    *("-format_whitelist", FORMATS, "-protocol_whitelist", "file,pipe"),
    *("-max_pixels", str(MOST_PIXELS)),
)
"""FFmpeg's options for opening a person's file."""

STDERR_KEPT = 4000
"""Number of characters kept from the end of a process's log."""


@dataclass(frozen=True)
class FFmpeg:
    """A working FFmpeg.

    Attributes:
        path: The executable.
        version: Its version, such as `"7.1"`.
        filters: Names of the filters it has.
        encoders: Names of the encoders it has.
    """

    path: str
    version: str
    filters: frozenset[str]
    encoders: frozenset[str]


def find_ffmpeg() -> FFmpeg:
    """Return the FFmpeg to use: `VOXWEAVE_FFMPEG`, else the one that imageio-ffmpeg ships, else the first on PATH.

    Its filters and encoders are read once per executable.

    Raises:
        FFmpegMissing: None of them works; the message lists each with its reason.
    """
    if _preset:
        return _preset[0]
    tried: list[str] = []
    for origin, path in _candidates():
        try:
            return _inspect(path, Path(path).stat().st_mtime_ns)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            tried.append(f"{origin} ({path}: {_reason(error)})")
    raise FFmpegMissing(
        f"No working FFmpeg was found; tried {'; '.join(tried) or 'imageio-ffmpeg and PATH'}. "
        "Install imageio-ffmpeg, or set VOXWEAVE_FFMPEG to an executable."
    )


_preset: list[FFmpeg] = []


def believe_ffmpeg(found: FFmpeg) -> None:
    """Make `find_ffmpeg` return this one; for a child process whose parent has found it already."""
    _preset[:] = [found]


def _candidates() -> Iterator[tuple[str, str]]:
    """Yield the origin and path of each executable to try."""
    if given := os.environ.get("VOXWEAVE_FFMPEG", "").strip():
        yield "VOXWEAVE_FFMPEG", given
        return
    with contextlib.suppress(ImportError, OSError):
        yield from (("imageio-ffmpeg", path) for path in _imageio_ffmpeg())
    if found := shutil.which("ffmpeg"):
        yield "PATH", found


def _imageio_ffmpeg() -> list[str]:
    """Return the executables that imageio-ffmpeg would choose from."""
    # Its own function runs each of them with this process's environment, keys included.
    import imageio_ffmpeg

    given = os.environ.get("IMAGEIO_FFMPEG_EXE", "")
    shipped = Path(imageio_ffmpeg.__file__ or "").parent.glob("binaries/ffmpeg-*")
    conda = [Path(sys.prefix, "bin", "ffmpeg"), Path(sys.prefix, "Library", "bin", "ffmpeg.exe")]
    found = [*map(str, sorted(shipped)), *(str(path) for path in conda if path.exists())]
    return [given] if given else found


@functools.lru_cache(maxsize=8)
def _inspect(path: str, _changed: int) -> FFmpeg:
    banner = _output(path, "-version")
    match = re.match(r"ffmpeg version n?(\d[\d.]*|\S+)", banner)
    if match is None:
        raise ValueError("its output is not FFmpeg's")
    return FFmpeg(path, match[1], _names(_output(path, "-filters")), _names(_output(path, "-encoders")))


def _output(path: str, option: str) -> str:
    done = subprocess.run(
        [path, "-hide_banner", option] if option != "-version" else [path, option],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=20,
        stdin=subprocess.DEVNULL,
        env=child_environment(),
        creationflags=creation_flags(),
    )
    if done.returncode:
        raise ValueError(f"{option} ended with status {done.returncode}")
    return done.stdout


def _names(listing: str) -> frozenset[str]:
    return frozenset(re.findall(r"^ [A-Z.|]{2,6} +([\w-]+)", listing, re.MULTILINE))


def _reason(error: Exception) -> str:
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else str(error)


def failure(returncode: int, log: str, when: str = "") -> FFmpegFailed:
    """Return the error for a failed FFmpeg, with the last three lines of its log.

    Args:
        returncode: FFmpeg's exit status.
        log: FFmpeg's standard error.
        when: Words appended to the status, such as `" while encoding"`.
    """
    last = [line.strip() for line in log.splitlines() if line.strip()][-3:]
    words = " / ".join(last)[:600]
    if not words:  # FFmpeg ends with the negative errno of a failed write
        words = os.strerror(256 - returncode) if 150 < returncode < 255 else "no message in its log"
    return FFmpegFailed(
        f"FFmpeg ended with status {returncode}{when}: {words}",
        returncode=returncode,
        stderr=log[-STDERR_KEPT:],
    )
