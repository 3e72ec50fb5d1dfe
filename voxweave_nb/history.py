"""The journal's runs for a person: list, resume, cancel, spend, and results of identical requests."""

from __future__ import annotations

import asyncio
import copy
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self, TypeVar, Unpack, overload

from . import runtime
from .awaiting import tells_to_await
from .config import VideoConfig, VideoOptions
from .errors import ConfigError
from .inputs import NarrationLike, SubtitlesLike
from .job import Job
from .journal import (
    Attempt,
    Journal,
    Run,
    RunState,
    Spend,
    file_sha,
)
from .kept_files import KeptFiles
from .pipeline.script import reuse_key
from .pipeline.studio import Studio
from .pipeline.submission import cancel_at_provider
from .pipeline.video import VideoMaker
from .providers.base import Provider
from .providers.pool import ProviderPool
from .request import VideoRequest, takes_options
from .result import GeneratedVideo
from .settings import Settings
from .storyboard.takes import TakeMaker

__all__ = ["History"]

T = TypeVar("T")


class History:
    """The part of a service that reads the journal and continues or cancels its runs.

    Args:
        pool: The providers.
        settings: Where the journal and the videos are.
        chain: The names of the providers, in the order in which they are asked.
    """

    def __init__(self, pool: ProviderPool, settings: Settings, chain: Sequence[str]) -> None:
        self.settings = settings
        self._pool = pool
        self._chain = tuple(chain)

    @property
    def _studio(self) -> Studio:
        return Studio(self._pool, self.settings, self._chain)

    @property
    def _kept(self) -> KeptFiles:
        return KeptFiles.of(self.settings)

    @property
    def journal(self) -> Journal:
        """The journal on disk.

        Raises:
            JournalError: The journal cannot be read or written.
        """
        return self._studio.journal

    @overload
    def resume(self) -> list[Job]: ...

    @overload
    def resume(self, name: str) -> Job: ...

    def resume(self, name: str | None = None) -> Job | list[Job]:
        """Resume runs where they were left: polling, the download, or only the muxing. Nothing is submitted.

        Args:
            name: Our id of a job, or the provider's; None for every run that was left and that no living process works
                on. A run in doubt that was reconciled before is reconciled again only by its name. Those of
                `perhaps_running` are not resumed yet.

        Raises:
            ConfigError: The run is unknown, cannot be resumed, or a living process works on it.
            JournalError: The journal cannot be read.
        """
        if name is None:
            taken = (self.journal.take(run.id) for run in self.journal.resumable())
            return [self._resume(run) for run in taken if run is not None and self._still_due(run)]
        run = self.journal.run(name)
        if run is None:
            raise ConfigError(
                f"The journal {self.journal.path} has no run {name!r}; list the runs with `voxweave-nb jobs`."
            )
        if run.state.ended or run.attempt is None:
            raise _cannot_resume(run)
        taken_now = self.journal.take(run.id)
        if taken_now is None:
            raise _cannot_resume(self.journal.run_by_id(run.id) or run)
        if taken_now.attempt is None:
            self.journal.release(run.id)
            raise _cannot_resume(taken_now)
        return self._resume(taken_now)

    def _still_due(self, run: Run) -> bool:
        """Return True if a run that was listed, then taken, is still to be resumed; else release it."""
        due = run.attempt is not None and run.state is not RunState.IN_DOUBT
        if not due:
            self.journal.release(run.id)
        return due

    def _resume(self, run: Run) -> Job:
        return self._studio.resume(run, TakeMaker if run.scene is not None else VideoMaker)

    @tells_to_await
    async def cancel(self, name: str) -> str:
        """Cancel a run that no living process works on, at its provider too, as far as that is possible.

        Returns:
            The outcome, in a sentence.

        Raises:
            ConfigError: The run is unknown, has ended, or a living process works on it.
        """
        return await runtime.wait(runtime.submit(self._cancel(name)))

    async def _cancel(self, name: str) -> str:
        run = await asyncio.to_thread(self.journal.run, name)
        if run is None:
            raise ConfigError(f"The journal has no run {name!r} that can be canceled.")
        taken = await asyncio.to_thread(self.journal.take, run.id)
        if taken is None:
            now = await asyncio.to_thread(self.journal.run_by_id, run.id)
            raise _cannot_cancel(now if now is not None else run, name)
        try:
            outcome = await self._cancel_attempt(taken.attempt)
            await asyncio.to_thread(self.journal.end, run.id, RunState.ABANDONED, message=outcome)
        except BaseException:
            self.journal.release(run.id)
            raise
        return outcome

    async def _cancel_attempt(self, attempt: Attempt | None) -> str:
        if attempt is None:
            return "Nothing had been sent."
        if attempt.job_id is None:
            return f"{attempt.provider} never answered: it may have accepted the job, and may bill it"
        provider = self._studio.provider_of(attempt)
        if not await asyncio.to_thread(self.journal.unknown_jobs, attempt.id, [attempt.job_id]):
            # A release that adopted jobs of other runs wrote it: some servers delete the clip with the job.
            return f"Job {attempt.job_id} at {provider.name} belongs to another run as well, so it was not stopped"
        return await cancel_at_provider(provider, attempt.job_id) or "The job is canceled."

    def history(self, limit: int = 20) -> list[Run]:
        """Return the newest runs, in any state."""
        return self.journal.runs(limit=limit)

    def resumable(self) -> list[Run]:
        """Return the runs that `resume()` would continue, oldest first."""
        return self.journal.resumable()

    def perhaps_running(self) -> list[Run]:
        """Return the runs whose processes may have ended, oldest first; `resume()` takes them after `Run.lapses_in`.

        There are such runs where a process cannot be seen: on another machine or in another container, and without
        psutil on Windows and macOS.
        """
        return self.journal.perhaps_running()

    def result_of(self, run: Run) -> GeneratedVideo | None:
        """Return the video of a finished run, or None if there is none or its file is gone."""
        if not run.result:
            return None
        video = GeneratedVideo.from_dict(run.result, embed_limit=self.settings.embed_limit)
        return video if video.path.is_file() else None

    def saving_to(self, folder: Path, *, local: Callable[[Provider], Provider] | None = None) -> Self:
        """Return this service with another folder for finished videos; both share providers and connections.

        Args:
            folder: The folder.
            local: Returns the provider that takes the place of the local one; None keeps it.
        """
        other = copy.copy(self)
        other.settings = replace(self.settings, output_dir=folder)
        if local is not None:
            other._pool = self._pool.with_another("local", local)
        return other

    @takes_options(VideoOptions)
    def made_before(
        self,
        narration: NarrationLike,
        *,
        subtitles: SubtitlesLike | None = None,
        config: VideoConfig | Mapping[str, Any] | None = None,
        **changes: Unpack[VideoOptions],
    ) -> Run | None:
        """Return the newest finished run of an identical request whose video still exists, or None.

        Takes the same arguments as `submit`. Reads the whole narration: about one second for each gigabyte.

        Raises:
            VoxweaveError: The request is invalid, or the journal cannot be read.
        """
        request = VideoRequest.of(narration, subtitles, config, kept=self._kept, **changes)
        return self.finished_like(request, file_sha(request.narration))

    def finished_like(self, request: VideoRequest, narration_sha: str) -> Run | None:
        """Return the newest finished run of an identical request whose video still exists, or None.

        Args:
            request: The request.
            narration_sha: The SHA-256 of the narration's file, in hexadecimal.

        Raises:
            JournalError: The journal cannot be read.
        """
        chain = (request.config.provider,) if request.config.provider else self._chain
        run = self.journal.finished_like(
            reuse_key(narration_sha, request, self._pool.without_last_resort(chain))
        )
        return run if run is not None and self.result_of(run) is not None else None

    def spend(self) -> Spend:
        """Return the money spent, a row per day and provider: the reported cost, else the estimate."""
        return self.journal.spend()

    def start_budget_anew(self) -> str:
        """Let budgets count from now on, after a journal was damaged or removed.

        What was spent before is not known then, so paid work under a budget is refused until a person calls this.

        Returns:
            What budgets count from now on, in a sentence.

        Raises:
            JournalError: The journal cannot be read or written.
        """
        left_out = self.journal.start_budget_anew()
        if not left_out:
            return "Nothing to start anew: budgets count everything that was spent."
        return f"Budgets are started anew. The spend in {', '.join(left_out)} is left out from now on."

    def _find_identical(self, key: str) -> GeneratedVideo | None:
        run = self.journal.finished_like(key)
        return self.result_of(run) if run is not None else None


def _cannot_resume(run: Run) -> ConfigError:
    if run.state is RunState.FINISHED:
        return ConfigError(f"Run {run.id} is finished, there is nothing to resume: {run.message}")
    if run.state.ended or run.attempt is None:
        return ConfigError(
            f"Run {run.id} cannot be resumed: its state is {run.state.value}. {run.message} Generate the video again."
        )
    if run.lapses_in is not None:
        return ConfigError(f"Run {run.id} cannot be resumed yet. {_ask_again(run.lapses_in)}")
    return ConfigError(f"Run {run.id} cannot be resumed: a living process is working on it.")


def _cannot_cancel(run: Run, name: str) -> ConfigError:
    if run.state.ended:
        return ConfigError(
            f"The journal has no run {name!r} that can be canceled: its state is {run.state.value}. {run.message}"
        )
    if run.lapses_in is not None:
        return ConfigError(f"Run {run.id} cannot be canceled from here yet. {_ask_again(run.lapses_in)}")
    return ConfigError(f"A living process is working on run {run.id}; cancel the job there.")


def _ask_again(lapses_in: float) -> str:
    return (
        "The process that worked on it may still be running, which cannot be seen from here. If it has ended, try "
        f"again in {math.ceil(lapses_in)} s."
    )
