"""The video: its script, its clips, the narration and captions, the poster, the published files."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..config import VideoConfig, VideoOptions
from ..environment import FrontEnd, front_end
from ..errors import VoxweaveError
from ..inputs import SubtitlesLike
from ..job import JobReporter
from ..journal import INTERRUPTED, Run, RunLedger, file_sha
from ..kept_files import KeptFiles
from ..models import Stage, SubtitleMode
from ..outputs import FinishedFiles, disk_errors, make_rendition, publish, work_folder
from ..providers.base import Provider
from ..providers.pool import ProviderPool
from ..providers.types import ClipExtras, Plan
from ..result import GeneratedVideo, Provenance
from ..settings import Settings
from ..version import __version__
from .clip import Clip, ClipBrief, ClipMaker, Polling
from .delivery import differences
from .fallback import Candidates
from .script import ReadScript, read_script, reuse_key

if TYPE_CHECKING:
    from ..media.assemble import Assembled

__all__ = ["SubmitOptions", "VideoMaker", "make_clips"]


class SubmitOptions(VideoOptions, total=False):
    """The keyword arguments of `VideoGenerationService.submit`."""

    subtitles: SubtitlesLike | None
    config: VideoConfig | Mapping[str, Any] | None
    plan: Plan | None
    budget: float | None
    unknown_prices: bool
    reuse: bool
    on_doubt: Literal["stop", "next"] | None
    on_interrupt: Literal["detach", "cancel"]
    poll_interval: float | None
    poll_tries: int | None
    group: str | None


async def make_clips(makers: Sequence[ClipMaker], work: Path) -> list[Clip]:
    """Make several clips side by side; if one fails, the others are canceled and its error is raised."""
    tasks = [asyncio.ensure_future(maker.make(work)) for maker in makers]
    try:
        return list(await asyncio.gather(*tasks))
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        raise


async def _only_clip(maker: ClipMaker, work: Path) -> Clip:
    (clip,) = await make_clips([maker], work)
    return clip


class VideoMaker:
    """Makes or resumes one video, journaling each step before it is announced.

    Args:
        reporter: Told of every step.
        providers: The providers, in the order in which they are asked.
        pool: Their pool, for slots and for providers that are gone.
        settings: Folders and limits.
        ledger: The run's side of the journal.
        polling: The pace of status requests.
        plan: A plan that was shown to the person, or None.
    """

    def __init__(
        self,
        reporter: JobReporter,
        providers: Sequence[Provider],
        pool: ProviderPool,
        settings: Settings,
        ledger: RunLedger,
        *,
        polling: Polling | None = None,
        plan: Plan | None = None,
    ) -> None:
        self._reporter, self._job = reporter, reporter.job
        self._request, self._config = reporter.job.request, reporter.job.request.config
        self._pool, self._settings, self._ledger = pool, settings, ledger
        self._polling, self._plan = polling, plan
        self._candidates = Candidates(
            providers,
            gone=pool.gone,
            model=self._config.model,
            say=reporter.log,
            warn=reporter.warn,
            last_resort=None if self._config.provider else pool.last_resort,
        )

    async def make(
        self,
        *,
        find_identical: Callable[[str], GeneratedVideo | None] | None = None,
        group: str | None = None,
    ) -> GeneratedVideo:
        """Make the video; the work folder is removed in any case.

        Args:
            find_identical: Looks for the result of an identical request by its key.
            group: The id of the journal's group that the run belongs to, or None.
        """
        with work_folder(self._settings.output_dir) as work:
            script = await self._read_script(work)
            sha = await asyncio.to_thread(file_sha, self._request.narration)
            names = self._pool.without_last_resort(self._candidates.names)
            key = reuse_key(sha, self._request, names)
            if find_identical is not None:
                found = await asyncio.to_thread(find_identical, key)
                # The key does not name the last resort: its video only replaced the one that was asked for.
                last = self._pool.last_resort
                stand_in = last.name if last is not None and last.name not in names else None
                if found is not None and found.provenance.provider != stand_in:
                    self._reporter.log("An identical request was made before: this is its video, at no cost.")
                    await self._prepare_for_vscode(found.path)
                    return found
            requested = script.requested(
                self._request,
                sha=sha,
                chain=self._candidates.names,
                key=key,
                output_dir=self._settings.output_dir,
                group=group,
            )
            await self._ledger.request(requested)
            maker = self._clip_maker(script.brief(self._request, self._job.id, plan=self._plan))
            return await self._finish(
                maker, lambda: _only_clip(maker, work), lambda clip: self._publish(script, clip, work)
            )

    async def resume(self, run: Run) -> GeneratedVideo:
        """Finish a run that was left; nothing is submitted.

        Raises:
            SubmissionInDoubt: The answer to the submission was lost, and the provider's list does not settle it.
        """
        attempt = run.attempt
        assert attempt is not None  # only runs with an attempt are resumed
        with contextlib.ExitStack() as stack:
            try:
                work = stack.enter_context(work_folder(self._settings.output_dir))
                script = await self._read_script(work)
                if await asyncio.to_thread(file_sha, run.narration) != run.narration_sha:
                    self._reporter.warn(f"The narration {run.narration.name} has changed since the request.")
            except BaseException as error:
                await self._record_failure(error, attempt.job_id)
                raise
            maker = self._clip_maker(script.brief(self._request, attempt.request_id))
            return await self._finish(
                maker, lambda: maker.resume(attempt, work), lambda clip: self._publish(script, clip, work)
            )

    async def _read_script(self, work: Path) -> ReadScript:
        if (written := self._request.script) is not None:
            from ..speech.studio import speak

            kept, most = KeptFiles.of(self._settings), self._settings.max_narration_seconds
            await speak(written, kept=kept, work=work, most_seconds=most, say=self._say_reading)
        self._reporter.advance(Stage.UPLOAD, 0.25, f"Reading {self._request.narration.name}")
        script = await read_script(self._request, work, self._settings, self._say_reading)
        self._reporter.warn(*script.warnings)
        self._reporter.advance(Stage.UPLOAD, 0.5)
        return script

    def _say_reading(self, sentence: str) -> None:
        self._reporter.advance(Stage.UPLOAD, 0.25, sentence)

    def _clip_maker(self, brief: ClipBrief) -> ClipMaker:
        return ClipMaker(
            brief,
            self._candidates,
            slot_of=self._pool.slot,
            settings=self._settings,
            ledger=self._ledger,
            reporter=self._reporter,
            polling=self._polling,
        )

    async def _finish(
        self,
        maker: ClipMaker,
        fetch: Callable[[], Awaitable[Clip]],
        publish: Callable[[Clip], Awaitable[GeneratedVideo]],
    ) -> GeneratedVideo:
        """Go from the clip to the files, keeping the journal's lease alive; journal how it ends."""
        with self._ledger.kept_alive():
            try:
                with disk_errors(self._settings.output_dir, self._how_to_resume):
                    clip = await fetch()
                    video = await publish(clip)
            except BaseException as error:
                await self._record_failure(error, self._job.provider_job_id, maker)
                raise
            finally:
                await maker.aclose()
        ending = asyncio.create_task(self._record_result(video, clip))
        try:
            await asyncio.shield(ending)
        except asyncio.CancelledError:  # too late to cancel: the video is there
            await asyncio.wait([ending])
        return video

    def _how_to_resume(self) -> str:
        """Return a sentence that tells how to finish a paid job; empty if nothing was paid."""
        job, provider = self._job, self._job.provider
        if job.provider_job_id is None or self._pool.get(provider).capabilities.free:
            return ""
        return (
            f"Job {job.provider_job_id} of {provider} is not lost: finish the video with service.resume({job.id!r}) "
            f"or `voxweave-nb jobs --resume {job.id}`."
        )

    async def _record_result(self, video: GeneratedVideo, clip: Clip) -> None:
        await self._ledger.finished(video.as_dict(), str(video))
        if clip.kept is not None:
            await asyncio.to_thread(clip.kept.unlink, missing_ok=True)

    async def _record_failure(
        self, error: BaseException, job_id: str | None, maker: ClipMaker | None = None
    ) -> None:
        """Journal an end without a video; tell a person who canceled how to resume a paid job."""
        job = self._job
        canceled = isinstance(error, asyncio.CancelledError)
        provider = maker.provider if maker else next(iter(self._candidates.left), None)
        paid = provider is not None and not provider.capabilities.free
        if canceled and job_id and not job.fate and paid:
            job.fate = (
                f"job {job_id} of {job.provider} is not lost: resume it with service.resume({job.id!r})"
            )
        if canceled and job.keeps:  # nobody canceled it
            error = asyncio.CancelledError(INTERRUPTED)
        await asyncio.shield(self._ledger.failed(error, stopped=bool(maker and maker.stopped)))

    async def _publish(self, script: ReadScript, clip: Clip, work: Path) -> GeneratedVideo:
        extras = clip.status.extras or ClipExtras()
        done = await self._assemble(script, clip, work)
        if clip.job.plan is not None:
            self._reporter.warn(*differences(clip.job.plan, done.clip, to=self._config.size))
        self._reporter.warn(*done.warnings)
        poster = await self._make_poster(done, work, extras.poster_at)
        stills = (extras.sprite, extras.thumbnails)
        parts = FinishedFiles(done.path, script.cues, done.subtitle_mode, poster, script.unread, *stills)
        self._reporter.advance(Stage.SUBTITLES, 0.98)
        paths = await asyncio.to_thread(publish, parts, self._settings.output_dir, self._request)
        self._reporter.warn(*paths.warnings)
        await self._prepare_for_vscode(paths.video)
        assert done.info.video is not None  # assembling has checked it
        return GeneratedVideo(
            path=paths.video,
            captions=paths.captions,
            poster=paths.poster,
            duration=done.info.duration,
            width=done.info.video.width,
            height=done.info.video.height,
            subtitle_mode=done.subtitle_mode if script.cues else SubtitleMode.NONE,
            provenance=self._provenance(clip, extras),
            cues=script.cues,
            warnings=self._job.warnings,
            embed_limit=self._settings.embed_limit,
            sprite=paths.sprite,
            thumbnails=paths.thumbnails,
        )

    async def _assemble(self, script: ReadScript, clip: Clip, work: Path) -> Assembled:
        from ..media.assemble import assemble

        self._reporter.advance(Stage.SUBTITLES, 0.0, "Muxing clip, narration and subtitles")
        return await assemble(
            clip.path,
            script.narration,
            script.cues,
            size=self._config.size,
            format=self._config.format,
            subtitle_mode=self._config.subtitle_mode,
            subtitle_look=self._config.subtitle_look,
            fps=self._config.fps,
            metadata=self._metadata(clip.job.provider.name),
            work=work,
            on_progress=lambda fraction: self._reporter.advance(Stage.SUBTITLES, 0.9 * fraction),
        )

    async def _make_poster(self, done: Assembled, work: Path, best: float | None) -> Path | None:
        from ..media.poster import make_poster

        self._reporter.advance(Stage.SUBTITLES, 0.92, "Making the poster")
        try:
            at = done.info.duration * 0.4 if best is None else best
            return await make_poster(done.path, work / "poster.jpg", at=at, exact=best is not None)
        except VoxweaveError as error:
            self._reporter.warn(f"The video has no poster: {error}")
            return None

    async def _prepare_for_vscode(self, video: Path) -> None:
        """Make the rendition that the result in VS Code embeds; the result itself has no time to encode frames."""
        if front_end() is not FrontEnd.VSCODE or video.stat().st_size > self._settings.embed_limit:
            return
        try:
            await make_rendition(video)
        except VoxweaveError as error:
            self._reporter.warn(f"VS Code cannot play this video in its result: {error}")

    def _metadata(self, provider: str) -> dict[str, str]:
        config = self._config
        how = "Rendered locally" if provider == "local" else f"AI generated by {provider}"
        comment = f"{how} with voxweave_nb {__version__}; style: {config.style}"
        return {
            "title": config.title or config.prompt.split("\n")[0][:120] or self._request.narration.stem,
            "comment": f"{comment}; prompt: {config.prompt}" if config.prompt else comment,
        }

    def _provenance(self, clip: Clip, extras: ClipExtras) -> Provenance:
        return Provenance(
            provider=clip.job.provider.name,
            model=clip.job.model,
            job_id=clip.job.job_id,
            config=self._config,
            narration=self._request.narration.name,
            created=time.time(),
            seconds=self._job.elapsed,
            declined=dict(clip.declined),
            understood=dict(extras.understood),
            usd=clip.usd,
            version=__version__,
        )
