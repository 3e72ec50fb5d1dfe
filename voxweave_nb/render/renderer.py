"""Rendering in a process of its own, so that neither the kernel's loop nor its interpreter lock is ever held."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import errors
from ..errors import FFmpegFailed, FFmpegMissing, MediaError
from ..media.ffmpeg import end_group
from .plan import RenderJob

__all__ = ["RenderJob", "Rendered", "render"]

_STDERR_KEPT = 4000


@dataclass(frozen=True)
class Rendered:
    """What came of a render.

    Attributes:
        understood: What was read in the prompt, such as `{"time": "dawn", "colors": "gold"}`.
        warnings: What could not be done, in sentences.
    """

    understood: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


async def render(
    job: RenderJob, to: Path, *, work: Path, on_progress: Callable[[float], None] = lambda _: None
) -> Rendered:
    """Renders a video without sound.

    Cancelling the await ends the worker and its encoder and removes the file.

    Args:
        job: What to render.
        to: The file to write, MP4.
        work: A private folder, for the words' script and font.
        on_progress: Told a fraction from 0 to 1, by frames that are really drawn.

    Raises:
        FFmpegFailed: The encoder refused.
        MediaError: The renderer stopped for another reason; the message has it.
    """
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
        last, said = await _converse(process, job, to, work, on_progress)
        rendered = _outcome(last, said, process.returncode)
        finished = True
        on_progress(1.0)
        return rendered
    finally:
        await end_group(process)
        if not finished:
            to.unlink(missing_ok=True)


def _environment() -> dict[str, str]:
    """The worker finds this very package, and leaves the second core to the encoder."""
    home = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(part for part in (home, os.environ.get("PYTHONPATH", "")) if part)
    return {**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", "OPENBLAS_NUM_THREADS": "1"}


async def _converse(
    process: asyncio.subprocess.Process,
    job: RenderJob,
    to: Path,
    work: Path,
    on_progress: Callable[[float], None],
) -> tuple[Mapping[str, Any], str]:
    """Sends the order, follows the answers to the last."""
    assert process.stdin is not None
    order = {"job": json.loads(job.to_json()), "to": str(to.absolute()), "work": str(work.absolute())}
    try:
        process.stdin.write(json.dumps(order).encode() + b"\n")
        await process.stdin.drain()
    except ConnectionError:
        pass  # it died early; its standard error says why
    last, said, _ = await asyncio.gather(
        _follow(process.stdout, job.frames, on_progress), _tail(process.stderr), process.wait()
    )
    return last, said


async def _follow(
    stream: asyncio.StreamReader | None, frames: int, on_progress: Callable[[float], None]
) -> Mapping[str, Any]:
    assert stream is not None
    last: Mapping[str, Any] = {}
    async for line in stream:
        message = json.loads(line)
        if "frame" in message:
            on_progress(min(1.0, message["frame"] / frames))
        else:
            last = message
    return last


async def _tail(stream: asyncio.StreamReader | None) -> str:
    assert stream is not None
    kept = b""
    while piece := await stream.read(65536):
        kept = (kept + piece)[-_STDERR_KEPT:]
    return kept.decode("utf-8", "replace")


def _outcome(last: Mapping[str, Any], said: str, returncode: int | None) -> Rendered:
    if done := last.get("done"):
        return Rendered(done["understood"], tuple(done["warnings"]))
    if told := last.get("error"):
        raise _error(told)
    words = said.strip().splitlines()[-1:] or ["it said nothing"]
    raise MediaError(f"The renderer ended with status {returncode}: {words[0]}")


def _error(told: Mapping[str, Any]) -> MediaError:
    if told["kind"] == "FFmpegFailed":
        return FFmpegFailed(told["message"], returncode=told["returncode"], stderr=told["stderr"])
    kind = getattr(errors, told["kind"], MediaError)
    return kind(told["message"]) if kind in (FFmpegMissing, MediaError) else MediaError(told["message"])
