"""Rendering in worker processes, so that the kernel's event loop and interpreter lock stay free."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .. import errors
from ..child_environment import child_environment
from ..errors import FFmpegFailed, FFmpegMissing, MediaError
from ..media.children import PIPE, Process, end_group, start_child
from ..media.ffmpeg import STDERR_KEPT, FFmpeg, find_ffmpeg
from ..media.running import join_parts, tail
from ..models import VideoQuality
from .fork import workers_fork
from .job import RenderJob
from .thumbnails import best_moment, tiles_of, write_sprite

__all__ = ["RenderJob", "Rendered", "parts_of", "render"]

_KEYFRAMES = 2
"""Seconds between keyframes, the only frames at which a video can be cut without encoding."""

_SHORTEST_PART = 8.0
"""Seconds of film below which another worker costs more than it saves."""

_GRACE = 0.5
"""Seconds for a worker to stop its encoder before both are killed."""


@dataclass(frozen=True)
class Rendered:
    """The result of a render.

    Attributes:
        understood: Keywords found in the prompt, such as `{"time": "dawn", "colors": "gold"}`.
        warnings: Shortcomings, in sentences.
        best: Time of the best poster in seconds, or None.
        sprite: The sprite sheet (JPEG) in the work folder, or None.
        thumbnails: The WebVTT track with the time and region of each thumbnail, or None.
    """

    understood: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    best: float | None = None
    sprite: Path | None = None
    thumbnails: Path | None = None


def parts_of(job: RenderJob, processes: int) -> list[tuple[int, int]]:
    """Split a render's frames at keyframes into parts for at most `processes` workers; return (first, stop) pairs."""
    keyframes, drawn = _KEYFRAMES * job.fps, job.drawn
    count = max(1, min(processes, int(job.seconds / _SHORTEST_PART)))
    cuts = [drawn.start + round(len(drawn) * k / count / keyframes) * keyframes for k in range(1, count)]
    return list(itertools.pairwise([drawn.start, *cuts, drawn.stop]))


async def render(
    job: RenderJob,
    to: Path,
    *,
    work: Path,
    processes: int = 1,
    on_progress: Callable[[float], None] = lambda _: None,
) -> Rendered:
    """Render a video without sound.

    Canceling it stops the workers and their encoders and removes the file.

    Args:
        job: What to render.
        to: The target, MP4.
        work: A private folder, for the titles' script and font.
        processes: Most workers to use, each with an encoder of its own; their parts are joined by stream copy.
        on_progress: Called with the share of the frames that are drawn, 0 to 1.

    Raises:
        FFmpegFailed: The encoder failed.
        MediaError: The renderer failed for the reason in the message.
    """
    if job.quality is VideoQuality.DRAFT and not workers_fork():
        processes *= 2  # a draft's encoder leaves its core nearly idle, and no second process paints there
    parts = parts_of(job, processes if _ffmpeg() else 1)
    drawn = [0] * len(parts)

    def progress_of(number: int) -> Callable[[int], None]:
        def on_frames(frames: int) -> None:
            drawn[number] = frames
            on_progress(min(1.0, sum(drawn) / len(job.drawn)))

        return on_frames

    if len(parts) == 1:
        done = [await _render_part(job, to, work, parts[0], progress_of(0))]
    else:
        done = await _render_parts(job, to, work, parts, progress_of)
    rendered = await asyncio.to_thread(_collect, job, done, work)
    on_progress(1.0)
    return rendered


def _ffmpeg() -> FFmpeg | None:
    try:
        return find_ffmpeg()
    except FFmpegMissing:
        return None


async def _render_parts(
    job: RenderJob,
    to: Path,
    work: Path,
    parts: Sequence[tuple[int, int]],
    progress_of: Callable[[int], Callable[[int], None]],
) -> list[Mapping[str, Any]]:
    """Render parts in parallel and join them."""
    files = [work / f"part-{number}.mp4" for number in range(len(parts))]
    folders = [work / f"part-{number}" for number in range(len(parts))]
    for folder in folders:
        folder.mkdir()
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(_render_part(job, file, folder, part, progress_of(number)))
                for number, (file, folder, part) in enumerate(zip(files, folders, parts, strict=True))
            ]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    await join_parts(files, to)
    for path in files:
        path.unlink()
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return [task.result() for task in tasks]


async def _render_part(
    job: RenderJob, to: Path, work: Path, part: tuple[int, int], on_frames: Callable[[int], None]
) -> Mapping[str, Any]:
    """Render one part in a worker process."""
    command = [sys.executable, "-m", __package__ + ".worker"]
    process = await start_child(command, cwd=work, env=_environment(), stdin=PIPE, limit=1 << 22)
    finished = False
    try:
        order: dict[str, Any] = {
            "job": json.loads(job.to_json()),
            "to": str(to.absolute()),
            "work": str(work.absolute()),
            "part": part,
        }
        if found := _ffmpeg():
            order["ffmpeg"] = [found.path, found.version, sorted(found.filters), sorted(found.encoders)]
        last, stderr = await _communicate(process, order, on_frames)
        done = _outcome(last, stderr, process.returncode)
        finished = True
        return done
    finally:
        try:
            if not finished:
                await _stop(process)
        finally:
            await end_group(process)
            if not finished:
                with contextlib.suppress(OSError):  # its folder is removed with it
                    to.unlink(missing_ok=True)


async def _stop(process: Process) -> None:
    """Close the worker's input, which makes it stop its encoder, remove the file and exit."""
    assert process.stdin is not None
    process.stdin.close()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), _GRACE)


def _collect(job: RenderJob, done: Sequence[Mapping[str, Any]], work: Path) -> Rendered:
    """Merge the results of all parts and write the sprite sheet of their tiles."""
    plan = tiles_of(job)
    files = [Path(part["tiles"]) for part in done]
    tiles = [np.load(file) for file in files]
    for file in files:
        file.unlink()
    scores = [score for part in done for score in part["scores"]]
    sprite, track = write_sprite(
        plan, np.concatenate([tile for tile in tiles if len(tile)]), job.seconds, work
    )
    return Rendered(
        understood=done[0]["understood"],
        warnings=tuple(dict.fromkeys(warning for part in done for warning in part["warnings"])),
        best=best_moment(plan, scores, job.fps, job.seconds),
        sprite=sprite,
        thumbnails=track,
    )


def _environment() -> dict[str, str]:
    """Return the worker's environment variables."""
    # The worker must import this package, even if it is not installed.
    home = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(part for part in (home, os.environ.get("PYTHONPATH", "")) if part)
    return child_environment(
        PYTHONPATH=path,
        PYTHONIOENCODING="utf-8",
        # Numpy starts no threads: the second core is the encoder's and the second process's, and a process with threads
        # cannot fork.
        OPENBLAS_NUM_THREADS="1",
        OMP_NUM_THREADS="1",
        MKL_NUM_THREADS="1",
        VECLIB_MAXIMUM_THREADS="1",
        # Otherwise glibc returns the memory of each step to the system and requests it again; the film returns it once,
        # after building a backdrop.
        MALLOC_MMAP_THRESHOLD_=str(64 << 20),
        MALLOC_TRIM_THRESHOLD_=str(64 << 20),
    )


async def _communicate(
    process: Process, order: Mapping[str, Any], on_frames: Callable[[int], None]
) -> tuple[Mapping[str, Any], str]:
    """Send the order; return the worker's last message and its standard error."""
    assert process.stdin is not None
    try:
        process.stdin.write(json.dumps(order).encode() + b"\n")
        await process.stdin.drain()
    except ConnectionError:
        pass  # the worker has exited; its standard error has the reason
    last, stderr, _ = await asyncio.gather(
        _read_messages(process.stdout, on_frames), tail(process.stderr, STDERR_KEPT), process.wait()
    )
    return last, stderr


async def _read_messages(
    stream: asyncio.StreamReader | None, on_frames: Callable[[int], None]
) -> Mapping[str, Any]:
    """Report progress until the worker's output ends; return the last other message."""
    assert stream is not None
    last: Mapping[str, Any] = {}
    async for line in stream:
        message = json.loads(line)
        if "frame" in message:
            on_frames(message["frame"])
        else:
            last = message
    return last


def _outcome(last: Mapping[str, Any], stderr: str, returncode: int | None) -> Mapping[str, Any]:
    """Return the worker's result, or raise its error."""
    done: Mapping[str, Any] | None = last.get("done")
    if done:
        return done
    if error := last.get("error"):
        raise _to_exception(error)
    words = stderr.strip().splitlines()[-1:] or ["no message on standard error"]
    raise MediaError(f"The renderer exited with status {returncode}: {words[0]}")


def _to_exception(error: Mapping[str, Any]) -> MediaError:
    if error["kind"] == "FFmpegFailed":
        return FFmpegFailed(error["message"], returncode=error["returncode"], stderr=error["stderr"])
    kind = getattr(errors, error["kind"], MediaError)
    return kind(error["message"]) if kind in (FFmpegMissing, MediaError) else MediaError(error["message"])
