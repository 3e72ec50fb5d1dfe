"""Pay once: one submission is journaled, sent once, settled, and reconciled if its answer is lost."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import (
    JournalError,
    ProviderError,
    ProviderUnavailable,
    SubmissionInDoubt,
    VoxweaveError,
)
from ..journal import AttemptOutcome, RunLedger
from ..providers.backoff import pause_before
from ..providers.base import Provider
from ..providers.proof import is_proof
from ..providers.types import Accepted, ClipRequest, Listing, Plan
from ..runtime import FINISH_BEFORE_EXIT

__all__ = ["AcceptedJob", "Submission", "cancel_at_provider", "look_for"]

_LONGEST_PAUSE = 20.0
"""Longest pause before a rate-limited submission is retried, in seconds."""

_MOST_SENDS = 8
"""Largest number of times that a rate-limited submission is sent, whatever the server asks for."""

_LAST_WORD = 5.0
"""Seconds that a canceled job waits for the answer to a submission that is under way."""

_LIST_PAUSES = (0.0, 1.0, 3.0, 6.0, 10.0, 20.0, 20.0, 2.0, 20.0)
"""Seconds before each look into a provider's list for a lost submission: lists may lag behind.

The last look is for a job that could be another submission's until that one was answered.
"""

_LOOKS_IN_DOUBT = 3
"""Number of looks into a list that cannot show that the job does not exist."""

_LIST_PATIENCE = 60.0
"""Seconds over which a list must not show a job before the job counts as not taken."""


_sleep, _now = asyncio.sleep, time.monotonic  # tests give both another clock


@dataclass(frozen=True, slots=True)
class AcceptedJob:
    """A job that a provider has accepted.

    Attributes:
        provider: The provider.
        job_id: Its id of the job.
        model: The model that makes the clip, or None if unknown.
        usd: The estimated price in US dollars, 0 if free, None if not known.
        warnings: Differences from what was asked, in sentences.
        plan: The plan that was sent, or None if unknown.
    """

    provider: Provider
    job_id: str
    model: str | None
    usd: float | None
    warnings: tuple[str, ...] = ()
    plan: Plan | None = None


class Submission:
    """The submission of a clip to one provider.

    Args:
        provider: The provider.
        request: The request, with the plan that is shown, budgeted and sent.
        ledger: The run's side of the journal.
        scene: The scene of a storyboard that the clip is for, or None.
        keeps: Returns True if an accepted job is to go on when nobody waits for it any more.

    Attributes:
        fate: After a cancel: the state of the submission at the provider, in words; empty if nothing is left of it.
        stopped: True if the job was stopped at the provider.
    """

    def __init__(
        self,
        provider: Provider,
        request: ClipRequest,
        ledger: RunLedger,
        *,
        scene: str | None = None,
        keeps: Callable[[], bool] = lambda: False,
    ) -> None:
        self.fate = ""
        self.stopped = False
        self._provider, self._request, self._ledger = provider, request, ledger
        self._scene, self._keeps = scene, keeps
        self._attempt = 0

    async def send(self, *, patience: float) -> AcceptedJob:
        """Send the submission; retry it only while the server itself rejects it as rate-limited.

        Args:
            patience: Seconds to go on retrying, in all.

        Raises:
            ProviderUnavailable: Nothing was accepted; another provider may be asked.
            SubmissionInDoubt: The answer was lost, and the provider's list does not settle it.
            ProviderError: The content or the request was refused.
        """
        name = self._provider.label
        deadline = time.monotonic() + patience
        retries = 0
        while True:
            began = time.time()
            try:
                return self._accepted(await self._send_shielded())
            except SubmissionInDoubt as error:
                try:
                    return await self._reconcile(began, error)
                except asyncio.CancelledError:
                    self.fate = f"{name} gave no clear answer: it may have accepted the job, and may bill it"
                    raise
            except ProviderUnavailable as error:
                # A server may fail only when it reports that it has accepted the job.
                if (error.status or 0) >= 500 and (found := await self._look_once(began)):
                    return found
                retries += 1
                floor = pause_before(retries, longest=_LONGEST_PAUSE, least=0.5)
                asked = error.retry_after
                wait = asked if asked is not None and asked > floor else floor  # not 0, negative or NaN
                if not error.overloaded or retries >= _MOST_SENDS or time.monotonic() + wait > deadline:
                    raise
                self._request.say(f"{name} is rate-limited (HTTP {error.status}); retrying in {wait:.0f} s.")
                await _sleep(wait)

    def _accepted(self, accepted: Accepted, *more: str) -> AcceptedJob:
        plan = self._request.plan
        new = tuple(warning for warning in accepted.warnings if warning not in plan.warnings)
        return AcceptedJob(
            self._provider,
            accepted.job_id,
            accepted.model or plan.model.name,
            plan.usd if accepted.usd is None else accepted.usd,
            (*plan.warnings, *new, *more),
            plan,
        )

    async def _send_shielded(self) -> Accepted:
        """Send it; a cancel that comes meanwhile waits for the answer, so that no job is left unknown."""
        sending = asyncio.create_task(self._send_journaled(), name=FINISH_BEFORE_EXIT)
        try:
            return await asyncio.shield(sending)
        except asyncio.CancelledError:
            self.fate = await self._withdraw(sending)
            raise

    async def _send_journaled(self) -> Accepted:
        """Write the intent, send, and write the outcome."""
        provider, plan, ledger = self._provider, self._request.plan, self._ledger
        attempt = self._attempt = await ledger.intend(
            provider=provider.name,
            model=plan.model.name,
            base_url=provider.base_url,
            request_id=self._request.request_id,
            usd=plan.usd,
            scene=self._scene,
        )
        limit = _longest_answer(provider)
        try:
            async with asyncio.timeout(limit) as clock:
                accepted = _checked(await provider.submit(self._request))
        except ProviderError as error:
            judged = _judge(_naming(error, plan.model.name))
            in_doubt = isinstance(judged, SubmissionInDoubt)
            outcome = AttemptOutcome.IN_DOUBT if in_doubt else AttemptOutcome.REFUSED
            await ledger.settle(attempt, outcome, message=str(judged))
            if judged is error:
                raise
            raise judged from error
        except Exception as error:
            # Nothing of a free provider can be lost or billed, so it leaves no doubt.
            outcome = AttemptOutcome.REFUSED if provider.capabilities.free else AttemptOutcome.IN_DOUBT
            slow = f"has not answered the submission within {limit:g} s" if clock.expired() else ""
            await ledger.settle(attempt, outcome, message=slow or repr(error))
            raise _crashed(provider, error, slow) from error
        except asyncio.CancelledError:
            await ledger.settle(
                attempt, AttemptOutcome.IN_DOUBT, message="canceled before the answer arrived"
            )
            raise
        await ledger.settle(attempt, AttemptOutcome.ACCEPTED, job_id=accepted.job_id, usd=accepted.usd)
        return accepted

    async def _withdraw(self, sending: asyncio.Future[Accepted]) -> str:
        """Wait briefly for the answer of a canceled submission and stop the job, unless it is to go on."""
        name = self._provider.label
        await asyncio.wait([sending], timeout=_LAST_WORD)
        if not sending.done():
            sending.cancel()
            free = self._provider.capabilities.free
            return (
                "" if free else f"{name} had not answered yet: it may have accepted the job, and may bill it"
            )
        if sending.cancelled() or sending.exception() is not None:
            return ""
        job_id = sending.result().job_id
        if self._keeps() and not self._provider.capabilities.free:
            return f"{name} has just accepted it as job {job_id}, which goes on there"
        self.stopped = True
        return await cancel_at_provider(self._provider, job_id)

    async def _reconcile(self, since: float, error: SubmissionInDoubt) -> AcceptedJob:
        """Find a lost submission in the provider's list, if that leaves no doubt; else raise the error.

        Raises:
            ProviderUnavailable: The list proves that the job was not taken.
            SubmissionInDoubt: The list does not settle it.
        """
        provider = self._provider
        noticed, missing_since, doubts = time.time(), math.inf, 0
        for pause in _LIST_PAUSES if provider.capabilities.lists else ():
            self._request.say(f"{provider.label} did not answer; looking for the job in its list.")
            await _sleep(pause)
            listing = await self._listing(since)
            if found := await self._adopt(listing):
                return found
            if await self._may_be_in(listing):
                missing_since = math.inf
                doubts += not await self._may_be_anothers()
                if doubts >= _LOOKS_IN_DOUBT:
                    break
                continue
            missing_since = min(missing_since, _now())
            if await self._shows_later(listing, noticed) or _now() - missing_since >= _LIST_PATIENCE:
                raise await self._not_taken(error)
        raise error

    async def _look_once(self, since: float) -> AcceptedJob | None:
        return await self._adopt(await self._listing(since))

    async def _listing(self, since: float) -> Listing:
        """Return the provider's list; one that cannot be read is empty and not whole."""
        with contextlib.suppress(ProviderError):
            return await look_for(self._provider, self._request, since)
        return Listing()

    async def _adopt(self, listing: Listing) -> AcceptedJob | None:
        job_id = None
        with contextlib.suppress(JournalError):
            job_id = await self._ledger.adopt(self._attempt, listing.matches, listing.possible)
        if job_id is None:
            return None
        return self._accepted(
            Accepted(job_id),
            f"{self._provider.label} did not answer the submission, but its list shows that it accepted job {job_id}.",
        )

    async def _may_be_in(self, listing: Listing) -> bool:
        """Return True unless the whole list was read and none of its jobs can be the lost one."""
        if not listing.whole:
            return True
        try:
            return bool(await self._ledger.unknown_jobs(self._attempt, listing.possible))
        except JournalError:
            return True

    async def _may_be_anothers(self) -> bool:
        """Return True while a listed job may be that of a like submission, whose answer will tell."""
        with contextlib.suppress(JournalError):
            return await self._ledger.is_answer_awaited(self._attempt)
        return False

    async def _shows_later(self, listing: Listing, noticed: float) -> bool:
        """Return True if the list shows a job that was submitted after the loss was noticed."""
        with contextlib.suppress(JournalError):
            return bool(listing.jobs & await self._ledger.jobs_sent_after(self._attempt, noticed))
        return False

    async def _not_taken(self, error: SubmissionInDoubt) -> ProviderUnavailable:
        name = self._provider.name
        sentence = f"{name} did not take the job: its list of jobs, read in full, does not show it. {error}"
        await self._ledger.settle(self._attempt, AttemptOutcome.REFUSED, message=sentence)
        return ProviderUnavailable(
            f"{name} gave no clear answer{_status_of(error)}, and it did not take the job: its list of jobs, read in "
            "full, does not show it.",
            provider=name,
            status=error.status,
            body=error.body,
            source="the provider's list of jobs",
        )


def _status_of(error: ProviderError) -> str:
    return "" if error.status is None else f" (HTTP {error.status})"


async def look_for(provider: Provider, request: ClipRequest, since: float) -> Listing:
    """Read a provider's list for a lost submission; a plug-in that crashes has an empty one that is not whole.

    Args:
        provider: The provider.
        request: The request whose answer was lost.
        since: When it was sent, in seconds since 1970.

    Raises:
        ProviderError: The provider cannot be reached.
    """
    if not provider.capabilities.lists:
        return Listing()
    try:
        async with asyncio.timeout(_longest_answer(provider)):
            return await provider.listing(request, since)
    except VoxweaveError:
        raise
    except Exception:  # noqa: BLE001  a plug-in that crashes has not settled the doubt
        return Listing()


async def cancel_at_provider(provider: Provider, job_id: str) -> str:
    """Cancel a job at its provider.

    Returns:
        The state of the job afterwards, in words; empty if nothing is left of it.
    """
    try:
        async with asyncio.timeout(_LAST_WORD):
            stopped = await provider.cancel(job_id)
    except Exception:  # noqa: BLE001  any error of a plug-in means that the job was not stopped
        stopped = False
    if stopped and provider.capabilities.free:
        return ""
    if stopped:
        return f"{provider.label} has stopped job {job_id}; the work done until then may be billed"
    asked = "was asked to stop" if provider.capabilities.cancel else "cannot stop"
    billed = "" if provider.capabilities.free else " and be billed"
    return f"{provider.label} {asked} job {job_id}, which may still finish{billed}"


def _naming(error: ProviderError, model: str) -> ProviderError:
    """Return an error about a missing model with the model's name; any other error as it is."""
    if not isinstance(error, ProviderUnavailable) or not error.lacks_model:
        return error
    return ProviderUnavailable(
        f"{error.provider} has no model {model!r}: {error}",
        provider=error.provider,
        status=error.status,
        body=error.body,
        lacks_model=True,
        source=error.source,
    )


def _judge(error: ProviderError) -> ProviderError:
    """Return an adapter's error, or `SubmissionInDoubt` if its HTTP status does not prove that nothing was taken.

    An error without a status is the adapter's own statement: the request never left, or no HTTP is spoken.
    """
    if isinstance(error, SubmissionInDoubt) or error.status is None or error.source:
        return error
    asked = error.retry_after if isinstance(error, ProviderUnavailable) else None
    if is_proof(error.status, error.body, retry_after=asked):
        return error
    return SubmissionInDoubt(
        f"{error.provider} may have accepted the job, and may bill it: it answered HTTP {error.status}: "
        f"{str(error).rstrip('.')}. It was not sent again: check the provider's own list of jobs before you generate "
        "it once more.",
        provider=error.provider,
        status=error.status,
        body=error.body,
    )


def _checked(accepted: Accepted) -> Accepted:
    """Return a plug-in's answer if it is one."""
    if not isinstance(accepted, Accepted) or not isinstance(accepted.job_id, str) or not accepted.job_id:
        raise TypeError(f"submit returned {accepted!r}, not an Accepted with a job id")
    return accepted


def _longest_answer(provider: Provider) -> float | None:
    """Return the time limit of a submission with its whole answer, in seconds; None for a free provider."""
    return None if provider.capabilities.free else max(60.0, 10 * provider.settings.http_timeout)


def _crashed(provider: Provider, error: Exception, slow: str) -> ProviderError:
    if provider.capabilities.free:
        return ProviderUnavailable(
            f"{provider.name} crashed ({type(error).__name__}: {error}).",
            provider=provider.name,
        )
    why = slow or f"crashed during the submission ({type(error).__name__}: {error})"
    return SubmissionInDoubt(
        f"{provider.label} {why}: it may have accepted the job, and may bill it. It was not sent again: check the "
        "provider's own list of jobs before you generate it once more.",
        provider=provider.name,
    )
