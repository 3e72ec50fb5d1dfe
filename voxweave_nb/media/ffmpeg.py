"""Finding FFmpeg, and knowing what it can do."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import FFmpegFailed, FFmpegMissing

__all__ = ["FORMATS", "STDERR_KEPT", "FFmpeg", "believe_ffmpeg", "failure", "find_ffmpeg"]

FORMATS = "mp3,wav,flac,mov,mp4,m4a,3gp,3g2,mj2,ogg,matroska,webm,aac,aiff,caf,w64,asf"
"""The demuxers that a person's file may be opened with.

A playlist (HLS, DASH, ffconcat) that poses as audio makes FFmpeg read other local files; no protocol whitelist
stops that, since they are all `file:`. This list does, and honest files still open.
"""

STDERR_KEPT = 4000
"""How much of the end of what a process said is kept."""


@dataclass(frozen=True)
class FFmpeg:
    """An FFmpeg that runs.

    Attributes:
        path: The executable.
        version: What it says of itself, such as `"7.1"`.
        filters: The names of its filters.
        encoders: The names of its encoders.
    """

    path: str
    version: str
    filters: frozenset[str]
    encoders: frozenset[str]


def find_ffmpeg() -> FFmpeg:
    """The FFmpeg to use: `VOXWEAVE_FFMPEG`, else the one that imageio-ffmpeg ships, else the first on PATH.

    Its abilities are read once per executable.

    Raises:
        FFmpegMissing: None runs; the message says where was looked and why each did not.
    """
    if _believed:
        return _believed[0]
    looked: list[str] = []
    for origin, path in _candidates():
        try:
            return _inspect(path, Path(path).stat().st_mtime_ns)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            looked.append(f"{origin} ({path}: {_reason(error)})")
    raise FFmpegMissing(
        f"There is no FFmpeg that runs; looked at {'; '.join(looked) or 'imageio-ffmpeg and PATH'}. "
        "Install imageio-ffmpeg, or point VOXWEAVE_FFMPEG at an executable."
    )


_believed: list[FFmpeg] = []


def believe_ffmpeg(found: FFmpeg) -> None:
    """Makes `find_ffmpeg` give this one: for a process whose parent has looked and asked already."""
    _believed[:] = [found]


def _candidates() -> Iterator[tuple[str, str]]:
    if given := os.environ.get("VOXWEAVE_FFMPEG", "").strip():
        yield "VOXWEAVE_FFMPEG", given
        return
    with contextlib.suppress(ImportError, RuntimeError, OSError):
        yield "imageio-ffmpeg", _shipped()
    if found := shutil.which("ffmpeg"):
        yield "PATH", found


def _shipped() -> str:
    import imageio_ffmpeg

    return str(imageio_ffmpeg.get_ffmpeg_exe())  # type: ignore[no-untyped-call,attr-defined,unused-ignore]


@functools.lru_cache(maxsize=8)
def _inspect(path: str, _changed: int) -> FFmpeg:
    banner = _ask(path, "-version")
    match = re.match(r"ffmpeg version n?(\d[\d.]*|\S+)", banner)
    if match is None:
        raise ValueError("it does not answer like FFmpeg")
    return FFmpeg(path, match[1], _names(_ask(path, "-filters")), _names(_ask(path, "-encoders")))


def _ask(path: str, question: str) -> str:
    done = subprocess.run(
        [path, "-hide_banner", question] if question != "-version" else [path, question],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=20,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise ValueError(f"{question} ended with status {done.returncode}")
    return done.stdout


def _names(listing: str) -> frozenset[str]:
    return frozenset(re.findall(r"^ [A-Z.|]{2,6} +([\w-]+)", listing, re.MULTILINE))


def _reason(error: Exception) -> str:
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else str(error)


def failure(returncode: int, said: str, when: str = "") -> FFmpegFailed:
    """That FFmpeg failed, in its own last words."""
    last = [line.strip() for line in said.splitlines() if line.strip()][-3:]
    words = " / ".join(last)[:600] or "it said nothing"
    return FFmpegFailed(
        f"FFmpeg ended with status {returncode}{when}: {words}",
        returncode=returncode,
        stderr=said[-STDERR_KEPT:],
    )
