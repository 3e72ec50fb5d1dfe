"""The clip: plan, submit once, poll, download. The unit that is paid, journaled and resumed."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from ..config import VideoConfig
from ..errors import ConfigError, ContentRefused, GenerationFailed, SubmissionInDoubt, VoxweaveError
from ..job import JobReporter
from ..journal import Attempt, RunLedger, failpoints, file_sha
from ..models import Cue, JobState, Stage, price
from ..providers.base import Provider
from ..providers.types import ClipRequest, FilmPart, Model, Plan, Progress, ProviderStatus
from ..settings import Settings
from ..validation import positive, whole
from .fallback import Candidates, ask_in_turn, blame
from .polling import download, poll
from .submission import AcceptedJob, Submission, cancel_at_provider, look_for

__all__ = ["Clip", "ClipBrief", "ClipMaker", "Polling"]

SlotOf = Callable[[Provider, Model], asyncio.Semaphore | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipBrief:
    """The contents of one clip, whoever generates it.

    Attributes:
        config: The config.
        source: The narration as it was given, for uploads.
        narration: The narration as raw samples: mono, 16 kHz, signed 16 bit.
        duration: The length of the narration in seconds.
        cues: The captions.
        request_id: Our own name of the request.
        scene: The scene of a storyboard that the clip is for, or None.
        plan: A plan that was shown before, used by the provider that it was made for, or None.
        reference: The reference of a narration that was uploaded before; empty to upload it.
        part: The film that the clip is a scene of, or None.
    """

    config: VideoConfig
    source: Path
    narration: Path
    duration: float
    cues: tuple[Cue, ...] = ()
    request_id: str
    scene: str | None = None
    plan: Plan | None = None
    reference: str = ""
    part: FilmPart | None = None

    def plan_for(self, provider: Provider) -> Plan:
        """Return the plan for a provider: the one that was shown, if it is for this provider.

        Raises:
            ConfigError: The plan that was shown is for a narration of another length, and a new one costs more.
        """
        shown = self.plan
        if shown is not None and shown.provider == provider.name and shown.fills(self.duration):
            return shown
        with blame(provider):
            plan = provider.plan(self.config, self.duration)
        if shown is not None and shown.provider == provider.name and shown.is_cheaper_than(plan):
            raise ConfigError(
                f"The plan was made for {shown.duration:.1f} s ({price(shown.usd)}), but the narration has "
                f"{self.duration:.1f} s ({price(plan.usd)}). Nothing was sent; call plan() with this length."
            )
        return plan

    async def first_frame(self, plan: Plan) -> bytes | None:
        """Return the config's image as a JPEG of a plan's size, if the plan's model takes one.

        Raises:
            ConfigError: The image is gone, has changed, or is damaged.
        """
        if self.config.image is None or not plan.model.image:
            return None
        from ..media.first_frame import fit_image

        return await asyncio.to_thread(fit_image, self.config.image, plan.size)

    def request(
        self,
        plan: Plan,
        *,
        reference: str = "",
        image: bytes | None = None,
        films: bool = False,
        say: Callable[[str], None] | None = None,
    ) -> ClipRequest:
        """Return the request that carries a plan to its provider; `films` is the provider's capability."""
        request = ClipRequest(
            plan=plan,
            config=self.config,
            narration=self.narration,
            duration=self.duration,
            cues=self.cues,
            reference=reference,
            request_id=self.request_id,
            image=image,
            part=self.part if films else None,
        )
        return request if say is None else replace(request, say=say)


@dataclass(frozen=True, slots=True)
class Polling:
    """The pace of status requests that a call asked for; None takes the provider's own, else the setting."""

    interval: float | None = None
    tries: int | None = None

    @classmethod
    def of(cls, interval: float | None, tries: int | None) -> Self:
        """Return the pace that the arguments `poll_interval` and `poll_tries` ask for.

        Raises:
            ConfigError: One of them is not above 0.
        """
        return cls(
            None if interval is None else positive(interval, "poll_interval"),
            None if tries is None else whole(tries, "poll_tries", 1, 10**9),
        )


@dataclass(frozen=True, slots=True)
class Clip:
    """A downloaded clip.

    Attributes:
        job: The job that made it.
        status: The last status of the job.
        path: The file.
        kept: The file to delete once the video is finished, or None.
        declined: Why the providers that were asked before declined, by name.
    """

    job: AcceptedJob
    status: ProviderStatus
    path: Path
    kept: Path | None = None
    declined: Mapping[str, str] = field(default_factory=dict)

    @property
    def usd(self) -> float | None:
        """The cost in US dollars that the provider reported, else the estimate; None if neither is known."""
        return self.job.usd if self.status.usd is None else self.status.usd


class ClipMaker:
    """Makes or resumes one clip at the first provider that accepts it.

    Args:
        brief: The contents of the clip.
        candidates: The providers to ask.
        slot_of: Returns the semaphore to hold while a job of a model runs, or None.
        settings: Time-outs, limits and folders.
        ledger: The run's side of the journal.
        reporter: Told of every step.
        polling: The pace of status requests.

    Attributes:
        provider: The provider that has accepted the clip; before that, the first one to ask.
        stopped: True if the job was stopped at the provider.
    """

    def __init__(
        self,
        brief: ClipBrief,
        candidates: Candidates,
        *,
        slot_of: SlotOf,
        settings: Settings,
        ledger: RunLedger,
        reporter: JobReporter,
        polling: Polling | None = None,
    ) -> None:
        self.provider = candidates.left[0]
        self.stopped = False
        self._brief, self._candidates, self._slot_of = brief, candidates, slot_of
        self._settings, self._ledger, self._reporter = settings, ledger, reporter
        self._polling = polling or Polling()
        self._slot = contextlib.AsyncExitStack()

    async def make(self, work: Path) -> Clip:
        """Make the clip; if a job is known to have failed, the next provider is asked."""
        while True:
            job = await self.submit()
            try:
                return await self._fetch(job, work)
            except GenerationFailed as error:
                await self.aclose()  # the slot is free for other jobs while the next provider is asked
                await self._ledger.failed_at_provider(job.job_id, str(error))
                self._reporter.failed_at_provider()
                self._candidates.job_failed(job.provider, error)
            except ContentRefused as error:
                self._candidates.recall_doubts(error)
                raise

    async def submit(self) -> AcceptedJob:
        """Submit the clip to one provider after the other until one accepts it."""
        job = await ask_in_turn(self._candidates, self._submit_to, on_doubt=self._settings.on_doubt)
        if doubts := self._candidates.doubts:
            warning = f"{', '.join(doubts)} may have accepted the job too: the video may be paid twice."
            job = replace(job, warnings=(*job.warnings, warning))
        brief = self._brief
        self._accepted(
            job, f"{job.provider.label} has accepted the job: {brief.duration:.1f} s of {brief.config.style}"
        )
        self._reporter.warn(*job.warnings)
        return job

    async def resume(self, attempt: Attempt, work: Path) -> Clip:
        """Resume a journaled attempt where the journal stands; nothing is submitted.

        Raises:
            SubmissionInDoubt: The answer to the submission was lost, and the provider's list does not settle it.
        """
        provider = self._candidates.left[0]
        job_id = attempt.job_id or await self._reconcile(attempt, provider)
        job = AcceptedJob(provider, job_id, attempt.model, attempt.usd, plan=self._plan_of(attempt, provider))
        self._accepted(job, f"Resuming job {job_id} at {provider.label}")
        clip = attempt.clip
        if clip is not None and await asyncio.to_thread(_is_unchanged, clip, attempt.clip_sha):
            return Clip(job, ProviderStatus(JobState.SUCCEEDED), clip, clip)
        return await self._fetch(job, work)

    def _plan_of(self, attempt: Attempt, provider: Provider) -> Plan | None:
        """Return the plan that an attempt was sent with, or None if it would be another one today."""
        try:
            plan = self._brief.plan_for(provider)
        except VoxweaveError:
            return None
        return plan if plan.model.name == attempt.model else None

    async def aclose(self) -> None:
        """Give up the slot, if it is still held."""
        await self._slot.aclose()

    async def _submit_to(self, provider: Provider) -> AcceptedJob:
        plan = self._brief.plan_for(provider)
        self._reporter.planned(plan)
        image = await self._brief.first_frame(plan)
        await self._take_slot(provider, plan)
        try:
            reference = await self._upload_to(provider)
            request = self._brief.request(
                plan,
                reference=reference,
                image=image,
                films=provider.capabilities.films,
                say=self._say,
            )
            return await self._send(provider, request)
        except BaseException:
            await self.aclose()
            raise

    async def _take_slot(self, provider: Provider, plan: Plan) -> None:
        slot = self._slot_of(provider, plan.model)
        if slot is None:
            return
        if slot.locked():
            limit, model = plan.model.at_once, plan.model.name
            self._say(f"{provider.label} runs {limit} of {model} at once; waiting for a free slot.")
        await self._slot.enter_async_context(slot)

    async def _upload_to(self, provider: Provider) -> str:
        if self._brief.reference:
            return self._brief.reference
        source = self._brief.source
        size = max(1, source.stat().st_size)
        progress = Progress(
            lambda sent: self._reporter.advance(Stage.UPLOAD, 0.5 + 0.5 * sent / size), self._say
        )
        with blame(provider):
            return await provider.upload(source, progress)

    async def _send(self, provider: Provider, request: ClipRequest) -> AcceptedJob:
        job = self._reporter.job
        submission = Submission(
            provider, request, self._ledger, scene=self._brief.scene, keeps=lambda: job.keeps
        )
        try:
            return await submission.send(patience=self._settings.patience)
        except asyncio.CancelledError:
            job.fate, self.stopped = submission.fate, submission.stopped
            raise

    async def _reconcile(self, attempt: Attempt, provider: Provider) -> str:
        request = self._brief.request(self._brief.plan_for(provider), say=self._say)
        listing = await look_for(provider, request, attempt.at)
        job_id = await self._ledger.adopt(attempt.id, listing.matches, listing.possible)
        if job_id is None:
            raise SubmissionInDoubt(
                f"The answer of {provider.label} to this submission was lost: it may have accepted and billed the job. "
                "Its list does not show which job it is, or it has none. Check there; if the job is missing, generate "
                "the video again.",
                provider=provider.name,
            )
        return job_id

    def _accepted(self, job: AcceptedJob, message: str) -> None:
        self.provider = job.provider
        self._reporter.accepted(job.provider.name, job.job_id, message)

    async def _fetch(self, job: AcceptedJob, work: Path) -> Clip:
        """Wait for an accepted job and download its clip; a paid clip is kept until the video is finished."""
        name, kept = hashlib.sha256(job.job_id.encode()).hexdigest()[:8], None
        if not job.provider.capabilities.free and self._settings.home is not None:
            kept = self._settings.home / "clips" / f"{self._reporter.job.id}-{name}.video"
        path = kept or work / f"clip-{name}"
        try:
            status = await self._wait_and_download(job, path)
        except asyncio.CancelledError:
            await asyncio.shield(self._leave(job))
            raise
        except Exception:
            if job.provider.capabilities.free:  # nobody will resume it
                await cancel_at_provider(job.provider, job.job_id)
            raise
        await self._ledger.downloaded(job.job_id, path)
        self._reporter.warn(*status.warnings)
        return Clip(job, status, path, kept, self._candidates.declined)

    async def _wait_and_download(self, job: AcceptedJob, path: Path) -> ProviderStatus:
        status = await poll(
            job.provider,
            job.job_id,
            self._settings,
            lambda status: self._follow(job.job_id, status),
            say=self._say,
            interval=self._polling.interval,
            tries=self._polling.tries,
            model=job.model,
            run=self._reporter.job.id,
        )
        status = await asyncio.to_thread(_keep_stills, status, path.parent)
        await self.aclose()  # the slot is free for the next job
        failpoints.reach("before the download")
        self._reporter.advance(Stage.DOWNLOAD, 0.0, "Downloading the clip")
        progress = Progress(self._follow_bytes, self._say)
        await download(job.provider, job.job_id, path, progress, run=self._reporter.job.id)
        self._reporter.advance(Stage.DOWNLOAD, 1.0)
        return status

    async def _leave(self, accepted: AcceptedJob) -> None:
        """After a cancel: leave a paid job running at its provider, or stop it, as the person chose."""
        job, provider = self._reporter.job, accepted.provider
        if job.keeps and not provider.capabilities.free:
            job.fate = (
                f"job {accepted.job_id} goes on at {provider.label} and may be billed; resume it with "
                f"service.resume({job.id!r})"
            )
            return
        self.stopped = True
        job.fate = await cancel_at_provider(provider, accepted.job_id)

    async def _follow(self, job_id: str, status: ProviderStatus) -> None:
        await self._ledger.status(job_id, status.state.value, status.message)
        if status.usd is not None:  # a failed job may cost money, too
            await self._ledger.cost(job_id, status.usd)
        queued = status.state is JobState.QUEUED
        self._reporter.advance(Stage.GENERATE, None if queued else status.progress)

    def _follow_bytes(self, count: int) -> None:
        # The size is unknown in advance: each 8 MB moves the bar by half of what is left.
        self._reporter.advance(Stage.DOWNLOAD, 1 - 0.5 ** (count / 8e6))

    def _say(self, sentence: str) -> None:
        self._reporter.log(sentence)


def _keep_stills(status: ProviderStatus, folder: Path) -> ProviderStatus:
    """Copy the sprite sheet and its track, which are deleted with the job."""
    extras = status.extras
    if extras is None or extras.sprite is None or extras.thumbnails is None:
        return status
    folder.mkdir(parents=True, exist_ok=True)
    sprite, thumbnails = (Path(shutil.copy(path, folder)) for path in (extras.sprite, extras.thumbnails))
    return replace(status, extras=replace(extras, sprite=sprite, thumbnails=thumbnails))


def _is_unchanged(path: Path, sha: str | None) -> bool:
    return path.is_file() and file_sha(path) == sha
