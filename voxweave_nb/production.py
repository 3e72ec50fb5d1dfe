"""The way of one video, from the narration to the files. Everything here runs on the background loop."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from .config import VideoConfig
from .errors import GenerationFailed, SubmissionInDoubt, SubtitleError, VoxweaveError
from .job import Job
from .journal import Create, Requested, Run, RunLedger, file_sha, points
from .models import Cue, JobState, Stage, SubtitleMode
from .outputs import FinishedFiles, publish, work_folder
from .polling import download, poll
from .providers.base import TOLD, Accepted, Assignment, ProviderStatus
from .providers.fallback import Fallback
from .request import VideoRequest
from .result import GeneratedVideo, Provenance
from .settings import Settings
from .version import __version__

if TYPE_CHECKING:
    from .media.assemble import Assembled
    from .media.narration import Narration

__all__ = ["Production", "prepared", "reuse_key"]


class Production:
    """Carries one job through its four stages, writing down each step before it is announced.

    Args:
        job: What is told of every step.
        chain: Who makes the picture.
        settings: Where files go and where caps lie.
        ledger: Where it is written down.
        polling: Seconds between two status requests and how many at most, where the call gave them.
    """

    def __init__(
        self,
        job: Job,
        chain: Fallback,
        settings: Settings,
        ledger: RunLedger,
        *,
        polling: tuple[float | None, int | None] = (None, None),
    ) -> None:
        self._job = job
        self._chain = chain
        self._settings = settings
        self._ledger = ledger
        self._polling = polling
        self._config: VideoConfig = job.request.config
        self._stopped = False
        chain.keeps = lambda: job.keeps

    async def make(self, *, reuse: Callable[[str], GeneratedVideo | None] | None = None) -> GeneratedVideo:
        """The finished video; whatever happens, the work folder is gone afterwards.

        Args:
            reuse: Looks for the result of an identical request, by its key.
        """
        TOLD.set(self._job.log)
        with work_folder(self._settings.output_dir) as work:
            script = await self._heard(work)
            sha = await asyncio.to_thread(file_sha, self._job.request.narration)
            key = reuse_key(sha, self._job.request, self._chain.names)
            if reuse is not None and (found := await asyncio.to_thread(reuse, key)) is not None:
                self._job.log("The same was asked before: here is that video, and nothing was spent.")
                return found
            await self._ledger.request(self._requested(script, sha, key))
            return await self._to_the_end(lambda: self._generate(script, work), script, work)

    def _requested(self, script: _Script, sha: str, key: str) -> Requested:
        request = self._job.request
        return Requested(
            narration=request.narration,
            narration_sha=sha,
            seconds=script.narration.duration,
            subtitles=request.subtitles,
            config=self._config,
            chain=self._chain.names,
            reuse_key=key,
            output_dir=self._settings.output_dir,
        )

    async def pick_up(self, run: Run) -> GeneratedVideo:
        """The finished video of a run that was left; sends no create, whatever it finds.

        Raises:
            SubmissionInDoubt: Nobody can tell whether it was accepted.
        """
        TOLD.set(self._job.log)
        with contextlib.ExitStack() as stack:
            try:
                work = stack.enter_context(work_folder(self._settings.output_dir))
                script = await self._heard(work)
                if await asyncio.to_thread(file_sha, run.narration) != run.narration_sha:
                    self._job.warn(f"The narration {run.narration.name} is not the one that was asked with.")
            except BaseException as error:
                await self._broke_off(error, run.create.job_id if run.create else None)
                raise
            return await self._to_the_end(lambda: self._take_up(run, script, work), script, work)

    async def _heard(self, work: Path) -> _Script:
        self._job.advance(Stage.UPLOAD, 0.0, f"Reading {self._job.request.narration.name}")
        script = await _read(self._job.request, work, self._settings)
        self._warn(script.warnings)
        self._job.advance(Stage.UPLOAD, 0.5)
        return script

    async def _to_the_end(
        self, picture: Callable[[], Awaitable[_Made]], script: _Script, work: Path
    ) -> GeneratedVideo:
        """From the picture to the files, with a sign of life all the while; how it ends is written down."""
        alive = asyncio.ensure_future(self._ledger.live())
        try:
            made = await picture()
            video = await self._finish(script, made, work)
        except BaseException as error:
            await self._broke_off(error, self._job.provider_job_id)
            raise
        finally:
            alive.cancel()
            await self._chain.aclose()
        ending = asyncio.create_task(self._ended(video, made))
        try:
            await asyncio.shield(ending)
        except asyncio.CancelledError:  # too late: the video is there
            await asyncio.wait([ending])
        return video

    async def _ended(self, video: GeneratedVideo, made: _Made) -> None:
        await self._ledger.finished(video.as_dict(), str(video))
        if made.kept is not None:
            await asyncio.to_thread(made.kept.unlink, missing_ok=True)

    async def _broke_off(self, error: BaseException, job_id: str | None) -> None:
        """Writes down that it ended without a video; one who stopped it is told that what is paid for is kept."""
        job = self._job
        stopped = isinstance(error, asyncio.CancelledError)
        if stopped and job_id and not job.fate and not self._chain.capabilities.free:
            job.fate = f"job {job_id} of {job.provider} is not lost: service.resume({job.id!r}) picks it up"
        await asyncio.shield(self._ledger.broke_off(error, stopped=self._stopped))

    async def _generate(self, script: _Script, work: Path) -> _Made:
        """The picture of the first provider that makes it."""
        job = self._job
        size = max(1, job.request.narration.stat().st_size)
        await self._chain.upload(
            job.request.narration, lambda sent: job.advance(Stage.UPLOAD, 0.5 + 0.5 * sent / size)
        )
        while True:
            accepted = await self._create(script)
            try:
                return await self._fetched(accepted, work)
            except GenerationFailed as error:
                await self._ledger.failed_at_provider(accepted.job_id, str(error))
                job.provider_job_id = None
                self._chain.pass_on(error)

    async def _take_up(self, run: Run, script: _Script, work: Path) -> _Made:
        """The picture of a run that was left, from where the journal stands."""
        create = run.create
        assert create is not None  # only such runs are picked up
        self._chain.take_up()
        job_id = create.job_id or await self._looked_for(create, script)
        accepted = Accepted(job_id, create.provider, create.model, create.usd)
        self._taken(accepted, f"Picking up job {job_id} at {create.provider}")
        picture = create.picture
        if picture is not None and await asyncio.to_thread(_is_whole, picture, create.picture_sha):
            return _Made(accepted, ProviderStatus(JobState.SUCCEEDED), picture, picture)
        return await self._fetched(accepted, work)

    async def _looked_for(self, create: Create, script: _Script) -> str:
        """The job of a create whose answer never came, where the provider's list leaves no doubt."""
        assignment = script.assignment("", self._config, create.request_id)
        job_id = await self._chain.look_for(assignment, create.at)
        if job_id is None:
            raise SubmissionInDoubt(
                f"{create.provider} was asked for this video, and its answer never came: it may have accepted and "
                "billed it. Its list does not show it, or it has none. Look there; if it is not there, generate it "
                "again.",
                provider=create.provider,
            )
        await self._ledger.settle(create.id, "accepted", job_id=job_id)
        return job_id

    async def _create(self, script: _Script) -> Accepted:
        job = self._job
        try:
            accepted = await self._chain.create(script.assignment("", self._config, job.id))
        except asyncio.CancelledError:
            job.fate, self._stopped = self._chain.fate, self._chain.stopped
            raise
        length = f"{script.narration.duration:.1f} s of {self._config.style}"
        self._taken(accepted, f"{accepted.provider} has taken the job: {length}")
        self._warn(accepted.warnings)
        return accepted

    def _taken(self, accepted: Accepted, said: str) -> None:
        self._job.provider, self._job.provider_job_id = accepted.provider, accepted.job_id
        self._job.advance(Stage.GENERATE, 0.0, said)

    async def _fetched(self, accepted: Accepted, work: Path) -> _Made:
        """The picture of a job that was accepted; one that is paid for is kept until the video is finished."""
        kept = None
        if not self._chain.capabilities.free and self._settings.home is not None:
            kept = self._settings.home / "pictures" / f"{self._job.id}-{_short(accepted.job_id)}.video"
        picture = kept or work / "picture"
        status = await self._wait_for(accepted, picture)
        await self._ledger.downloaded(accepted.job_id, picture)
        self._warn(status.warnings)
        return _Made(accepted, status, picture, kept)

    async def _wait_for(self, accepted: Accepted, picture: Path) -> ProviderStatus:
        job, chain = self._job, self._chain
        interval, tries = self._polling
        try:
            status = await poll(
                chain.answering,
                accepted.job_id,
                self._settings,
                lambda status: self._follow(accepted.job_id, status),
                interval=interval,
                tries=tries,
            )
            status = await asyncio.to_thread(_keep_stills, status, picture.parent)
            await chain.aclose()  # its place is free for the next
            points.reach("before the download")
            job.advance(Stage.DOWNLOAD, 0.0, "Fetching the picture")
            await download(chain.answering, accepted.job_id, picture, self._follow_bytes)
        except asyncio.CancelledError:
            await asyncio.shield(self._leave(accepted))
            raise
        except Exception:
            if chain.capabilities.free:  # nobody will fetch it
                await chain.stop(accepted.job_id)
            raise
        job.advance(Stage.DOWNLOAD, 1.0)
        return status

    async def _leave(self, accepted: Accepted) -> None:
        """Lets a paid job go on at its provider, or stops it, as the person chose."""
        job = self._job
        if job.keeps and not self._chain.capabilities.free:
            job.fate = (
                f"job {accepted.job_id} goes on at {accepted.provider} and may be billed: service.resume({job.id!r}) "
                "picks it up"
            )
            return
        self._stopped = True
        job.fate = await self._chain.stop(accepted.job_id)

    async def _follow(self, job_id: str, status: ProviderStatus) -> None:
        await self._ledger.status(job_id, status.state.value, status.message)
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
        poster = await self._poster(done, work, made.status.best)
        parts = FinishedFiles(done.path, script.cues, done.subtitle_mode, poster, script.unread)
        self._job.advance(Stage.SUBTITLES, 0.98)
        paths = await asyncio.to_thread(publish, parts, self._settings.output_dir, self._job.request)
        sprite, thumbnails = await asyncio.to_thread(_publish_stills, made.status, paths.video)
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
            sprite=sprite,
            thumbnails=thumbnails,
        )

    async def _assemble(self, script: _Script, made: _Made, work: Path) -> Assembled:
        from .media.assemble import assemble

        self._job.advance(Stage.SUBTITLES, 0.0, "Joining picture, narration and subtitles")
        return await assemble(
            made.picture,
            script.narration,
            script.cues,
            size=self._config.size,
            format=self._config.format,
            subtitle_mode=self._config.subtitle_mode,
            subtitle_look=self._config.subtitle_look,
            fps=self._config.fps,
            metadata=self._tags(made.accepted.provider),
            work=work,
            on_progress=lambda fraction: self._job.advance(Stage.SUBTITLES, 0.9 * fraction),
        )

    async def _poster(self, done: Assembled, work: Path, best: float | None) -> Path | None:
        from .media.poster import make_poster

        self._job.advance(Stage.SUBTITLES, 0.92, "Taking the poster")
        try:
            at = done.info.duration * 0.4 if best is None else best
            return await make_poster(done.path, work / "poster.jpg", at=at, exact=best is not None)
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


def _keep_stills(status: ProviderStatus, work: Path) -> ProviderStatus:
    """Copies the sprite sheet and its track, which are gone once the picture is fetched."""
    if status.sprite is None or status.thumbnails is None:
        return status
    work.mkdir(parents=True, exist_ok=True)
    copies = [Path(shutil.copy(path, work)) for path in (status.sprite, status.thumbnails)]
    return replace(status, sprite=copies[0], thumbnails=copies[1])


def _publish_stills(status: ProviderStatus, video: Path) -> tuple[Path | None, Path | None]:
    if status.sprite is None or status.thumbnails is None:
        return None, None
    from .render.thumbnails import move_sprite

    return move_sprite(status.sprite, status.thumbnails, video)


@dataclass(frozen=True)
class _Made:
    """Who took the job, how it ended, where the picture is, and the file of it that is to go once all is done."""

    accepted: Accepted
    status: ProviderStatus
    picture: Path
    kept: Path | None = None


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


def reuse_key(narration_sha: str, request: VideoRequest, chain: Sequence[str]) -> str:
    """What two identical requests have in common: the same sound and words, asked for in the same way of the same."""
    words = request.subtitles
    content = words.read_bytes() if isinstance(words, Path) else (words or "").encode()
    said = hashlib.sha256(content).hexdigest()
    settings = request.config.as_dict()
    if not content or request.config.subtitle_mode is not SubtitleMode.BURN:
        settings.pop("subtitle_look", None)  # no picture shows it
    facts = json.dumps([narration_sha, said, settings, list(chain)], sort_keys=True, default=str)
    return hashlib.sha256(facts.encode()).hexdigest()


def _is_whole(picture: Path, sha: str | None) -> bool:
    return picture.is_file() and file_sha(picture) == sha


def _short(job_id: str) -> str:
    return hashlib.sha256(job_id.encode()).hexdigest()[:8]
