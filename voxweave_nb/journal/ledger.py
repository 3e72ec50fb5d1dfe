"""The ledger: a run's view of the journal for the event loop. Every write runs in a thread."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ..errors import (
    ContentRefused,
    GenerationFailed,
    JobCanceled,
    JobTimeout,
    JournalError,
    NoProviderLeft,
    SubmissionInDoubt,
)
from . import failpoints
from .budget import checked_price, stated_price
from .lease import BEAT
from .records import AttemptOutcome, Requested, Run, RunState
from .store import Journal

__all__ = ["RunLedger", "file_sha", "without_secrets"]

T = TypeVar("T")

_FINAL_ERRORS = (GenerationFailed, ContentRefused, JobCanceled, NoProviderLeft)
"""Errors after which nothing of a run can be resumed."""

_BAD_VALUES = (
    UnicodeError,
    OverflowError,
    sqlite3.DataError,
    sqlite3.IntegrityError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
)
"""Causes of a failed write that are in what was to be written: it would fail again, and block all later ones."""


class RunLedger:
    """Writes one run down: its request, each attempt before it is sent, and its end.

    Args:
        journal: The journal, or None when it cannot be used; only free providers work without one.
        run: The run's id.
        budgets: US dollars by scope: `"run"`, `"day"`, `"group"` and `"journal"`; a missing one has no limit.
        unknown_prices: Allow a submission of unknown price although there is a budget.
        warn: Called with a sentence when a write fails after the submission was answered: the job goes on.
    """

    def __init__(
        self,
        journal: Journal | None,
        run: str,
        *,
        budgets: Mapping[str, float],
        unknown_prices: bool = False,
        warn: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._journal, self._run, self._warn = journal, run, warn
        self._budgets, self._unknown_prices = dict(budgets), unknown_prices
        self._status = ""
        self._pending: list[Callable[[Journal], object]] = []
        self._flushing = threading.Lock()

    async def request(self, asked: Requested, *, unless: Callable[[Run], bool] | None = None) -> Run | None:
        """Write the request down, unless the group has a run like it; see `Journal.request`.

        Raises:
            JournalError: It cannot be written.
        """
        if self._journal is None:
            return None
        return await asyncio.to_thread(self._journal.request, self._run, asked, unless=unless)

    async def intend(
        self,
        *,
        provider: str,
        model: str | None,
        base_url: str | None,
        request_id: str,
        usd: float | None,
        scene: str | None = None,
    ) -> int:
        """Write down that a submission is about to be sent; return the attempt's id.

        Raises:
            BudgetExceeded: It would exceed a budget, or the spend before is not known.
            ProviderUnavailable: The price cannot be one.
            JournalError: It cannot be written down, so it must not be sent.
        """
        usd = checked_price(provider, usd)
        if self._journal is None:
            return 0
        return await asyncio.to_thread(
            self._journal.intend,
            self._run,
            provider=provider,
            model=model,
            base_url=without_secrets(base_url),
            request_id=request_id,
            usd=usd,
            budgets=self._budgets,
            unknown_prices=self._unknown_prices,
            scene=scene,
        )

    async def settle(
        self,
        attempt: int,
        outcome: AttemptOutcome,
        *,
        job_id: str | None = None,
        usd: float | None = None,
        message: str = "",
    ) -> None:
        """Write down the outcome of a submission, with the price that the provider states, if it can be one."""
        keep = f" Keep the provider's id of the job: {job_id}." if job_id else ""
        price = stated_price(usd)
        await self._write(
            lambda to: to.settle(attempt, outcome, job_id=job_id, usd=price, message=message), keep
        )

    async def adopt(self, attempt: int, matches: Sequence[str], possible: Sequence[str]) -> str | None:
        """Settle a lost submission with the one job in the provider's list that can be it, and that is not known.

        Raises:
            JournalError: The journal cannot tell which jobs are known.
        """
        if self._journal is None:
            return matches[0] if len(matches) == len(possible) == 1 else None
        return await asyncio.to_thread(self._journal.adopt, attempt, matches, possible)

    async def unknown_jobs(self, attempt: int, jobs: Sequence[str]) -> list[str]:
        """Return the jobs at an attempt's address that no other attempt has.

        Raises:
            JournalError: The journal cannot be read.
        """
        if self._journal is None:
            return list(jobs)
        return await asyncio.to_thread(self._journal.unknown_jobs, attempt, jobs)

    async def is_answer_awaited(self, attempt: int) -> bool:
        """Return True while a living process waits for the answer to a submission like an attempt's.

        Raises:
            JournalError: The journal cannot be read.
        """
        if self._journal is None:
            return False
        return await asyncio.to_thread(self._journal.is_answer_awaited, attempt)

    async def jobs_sent_after(self, attempt: int, at: float) -> set[str]:
        """Return the jobs that were submitted to an attempt's address after a moment, in seconds since 1970.

        Raises:
            JournalError: The journal cannot be read.
        """
        if self._journal is None:
            return set()
        return await asyncio.to_thread(self._journal.jobs_sent_after, attempt, at)

    async def status(self, job_id: str, status: str, message: str = "") -> None:
        """Write down a job's status when it has changed."""
        if status != self._status:
            self._status = status
            await self._write(lambda to: to.status(self._run, job_id, status, message))

    async def cost(self, job_id: str, usd: float) -> None:
        """Write down a job's cost in US dollars, as the provider reports it; a figure that cannot be one is ignored."""
        cost = stated_price(usd)
        if cost is not None:
            await self._write(lambda to: to.cost(self._run, job_id, cost))

    async def failed_at_provider(self, job_id: str, message: str) -> None:
        """Write down that the provider reports a job as failed."""
        await self._write(lambda to: to.failed_at_provider(self._run, job_id, message))

    async def downloaded(self, job_id: str, clip: Path) -> None:
        """Write down that a clip is on disk, with its SHA-256."""
        await self._write(lambda to: to.downloaded(self._run, job_id, clip, file_sha(clip)))

    async def finished(self, result: Mapping[str, Any], message: str) -> None:
        """Write down that the video is finished."""
        failpoints.reach("before the result")
        await self._write(lambda to: to.end(self._run, RunState.FINISHED, result=result, message=message))
        failpoints.reach("after the result")

    async def failed(self, error: BaseException, *, stopped: bool) -> None:
        """Write down that the run ended without a video; a job that may still finish stays resumable.

        Args:
            error: The reason.
            stopped: True when the job was canceled at the provider, too.
        """
        message = str(error) or type(error).__name__
        await self._write(
            lambda to: to.end(
                self._run, lambda run: _state_after(run, error, stopped=stopped), message=message
            )
        )

    async def release(self) -> None:
        """End this process's lease, so that any process can resume the run."""
        await self._write(lambda to: to.release(self._run))

    async def keep_alive(self) -> None:
        """Renew this process's lease of the run until canceled."""
        while self._journal is not None:
            await asyncio.sleep(BEAT)
            # A lease outlasts several heartbeats, so that one that fails does no harm.
            with contextlib.suppress(JournalError):
                await asyncio.to_thread(self._journal.beat, [self._run])

    @contextlib.contextmanager
    def kept_alive(self) -> Iterator[None]:
        """Renew this process's lease of the run while the block is at work."""
        alive = asyncio.ensure_future(self.keep_alive())
        try:
            yield
        finally:
            alive.cancel()

    async def _write(self, write: Callable[[Journal], object], advice: str = "") -> None:
        """Write, or warn and keep it for the next write: the job goes on either way."""
        if self._journal is None:
            return
        self._pending.append(write)
        try:
            await _in_thread(self._flush)
        except JournalError as error:
            self._warn(f"The journal could not be written.{advice} {error}")

    def _flush(self) -> None:
        assert self._journal is not None  # without a journal nothing is pending
        impossible: JournalError | None = None
        with self._flushing:
            while self._pending:
                write = self._pending.pop(0)
                try:
                    write(self._journal)
                except JournalError as error:
                    if not isinstance(error.__cause__, _BAD_VALUES):
                        self._pending.insert(0, write)
                        raise
                    impossible = error
        if impossible is not None:
            raise impossible


def _state_after(run: Run, error: BaseException, *, stopped: bool) -> RunState:
    """Return the state in which an error leaves a run."""
    if isinstance(error, JobTimeout):
        return RunState.LATE
    unanswered = run.attempt and run.attempt.outcome is AttemptOutcome.SENT
    # An earlier provider may have taken the job too, if a person chose to ask the next one after a doubt.
    doubtful = any(attempt.outcome is AttemptOutcome.IN_DOUBT for attempt in run.attempts)
    if isinstance(error, SubmissionInDoubt) or unanswered or (doubtful and isinstance(error, _FINAL_ERRORS)):
        return RunState.IN_DOUBT
    accepted = run.state.resumable and run.state is not RunState.REQUESTED
    if accepted and not stopped and not isinstance(error, _FINAL_ERRORS):
        return run.state
    canceled = isinstance(error, (asyncio.CancelledError, JobCanceled))
    return RunState.CANCELED if canceled else RunState.FAILED


async def _in_thread(work: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(work)
    except RuntimeError:  # the interpreter is shutting down and starts no more threads
        return work()


def file_sha(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def without_secrets(url: str | None) -> str | None:
    """Return a URL without user, password, query and fragment; None for an empty one."""
    if not url:
        return None
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"
