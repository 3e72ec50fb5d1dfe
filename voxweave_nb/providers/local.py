"""The provider without key and network: the renderer of this machine."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import math
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

from ..config import VideoConfig
from ..errors import ProviderError, ProviderUnavailable, VoxweaveError
from ..media.ffmpeg import find_ffmpeg
from ..models import JobState, VideoFormat
from ..private_folders import new_private_folder, remove_left_folders
from ..render.job import rendered_fps
from ..render.scene_list import check_scenes
from ..settings import Settings
from ..styles import load_style
from ..styles.places import missing_places
from .base import Provider
from .extras import warn_of_unsent
from .types import Accepted, Availability, Capabilities, ClipExtras, ClipRequest, Model, Plan, ProviderStatus

if TYPE_CHECKING:
    from ..render.renderer import Rendered, RenderJob

__all__ = ["LocalProvider", "Renderer"]

_FOLDER_PREFIX = "voxweave-render-"
_NO_IMAGE = "local draws every frame itself and takes no image: the video does not show it."
_MAKE_ROOM = "Free some space in the temporary folder, or name another one in TMPDIR."


class Renderer(Protocol):
    """Renders on other machines."""

    async def __call__(
        self, job: RenderJob, to: Path, *, work: Path, on_progress: Callable[[float], None]
    ) -> Rendered:
        """Render a video without sound; canceling it stops the render.

        Args:
            job: What to render.
            to: The target, MP4.
            work: A private folder of this machine.
            on_progress: Called with the share of the frames that are drawn, 0 to 1, once the render has begun.

        Raises:
            ProviderUnavailable: It cannot be rendered there; this machine does it and says why.
            MediaError: The renderer failed for the reason in the message.
        """


@dataclass
class _Render:
    """A render: its private folder, its task and its progress."""

    folder: Path
    task: asyncio.Task[Rendered] | None = None
    started: bool = False
    progress: float = 0.0

    @property
    def clip(self) -> Path:
        return self.folder / "clip.mp4"


@dataclass
class _Slots:
    """The renders that run side by side: each needs a core for painting and one for the encoder."""

    total: int = field(default_factory=lambda: max(1, (os.cpu_count() or 2) // 2))

    def __post_init__(self) -> None:
        self.free = asyncio.Semaphore(self.total)


class LocalProvider(Provider):
    """Renders an audio-reactive video in one of the seven styles: free, offline, as long as the narration.

    Args:
        settings: Settings of its own, instead of the service's.
        renderer: Renders on other machines; None renders here.
    """

    name = "local"
    capabilities = Capabilities(
        models=(Model("local", narration="drives"),),
        cancel=True,
        poll_interval=0.1,
        deadline=math.inf,
        free=True,
        seeds=True,
        source="this package",
        films=True,
    )

    def __init__(self, *, settings: Settings | None = None, renderer: Renderer | None = None) -> None:
        self._settings = settings
        self._renderer = renderer
        self._renders: dict[str, _Render] = {}
        self._slots = _Slots()

    def rendering_by(self, renderer: Renderer) -> Self:
        """Return another provider that lets `renderer` render, and renders here only where that cannot."""
        return type(self)(settings=self._settings, renderer=renderer)

    def availability(self) -> Availability:
        """Ready with FFmpeg, or with the encoder inside PyAV."""
        try:
            version = find_ffmpeg().version
        except VoxweaveError as error:
            return Availability(True, f"renders on this machine without FFmpeg, so without titles: {error}")
        return Availability(True, f"renders on this machine, free and offline (FFmpeg {version})")

    def plan(self, config: VideoConfig, duration: float) -> Plan:
        """Return the config as a plan: the renderer makes every size and length, for free.

        A script of the title that is known to have no font gets a warning (`media/fonts.py`), and so does an image,
        which is left out.
        """
        from ..media.fonts import missing_fonts
        from ..render.phrases import title_of

        plan = Plan(
            self.capabilities.models[0],
            config.size,
            duration,
            config.prompt,
            usd=0.0,
            warnings=tuple(missing_places(config.prompt, config.style)),
            provider=self.name,
            duration=duration,
            config=config,
        )
        title = title_of(config.prompt) if config.title is None else config.title
        plan = replace(plan, warnings=(*plan.warnings, *missing_fonts(title, "the title")))
        if config.image is not None:
            plan = replace(plan, warnings=(*plan.warnings, _NO_IMAGE))
        return warn_of_unsent(plan, config.extra)

    async def upload(self, narration: Path, on_bytes: Callable[[int], None]) -> str:
        """Return the path: nothing has to be uploaded."""
        on_bytes(narration.stat().st_size)
        return str(narration)

    async def submit(self, request: ClipRequest) -> Accepted:
        """Start the render in a process of its own, or queue it behind others.

        Raises:
            ConfigError: The request's scenes, or those of the film that it is a part of, do not fill the narration.
        """
        _check_scenes(request)
        job_id = f"local-{secrets.token_hex(6)}"
        try:
            await asyncio.to_thread(remove_left_folders, _FOLDER_PREFIX)
            work = self._renders[job_id] = _Render(new_private_folder(_FOLDER_PREFIX))
            samples = work.folder / "samples.s16"
            sound = request.narration if request.part is None else request.part.narration
            await asyncio.to_thread(shutil.copyfile, sound, samples)
        except BaseException as error:
            await self.cancel(job_id)
            if isinstance(error, OSError):
                raise ProviderUnavailable(
                    f"{self.name} cannot write its files to the temporary folder ({error}). {_MAKE_ROOM}",
                    provider=self.name,
                ) from error
            raise
        work.task = asyncio.create_task(self._run(work, _render_job(request, samples)))
        return Accepted(job_id, warnings=tuple(_missing_in_scenes(request)))

    async def _run(self, work: _Render, job: RenderJob) -> Rendered:
        def follow(fraction: float) -> None:
            work.started, work.progress = True, fraction

        if self._renderer is None:
            return await self._render_here(work, job, follow)
        try:
            return await self._renderer(job, work.clip, work=work.folder, on_progress=follow)
        except ProviderUnavailable as error:
            rendered = await self._render_here(work, job, follow)
            return replace(rendered, warnings=(str(error), *rendered.warnings))

    async def _render_here(self, work: _Render, job: RenderJob, follow: Callable[[float], None]) -> Rendered:
        async with self._slots.free:
            work.started = True
            from ..render.renderer import render

            share = max(1, self._slots.total // max(1, len(self._renders)))
            return await render(job, work.clip, work=work.folder, processes=share, on_progress=follow)

    async def status(self, job_id: str) -> ProviderStatus:
        """Return the share of frames that are drawn."""
        work = self._find(job_id)
        task = work.task
        if task is None or not task.done():
            state = JobState.RUNNING if work.started else JobState.QUEUED
            return ProviderStatus(state, work.progress)
        if task.cancelled():
            return ProviderStatus(JobState.CANCELED, work.progress, "The render was canceled.")
        if error := task.exception():
            return ProviderStatus(JobState.FAILED, work.progress, _why_failed(error))
        rendered = task.result()
        return ProviderStatus(
            JobState.SUCCEEDED,
            1.0,
            warnings=rendered.warnings,
            extras=ClipExtras(rendered.understood, rendered.best, rendered.sprite, rendered.thumbnails),
        )

    async def download(self, job_id: str, to: Path, on_bytes: Callable[[int], None]) -> None:
        """Move the clip to its target."""
        work = self._find(job_id)
        await asyncio.to_thread(shutil.move, work.clip, to)
        on_bytes(to.stat().st_size)
        await self.cancel(job_id)

    async def cancel(self, job_id: str) -> bool:
        """End the render's processes and remove its folder."""
        work = self._renders.pop(job_id, None)
        if work is not None:
            if work.task is not None:
                work.task.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await work.task
            # Not in a thread: at exit Python starts no more threads.
            shutil.rmtree(work.folder, ignore_errors=True)
        return True

    async def aclose(self) -> None:
        """End every render."""
        for job_id in list(self._renders):
            await self.cancel(job_id)

    def _find(self, job_id: str) -> _Render:
        try:
            return self._renders[job_id]
        except KeyError:
            raise ProviderError(
                f"Unknown local job {job_id!r}: it was downloaded, canceled, or belongs to another process. Generate "
                "the video again; it is free.",
                provider=self.name,
                job_id=job_id,
            ) from None


def _why_failed(error: BaseException) -> str:
    message = str(error) or type(error).__name__
    full = os.strerror(errno.ENOSPC) in message
    return f"{message.rstrip('.')}. {_MAKE_ROOM}" if full else message


def _check_scenes(request: ClipRequest) -> None:
    config = request.config
    names = [each["name"] for each in load_style(config.style).variations]
    fps = rendered_fps(config.fps, config.quality)
    check_scenes(request.scenes, duration=request.duration, fps=fps, variations=names)
    if (part := request.part) is not None:
        check_scenes(part.scenes, duration=part.duration, fps=fps, variations=names)


def _missing_in_scenes(request: ClipRequest) -> Iterator[str]:
    """Yield a sentence for each place that a scene asks for and the style cannot draw."""
    for number, scene in enumerate(request.scenes, 1):
        for sentence in missing_places(scene.prompt, request.config.style):
            yield f"Scene {number}: {sentence}"


def _render_job(request: ClipRequest, samples: Path) -> RenderJob:
    from ..render.renderer import RenderJob

    config, plan = request.config, request.plan
    width, height = plan.size
    job = RenderJob(
        samples=str(samples),
        duration=request.duration,
        cues=list(request.cues),
        style=config.style,
        width=width,
        height=height,
        fps=rendered_fps(config.fps, config.quality),
        prompt=config.prompt,
        title=config.title,
        seed=config.seed,
        reduce_motion=config.reduce_motion,
        codec="vp9" if config.format is VideoFormat.WEBM else "h264",
        quality=config.quality,
        variation=config.variation,
        scenes=request.scenes,
    )
    if (part := request.part) is None:
        return job
    return replace(
        job,
        duration=part.duration,
        cues=list(part.cues),
        prompt=part.prompt,
        title=part.title,
        scenes=part.scenes,
        only=part.number,
    )
