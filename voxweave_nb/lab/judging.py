"""The run of a judge: compares pairs side by side, each answer paid for once, and votes under the judge's name."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .. import runtime
from ..errors import (
    JobCanceled,
    MediaError,
    ProviderError,
    ProviderUnavailable,
    RequestRefused,
    SubmissionInDoubt,
    VoxweaveError,
)
from ..handle import Handle
from ..journal import AttemptOutcome
from ..providers.backoff import pause_before
from .court import JUDGE_PROVIDER, Court, Pair
from .judge import messages_of, parse_answer, verdict_of
from .records import Judgement, Vote

__all__ = ["JudgeProgress", "JudgeRun"]

# After so many failures in a row the server is not asked any more: each may have been billed.
_MOST_FAILURES = 3
_LONGEST_PAUSE, _MOST_SENDS = 20.0, 8
_MOST_TEXT = 500


@dataclass(frozen=True, slots=True)
class JudgeProgress:
    """The state of a judge's run.

    Attributes:
        total: The comparisons that were wanted, with those from before.
        votes: Those with a vote.
        disagreed: Those of this run that are a tie because the two orders disagreed.
        unread: Those of this run without a vote, since an answer was lost or could not be read.
        requests: The requests that this run has sent, two for a comparison.
        usd: US dollars that this run has spent, as far as prices are known.
        unknown: The requests of this run without a known price.
        message: The newest message.
    """

    total: int
    votes: int = 0
    disagreed: int = 0
    unread: int = 0
    requests: int = 0
    usd: float = 0.0
    unknown: int = 0
    message: str = ""

    @property
    def fraction(self) -> float:
        """The progress of the whole, 0 to 1."""
        return min(1.0, (self.votes + self.unread) / self.total) if self.total else 1.0

    def __str__(self) -> str:
        parts = [f"{self.votes} of {self.total} comparisons"]
        parts += [f"{self.disagreed} tied because the orders disagreed"] if self.disagreed else []
        parts += [f"{self.unread} without a vote"] if self.unread else []
        parts += [f"${self.usd:.2f}"] if self.usd else []
        parts += [f"{self.unknown} requests of unknown price"] if self.unknown else []
        return ", ".join(parts)


class JudgeRun(Handle[JudgeProgress, JudgeProgress]):
    """The handle of a judge's run: `await`, `result()`, `cancel()`, `listen()`. It may be used from any thread.

    Args:
        court: What the judge needs.
        choose: Returns the next pair, given the pairs that are closed; None when there is none. It may block.
        total: The number of comparisons, with those from before.
        at_once: The number of comparisons side by side.
    """

    def __init__(
        self,
        court: Court,
        choose: Callable[[set[Pair]], tuple[str, str] | None],
        *,
        total: int,
        at_once: int,
    ) -> None:
        self._court, self._choose, self._at_once = court, choose, at_once
        before = len(court.voted())
        super().__init__(JudgeProgress(total=max(total, before), votes=before))
        self._left = max(0, total - before)
        self._closed, self._unfinished = court.closed(), court.unfinished()
        self._failures = 0
        self._error: VoxweaveError | None = None
        self._beginning = asyncio.Lock()
        self._begun = False
        self._sheets: dict[str, bytes] = {}
        self._start(self._judge_all())

    @property
    def problems(self) -> tuple[str, ...]:
        """A sentence for each comparison of this run that has no vote, and for each write that failed."""
        return tuple(self._court.problems)

    def result(self, timeout: float | None = None) -> JudgeProgress:
        """Block until the run has ended.

        Args:
            timeout: Seconds to wait; None waits without limit. The run goes on after a time-out.

        Raises:
            TimeoutError: The run is not done yet.
            JobCanceled: The run was canceled.
            BudgetExceeded: The next request would exceed a budget; the votes so far stay.
            ProviderError: The endpoint cannot be used; the votes so far stay.
        """
        return self._block(timeout)

    def cancel(self) -> bool:
        """Send nothing more; answers that are under way are waited for and kept, since they are paid.

        Returns:
            False if the run had ended.
        """
        with self._lock:
            if self.done():
                return False
            self._canceled = True
        return True

    def __repr__(self) -> str:
        return f"<JudgeRun of {self._court.rater}: {self._progress}>"

    async def _judge_all(self) -> JudgeProgress:
        choosing = asyncio.Lock()
        try:
            await asyncio.gather(*(self._work_through(choosing) for _ in range(self._at_once)))
        finally:
            await self._court.endpoint.aclose()
        if self._error is not None:
            raise self._error
        if self._canceled:
            raise JobCanceled(f"The judge was canceled: {self._progress}. judge() goes on.")
        return self._progress

    async def _work_through(self, choosing: asyncio.Lock) -> None:
        """Compare pairs until there are enough, none is left, or the run is stopped."""
        while not self._canceled and self._error is None:
            async with choosing:
                pair = await self._next_pair()
            if pair is None:
                return
            try:
                await self._compare(*pair)
            except JobCanceled:
                return
            except VoxweaveError as error:
                self._error = self._error or error

    async def _next_pair(self) -> tuple[str, str] | None:
        if self._left <= 0:
            return None
        if self._unfinished:
            pair: tuple[str, str] | None = self._unfinished.pop(0)
        else:
            pair = await asyncio.to_thread(self._choose, set(self._closed))
        if pair is not None:
            self._closed.add(frozenset(pair))
            self._left -= 1
        return pair

    async def _compare(self, left: str, right: str) -> None:
        """Judge a pair in both orders, and vote if both answers can be read."""
        found: list[Judgement] = []
        try:
            for first, second in ((left, right), (right, left)):
                found.append(await self._answer(first, second))
                if not found[-1].answer:
                    break
        except (SubmissionInDoubt, RequestRefused, MediaError) as error:
            self._failures += 1
            self._leave_out(left, right, str(error))
            if self._failures >= _MOST_FAILURES:
                raise
            return
        self._failures = 0
        if len(found) < 2 or not found[1].answer:
            said = " ".join(found[-1].text.split())[:80]
            self._leave_out(left, right, f"the answer {said!r} could not be read")
            return
        verdict = verdict_of(found)
        assert verdict.choice is not None  # both answers can be read
        vote = Vote.of(left, right, verdict.choice, rater=self._court.rater, blind=True, at=time.time())
        await asyncio.to_thread(self._court.folder.vote, vote)
        self._update(votes=1, disagreed=int(not verdict.agreed))

    def _leave_out(self, left: str, right: str, why: str) -> None:
        self._court.problems.append(f"{left} against {right} has no vote: {why.rstrip('.')}.")
        self._update(unread=1, message=self._court.problems[-1])

    async def _answer(self, first: str, second: str) -> Judgement:
        """Return the answer to one order of two videos; it is asked for only if it is not there yet."""
        court = self._court
        if (known := court.known(first, second)) is not None:
            return known
        name = court.id_of(first, second)
        messages = messages_of(court.brief.rubric, await self._sheet(first), await self._sheet(second))
        return await self._send(name, first, second, messages)

    async def _send(
        self, name: str, first: str, second: str, messages: Sequence[Mapping[str, Any]]
    ) -> Judgement:
        """Send a request; retry it only while the server turns it away for now."""
        deadline, sends = time.monotonic() + self._court.patience, 0
        while True:
            try:
                return await self._send_once(name, first, second, messages)
            except ProviderUnavailable as error:
                sends += 1
                floor = pause_before(sends, longest=_LONGEST_PAUSE, least=0.5)
                asked = error.retry_after
                wait = asked if asked is not None and asked > floor else floor  # not 0, negative or NaN
                if not error.overloaded or sends >= _MOST_SENDS or time.monotonic() + wait > deadline:
                    raise
                model = self._court.endpoint.model
                self._update(
                    message=f"{model} is rate-limited (HTTP {error.status}); retrying in {wait:.0f} s."
                )
                await self._pause(wait)

    async def _send_once(
        self, name: str, first: str, second: str, messages: Sequence[Mapping[str, Any]]
    ) -> Judgement:
        """Journal a request, send it, keep its answer, and only then settle it."""
        court = self._court
        async with self._beginning:
            if not self._begun:
                await asyncio.to_thread(court.begin)
                self._begun = True
        attempt = await court.ledger.intend(
            provider=JUDGE_PROVIDER,
            model=court.endpoint.model,
            base_url=court.endpoint.base_url,
            request_id=name,
            usd=court.brief.usd,
        )
        try:
            completion = await court.endpoint.complete(messages, court.brief.options or {})
        except SubmissionInDoubt as error:
            await court.ledger.settle(attempt, AttemptOutcome.IN_DOUBT, message=str(error))
            self._spent(court.brief.usd)
            raise
        except ProviderError as error:
            await court.ledger.settle(attempt, AttemptOutcome.REFUSED, message=str(error))
            raise
        price = court.brief.usd if completion.usd is None else completion.usd
        judgement = Judgement(
            name,
            first,
            second,
            court.rater,
            court.brief.rubric_id,
            parse_answer(completion.text),
            completion.text[:_MOST_TEXT],
            price,
            time.time(),
        )
        await asyncio.to_thread(court.folder.judge, judgement)
        await court.ledger.settle(attempt, AttemptOutcome.ACCEPTED, job_id=completion.id, usd=completion.usd)
        self._spent(price)
        return judgement

    def _spent(self, usd: float | None) -> None:
        self._update(requests=1, usd=usd or 0.0, unknown=int(usd is None))

    async def _sheet(self, variant: str) -> bytes:
        from ..media.sheet import make_sheet  # imports PyAV

        if variant not in self._sheets:
            video, seconds = self._court.videos[variant]
            self._sheets[variant] = await asyncio.to_thread(
                make_sheet, video, frames=self._court.brief.frames, seconds=seconds
            )
        return self._sheets[variant]

    async def _pause(self, seconds: float) -> None:
        """Wait, but not longer than the run goes on.

        Raises:
            JobCanceled: The run was canceled meanwhile.
        """
        until = time.monotonic() + seconds
        while not self._canceled and self._error is None and (left := until - time.monotonic()) > 0:
            await asyncio.sleep(min(left, runtime.TICK))
        if self._canceled or self._error is not None:
            raise JobCanceled("The judge was stopped before this comparison was sent.")

    def _update(self, *, message: str = "", **more: float) -> None:
        with self._lock:
            now = self._progress
            sums: dict[str, Any] = {name: getattr(now, name) + value for name, value in more.items()}
            self._progress = replace(now, message=message or now.message, **sums)
            listeners, progress = list(self._listeners), self._progress
        for listener in listeners:
            listener(progress)
