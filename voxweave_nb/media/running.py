"""Running FFmpeg so that it never outlives the caller."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from ..child_environment import child_environment
from ..errors import FFmpegFailed
from .children import end_group, start_child
from .ffmpeg import STDERR_KEPT, failure, find_ffmpeg

__all__ = ["join_parts", "run_ffmpeg", "tail"]


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
    """Run FFmpeg in a process group of its own, which is killed when the await ends.

    Args:
        args: Everything after the global options; file names are relative to `cwd` and chosen by us, not by a person.
        cwd: A private folder.
        timeout: Seconds after which it is killed.
        seconds: Length of the output, for progress.
        on_progress: Called with a fraction from 0 to 1 as output is written.
        env: Environment variables added to those of `child_environment`.
        loglevel: FFmpeg's log level.

    Returns:
        Its standard error; the last 32,000 bytes of a longer one.

    Raises:
        FFmpegMissing: No FFmpeg was found.
        FFmpegFailed: It ended with an error or exceeded the time-out.
    """
    command = [find_ffmpeg().path, "-hide_banner", "-nostdin", "-y", "-v", loglevel]
    if on_progress is not None:
        command += ["-progress", "pipe:1", "-stats_period", "0.2"]
    process = await start_child([*command, *args], cwd=cwd, env=child_environment(**(env or {})))
    try:
        async with asyncio.timeout(timeout):
            progress = _report_progress(process.stdout, seconds, on_progress)
            _, log, _ = await asyncio.gather(progress, tail(process.stderr, 8 * STDERR_KEPT), process.wait())
    except TimeoutError:
        raise FFmpegFailed(
            f"FFmpeg was still running after {timeout:.0f} s and was killed.", returncode=-9
        ) from None
    finally:
        await end_group(process)
    if process.returncode:
        raise failure(process.returncode, log)
    return log


async def join_parts(parts: Sequence[Path], to: Path) -> None:
    """Join the parts of one `Target`, which are in the same folder, by stream copy.

    Raises:
        FFmpegFailed: The parts do not fit together.
    """
    listed = parts[0].with_suffix(".txt")
    text = "ffconcat version 1.0\n" + "".join(f"file {part.name}\n" for part in parts)
    listed.write_text(text, encoding="utf-8", newline="\n")
    source = ["-xerror", "-f", "concat", "-safe", "1", "-i", listed.name]
    output = ["-c", "copy", "-movflags", "+faststart", f"file:{to.absolute()}"]
    await run_ffmpeg([*source, *output], cwd=parts[0].parent, timeout=600)


async def _report_progress(
    stream: asyncio.StreamReader | None, seconds: float | None, on_progress: Callable[[float], None] | None
) -> None:
    assert stream is not None
    async for line in stream:
        name, _, value = line.decode("ascii", "replace").strip().partition("=")
        if on_progress and seconds and name == "out_time_us" and value.lstrip("-").isdigit():
            on_progress(min(1.0, max(0.0, int(value) / 1e6 / seconds)))


async def tail(stream: asyncio.StreamReader | None, most: int) -> str:
    """Read a stream to its end and return the last `most` bytes as text."""
    assert stream is not None
    kept = b""
    while piece := await stream.read(65536):
        kept = (kept + piece)[-most:]
    return kept.decode("utf-8", "replace")
