"""`VideoGenerationService`: the one door to generating a video."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, Unpack

from . import runtime
from .config import VideoConfig, VideoOptions
from .errors import ConfigError, ProviderUnavailable
from .inputs import NarrationLike, SubtitlesLike
from .job import Job, JobReporter
from .journal import RunLedger
from .models import Estimate
from .pipeline.clip import Polling
from .pipeline.video import SubmitOptions, VideoMaker
from .providers import registered
from .providers.base import Provider
from .providers.pool import ProviderPool, default_order, environment_order
from .providers.secret import Secret, mask_access, mask_password
from .providers.types import Availability, Capabilities, Plan
from .request import VideoRequest, takes_options
from .result import GeneratedVideo
from .settings import Settings
from .steps import Steps
from .validation import positive
from .written import Script

__all__ = ["VideoGenerationService"]


class VideoGenerationService(Steps):
    """Generates videos from narrations; may be shared between cells, threads and jobs.

    As a context manager (`with` or `async with`) it closes its connections at the end.

    Args:
        provider: A provider's name, an instance, or several of them in the order in which they are asked: if one
            cannot be used, the next one is asked.
        api_key: The API key, for one provider that takes a key.
        base_url: The base URL, for one provider that has an address.
        output_dir: The folder for finished videos; by default the setting's, `voxweave_out`.
        settings: All settings at once, instead of the environment's.

    Raises:
        ConfigError: The provider is not installed, or takes no key or address.
    """

    def __init__(
        self,
        provider: str | Provider | Sequence[str | Provider] = "local",
        *,
        api_key: str | Secret | None = None,
        base_url: str | None = None,
        output_dir: str | os.PathLike[str] | None = None,
        settings: Settings | None = None,
    ) -> None:
        api_key, base_url = Secret.of(api_key), mask_password(base_url)
        base = settings or Settings.load()
        chosen = [provider] if isinstance(provider, (str, Provider)) else list(provider)
        access = {
            name: value for name, value in (("api_key", api_key), ("base_url", base_url)) if value is not None
        }
        if access and not isinstance(provider, (str, Provider)):
            raise ConfigError(
                "api_key and base_url belong to one provider; for several, set each one's environment variables or "
                "give provider instances."
            )
        if not chosen:
            raise ConfigError(f"No provider was given; choose among: {', '.join(registered())}.")
        given = base if output_dir is None else replace(base, output_dir=Path(output_dir))
        pool = ProviderPool(given)
        super().__init__(pool, given, list(dict.fromkeys(pool.add(each, access) for each in chosen)))

    @property
    def provider_name(self) -> str:
        """The provider that is asked first."""
        return self._chain[0]

    @property
    def chain(self) -> tuple[str, ...]:
        """The providers in the order in which they are asked."""
        return self._chain

    @property
    def last_resort(self) -> str | None:
        """The provider that is asked only if no other can be used: `local` after `default()`, or None."""
        last = self._pool.last_resort
        return last.name if last else None

    @classmethod
    def local(cls, **options: Any) -> Self:
        """Return a service that renders on this machine: no key, no network."""
        options = mask_access(options)
        return cls("local", **options)

    @classmethod
    def from_env(cls, **options: Any) -> Self:
        """Return a service with the providers whose keys are in the environment.

        `OPENAI_API_KEY` comes first, then `ZAI_API_KEY`, then every other registered provider; `VOXWEAVE_PROVIDERS`
        gives another order. One after the other is asked.

        Raises:
            ConfigError: No variable holds a key.
        """
        options = mask_access(options)
        return cls(environment_order(options.get("settings")), **options)

    @classmethod
    def default(cls, **options: Any) -> Self:
        """Return a service with all providers that have a key or an address, and the local renderer as last resort.

        The last resort renders the video, and says why, if none of the others can be used at all: no key, an invalid
        one, an unpaid account, a service that was shut down. It is not asked after an outage, a lost answer, a refusal
        or a spent budget. `VOXWEAVE_PROVIDERS` gives another order, which is kept as given.
        """
        options = mask_access(options)
        order, last_resort = default_order(options.get("settings"))
        service = cls(order if len(order) > 1 else order[0], **options)
        service._pool.last_resort = last_resort
        return service

    def providers(self) -> dict[str, Availability]:
        """Return every installed provider and whether it can be used now."""
        return {name: self._pool.availability(name) for name in dict.fromkeys((*self._chain, *registered()))}

    def capabilities(self, provider: str | None = None) -> Capabilities:
        """Return the abilities of a provider, by default the first of the chain."""
        return self._pool.get(provider or self._chain[0]).capabilities

    @takes_options(VideoOptions)
    def plan(
        self,
        duration: float,
        config: VideoConfig | Mapping[str, Any] | None = None,
        **changes: Unpack[VideoOptions],
    ) -> Plan:
        """Return the plan of the first provider: size, length, prompt, price. Nothing is sent.

        `submit(..., plan=plan)` sends exactly this plan.

        Args:
            duration: The length of the narration in seconds.
            config: The config of the video.
            **changes: Fields of `VideoConfig` that win over `config`.

        Raises:
            ProviderUnavailable: The provider does not have the model.
        """
        asked = VideoConfig.of(config, **changes)
        return self._pool.plan(asked.provider or self._chain[0], asked, positive(duration, "duration"))

    @takes_options(VideoOptions)
    def estimate(
        self,
        duration: float,
        config: VideoConfig | Mapping[str, Any] | None = None,
        **changes: Unpack[VideoOptions],
    ) -> Estimate:
        """Return the price of a video at each provider that would be asked, and warnings. Nothing is sent.

        The last resort is left out while another provider can be used.

        Args:
            duration: The length of the narration in seconds.
            config: The config of the video.
            **changes: Fields of `VideoConfig` that win over `config`.
        """
        asked = VideoConfig.of(config, **changes)
        names = (asked.provider,) if asked.provider else self._chain
        prices: dict[str, float | None] = {}
        ready = [name for name in names if self._pool.availability(name).ready]
        warnings: tuple[str, ...] = ()
        for name in self._pool.without_last_resort(ready):
            with contextlib.suppress(ProviderUnavailable):  # it would decline, and cost nothing
                plan = self._pool.get(name).plan(asked, positive(duration, "duration"))
                warnings = warnings if prices else plan.warnings
                prices[name] = plan.usd
        return Estimate(prices, warnings)

    @takes_options(VideoOptions)
    def request(
        self,
        narration: NarrationLike,
        *,
        subtitles: SubtitlesLike | None = None,
        config: VideoConfig | Mapping[str, Any] | None = None,
        **changes: Unpack[VideoOptions],
    ) -> VideoRequest:
        """Check the arguments of `submit` and return the request, without starting it."""
        return VideoRequest.of(narration, subtitles, config, kept=self._kept, **changes)

    @takes_options(VideoOptions)
    def submit(
        self,
        narration: NarrationLike | Script,
        *,
        subtitles: SubtitlesLike | None = None,
        config: VideoConfig | Mapping[str, Any] | None = None,
        plan: Plan | None = None,
        budget: float | None = None,
        unknown_prices: bool = False,
        reuse: bool = False,
        on_doubt: Literal["stop", "next"] | None = None,
        on_interrupt: Literal["detach", "cancel"] = "detach",
        poll_interval: float | None = None,
        poll_tries: int | None = None,
        group: str | None = None,
        **changes: Unpack[VideoOptions],
    ) -> Job:
        """Start making a video and return at once, from any thread.

        Args:
            narration: An audio file or its bytes, `(rate, samples)`, `AudioInput`, `Speech`, or a `Script` to speak.
            subtitles: A subtitle file or its text, a list of `(start, end, text)`, the spoken words, or `"auto"`.
            config: The config of the video.
            plan: A plan that `plan()` returned for this config; its provider is sent this plan and no other.
            budget: US dollars that this video may cost; the budgets of the settings apply too.
            unknown_prices: Allow submissions of unknown price although there is a budget.
            reuse: Return the result of an identical request, if there is one, instead of paying again.
            on_doubt: What follows a submission that may have been accepted: `"stop"`, or `"next"` to ask the next
                provider, which may be paid as well; None takes the setting.
            on_interrupt: The effect of an interrupt or a canceled await: `"detach"` (a paid job goes on at its
                provider and `resume` continues it) or `"cancel"`.
            poll_interval: Seconds between two status requests; None takes the provider's, else the setting.
            poll_tries: The largest number of status requests; None takes the deadline.
            group: The id of a group of the journal that the video belongs to; its budget applies too.
            **changes: Fields of `VideoConfig` that win over `config`, such as `style="anime"`.

        Raises:
            ConfigError: An option is invalid, or no provider can be used.
            NarrationError, SubtitleError: A file does not exist, or is in no known form.
            SpeechError: A recogniser or a voice is missing; the message says what to install.
        """
        request = self._requested_video(narration, subtitles, VideoConfig.of(config, **changes))
        _check_plan(plan, request.config)
        providers = self._pool.usable((request.config.provider,) if request.config.provider else self._chain)
        budgets = self._studio.budgets(None if budget is None else positive(budget, "budget", zero=True))
        settings = self.settings if on_doubt is None else replace(self.settings, on_doubt=on_doubt)
        polling = Polling.of(poll_interval, poll_tries)

        async def work(reporter: JobReporter) -> GeneratedVideo:
            journal = await asyncio.to_thread(self._studio.journal_for, providers, reporter.warn)
            ledger = RunLedger(
                journal, job.id, budgets=budgets, unknown_prices=unknown_prices, warn=reporter.warn
            )
            maker = VideoMaker(reporter, providers, self._pool, settings, ledger, polling=polling, plan=plan)
            find = self._find_identical if reuse and journal else None
            return await maker.make(find_identical=find, group=group)

        job = Job(request, provider=providers[0].name, on_interrupt=on_interrupt)
        runtime.submit(JobReporter(job).drive(work))
        return job

    @takes_options(SubmitOptions)
    async def generate_video(
        self,
        narration: NarrationLike | Script,
        **options: Unpack[SubmitOptions],
    ) -> GeneratedVideo:
        """Make a video: `submit` and await, with the same arguments.

        Canceling the await detaches the job: a paid one goes on at its provider.
        """
        return await self.submit(narration, **options)

    def close(self) -> None:
        """Close the providers' connections and end their running jobs; a later call opens new ones."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await asyncio.to_thread(self.close)

    def __repr__(self) -> str:
        chosen = self._chain[0] if len(self._chain) == 1 else list(self._chain)
        return f"VideoGenerationService({chosen!r}, output_dir={str(self.settings.output_dir)!r})"


def _check_plan(plan: Plan | None, config: VideoConfig) -> None:
    if plan is not None and not plan.is_of(config):
        raise ConfigError("The plan was made from another config; call plan() with the config to submit.")
