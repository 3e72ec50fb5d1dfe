"""Finding FFmpeg, knowing what it can do, and running it so that it never outlives us."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import FFmpegFailed, FFmpegMissing

__all__ = ["FORMATS", "FFmpeg", "believe_ffmpeg", "end_group", "find_ffmpeg", "run_ffmpeg"]

FORMATS = "mp3,wav,flac,mov,mp4,m4a,3gp,3g2,mj2,ogg,matroska,webm,aac,aiff,caf,w64,asf"
"""The demuxers that a person's file may be opened with.

A playlist (HLS, DASH, ffconcat) that poses as audio makes FFmpeg read other local files; no protocol whitelist
stops that, since they are all `file:`. This list does, and honest files still open.
"""

_STDERR_KEPT = 4000


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


async def run_ffmpeg(
    args: Sequence[str],
    *,
    cwd: Path,
    timeout: float,
    seconds: float | None = None,
    on_progress: Callable[[float], None] | None = None,
    env: dict[str, str] | None = None,
    loglevel: str = "error",
) -> str:
    """Runs FFmpeg to its end, in a process group of its own that dies with the await.

    Args:
        args: Everything after the global options; file names are relative to `cwd` and of our own making.
        cwd: A private folder.
        timeout: Seconds after which it is ended.
        seconds: How long the output will be, for progress.
        on_progress: Told a fraction from 0 to 1 as output is written.
        env: Variables on top of the process's own.
        loglevel: How much it says on its standard error.

    Returns:
        What it said on its standard error.

    Raises:
        FFmpegMissing: There is none.
        FFmpegFailed: It ended with an error or took too long.
    """
    command = [find_ffmpeg().path, "-hide_banner", "-nostdin", "-y", "-v", loglevel]
    if on_progress is not None:
        command += ["-progress", "pipe:1", "-stats_period", "0.2"]
    process = await asyncio.create_subprocess_exec(
        *command,
        *args,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(timeout):
            follow = _follow(process.stdout, seconds, on_progress)
            _, said, _ = await asyncio.gather(follow, _tail(process.stderr), process.wait())
    except TimeoutError:
        raise FFmpegFailed(
            f"FFmpeg was still at work after {timeout:.0f} s and was ended.", returncode=-9
        ) from None
    finally:
        await end_group(process)
    if process.returncode:
        raise _failure(process.returncode, said)
    return said


async def end_group(process: asyncio.subprocess.Process) -> None:
    """Ends a process and all that it started, and waits until it is gone."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
        await asyncio.shield(process.wait())


async def _follow(
    stream: asyncio.StreamReader | None, seconds: float | None, on_progress: Callable[[float], None] | None
) -> None:
    assert stream is not None
    async for line in stream:
        name, _, value = line.decode("ascii", "replace").strip().partition("=")
        if on_progress and seconds and name == "out_time_us" and value.lstrip("-").isdigit():
            on_progress(min(1.0, max(0.0, int(value) / 1e6 / seconds)))


async def _tail(stream: asyncio.StreamReader | None) -> str:
    assert stream is not None
    kept = b""
    while piece := await stream.read(65536):
        kept = (kept + piece)[-8 * _STDERR_KEPT :]
    return kept.decode("utf-8", "replace")


def _failure(returncode: int, said: str) -> FFmpegFailed:
    last = [line.strip() for line in said.strip().splitlines() if line.strip()][-3:]
    words = " / ".join(last)[:600] or "it said nothing"
    return FFmpegFailed(
        f"FFmpeg ended with status {returncode}: {words}", returncode=returncode, stderr=said[-_STDERR_KEPT:]
    )
