"""Rendering in a process of its own, so that neither the kernel's loop nor its interpreter lock is ever held."""

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
from ..errors import FFmpegFailed, FFmpegMissing, MediaError
from ..media.ffmpeg import STDERR_KEPT, FFmpeg, find_ffmpeg
from ..media.running import end_group, join_parts, tail
from ..models import VideoQuality
from .pair import can_pair
from .plan import RenderJob
from .thumbnails import best_moment, plan_tiles, write_sprite

__all__ = ["RenderJob", "Rendered", "parts_of", "render"]

_GOP = 2
"""Seconds between the pictures at which a video may be cut."""

_WORTH = 8.0
"""Seconds of film under which another process costs more than it saves."""

_DISMISSED_WITHIN = 0.5
"""Seconds a worker gets to end its encoder before both are killed."""


@dataclass(frozen=True)
class Rendered:
    """What came of a render.

    Attributes:
        understood: What was read in the prompt, such as `{"time": "dawn", "colors": "gold"}`.
        warnings: What could not be done, in sentences.
        best: The moment that would make the best poster, in seconds, or None.
        sprite: A sheet of small frames (JPEG) in the work folder, or None.
        thumbnails: The WebVTT track that says which part of it belongs to which seconds, or None.
    """

    understood: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    best: float | None = None
    sprite: Path | None = None
    thumbnails: Path | None = None


def parts_of(job: RenderJob, processes: int) -> list[tuple[int, int]]:
    """A render's frames in as many parts as are worth a process each: first frame and the one after the last."""
    gop = _GOP * job.fps
    count = max(1, min(processes, int(job.duration / _WORTH)))
    cuts = [round(job.frames * k / count / gop) * gop for k in range(1, count)]
    return list(itertools.pairwise([0, *cuts, job.frames]))


async def render(
    job: RenderJob,
    to: Path,
    *,
    work: Path,
    processes: int = 1,
    on_progress: Callable[[float], None] = lambda _: None,
) -> Rendered:
    """Renders a video without sound.

    Cancelling the await ends the workers and their encoders and removes the file.

    Args:
        job: What to render.
        to: The file to write, MP4.
        work: A private folder, for the words' script and font.
        processes: How many workers may share it, each with an encoder; what they make is joined without encoding.
        on_progress: Told a fraction from 0 to 1, by frames that are really drawn.

    Raises:
        FFmpegFailed: The encoder refused.
        MediaError: The renderer stopped for another reason; the message has it.
    """
    if job.quality is VideoQuality.DRAFT and not can_pair(range(job.frames)):
        processes *= 2  # a draft's encoder leaves its core nearly idle, and nobody else paints there
    parts = parts_of(job, processes if _ffmpeg() else 1)
    told = [0] * len(parts)

    def follow(number: int) -> Callable[[int], None]:
        def tell(frames: int) -> None:
            told[number] = frames
            on_progress(min(1.0, sum(told) / job.frames))

        return tell

    if len(parts) == 1:
        done = [await _work(job, to, work, parts[0], follow(0))]
    else:
        done = await _side_by_side(job, to, work, parts, follow)
    rendered = await asyncio.to_thread(_gather, job, done, work)
    on_progress(1.0)
    return rendered


def _ffmpeg() -> FFmpeg | None:
    try:
        return find_ffmpeg()
    except FFmpegMissing:
        return None


async def _side_by_side(
    job: RenderJob,
    to: Path,
    work: Path,
    parts: Sequence[tuple[int, int]],
    follow: Callable[[int], Callable[[int], None]],
) -> list[Mapping[str, Any]]:
    """Renders parts at once and joins them."""
    files = [work / f"part-{number}.mp4" for number in range(len(parts))]
    folders = [work / f"part-{number}" for number in range(len(parts))]
    for folder in folders:
        folder.mkdir()
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(_work(job, file, folder, part, follow(number)))
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


async def _work(
    job: RenderJob, to: Path, work: Path, part: tuple[int, int], on_frames: Callable[[int], None]
) -> Mapping[str, Any]:
    """Renders one part in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __package__ + ".worker"),
        cwd=work,
        env=_environment(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        limit=1 << 22,
    )
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
        last, said = await _converse(process, order, on_frames)
        done = _outcome(last, said, process.returncode)
        finished = True
        return done
    finally:
        try:
            if not finished:
                await _dismiss(process)
        finally:
            await end_group(process)
            if not finished:
                to.unlink(missing_ok=True)


async def _dismiss(process: asyncio.subprocess.Process) -> None:
    """Closes the worker's input: it then ends its encoder, waits for that, removes the file, and goes."""
    assert process.stdin is not None
    process.stdin.close()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), _DISMISSED_WITHIN)


def _gather(job: RenderJob, done: Sequence[Mapping[str, Any]], work: Path) -> Rendered:
    """What all parts say, and the sprite sheet of their tiles."""
    plan = plan_tiles(job.duration, job.fps, job.frames)
    files = [Path(part["tiles"]) for part in done]
    tiles = [np.load(file) for file in files]
    for file in files:
        file.unlink()
    scores = [score for part in done for score in part["scores"]]
    sprite, track = write_sprite(
        plan, np.concatenate([tile for tile in tiles if len(tile)]), job.duration, work
    )
    return Rendered(
        understood=done[0]["understood"],
        warnings=tuple(dict.fromkeys(warning for part in done for warning in part["warnings"])),
        best=best_moment(plan, scores, job.fps, job.duration),
        sprite=sprite,
        thumbnails=track,
    )


def _environment() -> dict[str, str]:
    """The worker finds this very package, leaves the second core to the encoder, and keeps the memory it reuses."""
    home = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(part for part in (home, os.environ.get("PYTHONPATH", "")) if part)
    return {
        **os.environ,
        "PYTHONPATH": path,
        "PYTHONIOENCODING": "utf-8",
        "OPENBLAS_NUM_THREADS": "1",
        # glibc would give back, and ask for anew, what each step takes; the film gives back when a scene is prepared.
        "MALLOC_MMAP_THRESHOLD_": str(64 << 20),
        "MALLOC_TRIM_THRESHOLD_": str(64 << 20),
    }


async def _converse(
    process: asyncio.subprocess.Process, order: Mapping[str, Any], on_frames: Callable[[int], None]
) -> tuple[Mapping[str, Any], str]:
    """Sends the order, follows the answers to the last."""
    assert process.stdin is not None
    try:
        process.stdin.write(json.dumps(order).encode() + b"\n")
        await process.stdin.drain()
    except ConnectionError:
        pass  # it died early; its standard error says why
    last, said, _ = await asyncio.gather(
        _follow(process.stdout, on_frames), tail(process.stderr, STDERR_KEPT), process.wait()
    )
    return last, said


async def _follow(stream: asyncio.StreamReader | None, on_frames: Callable[[int], None]) -> Mapping[str, Any]:
    assert stream is not None
    last: Mapping[str, Any] = {}
    async for line in stream:
        message = json.loads(line)
        if "frame" in message:
            on_frames(message["frame"])
        else:
            last = message
    return last


def _outcome(last: Mapping[str, Any], said: str, returncode: int | None) -> Mapping[str, Any]:
    done: Mapping[str, Any] | None = last.get("done")
    if done:
        return done
    if told := last.get("error"):
        raise _error(told)
    words = said.strip().splitlines()[-1:] or ["it said nothing"]
    raise MediaError(f"The renderer ended with status {returncode}: {words[0]}")


def _error(told: Mapping[str, Any]) -> MediaError:
    if told["kind"] == "FFmpegFailed":
        return FFmpegFailed(told["message"], returncode=told["returncode"], stderr=told["stderr"])
    kind = getattr(errors, told["kind"], MediaError)
    return kind(told["message"]) if kind in (FFmpegMissing, MediaError) else MediaError(told["message"])
