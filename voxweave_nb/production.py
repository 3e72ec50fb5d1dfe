"""The way of one video, from the narration to the files, with the only poll loop.

Everything here runs on the background loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .config import Settings, VideoConfig, VideoRequest
from .errors import (
    ContentRefused,
    DownloadFailed,
    GenerationFailed,
    JobCanceled,
    JobTimeout,
    MediaError,
    ProviderError,
    SubtitleError,
    VoxweaveError,
)
from .job import Job
from .models import Cue, JobState, Stage, SubtitleMode
from .outputs import Parts, publish, work_folder
from .providers.base import TOLD, Accepted, Assignment, Provider, ProviderStatus, tell
from .providers.fallback import Fallback
from .result import GeneratedVideo, Provenance
from .version import __version__

if TYPE_CHECKING:
    from .media.assemble import Assembled
    from .media.narration import Narration

__all__ = ["Production", "download", "poll", "prepared"]

_LONGEST_HINT = 60.0
"""Seconds that a provider's wish to be asked later is granted at the most."""

_FETCHES = 3
"""How often a picture is fetched that turns out to be none."""


class Production:
    """Carries one job through its four stages.

    Args:
        job: What is told of every step.
        chain: Who makes the picture.
        settings: Where files go and where caps lie.
        polling: Seconds between two status requests and how many at most, where the call gave them.
    """

    def __init__(
        self,
        job: Job,
        chain: Fallback,
        settings: Settings,
        *,
        polling: tuple[float | None, int | None] = (None, None),
    ) -> None:
        self._job = job
        self._chain = chain
        self._settings = settings
        self._polling = polling
        self._config: VideoConfig = job.request.config

    async def make(self) -> GeneratedVideo:
        """The finished video; whatever happens, the work folder is gone afterwards."""
        TOLD.set(self._job.log)
        with work_folder(self._settings.output_dir) as work:
            self._job.advance(Stage.UPLOAD, 0.0, f"Reading {self._job.request.narration.name}")
            script = await _read(self._job.request, work, self._settings)
            self._warn(script.warnings)
            self._job.advance(Stage.UPLOAD, 0.5)
            try:
                made = await self._generate(script, work / "picture")
            finally:
                await self._chain.aclose()
            return await self._finish(script, made, work)

    async def _generate(self, script: _Script, picture: Path) -> _Made:
        """The picture of the first provider that makes it."""
        job = self._job
        size = max(1, job.request.narration.stat().st_size)
        await self._chain.upload(
            job.request.narration, lambda sent: job.advance(Stage.UPLOAD, 0.5 + 0.5 * sent / size)
        )
        while True:
            accepted = await self._create(script)
            try:
                status = await self._wait_for(accepted, picture)
            except GenerationFailed as error:
                self._chain.pass_on(error)
                continue
            self._warn(accepted.warnings)
            self._warn(status.warnings)
            return _Made(accepted, status)

    async def _create(self, script: _Script) -> Accepted:
        job = self._job
        try:
            accepted = await self._chain.create(script.assignment("", self._config, job.id))
        except asyncio.CancelledError:
            job.fate = self._chain.fate
            raise
        job.provider, job.provider_job_id = accepted.provider, accepted.job_id
        length = f"{script.narration.duration:.1f} s of {self._config.style}"
        job.advance(Stage.GENERATE, 0.0, f"{accepted.provider} has taken the job: {length}")
        return accepted

    async def _wait_for(self, accepted: Accepted, picture: Path) -> ProviderStatus:
        job, chain = self._job, self._chain
        interval, tries = self._polling
        try:
            status = await poll(
                chain.answering, accepted.job_id, self._settings, self._follow, interval=interval, tries=tries
            )
            await chain.aclose()  # its place is free for the next
            job.advance(Stage.DOWNLOAD, 0.0, "Fetching the picture")
            await download(chain.answering, accepted.job_id, picture, self._follow_bytes)
        except BaseException as error:
            # A timed-out job may still finish and be fetched; one that nobody waits for, or that is free, may not.
            if chain.capabilities.free or isinstance(error, asyncio.CancelledError):
                job.fate = await asyncio.shield(chain.stop(accepted.job_id))
            raise
        job.advance(Stage.DOWNLOAD, 1.0)
        return status

    def _follow(self, status: ProviderStatus) -> None:
        if status.state is JobState.QUEUED:
            self._job.advance(Stage.GENERATE, None)
        else:
            self._job.advance(Stage.GENERATE, status.progress)

    def _follow_bytes(self, count: int) -> None:
        """Nobody says how many bytes there will be: the bar goes half of what is left with each 8 MB."""
        self._job.advance(Stage.DOWNLOAD, 1 - 0.5 ** (count / 8e6))

    async def _finish(self, script: _Script, made: _Made, work: Path) -> GeneratedVideo:
        done = await self._assemble(script, made, work)
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
            provenance=self._provenance(made),
            cues=script.cues,
            warnings=self._job.warnings,
            embed_limit=self._settings.embed_limit,
        )

    async def _assemble(self, script: _Script, made: _Made, work: Path) -> Assembled:
        from .media.assemble import assemble

        self._job.advance(Stage.SUBTITLES, 0.0, "Joining picture, narration and subtitles")
        return await assemble(
            work / "picture",
            script.narration,
            script.cues,
            size=self._config.size,
            format=self._config.format,
            subtitle_mode=self._config.subtitle_mode,
            fps=self._config.fps,
            metadata=self._tags(made.accepted.provider),
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

    def _tags(self, provider: str) -> dict[str, str]:
        config = self._config
        how = "Rendered locally" if provider == "local" else f"AI generated by {provider}"
        comment = f"{how} with voxweave_nb {__version__}; style: {config.style}"
        return {
            "title": config.title or config.prompt.split("\n")[0][:120] or self._job.request.narration.stem,
            "comment": f"{comment}; prompt: {config.prompt}" if config.prompt else comment,
        }

    def _provenance(self, made: _Made) -> Provenance:
        return Provenance(
            provider=made.accepted.provider,
            model=made.accepted.model,
            job_id=made.accepted.job_id,
            config=self._config,
            narration=self._job.request.narration.name,
            created=time.time(),
            seconds=self._job.elapsed,
            declined=dict(made.accepted.declined),
            understood=dict(made.status.understood),
            usd=made.accepted.usd,
            version=__version__,
        )

    def _warn(self, warnings: tuple[str, ...]) -> None:
        for warning in warnings:
            self._job.warn(warning)


@dataclass(frozen=True)
class _Made:
    """Who took the job and how it ended."""

    accepted: Accepted
    status: ProviderStatus


@dataclass(frozen=True)
class _Script:
    """What is said and what is read; `unread` are subtitles that could only be kept as they came."""

    narration: Narration
    cues: tuple[Cue, ...] = ()
    unread: Path | str | None = None
    warnings: tuple[str, ...] = field(default=())

    def assignment(self, reference: str, config: VideoConfig, request_id: str) -> Assignment:
        narration = self.narration
        return Assignment(narration.samples, reference, narration.duration, self.cues, config, request_id)


async def poll(
    provider: Provider,
    job_id: str,
    settings: Settings,
    on_status: Callable[[ProviderStatus], None],
    *,
    interval: float | None = None,
    tries: int | None = None,
) -> ProviderStatus:
    """Asks for a job's status until it has succeeded; a status request that fails is passed over and counted.

    Raises:
        GenerationFailed: The provider says that it failed.
        ContentRefused: The provider says that it refuses the content.
        JobCanceled: The provider says that it was stopped.
        JobTimeout: The tries are used up.
    """
    can = provider.capabilities
    pause = interval or can.poll_interval or settings.poll_interval
    limit: float = tries or (settings.poll_tries if can.deadline is None else can.deadline / pause)
    asked = failed = 0
    while asked < limit:
        asked += 1
        try:
            status = await provider.status(job_id)
        except ProviderError as error:
            if can.free:  # nothing is lost, and nothing in between can have failed
                raise
            failed += 1
            tell(f"A status request failed and is passed over: {error}")
            hint = getattr(error, "retry_after", None)
        else:
            on_status(status)
            if status.state.final:
                return _believe(status, provider, job_id)
            hint = status.poll_after
        if asked < limit:
            await asyncio.sleep(max(pause, min(hint or 0.0, _LONGEST_HINT)))
    raise _too_late(provider, job_id, asked, failed)


def _too_late(provider: Provider, job_id: str, asked: int, failed: int) -> JobTimeout:
    missed = f", {failed} of which failed" if failed else ""
    return JobTimeout(
        f"{provider.name} was still at work on job {job_id} after {asked} status requests{missed}. It was "
        f"accepted, may still finish and may be billed: {_how_to_resume(provider, job_id)}",
        provider=provider.name,
        job_id=job_id,
    )


def _how_to_resume(provider: Provider, job_id: str) -> str:
    return (
        f"service = VideoGenerationService({provider.name!r}), then await service.poll_video_status({job_id!r}) and "
        f"await service.download_video({job_id!r}, 'picture.mp4')."
    )


def _believe(status: ProviderStatus, provider: Provider, job_id: str) -> ProviderStatus:
    if status.state is JobState.SUCCEEDED:
        return status
    if status.state is JobState.CANCELED:
        raise JobCanceled(f"{provider.name} says that job {job_id} was stopped. {status.message}".strip())
    if status.refused:
        raise ContentRefused(
            f"{provider.name} refuses the content: {status.message}. Change the prompt; no other provider was asked.",
            provider=provider.name,
            job_id=job_id,
            body=status.message,
        )
    raise GenerationFailed(
        f"{provider.name} could not make the picture of job {job_id}: {status.message or 'it gave no reason'}",
        provider=provider.name,
        job_id=job_id,
        body=status.message,
    )


async def download(
    provider: Provider, job_id: str, to: Path, on_bytes: Callable[[int], None] = lambda _: None
) -> Path:
    """Fetches a finished picture under a temporary name, makes sure that it is one, and moves it to its own.

    Raises:
        DownloadFailed: It could not be fetched, or what came was no video, whatever it called itself.
    """
    to.parent.mkdir(parents=True, exist_ok=True)
    partial = to.with_name(f".{to.name}.partial")
    try:
        await _fetch_video(provider, job_id, partial, on_bytes)
        await asyncio.to_thread(partial.rename, to)
    finally:
        partial.unlink(missing_ok=True)
    return to


async def _fetch_video(provider: Provider, job_id: str, to: Path, on_bytes: Callable[[int], None]) -> None:
    for turn in range(_FETCHES):
        if turn:
            tell(f"What {provider.name} sent is no video; fetching it again.")
            await asyncio.sleep(turn)
        try:
            await provider.download(job_id, to, on_bytes)
        except DownloadFailed as error:
            raise _not_fetched(provider, job_id, str(error), error.status, error.body) from None
        if provider.capabilities.free or await asyncio.to_thread(_is_video, to):
            return
    start = await asyncio.to_thread(_beginning, to)
    raise _not_fetched(provider, job_id, f"What {provider.name} sent is no video: it begins with {start}.")


def _is_video(path: Path) -> bool:
    from .media.probe import probe

    try:
        return probe(path).video is not None
    except MediaError:
        return False


def _beginning(path: Path) -> str:
    with path.open("rb") as file:
        return repr(file.read(60).decode("utf-8", "replace"))


def _not_fetched(
    provider: Provider, job_id: str, why: str, status: int | None = None, body: str = ""
) -> DownloadFailed:
    return DownloadFailed(
        f"{why} Job {job_id} was accepted and may be billed; it may be fetched later: "
        f"{_how_to_resume(provider, job_id)}",
        provider=provider.name,
        status=status,
        job_id=job_id,
        body=body,
    )


@contextlib.asynccontextmanager
async def prepared(request: VideoRequest, reference: str, settings: Settings) -> AsyncIterator[Assignment]:
    """A request as a provider takes it; its files live as long as the context."""
    with work_folder(settings.output_dir) as work:
        script = await _read(request, work, settings)
        yield script.assignment(reference, request.config, f"voxweave-{secrets.token_hex(8)}")


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
