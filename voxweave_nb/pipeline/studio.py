"""What making and resuming need: the providers, the settings, the journal and the budgets of one service."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from .. import runtime
from ..errors import ConfigError, JournalError
from ..job import Job, JobReporter
from ..journal import Attempt, Journal, Run, RunLedger, open_journal, without_secrets
from ..models import JobEvent
from ..providers.base import Provider
from ..providers.pool import ProviderPool
from ..request import VideoRequest
from ..result import GeneratedVideo
from ..settings import Settings
from .video import VideoMaker

__all__ = ["MakerOf", "Studio"]


class MakerOf(Protocol):
    """Makes the maker that finishes a run."""

    def __call__(
        self,
        reporter: JobReporter,
        providers: Sequence[Provider],
        pool: ProviderPool,
        settings: Settings,
        ledger: RunLedger,
    ) -> VideoMaker:
        """Return a maker; the arguments are those of `VideoMaker`."""


@dataclass(frozen=True, slots=True)
class Studio:
    """The providers, settings and journal of a service.

    Attributes:
        pool: The providers.
        settings: Where the journal and the videos are, and the limits.
        chain: The names of the providers, in the order in which they are asked.
    """

    pool: ProviderPool
    settings: Settings
    chain: tuple[str, ...]

    @property
    def journal(self) -> Journal:
        """The journal on disk.

        Raises:
            JournalError: The journal cannot be read or written.
        """
        assert self.settings.home is not None  # the settings see to it
        return open_journal(self.settings.home)

    def journal_for(self, providers: Sequence[Provider], warn: Callable[[str], None]) -> Journal | None:
        """Return the journal, or None with a warning if it is unusable and every provider is free."""
        try:
            journal = self.journal
        except JournalError as error:
            if all(provider.capabilities.free for provider in providers):
                warn(f"This video is not in the journal: {error}")
                return None
            raise
        if journal.set_aside is not None:
            warn(f"The journal was damaged and was moved to {journal.set_aside}; a new one was started.")
        if lost := journal.lost_spend():
            warn(
                f"The spend in {', '.join(lost)} is not known. Paid work under a budget is refused until "
                "service.start_budget_anew() (`voxweave-nb spend --start-anew`)."
            )
        return journal

    def provider_of(self, attempt: Attempt) -> Provider:
        """Return the provider of an attempt, at the address where the job was submitted.

        Raises:
            ConfigError: The provider lives at another address now, where the job is unknown.
        """
        provider = self.pool.get(attempt.provider)
        here = without_secrets(provider.base_url)
        if attempt.base_url and here and attempt.base_url != here:
            raise ConfigError(
                f"The job was submitted to {provider.name} at {attempt.base_url}, but {provider.name} is at {here} "
                "now. Set its address as it was, then resume."
            )
        return provider

    def budgets(self, video: float | None = None) -> dict[str, float]:
        """Return the budgets in US dollars by scope; the smaller one counts for a video."""
        limits = self.settings
        of_video = [limit for limit in (video, limits.budget_usd_per_video) if limit is not None]
        budgets = {
            "run": min(of_video, default=None),
            "day": limits.budget_usd_per_day,
            "journal": limits.budget_usd,
        }
        return {scope: limit for scope, limit in budgets.items() if limit is not None}

    def resume(self, run: Run, maker_of: MakerOf = VideoMaker, *, output_dir: Path | None = None) -> Job:
        """Start finishing a run that this process has taken; nothing is submitted.

        Args:
            run: The run, with an attempt.
            maker_of: Makes the maker that finishes it.
            output_dir: The folder of its files; None for the run's own.
        """
        attempt = run.attempt
        assert attempt is not None  # only runs with an attempt are resumed
        settings = replace(self.settings, output_dir=output_dir or run.output_dir)
        started = False

        async def work(reporter: JobReporter) -> GeneratedVideo:
            nonlocal started
            started, job.fate = True, ""
            ledger = RunLedger(self.journal, run.id, budgets={}, warn=reporter.warn)
            try:
                provider = self.provider_of(attempt)
            except Exception as error:
                await ledger.failed(error, stopped=False)
                raise
            return await maker_of(reporter, [provider], self.pool, settings, ledger).resume(run)

        def release(event: JobEvent) -> None:
            if event.state.final and not started:  # canceled before it could record its own end
                self.journal.release(run.id)

        request = VideoRequest(run.narration, run.subtitles, run.config)
        job = Job(request, provider=attempt.provider, id=run.id)
        job.fate = f"the run is as it was: resume it with service.resume({run.id!r})"  # until the work begins
        job.listen(release)
        runtime.submit(JobReporter(job).drive(work))
        return job
