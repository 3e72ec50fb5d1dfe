"""A provider made of providers: asks one after the other, and remembers why each declined and who answered."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from dataclasses import replace
from pathlib import Path

from ..errors import (
    GenerationFailed,
    NoProviderLeft,
    ProviderError,
    ProviderUnavailable,
    SubmissionInDoubt,
    VoxweaveError,
)
from ..runtime import FINISH_BEFORE_EXIT
from .base import (
    Accepted,
    Assignment,
    Availability,
    Capabilities,
    Ledger,
    Plan,
    Provider,
    ProviderStatus,
    tell,
)

__all__ = ["Fallback"]

_LONGEST_PAUSE = 20.0
_LAST_WORD = 5.0
"""Seconds that a stop waits for the answer to a create that is under way."""

_LOOK_PAUSES = (0.0, 1.0, 3.0)
"""Seconds before each look for a job whose answer was lost: a list may lag behind."""


def _state(provider: Provider) -> Availability:
    try:
        return provider.availability()
    except Exception as error:  # noqa: BLE001  a plug-in that is broken must not stop the others
        return Availability(False, f"is broken ({type(error).__name__}: {error})")


@contextlib.contextmanager
def _its_fault(provider: Provider) -> Iterator[None]:
    """What a broken plug-in raises before anything is asked for, said so that the next one is asked."""
    try:
        yield
    except VoxweaveError:
        raise
    except Exception as error:
        raise ProviderUnavailable(
            f"{provider.name} is broken ({type(error).__name__}: {error})", provider=provider.name
        ) from error


def _broke(provider: Provider, error: Exception) -> SubmissionInDoubt:
    return SubmissionInDoubt(
        f"{provider.name} broke while it was asked ({type(error).__name__}: {error}): it may have accepted the job, "
        "and may bill it. It was not asked again: look at its own list of jobs before you generate it once more.",
        provider=provider.name,
    )


class Fallback(Provider):
    """Carries one job through a chain of providers; made anew for each job.

    It moves on for what is a provider's fault, before acceptance or after a failure that is known; never for a
    refusal of the content, a bad request, or a create whose answer was lost.

    Args:
        chain: The providers, in the order in which they are asked.
        gone: Those of them that were found to be no more, and why; added to, so share it between jobs.
        patience: Seconds to wait altogether for a provider that turns us away for now.
        ledger: Where each create is written down before it is sent.

    Attributes:
        keeps: Says whether a job that was accepted goes on when nobody waits for it any more.
        fate: What became of a create that was under way when the job was stopped; empty when nothing is left of it.
        stopped: Whether the job of that create was asked to stop.
    """

    name = "fallback"

    def __init__(
        self,
        chain: Sequence[Provider],
        *,
        gone: MutableMapping[str, str] | None = None,
        patience: float = 60.0,
        ledger: Ledger | None = None,
    ) -> None:
        self._left = list(chain)
        self.names = tuple(provider.name for provider in chain)
        self._gone = {} if gone is None else gone
        self._patience = patience
        self._declined: dict[str, ProviderError] = {}
        self._answering: Provider | None = None
        self._place = contextlib.AsyncExitStack()
        self._ledger = ledger
        self._intent = 0
        self.keeps: Callable[[], bool] = lambda: False
        self.fate = ""
        self.stopped = False
        self._narration: tuple[Path, Callable[[int], None]] | None = None

    @property
    def answering(self) -> Provider:
        """Who has taken the job; the first of the chain while nobody has."""
        return self._answering or self._left[0]

    @property
    def capabilities(self) -> Capabilities:  # type: ignore[override]
        """Those of who has taken the job."""
        return self.answering.capabilities

    @property
    def declined(self) -> dict[str, str]:
        """Why each that was asked did not make it, by name."""
        return {name: str(error) for name, error in self._declined.items()}

    def availability(self) -> Availability:
        """That of the first that is ready, else all the reasons."""
        states = {provider.name: _state(provider) for provider in self._left}
        ready = next((state for state in states.values() if state.ready), None)
        reasons = "; ".join(f"{name}: {state.reason}" for name, state in states.items())
        return ready or Availability(False, reasons)

    async def upload(self, narration: Path, on_bytes: Callable[[int], None]) -> str:
        """Nothing yet: each provider gets the narration when it is its turn."""
        self._narration = (narration, on_bytes)
        return ""

    async def create(self, assignment: Assignment) -> Accepted:
        """Asks each in turn until one takes the job.

        Raises:
            NoProviderLeft: All declined.
            ProviderUnavailable: The only one there is declined.
        """
        last: ProviderError | None = None
        while self._left:
            provider = self._left[0]
            try:
                accepted = await self._ask(provider, assignment)
            except ProviderUnavailable as error:
                last = error
                self._decline(provider, error)
                continue
            self._answering = provider
            return replace(accepted, declined=self.declined)
        raise self._nobody(last)

    async def _ask(self, provider: Provider, assignment: Assignment) -> Accepted:
        state = _state(provider)
        if provider.name in self._gone or not state.ready:
            reason = self._gone.get(provider.name) or state.reason
            raise ProviderUnavailable(f"{provider.name}: {reason}", provider=provider.name)
        with _its_fault(provider):
            plan = provider.plan(assignment.config, assignment.duration)
        await self._take_place(provider, plan)
        try:
            if self._narration is not None:
                with _its_fault(provider):
                    reference = await provider.upload(*self._narration)
                assignment = replace(assignment, reference=reference)
            return await self._patiently(provider, assignment)
        except BaseException:
            await self._place.aclose()
            raise

    async def _take_place(self, provider: Provider, plan: Plan) -> None:
        slot = provider.slot(plan.model)
        if slot is None:
            return
        if slot.locked():
            tell(
                f"{provider.name} takes {plan.model.at_once} of {plan.model.name} at once; waiting for a place."
            )
        await self._place.enter_async_context(slot)

    async def _patiently(self, provider: Provider, assignment: Assignment) -> Accepted:
        """Asks again only where the server itself said that it did not take the job, and to come back."""
        deadline = time.monotonic() + self._patience
        pause = 1.0
        while True:
            began = time.time()
            try:
                return await self._send(provider, assignment)
            except SubmissionInDoubt as error:
                return await self._looked_for(provider, assignment, began, error)
            except ProviderUnavailable as error:
                if (error.status or 0) >= 500 and (found := await self._in_list(provider, assignment, began)):
                    return found  # it failed only to say that it had taken the job
                wait = error.retry_after if error.retry_after is not None else random.uniform(0.5, 1) * pause  # noqa: S311  no secret
                if not error.overloaded or time.monotonic() + wait > deadline:
                    raise
                tell(f"{provider.name} is busy ({error.status}) and is asked again in {wait:.0f} s.")
                await asyncio.sleep(wait)
                pause = min(2 * pause, _LONGEST_PAUSE)

    async def _send(self, provider: Provider, assignment: Assignment) -> Accepted:
        """Sends a create; a stop that comes meanwhile waits for its answer, so that no job is left unknown."""
        sending = asyncio.create_task(self._written_down(provider, assignment), name=FINISH_BEFORE_EXIT)
        try:
            return await asyncio.shield(sending)
        except asyncio.CancelledError:
            self.fate = await self._withdraw(provider, sending)
            raise

    async def _written_down(self, provider: Provider, assignment: Assignment) -> Accepted:
        """A create with what is written down before it and after it."""
        ledger = self._ledger
        if ledger is None:
            return await provider.create(assignment)
        plan = provider.plan(assignment.config, assignment.duration)
        self._intent = await ledger.intend(
            provider=provider.name,
            model=plan.model.name,
            base_url=provider.base_url,
            request_id=assignment.request_id,
            usd=plan.usd,
        )
        try:
            accepted = await provider.create(assignment)
        except SubmissionInDoubt as error:
            await ledger.settle(self._intent, "ambiguous", words=str(error))
            raise
        except ProviderError as error:
            await ledger.settle(self._intent, "refused", words=str(error))
            raise
        except Exception as error:
            await ledger.settle(self._intent, "ambiguous", words=repr(error))
            raise _broke(provider, error) from error
        except asyncio.CancelledError:  # given up while the answer was awaited
            await ledger.settle(self._intent, "ambiguous", words="stopped before it was answered")
            raise
        await ledger.settle(self._intent, "accepted", job_id=accepted.job_id)
        return accepted

    async def _withdraw(self, provider: Provider, sending: asyncio.Future[Accepted]) -> str:
        await asyncio.wait([sending], timeout=_LAST_WORD)
        if not sending.done():
            sending.cancel()
            return f"{provider.name} had not answered yet: it may have accepted the job, and may bill it"
        if sending.cancelled() or sending.exception() is not None:
            return ""
        accepted = sending.result()
        if self.keeps() and not provider.capabilities.free:
            return f"{provider.name} has just taken it as job {accepted.job_id}, and it goes on there"
        self.stopped = True
        return await self.stop(accepted.job_id, provider)

    async def stop(self, job_id: str, provider: Provider | None = None) -> str:
        """Asks for a job to be stopped.

        Returns:
            What became of it, for a person; empty when nothing is left of it.
        """
        provider = provider or self.answering
        try:
            async with asyncio.timeout(_LAST_WORD):
                stopped = await provider.cancel(job_id)
        except Exception:  # noqa: BLE001  whatever a plug-in raises: it has not stopped it
            stopped = False
        if stopped and provider.capabilities.free:
            return ""
        if stopped:
            return f"{provider.name} has stopped job {job_id}; what was done until then may be billed"
        asked = "was asked to stop" if provider.capabilities.cancel else "cannot stop"
        return f"{provider.name} {asked} job {job_id}, which may still finish and be billed"

    async def _looked_for(
        self, provider: Provider, assignment: Assignment, since: float, error: SubmissionInDoubt
    ) -> Accepted:
        """The job of a create whose answer was lost, where the provider's list leaves no doubt; else the error."""
        for pause in _LOOK_PAUSES if provider.capabilities.lists else ():
            tell(f"{provider.name} did not answer; looking for the job in its list.")
            await asyncio.sleep(pause)
            if found := await self._in_list(provider, assignment, since):
                return found
        raise error

    async def look_for(self, assignment: Assignment, since: float) -> str | None:
        """A job whose answer was lost earlier, at the first of the chain; None where its list leaves a doubt."""
        provider = self._left[0]
        if not provider.capabilities.lists:
            return None
        return await provider.find(assignment, since)

    def take_up(self) -> None:
        """Has the first of the chain answer for a job that it took earlier."""
        self._answering = self._left[0]

    async def _in_list(self, provider: Provider, assignment: Assignment, since: float) -> Accepted | None:
        job_id = None
        if provider.capabilities.lists:
            with contextlib.suppress(ProviderError):
                job_id = await provider.find(assignment, since)
        if job_id is None:
            return None
        if self._ledger is not None:
            await self._ledger.settle(self._intent, "accepted", job_id=job_id)
        plan = provider.plan(assignment.config, assignment.duration)
        said = (
            f"{provider.name} gave no answer to the create, but its list shows that it took the job {job_id}."
        )
        return Accepted(job_id, provider.name, plan.model.name, plan.usd, (*plan.warnings, said))

    def pass_on(self, error: GenerationFailed) -> None:
        """Makes ready to ask the next one, after a job that is known to have failed.

        Raises:
            GenerationFailed: There is no other, and this one was the only one.
            NoProviderLeft: There is no other.
        """
        self._decline(self.answering, error)
        self._answering = None
        if not self._left:
            raise self._nobody(error)

    def _decline(self, provider: Provider, error: ProviderError) -> None:
        self._left.remove(provider)
        self._declined[provider.name] = error
        if isinstance(error, ProviderUnavailable) and error.gone:
            self._gone[provider.name] = str(error)
        if self._left:
            said = str(error).rstrip()
            tell(f"{said}{'' if said.endswith(('.', '!', '?')) else '.'} Asking {self._left[0].name} next.")

    def _nobody(self, last: ProviderError | None) -> ProviderError:
        if last is not None and len(self._declined) == 1:
            return last
        reasons = " ".join(f"[{name}] {reason}" for name, reason in self.declined.items())
        error = NoProviderLeft(
            f"None of the providers made the video. {reasons}",
            provider=", ".join(self._declined),
            declined=self.declined,
        )
        error.__cause__ = ExceptionGroup("why each declined", list(self._declined.values()))
        return error

    async def status(self, job_id: str) -> ProviderStatus:
        """What the one who has taken it says; its place is free as soon as the job has ended."""
        status = await self.answering.status(job_id)
        if status.state.final:
            await self._place.aclose()
        return status

    async def download(self, job_id: str, to: Path, on_bytes: Callable[[int], None]) -> None:
        """From the one who has taken it."""
        await self.answering.download(job_id, to, on_bytes)

    async def cancel(self, job_id: str) -> bool:
        """At the one who has taken it."""
        return await self.answering.cancel(job_id)

    async def aclose(self) -> None:
        """Gives up the place that it holds; the providers belong to the service."""
        await self._place.aclose()
