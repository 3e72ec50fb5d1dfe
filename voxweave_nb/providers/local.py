"""The provider that needs no key and no network: it renders on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..config import VideoConfig
from ..errors import ProviderError, VoxweaveError
from ..media.ffmpeg import find_ffmpeg
from ..models import JobState, VideoFormat, VideoQuality
from .base import Accepted, Assignment, Availability, Capabilities, Model, Plan, Provider, ProviderStatus

if TYPE_CHECKING:
    from ..render.renderer import Rendered, RenderJob

__all__ = ["LocalProvider"]

_DRAFT_FPS = 24


@dataclass
class _Render:
    """One render: its private folder, its task and how far it is."""

    folder: Path
    task: asyncio.Task[Rendered] | None = None
    started: bool = False
    progress: float = 0.0

    @property
    def picture(self) -> Path:
        return self.folder / "picture.mp4"


@dataclass
class _Slots:
    """How many renders run side by side: each keeps a core for the picture and one for the encoder."""

    total: int = field(default_factory=lambda: max(1, (os.cpu_count() or 2) // 2))

    def __post_init__(self) -> None:
        self.free = asyncio.Semaphore(self.total)


class LocalProvider(Provider):
    """Renders an audio-reactive video in the asked style; free, offline, as long as the narration."""

    name = "local"
    capabilities = Capabilities(
        models=(Model("local", narration="drives"),),
        cancel=True,
        poll_interval=0.1,
        deadline=math.inf,
        free=True,
        source="this package",
    )

    def __init__(self) -> None:
        self._renders: dict[str, _Render] = {}
        self._slots = _Slots()

    def availability(self) -> Availability:
        """Ready wherever an encoder is: FFmpeg, or the one inside PyAV."""
        try:
            version = find_ffmpeg().version
        except VoxweaveError as error:
            return Availability(True, f"renders on this machine without FFmpeg, so without titles: {error}")
        return Availability(True, f"renders on this machine, free and offline (FFmpeg {version})")

    def plan(self, config: VideoConfig, duration: float) -> Plan:
        """Whatever was asked, for nothing."""
        return Plan(self.capabilities.models[0], config.size, duration, config.prompt, 0.0)

    async def upload(self, narration: Path, on_bytes: Callable[[int], None]) -> str:
        """Nothing has to go anywhere."""
        on_bytes(narration.stat().st_size)
        return str(narration)

    async def create(self, assignment: Assignment) -> Accepted:
        """Starts the render in a process of its own, or queues it behind others."""
        job_id = f"local-{secrets.token_hex(6)}"
        work = _Render(Path(tempfile.mkdtemp(prefix="voxweave-")))
        self._renders[job_id] = work
        samples = work.folder / "samples.s16"
        await asyncio.to_thread(shutil.copyfile, assignment.narration, samples)
        work.task = asyncio.create_task(self._run(work, _render_job(assignment, samples)))
        return Accepted(job_id, self.name, usd=0.0)

    async def _run(self, work: _Render, job: RenderJob) -> Rendered:
        async with self._slots.free:
            work.started = True

            def follow(fraction: float) -> None:
                work.progress = fraction

            from ..render.renderer import render

            share = max(1, self._slots.total // max(1, len(self._renders)))
            return await render(job, work.picture, work=work.folder, processes=share, on_progress=follow)

    async def status(self, job_id: str) -> ProviderStatus:
        """How many of the frames are drawn."""
        work = self._find(job_id)
        task = work.task
        if task is None or not task.done():
            state = JobState.RUNNING if work.started else JobState.QUEUED
            return ProviderStatus(state, work.progress)
        if task.cancelled():
            return ProviderStatus(JobState.CANCELED, work.progress, "The render was stopped.")
        if error := task.exception():
            return ProviderStatus(JobState.FAILED, work.progress, str(error) or type(error).__name__)
        rendered = task.result()
        return ProviderStatus(
            JobState.SUCCEEDED,
            1.0,
            warnings=rendered.warnings,
            understood=rendered.understood,
            best=rendered.best,
            sprite=rendered.sprite,
            thumbnails=rendered.thumbnails,
        )

    async def download(self, job_id: str, to: Path, on_bytes: Callable[[int], None]) -> None:
        """Moves the picture to where the service wants it."""
        work = self._find(job_id)
        await asyncio.to_thread(shutil.move, work.picture, to)
        on_bytes(to.stat().st_size)
        await self.cancel(job_id)

    async def cancel(self, job_id: str) -> bool:
        """Ends the render's processes and removes its folder."""
        work = self._renders.pop(job_id, None)
        if work is not None:
            if work.task is not None:
                work.task.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await work.task
            # Not in a thread: when Python is leaving, none can be started any more.
            shutil.rmtree(work.folder, ignore_errors=True)
        return True

    async def aclose(self) -> None:
        """Ends every render."""
        for job_id in list(self._renders):
            await self.cancel(job_id)

    def _find(self, job_id: str) -> _Render:
        try:
            return self._renders[job_id]
        except KeyError:
            raise ProviderError(
                f"The local renderer knows no job {job_id!r}: it was fetched, stopped, or made by another "
                "process. Generate it again; it costs nothing.",
                provider=self.name,
                job_id=job_id,
            ) from None


def _render_job(assignment: Assignment, samples: Path) -> RenderJob:
    from ..render.renderer import RenderJob

    config = assignment.config
    width, height = config.size
    return RenderJob(
        samples=str(samples),
        duration=assignment.duration,
        cues=list(assignment.cues),
        style=config.style,
        width=width,
        height=height,
        fps=min(config.fps, _DRAFT_FPS) if config.quality is VideoQuality.DRAFT else config.fps,
        prompt=config.prompt,
        title=config.title,
        seed=config.seed,
        reduce_motion=config.reduce_motion,
        codec="vp9" if config.format is VideoFormat.WEBM else "h264",
        quality=config.quality,
    )
