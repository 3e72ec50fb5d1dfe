"""Running FFmpeg to its end, so that it never outlives us."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ..errors import FFmpegFailed
from .ffmpeg import STDERR_KEPT, failure, find_ffmpeg

__all__ = ["end_group", "join_parts", "run_ffmpeg", "tail"]


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
            _, said, _ = await asyncio.gather(follow, tail(process.stderr, 8 * STDERR_KEPT), process.wait())
    except TimeoutError:
        raise FFmpegFailed(
            f"FFmpeg was still at work after {timeout:.0f} s and was ended.", returncode=-9
        ) from None
    finally:
        await end_group(process)
    if process.returncode:
        raise failure(process.returncode, said)
    return said


async def join_parts(parts: Sequence[Path], to: Path) -> None:
    """Joins videos that one `Target` was cut into, without encoding them again; they lie in the same folder.

    Raises:
        FFmpegFailed: They do not fit together.
    """
    listed = parts[0].with_suffix(".txt")
    listed.write_text("ffconcat version 1.0\n" + "".join(f"file {part.name}\n" for part in parts))
    order = [
        "-xerror",
        "-f",
        "concat",
        "-safe",
        "1",
        "-i",
        listed.name,
        "-c",
        "copy",
        "-movflags",
        "+faststart",
    ]
    await run_ffmpeg([*order, "file:" + str(to.absolute())], cwd=parts[0].parent, timeout=600)


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


async def tail(stream: asyncio.StreamReader | None, most: int) -> str:
    """Reads a stream to its end, and keeps the last of it, at most so many bytes."""
    assert stream is not None
    kept = b""
    while piece := await stream.read(65536):
        kept = (kept + piece)[-most:]
    return kept.decode("utf-8", "replace")
