"""Fallback: ask providers in turn until one accepts, and keep the reasons of those that declined."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterator, MutableMapping, Sequence
from typing import TypeVar

from ..errors import (
    GenerationFailed,
    NoProviderLeft,
    ProviderError,
    ProviderUnavailable,
    SubmissionInDoubt,
    VoxweaveError,
)
from ..providers.base import Provider, check_availability
from ..providers.pool import LastResort
from ..providers.types import ignore

__all__ = ["Candidates", "ask_in_turn", "blame"]

T = TypeVar("T")


class Candidates:
    """The providers that may still be asked for one clip, and why the others declined.

    Args:
        providers: The providers, in the order in which they are asked.
        gone: Providers that were found to be shut down or misaddressed, and models that they lack, and why; added to,
            so share it between jobs.
        model: The model that is asked for, or None for each provider's default.
        say: Called with a sentence when a provider declines and the next one is asked.
        warn: Called with a sentence when the last resort is asked.
        last_resort: The provider that is asked only if none of the others can be used at all, or None.

    Attributes:
        names: The names of all providers, in order.
        left: The providers that may still be asked.
    """

    def __init__(
        self,
        providers: Sequence[Provider],
        *,
        gone: MutableMapping[str, str] | None = None,
        model: str | None = None,
        say: Callable[[str], None] = ignore,
        warn: Callable[[str], None] = ignore,
        last_resort: LastResort | None = None,
    ) -> None:
        self.names = tuple(provider.name for provider in providers)
        self.left = list(providers)
        self._gone = {} if gone is None else gone
        self._model = model
        self._say, self._warn = say, warn
        self._last_resort = last_resort
        self._errors: dict[str, ProviderError] = {}

    @property
    def declined(self) -> dict[str, str]:
        """The reason of each provider that declined, by name."""
        return {name: str(error) for name, error in self._errors.items()}

    def check_ready(self, provider: Provider) -> None:
        """Check that a provider can be asked at all.

        Raises:
            ProviderUnavailable: It cannot: no key, shut down, or broken.
        """
        state = check_availability(provider)
        if reason := self._gone.get(provider.name) or ("" if state.ready else state.reason):
            raise ProviderUnavailable(f"{provider.label}: {reason}", provider=provider.name, unusable=True)
        if missing := self._gone.get(self._model_at(provider)):  # with another model it can be used
            raise ProviderUnavailable(f"{provider.label}: {missing}", provider=provider.name)

    def decline(self, provider: Provider, error: ProviderError) -> None:
        """Take a provider out, with its reason; the last resort too, if the provider is not unusable."""
        self.left.remove(provider)
        self._errors[provider.name] = error
        if isinstance(error, ProviderUnavailable) and error.gone:
            self._gone[provider.name] = str(error)
        elif isinstance(error, ProviderUnavailable) and error.lacks_model:
            self._gone[self._model_at(provider)] = str(error)
        if self._last_resort and not (isinstance(error, ProviderUnavailable) and error.unusable):
            self.left = [each for each in self.left if each.name != self._last_resort.name]
        if self.left:
            reason = str(error).rstrip()
            stop = "" if reason.endswith((".", "!", "?")) else "."
            self._say(f"{reason}{stop} Trying {self.left[0].label} next.")

    def _model_at(self, provider: Provider) -> str:
        """Return the key of a model at a provider, which differs from every provider's name."""
        return f"{provider.name}, {'its default model' if self._model is None else f'model {self._model}'}"

    def explain(self, provider: Provider) -> None:
        """Say in one sentence why the last resort is asked; nothing for any other provider."""
        if self._last_resort is None or provider.name != self._last_resort.name:
            return
        skipped = [f"{name}: {reason}" for name, reason in self._last_resort.skipped.items()]
        reasons = "; ".join(reason.rstrip(". ") for reason in [*skipped, *self.declined.values()])
        if reasons:
            self._warn(
                f"The video is rendered on this machine, because no other provider can be used: {reasons}."
            )
        else:
            self._say(
                "The video is rendered on this machine, because no provider has a key; `voxweave-nb providers` lists "
                "their variables."
            )

    def job_failed(self, provider: Provider, error: GenerationFailed) -> None:
        """Take a provider out whose job has failed, so that the next one can be asked.

        Raises:
            GenerationFailed: It was the only provider.
            NoProviderLeft: It was the last of several.
        """
        self.decline(provider, error)
        if not self.left:
            raise self.exhausted()

    def exhausted(self) -> ProviderError:
        """Return the error for a chain in which every provider declined: its own error if there was only one."""
        if len(self._errors) == 1:
            return next(iter(self._errors.values()))
        if self.doubts:
            return self._lasting_doubt()
        reasons = " ".join(f"[{name}] {reason}" for name, reason in self.declined.items())
        error = NoProviderLeft(
            f"No provider generated the video. {reasons}",
            provider=", ".join(self._errors),
            declined=self.declined,
        )
        error.__cause__ = ExceptionGroup("the reasons of all providers", list(self._errors.values()))
        return error

    @property
    def doubts(self) -> list[str]:
        """The names of the providers that may have accepted the job although the next one was asked."""
        return [name for name, error in self._errors.items() if isinstance(error, SubmissionInDoubt)]

    def recall_doubts(self, error: VoxweaveError) -> None:
        """Add the doubts to the message of an error that ends everything: it must not hide them."""
        if self.doubts and not isinstance(error, SubmissionInDoubt):
            doubts = " ".join(str(self._errors[name]) for name in self.doubts)
            error.args = (f"{error} Before that: {doubts}", *error.args[1:])

    def _lasting_doubt(self) -> SubmissionInDoubt:
        """Return the last doubt, with the reasons of the providers that were asked after it."""
        name = self.doubts[-1]
        others = " ".join(f"[{other}] {reason}" for other, reason in self.declined.items() if other != name)
        doubt = self._errors[name]
        return SubmissionInDoubt(
            f"{doubt} No other provider generated the video. {others}",
            provider=name,
            status=doubt.status,
            body=doubt.body,
        )


async def ask_in_turn(
    candidates: Candidates, submit: Callable[[Provider], Awaitable[T]], *, on_doubt: str = "stop"
) -> T:
    """Return the result of the first provider that accepts.

    Moves on only when a provider provably accepted nothing; never after a refusal of the content, an invalid request,
    or a submission whose answer was lost, unless the person chose to.

    Args:
        candidates: The providers.
        submit: Submits to one provider.
        on_doubt: `"stop"` after a submission in doubt, or `"next"` to ask the next provider.

    Raises:
        NoProviderLeft: Every provider declined.
        SubmissionInDoubt: A provider may have accepted the job, and no other one did.
        ProviderUnavailable: The only provider declined.
    """
    while candidates.left:
        provider = candidates.left[0]
        try:
            candidates.check_ready(provider)
            candidates.explain(provider)
            return await submit(provider)
        except ProviderUnavailable as error:
            candidates.decline(provider, error)
        except SubmissionInDoubt as error:
            if on_doubt != "next":
                raise
            candidates.decline(provider, error)
        except VoxweaveError as error:
            candidates.recall_doubts(error)
            raise
    raise candidates.exhausted()


@contextlib.contextmanager
def blame(provider: Provider) -> Iterator[None]:
    """Turn a crash of a plug-in before anything was submitted into `ProviderUnavailable`."""
    try:
        yield
    except VoxweaveError:
        raise
    except Exception as error:
        raise ProviderUnavailable(
            f"{provider.label} is broken ({type(error).__name__}: {error})", provider=provider.name
        ) from error
