"""Pay once: one submission is journaled, sent once, settled, and reconciled if its answer is lost."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import ProviderError, ProviderUnavailable, SubmissionInDoubt, VoxweaveError
from ..journal import AttemptOutcome, RunLedger
from ..providers.backoff import pause_before
from ..providers.base import Provider
from ..providers.types import Accepted, ClipRequest
from ..runtime import FINISH_BEFORE_EXIT

__all__ = ["AcceptedJob", "Submission", "cancel_at_provider", "find_lost"]

_LONGEST_PAUSE = 20.0
"""Longest pause before a rate-limited submission is retried, in seconds."""

_LAST_WORD = 5.0
"""Seconds that a cancelled job waits for the answer to a submission that is under way."""

_LIST_PAUSES = (0.0, 1.0, 3.0)
"""Seconds before each look into a provider's list for a lost submission: lists may lag behind."""


@dataclass(frozen=True, slots=True)
class AcceptedJob:
    """A job that a provider has accepted.

    Attributes:
        provider: The provider.
        job_id: Its id of the job.
        model: The model that makes the clip, or None if unknown.
        usd: The estimated price in US dollars, 0 if free, None if not known.
        warnings: Differences from what was asked, in sentences.
    """

    provider: Provider
    job_id: str
    model: str | None
    usd: float | None
    warnings: tuple[str, ...] = ()


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
                return await self._reconcile(began, error)
            except ProviderUnavailable as error:
                # A server may fail only when it reports that it has accepted the job.
                if (error.status or 0) >= 500 and (found := await self._look_into_list(began)):
                    return found
                retries += 1
                wait = error.retry_after
                if wait is None:
                    wait = pause_before(retries, longest=_LONGEST_PAUSE, least=0.5)
                if not error.overloaded or time.monotonic() + wait > deadline:
                    raise
                self._request.say(f"{name} is rate-limited (HTTP {error.status}); retrying in {wait:.0f} s.")
                await asyncio.sleep(wait)

    def _accepted(self, accepted: Accepted, *more: str) -> AcceptedJob:
        plan = self._request.plan
        new = tuple(warning for warning in accepted.warnings if warning not in plan.warnings)
        return AcceptedJob(
            self._provider,
            accepted.job_id,
            accepted.model or plan.model.name,
            plan.usd if accepted.usd is None else accepted.usd,
            (*plan.warnings, *new, *more),
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
        except SubmissionInDoubt as error:
            await ledger.settle(attempt, AttemptOutcome.IN_DOUBT, message=str(error))
            raise
        except ProviderError as error:
            await ledger.settle(attempt, AttemptOutcome.REFUSED, message=str(error))
            raise
        except Exception as error:
            slow = f"has not answered the submission within {limit:g} s" if clock.expired() else ""
            await ledger.settle(attempt, AttemptOutcome.IN_DOUBT, message=slow or repr(error))
            crash = f"crashed during the submission ({type(error).__name__}: {error})"
            raise _unclear(provider, slow or crash) from error
        except asyncio.CancelledError:
            await ledger.settle(
                attempt, AttemptOutcome.IN_DOUBT, message="cancelled before the answer arrived"
            )
            raise
        await ledger.settle(attempt, AttemptOutcome.ACCEPTED, job_id=accepted.job_id)
        return accepted

    async def _withdraw(self, sending: asyncio.Future[Accepted]) -> str:
        """Wait briefly for the answer of a cancelled submission and stop the job, unless it is to go on."""
        name = self._provider.label
        await asyncio.wait([sending], timeout=_LAST_WORD)
        if not sending.done():
            sending.cancel()
            return f"{name} had not answered yet: it may have accepted the job, and may bill it"
        if sending.cancelled() or sending.exception() is not None:
            return ""
        job_id = sending.result().job_id
        if self._keeps() and not self._provider.capabilities.free:
            return f"{name} has just accepted it as job {job_id}, which goes on there"
        self.stopped = True
        return await cancel_at_provider(self._provider, job_id)

    async def _reconcile(self, since: float, error: SubmissionInDoubt) -> AcceptedJob:
        """Find a lost submission in the provider's list, if that leaves no doubt; else raise the error."""
        provider = self._provider
        for pause in _LIST_PAUSES if provider.capabilities.lists else ():
            self._request.say(f"{provider.label} did not answer; looking for the job in its list.")
            await asyncio.sleep(pause)
            if found := await self._look_into_list(since):
                return found
        raise error

    async def _look_into_list(self, since: float) -> AcceptedJob | None:
        job_id = None
        with contextlib.suppress(ProviderError):
            job_id = await find_lost(self._provider, self._request, since)
        if job_id is None:
            return None
        await self._ledger.settle(self._attempt, AttemptOutcome.ACCEPTED, job_id=job_id)
        return self._accepted(
            Accepted(job_id),
            f"{self._provider.label} did not answer the submission, but its list shows that it accepted job {job_id}.",
        )


async def find_lost(provider: Provider, request: ClipRequest, since: float) -> str | None:
    """Return the job of a lost submission, or None if the provider's list leaves a doubt or there is none."""
    if not provider.capabilities.lists:
        return None
    try:
        async with asyncio.timeout(_longest_answer(provider)):
            return await provider.find(request, since)
    except VoxweaveError:
        raise
    except Exception:  # noqa: BLE001  a plug-in that crashes has not settled the doubt
        return None


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
    return f"{provider.label} {asked} job {job_id}, which may still finish and be billed"


def _checked(accepted: Accepted) -> Accepted:
    """Return a plug-in's answer if it is one."""
    if not isinstance(accepted, Accepted) or not isinstance(accepted.job_id, str) or not accepted.job_id:
        raise TypeError(f"submit returned {accepted!r}, not an Accepted with a job id")
    return accepted


def _longest_answer(provider: Provider) -> float | None:
    """Return the time limit of a submission with its whole answer, in seconds; None for a free provider."""
    return None if provider.capabilities.free else max(60.0, 10 * provider.settings.http_timeout)


def _unclear(provider: Provider, why: str) -> SubmissionInDoubt:
    return SubmissionInDoubt(
        f"{provider.label} {why}: it may have accepted the job, and may bill it. It was not sent again: check the "
        "provider's own list of jobs before you generate it once more.",
        provider=provider.name,
    )
