"""The way of one video, from the narration to the files, with the only poll loop.

Everything here runs on the background loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .config import Settings, VideoConfig, VideoRequest
from .errors import GenerationFailed, JobCanceled, JobTimeout, SubtitleError, VoxweaveError
from .job import Job
from .models import Cue, JobState, Stage, SubtitleMode
from .outputs import Parts, publish, work_folder
from .providers.base import Assignment, Provider, ProviderStatus
from .result import GeneratedVideo, Provenance
from .version import __version__

if TYPE_CHECKING:
    from .media.assemble import Assembled
    from .media.narration import Narration

__all__ = ["Production", "download", "poll", "prepared"]


class Production:
    """Carries one job through its four stages.

    Args:
        job: What is told of every step.
        provider: Who makes the picture.
        settings: Where files go and where caps lie.
    """

    def __init__(self, job: Job, provider: Provider, settings: Settings) -> None:
        self._job = job
        self._provider = provider
        self._settings = settings
        self._config: VideoConfig = job.request.config

    async def make(self) -> GeneratedVideo:
        """The finished video; whatever happens, the work folder is gone afterwards."""
        with work_folder(self._settings.output_dir) as work:
            self._job.advance(Stage.UPLOAD, 0.0, f"Reading {self._job.request.narration.name}")
            script = await _read(self._job.request, work, self._settings)
            self._warn(script.warnings)
            self._job.advance(Stage.UPLOAD, 0.5)
            job_id, status = await self._generate(script, work / "picture")
            self._warn(status.warnings)
            return await self._finish(script, job_id, status, work)

    async def _generate(self, script: _Script, picture: Path) -> tuple[str, ProviderStatus]:
        job, provider = self._job, self._provider
        size = max(1, job.request.narration.stat().st_size)
        reference = await provider.upload(
            job.request.narration, lambda sent: job.advance(Stage.UPLOAD, 0.5 + 0.5 * sent / size)
        )
        job_id = await provider.create(script.assignment(reference, self._config))
        try:
            length = f"{script.narration.duration:.1f} s of {self._config.style}"
            job.advance(Stage.GENERATE, 0.0, f"{provider.name} has taken the job: {length}")
            status = await poll(provider, job_id, self._settings, self._follow)
            job.advance(Stage.DOWNLOAD, 0.0, "Fetching the picture")
            await download(provider, job_id, picture)
        except BaseException as error:
            # A timed-out job may still finish and be fetched; one that nobody waits for, or that is free, may not.
            if provider.capabilities.free or isinstance(error, asyncio.CancelledError):
                await asyncio.shield(provider.cancel(job_id))
            raise
        job.advance(Stage.DOWNLOAD, 1.0)
        return job_id, status

    def _follow(self, status: ProviderStatus) -> None:
        if status.state is JobState.QUEUED:
            self._job.advance(Stage.GENERATE, None)
        else:
            self._job.advance(Stage.GENERATE, status.progress)

    async def _finish(
        self, script: _Script, job_id: str, status: ProviderStatus, work: Path
    ) -> GeneratedVideo:
        done = await self._assemble(script, work)
        self._warn(done.warnings)
        poster = await self._poster(done, work)
        parts = Parts(done.path, script.cues, done.subtitle_mode, poster, script.unread)
        self._job.advance(Stage.SUBTITLES, 0.98)
        paths = await asyncio.to_thread(publish, parts, self._settings.output_dir, self._job.request)
        assert done.info.video is not None  # assembling has checked it
        return GeneratedVideo(
            path=paths.video,
            captions=paths.captions,
            poster=paths.poster,
            duration=done.info.duration,
            width=done.info.video.width,
            height=done.info.video.height,
            subtitle_mode=done.subtitle_mode if script.cues else SubtitleMode.NONE,
            provenance=self._provenance(job_id, status),
            cues=script.cues,
            warnings=self._job.warnings,
            embed_limit=self._settings.embed_limit,
        )

    async def _assemble(self, script: _Script, work: Path) -> Assembled:
        from .media.assemble import assemble

        self._job.advance(Stage.SUBTITLES, 0.0, "Joining picture, narration and subtitles")
        return await assemble(
            work / "picture",
            script.narration,
            script.cues,
            resolution=self._config.resolution,
            format=self._config.format,
            subtitle_mode=self._config.subtitle_mode,
            fps=self._config.fps,
            metadata=self._tags(),
            work=work,
            on_progress=lambda fraction: self._job.advance(Stage.SUBTITLES, 0.9 * fraction),
        )

    async def _poster(self, done: Assembled, work: Path) -> Path | None:
        from .media.poster import make_poster

        self._job.advance(Stage.SUBTITLES, 0.92, "Taking the poster")
        try:
            return await make_poster(done.path, work / "poster.jpg", at=done.info.duration * 0.4)
        except VoxweaveError as error:
            self._job.warn(f"The video has no poster: {error}")
            return None

    def _tags(self) -> dict[str, str]:
        config, provider = self._config, self._provider
        how = "Rendered locally" if provider.name == "local" else f"AI generated by {provider.name}"
        comment = f"{how} with voxweave_nb {__version__}; style: {config.style}"
        return {
            "title": config.title or config.prompt.split("\n")[0][:120] or self._job.request.narration.stem,
            "comment": f"{comment}; prompt: {config.prompt}" if config.prompt else comment,
        }

    def _provenance(self, job_id: str, status: ProviderStatus) -> Provenance:
        return Provenance(
            provider=self._provider.name,
            model=self._config.model,
            job_id=job_id,
            config=self._config,
            narration=self._job.request.narration.name,
            created=time.time(),
            seconds=self._job.elapsed,
            understood=dict(status.understood),
            version=__version__,
        )

    def _warn(self, warnings: tuple[str, ...]) -> None:
        for warning in warnings:
            self._job.warn(warning)


@dataclass(frozen=True)
class _Script:
    """What is said and what is read; `unread` are subtitles that could only be kept as they came."""

    narration: Narration
    cues: tuple[Cue, ...] = ()
    unread: Path | str | None = None
    warnings: tuple[str, ...] = field(default=())

    def assignment(self, reference: str, config: VideoConfig) -> Assignment:
        return Assignment(self.narration.samples, reference, self.narration.duration, self.cues, config)


async def poll(
    provider: Provider,
    job_id: str,
    settings: Settings,
    on_status: Callable[[ProviderStatus], None],
    *,
    interval: float | None = None,
    tries: int | None = None,
) -> ProviderStatus:
    """Asks for a job's status until it has succeeded.

    Raises:
        GenerationFailed: The provider says that it failed.
        JobCanceled: The provider says that it was stopped.
        JobTimeout: The tries are used up.
    """
    can = provider.capabilities
    pause = interval or can.poll_interval or settings.poll_interval
    limit: float = tries or (settings.poll_tries if can.deadline is None else can.deadline / pause)
    asked = 0
    while asked < limit:
        status = await provider.status(job_id)
        asked += 1
        on_status(status)
        if status.state.final:
            return _believe(status, provider, job_id)
        await asyncio.sleep(pause)
    raise JobTimeout(
        f"{provider.name} was still at work on job {job_id} after {asked} status requests ({asked * pause:.0f} s). "
        f"It may still finish: ask again with poll_video_status({job_id!r}).",
        provider=provider.name,
        job_id=job_id,
    )


def _believe(status: ProviderStatus, provider: Provider, job_id: str) -> ProviderStatus:
    if status.state is JobState.SUCCEEDED:
        return status
    if status.state is JobState.CANCELED:
        raise JobCanceled(f"{provider.name} says that job {job_id} was stopped. {status.message}".strip())
    raise GenerationFailed(
        f"{provider.name} could not make the picture: {status.message or 'it gave no reason'}",
        provider=provider.name,
        job_id=job_id,
    )


async def download(provider: Provider, job_id: str, to: Path) -> Path:
    """Fetches a finished picture under a temporary name and moves it to its own, so that it is never half there."""
    to.parent.mkdir(parents=True, exist_ok=True)
    partial = to.with_name(f".{to.name}.partial")
    try:
        await provider.download(job_id, partial, lambda _: None)
        await asyncio.to_thread(partial.rename, to)
    finally:
        partial.unlink(missing_ok=True)
    return to


@contextlib.asynccontextmanager
async def prepared(request: VideoRequest, reference: str, settings: Settings) -> AsyncIterator[Assignment]:
    """A request as a provider takes it; its files live as long as the context."""
    with work_folder(settings.output_dir) as work:
        script = await _read(request, work, settings)
        yield script.assignment(reference, request.config)


async def _read(request: VideoRequest, work: Path, settings: Settings) -> _Script:
    from .media.narration import open_narration

    stopped = False
    try:
        narration = await asyncio.to_thread(
            open_narration,
            request.narration,
            work=work,
            max_seconds=settings.max_narration_seconds,
            max_bytes=settings.max_narration_bytes,
            canceled=lambda: stopped,
        )
    finally:
        stopped = True  # a cancelled await does not end a thread: this does
    return await asyncio.to_thread(_with_subtitles, narration, request.subtitles)


def _with_subtitles(narration: Narration, source: Path | str | None) -> _Script:
    from .media.subtitles import read_subtitles

    if source is None:
        return _Script(narration, warnings=narration.warnings)
    try:
        read = read_subtitles(source, duration=narration.duration)
    except SubtitleError as error:
        why = f"The video has no captions, and the subtitles lie beside it as they came: {error}"
        return _Script(narration, unread=source, warnings=(*narration.warnings, why))
    return _Script(narration, read.cues, warnings=(*narration.warnings, *read.warnings))
