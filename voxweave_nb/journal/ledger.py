"""One run's side of the journal, for the event loop: every write happens in a thread."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import threading
from collections.abc import Callable, Mapping
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
from . import points
from .owner import BEAT
from .records import Requested
from .store import Journal

__all__ = ["RunLedger", "file_sha", "without_secrets"]

T = TypeVar("T")

_OVER = (GenerationFailed, ContentRefused, JobCanceled, NoProviderLeft)
"""Errors after which nothing is left of a run that could be picked up."""


class RunLedger:
    """Writes down one run: what was asked, each create before it is sent, and how it ended.

    Args:
        journal: The journal, or None where there is none, which only what is free can do without.
        run: The run.
        budgets: US dollars for `"run"`, `"day"` and `"journal"`, as far as there are any.
        unknown_prices: Whether a create of unknown price may be sent although there is a budget.
        warn: Told what could not be written down after a create was answered, which must not lose the job.
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
        self._owed: list[Callable[[Journal], object]] = []
        self._paying = threading.Lock()

    async def request(self, asked: Requested) -> None:
        """Writes down what was asked for.

        Raises:
            JournalError: It cannot be written.
        """
        if self._journal is not None:
            await asyncio.to_thread(self._journal.request, self._run, asked)

    async def intend(
        self, *, provider: str, model: str | None, base_url: str | None, request_id: str, usd: float | None
    ) -> int:
        """Writes down that a create is about to be sent.

        Raises:
            BudgetExceeded: It would pass a budget.
            JournalError: It could not be written down, so it must not be sent.
        """
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
        )

    async def settle(self, intent: int, outcome: str, *, job_id: str | None = None, words: str = "") -> None:
        """Writes down what became of it."""
        which = f" Keep the provider's id of the job: {job_id}." if job_id else ""
        await self._note(lambda to: to.settle(intent, outcome, job_id=job_id, words=words), which)

    async def status(self, job_id: str, status: str, words: str = "") -> None:
        """Writes down a job's status where it is another than before."""
        if status != self._status:
            self._status = status
            await self._note(lambda to: to.status(self._run, job_id, status, words))

    async def failed_at_provider(self, job_id: str, words: str) -> None:
        """Writes down that a job is known to have failed there."""
        await self._note(lambda to: to.failed_at_provider(self._run, job_id, words))

    async def downloaded(self, job_id: str, picture: Path) -> None:
        """Writes down that a picture is here, with its hash."""
        await self._note(lambda to: to.downloaded(self._run, job_id, picture, file_sha(picture)))

    async def finished(self, result: Mapping[str, Any], message: str) -> None:
        """Writes down what came of it."""
        points.reach("before the result")
        await self._note(lambda to: to.end(self._run, "finished", result=result, message=message))
        points.reach("after the result")

    async def broke_off(self, error: BaseException, *, stopped: bool) -> None:
        """Writes down that it ended without a video; what can be picked up stays so.

        Args:
            error: Why.
            stopped: Whether it was stopped at the provider, too.
        """
        words = str(error) or type(error).__name__
        await self._note(
            lambda to: to.end(self._run, self._end_of(to, error, stopped=stopped), message=words)
        )

    def _end_of(self, journal: Journal, error: BaseException, *, stopped: bool) -> str:
        run = journal.run(self._run)
        state = run.state if run else "requested"
        if isinstance(error, JobTimeout):
            return "late"
        if isinstance(error, SubmissionInDoubt) or (run and run.create and run.create.outcome == "sent"):
            return "ambiguous"
        if (
            state in ("accepted", "downloaded", "ambiguous", "late")
            and not stopped
            and not isinstance(error, _OVER)
        ):
            return state
        return "canceled" if isinstance(error, (asyncio.CancelledError, JobCanceled)) else "failed"

    async def let_go(self) -> None:
        """Says that this process works on it no more, so that whoever likes may pick it up."""
        await self._note(lambda to: to.release(self._run))

    async def live(self) -> None:
        """Says again and again that this process works on the run, until it is cancelled."""
        while self._journal is not None:
            await asyncio.sleep(BEAT)
            with contextlib.suppress(JournalError):  # the next one may get through; the lease is generous
                await asyncio.to_thread(self._journal.beat, [self._run])

    async def _note(self, write: Callable[[Journal], object], more: str = "") -> None:
        """A write after which the job must go on, whether it succeeds or not; the next one makes up for what failed."""
        if self._journal is None:
            return
        self._owed.append(write)
        try:
            await _in_thread(self._pay)
        except JournalError as error:
            self._warn(f"The journal could not be written.{more} {error}")

    def _pay(self) -> None:
        assert self._journal is not None  # without one nothing is owed
        with self._paying:
            while self._owed:
                write = self._owed.pop(0)
                try:
                    write(self._journal)
                except JournalError:
                    self._owed.insert(0, write)
                    raise


async def _in_thread(work: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(work)
    except RuntimeError:  # Python is leaving, and no thread can be started any more
        return work()


def file_sha(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def without_secrets(url: str | None) -> str | None:
    """An address without user, password, query and fragment."""
    if not url:
        return None
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"
