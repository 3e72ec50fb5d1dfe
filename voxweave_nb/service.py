"""The one door to generating a video."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import weakref
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, Self, TypeVar, overload

from . import runtime
from .config import VideoConfig
from .errors import (
    ConfigError,
    JournalError,
    NarrationError,
    ProviderUnavailable,
    SubtitleError,
)
from .job import Job
from .journal import (
    RESUMABLE,
    Create,
    Journal,
    Requested,
    Run,
    RunLedger,
    Spend,
    file_sha,
    open_journal,
    without_secrets,
)
from .models import Estimate, JobEvent, SubtitleLook, SubtitleMode
from .polling import download, poll
from .production import Production, prepared, reuse_key
from .providers import BUILT_IN, provider_class, registered
from .providers.base import Assignment, Availability, Capabilities, Plan, Provider, ProviderStatus
from .providers.fallback import Fallback
from .request import VideoRequest
from .result import GeneratedVideo
from .settings import Settings
from .validation import positive

__all__ = ["VideoGenerationService"]

T = TypeVar("T")

_KEYS = {"OPENAI_API_KEY": "openai_sora", "ZAI_API_KEY": "zai"}
"""The variables that `from_env` asks for, and whose keys they hold."""


class VideoGenerationService:
    """Makes videos from narrations; safe to share between cells, threads and jobs.

    Args:
        provider: A provider's name, a provider of your own, or several of them in the order in which they are asked:
            one that cannot be used hands over to the next.
        api_key: Its key, for one provider that takes a key.
        base_url: Where it lives, for one provider that can be pointed elsewhere.
        output_dir: Where finished videos land; `voxweave_out` unless the environment says otherwise.
        settings: All settings at once, instead of the environment's.

    Raises:
        ConfigError: The provider is not installed, or takes no key or address.
    """

    def __init__(
        self,
        provider: str | Provider | Sequence[str | Provider] = "local",
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        output_dir: str | os.PathLike[str] | None = None,
        settings: Settings | None = None,
    ) -> None:
        base = settings or Settings.load()
        self.settings = base if output_dir is None else replace(base, output_dir=Path(output_dir))
        self._providers: dict[str, Provider] = {}
        self._access: dict[str, dict[str, str]] = {}
        self._own: dict[str, Provider] = {}
        self._gone: dict[str, str] = {}
        self._lock = threading.Lock()
        weakref.finalize(self, _let_go, self._providers).atexit = False  # at exit the runtime sees to it
        one = isinstance(provider, (str, Provider))
        access = {
            name: value for name, value in (("api_key", api_key), ("base_url", base_url)) if value is not None
        }
        if access and not one:
            raise ConfigError(
                "api_key and base_url belong to one provider; for several, set each one's variables in the environment "
                "or give providers of your own."
            )
        chosen = [provider] if isinstance(provider, (str, Provider)) else list(provider)
        self._chain = tuple(dict.fromkeys(self._adopt(one, access) for one in chosen))
        if not self._chain:
            raise ConfigError(f"No provider was given; choose among: {', '.join(registered())}.")

    @property
    def provider_name(self) -> str:
        """The provider that is asked first."""
        return self._chain[0]

    @property
    def chain(self) -> tuple[str, ...]:
        """The providers in the order in which they are asked."""
        return self._chain

    @classmethod
    def local(cls, **options: Any) -> Self:
        """The renderer of this machine: no key, no network."""
        return cls("local", **options)

    @classmethod
    def from_env(cls, **options: Any) -> Self:
        """The providers whose keys are in the environment: `OPENAI_API_KEY` first, else `ZAI_API_KEY`.

        The others that have a key follow, and are asked when the ones before cannot be used;
        `VOXWEAVE_PROVIDERS` gives another order.

        Raises:
            ConfigError: Neither variable holds a key.
        """
        if not any(os.environ.get(variable, "").strip() for variable in _KEYS):
            raise ConfigError(
                f"Neither {' nor '.join(_KEYS)} holds a key. Set one of them, or use "
                "VideoGenerationService.local(), which needs no key."
            )
        return cls(_order(options.get("settings")) or configured(), **options)

    @classmethod
    def default(cls, **options: Any) -> Self:
        """All providers that have a key or an address of their own, else the renderer of this machine.

        `VOXWEAVE_PROVIDERS` gives another order, in which `local` may stand.
        """
        return cls(_order(options.get("settings")) or configured() or "local", **options)

    def providers(self) -> dict[str, Availability]:
        """Every provider that is installed, whether it can be used now, and why not."""
        return {name: self._availability(name) for name in dict.fromkeys((*self._chain, *registered()))}

    def capabilities(self, provider: str | None = None) -> Capabilities:
        """What a provider can do, as data; the first of the chain unless one is named."""
        return self._provider(provider).capabilities

    def plan(
        self, duration: float, config: VideoConfig | Mapping[str, Any] | None = None, **changes: Any
    ) -> Plan:
        """What the first provider would be asked for: size, length, prompt, price. Nothing is sent.

        Args:
            duration: The narration's length in seconds.
            config: What the video shall be.
            **changes: Fields of `VideoConfig` that win over `config`.

        Raises:
            ProviderUnavailable: The provider has no such model.
        """
        asked = VideoConfig.of(config, **changes)
        return self._provider(asked.provider).plan(asked, duration)

    # The whole way

    def submit(
        self,
        narration: str | os.PathLike[str],
        *,
        subtitles: str | os.PathLike[str] | None = None,
        config: VideoConfig | Mapping[str, Any] | None = None,
        budget: float | None = None,
        unknown_prices: bool = False,
        reuse: bool = False,
        on_interrupt: Literal["detach", "cancel"] = "detach",
        poll_interval: float | None = None,
        poll_tries: int | None = None,
        **changes: Any,
    ) -> Job:
        """Starts making a video and returns at once, from any thread.

        Args:
            narration: The audio file.
            subtitles: A subtitle file (SRT, WebVTT, ASS), or the text of one.
            config: What the video shall be.
            budget: US dollars that this video may cost; the settings' budgets hold all the same.
            unknown_prices: Whether to send a create whose price nobody knows although there is a budget.
            reuse: Whether the result of an identical request is given instead of making and paying it again.
            on_interrupt: What an interrupt or a cancelled await does: `"detach"` (a paid job goes on at its provider
                and `resume` picks it up) or `"cancel"`.
            poll_interval: Seconds between two status requests; None takes the provider's, else the settings'.
            poll_tries: How many status requests at most; None takes the provider's deadline, else the settings'.
            **changes: Fields of `VideoConfig` that win over `config`, such as `style="anime"`.

        Raises:
            ConfigError: What was asked cannot be.
            NarrationError: The narration is not there.
            SubtitleError: The subtitle file is not there.
        """
        request = self.request(narration, subtitles=subtitles, config=config, **changes)
        names = (request.config.provider,) if request.config.provider else self._chain
        chain = [self._provider(name) for name in names]
        states = {provider.name: _state(provider) for provider in chain}
        if not any(state.ready for state in states.values()):
            reasons = "; ".join(f"{name} {state.reason}" for name, state in states.items())
            raise ConfigError(f"No provider can be used now: {reasons}.")

        budgets = self._budgets(_number(budget, "budget", zero=True))
        polling = (_number(poll_interval, "poll_interval"), _number(poll_tries, "poll_tries"))

        async def work(job: Job) -> GeneratedVideo:
            journal = await asyncio.to_thread(self._journal_for, chain, job.warn)
            ledger = RunLedger(journal, job.id, budgets=budgets, unknown_prices=unknown_prices, warn=job.warn)
            asked = Fallback(chain, gone=self._gone, patience=self.settings.patience, ledger=ledger)
            way = Production(job, asked, self.settings, ledger, polling=polling)
            return await way.make(reuse=self._made_before if reuse and journal else None)

        job = Job(request, work, provider=chain[0].name, on_interrupt=on_interrupt)
        runtime.submit(job.drive())
        return job

    # What was asked before

    @overload
    def resume(self) -> list[Job]: ...

    @overload
    def resume(self, name: str) -> Job: ...

    def resume(self, name: str | None = None) -> Job | list[Job]:
        """Picks up what was left: polling, or only the download, or only the subtitles. Sends no create.

        Args:
            name: Our id of a job, or the provider's; None for all that were left and that no living process works on.
                A job that is in doubt and was looked for before is looked for again only by its name.

        Raises:
            ConfigError: There is no such run, nothing of it can be picked up, or a living process works on it.
            JournalError: The journal cannot be read.
        """
        if name is None:
            return [self._pick_up(run) for run in self.journal.resumable() if self.journal.take(run.id)]
        run = self.journal.run(name)
        if run is None:
            raise ConfigError(
                f"There is no run {name!r} in the journal {self.journal.path}; `voxweave-nb jobs` lists them."
            )
        if run.create is None or run.state not in RESUMABLE:
            raise ConfigError(
                f"Nothing of run {run.id} can be picked up: it is {run.state}. {run.message} Generate it again."
            )
        if not self.journal.take(run.id):
            raise ConfigError(f"Run {run.id} is being worked on by a living process, which is left alone.")
        return self._pick_up(run)

    def _pick_up(self, run: Run) -> Job:
        create = run.create
        assert create is not None  # only such runs are picked up
        request = VideoRequest(run.narration, run.subtitles, run.config)
        settings = replace(self.settings, output_dir=run.output_dir)

        async def work(job: Job) -> GeneratedVideo:
            begun.append(run.id)
            ledger = RunLedger(self.journal, run.id, budgets={}, warn=job.warn)
            try:
                provider = self._provider(create.provider)
                _check_address(provider, create.base_url)
            except Exception as error:
                await ledger.broke_off(error, stopped=False)
                raise
            way = Production(job, Fallback([provider], ledger=ledger), settings, ledger)
            return await way.pick_up(run)

        def give_back(event: JobEvent) -> None:
            if event.state.final and not begun:  # it was stopped before it could do so itself
                self.journal.release(run.id)

        begun: list[str] = []
        job = Job(request, work, provider=create.provider, id=run.id)
        job.listen(give_back)
        runtime.submit(job.drive())
        return job

    async def cancel(self, name: str) -> str:
        """Stops a run of the journal that nobody works on, at its provider too, as far as that can be.

        Returns:
            What became of it, in a sentence.

        Raises:
            ConfigError: There is no such run, it has ended, or a living process works on it.
        """
        return await _there(self._cancel(name))

    async def _cancel(self, name: str) -> str:
        run = await asyncio.to_thread(self.journal.run, name)
        if run is None or run.state not in RESUMABLE:
            raise ConfigError(f"There is no run {name!r} in the journal that could be stopped.")
        if not await asyncio.to_thread(self.journal.take, run.id):
            raise ConfigError(f"Run {run.id} is being worked on by a living process; stop it there.")
        try:
            said = await self._stopped(run.create)
            await asyncio.to_thread(self.journal.end, run.id, "abandoned", message=said)
        except BaseException:
            self.journal.release(run.id)
            raise
        return said

    async def _stopped(self, create: Create | None) -> str:
        if create is None:
            return "Nothing had been sent."
        if create.job_id is None:
            return f"{create.provider} never answered: it may have accepted the job, and may bill it"
        provider = self._provider(create.provider)
        _check_address(provider, create.base_url)
        return await Fallback([provider]).stop(create.job_id) or "It is stopped, and nothing is left of it."

    def history(self, limit: int = 20) -> list[Run]:
        """The newest runs, whatever became of them."""
        return self.journal.runs(limit=limit)

    def resumable(self) -> list[Run]:
        """The runs that were accepted, or may have been, and that no living process works on; oldest first."""
        return self.journal.resumable()

    def result_of(self, run: Run) -> GeneratedVideo | None:
        """The video of a finished run, or None when there is none or its file is gone."""
        if not run.result:
            return None
        video = GeneratedVideo.from_dict(run.result, embed_limit=self.settings.embed_limit)
        return video if video.path.is_file() else None

    def made_before(
        self,
        narration: str | os.PathLike[str],
        *,
        subtitles: str | os.PathLike[str] | None = None,
        config: VideoConfig | Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> Run | None:
        """The newest finished run of an identical request whose video is still there, or None.

        The narration is read for it, about a second for each gigabyte. Takes what `submit` takes.

        Raises:
            VoxweaveError: The request cannot be, or the journal cannot be read.
        """
        request = self.request(narration, subtitles=subtitles, config=config, **changes)
        chain = (request.config.provider,) if request.config.provider else self._chain
        run = self.journal.finished_like(reuse_key(file_sha(request.narration), request, chain))
        return run if run is not None and self.result_of(run) is not None else None

    def spend(self) -> Spend:
        """What was spent, a row per day and provider: what the provider reported, else the estimate."""
        return self.journal.spend()

    def estimate(
        self, duration: float, config: VideoConfig | Mapping[str, Any] | None = None, **changes: Any
    ) -> Estimate:
        """What a video would cost at each provider that would be asked, before anything is sent.

        Args:
            duration: The narration's length in seconds.
            config: What the video shall be.
            **changes: Fields of `VideoConfig` that win over `config`.
        """
        asked = VideoConfig.of(config, **changes)
        names = (asked.provider,) if asked.provider else self._chain
        ready = [name for name in names if self._availability(name).ready]
        prices: dict[str, float | None] = {}
        for name in ready:
            with contextlib.suppress(ProviderUnavailable):  # it would decline, and cost nothing
                prices[name] = self._provider(name).plan(asked, duration).usd
        return Estimate(prices)

    @property
    def journal(self) -> Journal:
        """What was asked, accepted, paid and finished, on disk.

        Raises:
            JournalError: It cannot be read or written.
        """
        assert self.settings.home is not None  # the settings see to it
        return open_journal(self.settings.home)

    def _journal_for(self, chain: Sequence[Provider], warn: Callable[[str], None]) -> Journal | None:
        """The journal; none where it cannot be used and nothing can be paid for."""
        try:
            journal = self.journal
        except JournalError as error:
            if all(provider.capabilities.free for provider in chain):
                warn(f"This video is not in the journal: {error}")
                return None
            raise
        if journal.set_aside is not None:
            warn(f"The journal was damaged and was set aside as {journal.set_aside}; a new one was begun.")
        return journal

    def _made_before(self, key: str) -> GeneratedVideo | None:
        run = self.journal.finished_like(key)
        return self.result_of(run) if run is not None else None

    def _budgets(self, video: float | None) -> dict[str, float]:
        limits = self.settings
        of_video = [limit for limit in (video, limits.budget_usd_per_video) if limit is not None]
        budgets = {
            "run": min(of_video) if of_video else None,
            "day": limits.budget_usd_per_day,
            "journal": limits.budget_usd,
        }
        return {scope: limit for scope, limit in budgets.items() if limit is not None}

    async def generate_video(
        self,
        narration: str | os.PathLike[str],
        *,
        subtitles: str | os.PathLike[str] | None = None,
        config: VideoConfig | Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> GeneratedVideo:
        """Makes a video: `submit` and await, with the same arguments.

        Cancelling the await lets go of the job, as `on_interrupt` says: a paid one goes on at its provider.
        """
        return await self.submit(narration, subtitles=subtitles, config=config, **changes)

    def request(
        self,
        narration: str | os.PathLike[str],
        *,
        subtitles: str | os.PathLike[str] | None = None,
        config: VideoConfig | Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> VideoRequest:
        """What `submit` would make, checked and not yet started; takes the same and raises the same."""
        return VideoRequest(
            _narration_path(narration), _subtitle_source(subtitles), VideoConfig.of(config, **changes)
        )

    # The steps, one by one

    async def upload_audio(self, narration: str | os.PathLike[str]) -> str:
        """Brings a narration to where the provider can read it; returns the reference for `create_video_job`."""
        path, provider = _narration_path(narration), self._provider()
        return await _there(provider.upload(path, lambda _: None))

    async def create_video_job(
        self,
        narration: str | os.PathLike[str],
        *,
        audio_reference: str = "",
        subtitles: str | os.PathLike[str] | None = None,
        config: VideoConfig | Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> str:
        """Asks the provider for a video, once, and returns its id of the job.

        It is in the journal and within the budgets as every other create is, and `resume` takes it to its end, too.
        """
        request = self.request(narration, subtitles=subtitles, config=config, **changes)
        return await _there(self._create_alone(request, audio_reference))

    async def poll_video_status(
        self,
        job_id: str,
        *,
        interval: float | None = None,
        tries: int | None = None,
        on_status: Callable[[ProviderStatus], None] | None = None,
    ) -> ProviderStatus:
        """Asks for a job's status until it is final.

        Args:
            job_id: What `create_video_job` returned.
            interval: Seconds between two requests; None takes the provider's, else the settings'.
            tries: How many requests at most; None takes the provider's deadline, else the settings'.
            on_status: Told every answer, on the background thread.

        Raises:
            JobTimeout: The tries are used up; carries the job id.
        """
        provider, tell = self._provider(), on_status or (lambda _: None)
        return await _there(poll(provider, job_id, self.settings, tell, interval=interval, tries=tries))

    async def download_video(self, job_id: str, to: str | os.PathLike[str]) -> Path:
        """Fetches a finished job's picture, as the provider made it, to a file that does not exist yet."""
        target, provider = Path(to).expanduser(), self._provider()
        if target.exists():
            raise FileExistsError(f"{target} exists. Name a file that does not exist yet.")
        return await _there(download(provider, job_id, target))

    async def embed_subtitles(
        self,
        video: str | os.PathLike[str],
        subtitles: str | os.PathLike[str],
        *,
        to: str | os.PathLike[str],
        mode: SubtitleMode | str = SubtitleMode.SOFT,
        look: SubtitleLook | str = SubtitleLook.BOX,
    ) -> tuple[str, ...]:
        """Puts subtitles into (`"soft"`), onto (`"burn"`) or beside (`"sidecar"`) a video.

        Args:
            video: The video; it stays as it is.
            subtitles: A subtitle file, or the text of one.
            to: The new video, a file that does not exist yet.
            mode: Where the subtitles go.
            look: How they look where they are burnt in: `"box"`, `"outline"` or `"large"`.

        Returns:
            Warnings: what could not be done as asked, and where the captions lie instead.
        """
        from .outputs import embed

        source, target = Path(video).expanduser(), Path(to).expanduser()
        if not source.is_file():
            raise ConfigError(f"There is no video {source}; give the path of a file.")
        if target.exists():
            raise FileExistsError(f"{target} exists. Name a file that does not exist yet.")
        words = _subtitle_source(subtitles)
        return await _there(
            embed(source, words or "", target, SubtitleMode.parse(mode), SubtitleLook.parse(look))
        )

    def close(self) -> None:
        """Lets go of what the providers hold; a later call starts afresh. Running jobs of theirs end."""
        with self._lock:
            providers = list(self._providers.values())
            self._providers.clear()
        for provider in providers:
            runtime.submit(provider.aclose()).result(10)

    def __repr__(self) -> str:
        chosen = self._chain[0] if len(self._chain) == 1 else list(self._chain)
        return f"VideoGenerationService({chosen!r}, output_dir={str(self.settings.output_dir)!r})"

    # Behind the door

    async def _create_alone(self, request: VideoRequest, reference: str) -> str:
        provider = self._provider(request.config.provider)
        async with prepared(request, reference, self.settings) as assignment:
            journal = await asyncio.to_thread(self._journal_for, [provider], lambda _: None)
            ledger = RunLedger(journal, assignment.request_id, budgets=self._budgets(None))
            chain = Fallback([provider], gone=self._gone, patience=self.settings.patience, ledger=ledger)
            chain.keeps = lambda: True
            await ledger.request(
                await asyncio.to_thread(_requested, assignment, request, self.settings, provider.name)
            )
            try:
                accepted = await chain.create(assignment)
            except BaseException as error:
                await asyncio.shield(ledger.broke_off(error, stopped=False))
                raise
            finally:
                await chain.aclose()
            await ledger.let_go()
        return accepted.job_id

    def _provider(self, name: str | None = None) -> Provider:
        name = name or self.provider_name
        with self._lock:
            known = self._providers.get(name)
        own = self._own.get(name)
        return known or (self._keep(name, own) if own else self._build(name, self._access.get(name, {})))

    def _build(self, name: str, access: Mapping[str, str]) -> Provider:
        found = provider_class(name)
        try:
            provider = found(**access)
        except TypeError:
            raise ConfigError(
                f"Provider {name!r} takes no {' and no '.join(access)}; leave it out."
            ) from None
        return self._keep(name, provider)

    def _keep(self, name: str, provider: Provider) -> Provider:
        provider.settings = self.settings
        runtime.close_at_exit(provider)
        with self._lock:
            return self._providers.setdefault(name, provider)

    def _adopt(self, provider: str | Provider, access: Mapping[str, str]) -> str:
        """Takes a provider in and returns its name."""
        if isinstance(provider, Provider):
            self._own[provider.name] = provider
            self._keep(provider.name, provider)
            return provider.name
        self._access[str(provider)] = dict(access)
        self._build(str(provider), access)
        return str(provider)

    def _availability(self, name: str) -> Availability:
        if name in self._gone:
            return Availability(False, self._gone[name])
        try:
            return self._provider(name).availability()
        except Exception as error:  # noqa: BLE001  a broken plug-in must not hide the others
            return _broken(error)


def _broken(error: Exception) -> Availability:
    if isinstance(error, ConfigError):
        return Availability(False, str(error))
    return Availability(
        False, f"is broken ({type(error).__name__}: {error}); update or uninstall its package"
    )


def _state(provider: Provider) -> Availability:
    try:
        return provider.availability()
    except Exception as error:  # noqa: BLE001  a broken plug-in must not stop the others
        return _broken(error)


def _let_go(providers: dict[str, Provider]) -> None:
    runtime.close_soon(list(providers.values()))


def configured() -> list[str]:
    """The providers that have a key or an address of their own, in the order in which they are asked."""
    return [name for name in registered() if name != "local" and _is_ready(name)]


def _is_ready(name: str) -> bool:
    try:
        return provider_class(name)().availability().ready
    except Exception:  # a plug-in that is broken is none; `providers()` says why
        if name in BUILT_IN:  # its key or address in the environment cannot be: nobody else is asked silently
            raise
        return False


def _number(value: Any, name: str, *, zero: bool = False) -> Any:
    """A number that was given, or None; one such as `nan` would be no limit at all."""
    return None if value is None else positive(value, name, zero=zero)


def _requested(assignment: Assignment, request: VideoRequest, settings: Settings, provider: str) -> Requested:
    sha = file_sha(request.narration)
    return Requested(
        narration=request.narration,
        narration_sha=sha,
        seconds=assignment.duration,
        subtitles=request.subtitles,
        config=request.config,
        chain=[provider],
        reuse_key=reuse_key(sha, request, [provider]),
        output_dir=settings.output_dir,
    )


def _order(settings: Settings | None) -> list[str]:
    names = (settings or Settings.load()).providers.split(",")
    return [name.strip() for name in names if name.strip()]


def _check_address(provider: Provider, base_url: str | None) -> None:
    """A job is picked up where it was made: another server of the same kind knows nothing of it."""
    here = without_secrets(provider.base_url)
    if base_url and here and base_url != here:
        raise ConfigError(
            f"The job was made by {provider.name} at {base_url}, and {provider.name} is at {here} now. Set its address "
            "again as it was, then resume."
        )


async def _there(work: Coroutine[Any, Any, T]) -> T:
    return await runtime.wait(runtime.submit(work))


def _narration_path(narration: str | os.PathLike[str]) -> Path:
    if not isinstance(narration, (str, os.PathLike)) or not str(narration).strip():
        raise NarrationError(f"The narration is {narration!r}; give the path of an audio file.")
    path = Path(narration).expanduser()
    if path.is_dir():
        raise NarrationError(f"The narration {path} is a folder; give the path of an audio file.", path=path)
    if not path.exists():
        raise NarrationError(
            f"There is no narration {str(path)!r} (looked in {Path.cwd()}). Check the path; it is read on the "
            "machine that the kernel runs on.",
            path=path,
        )
    return path


def _subtitle_source(subtitles: str | os.PathLike[str] | None) -> Path | str | None:
    if subtitles is None or (isinstance(subtitles, str) and not subtitles.strip()):
        return None
    if isinstance(subtitles, str) and len(subtitles.strip().splitlines()) > 1:
        return subtitles
    if not isinstance(subtitles, (str, os.PathLike)):
        raise SubtitleError(
            f"The subtitles are {type(subtitles).__name__}; give a path or the text of a file."
        )
    path = Path(subtitles).expanduser()
    if not path.is_file():
        raise SubtitleError(
            f"There is no subtitle file {str(path)!r} (looked in {Path.cwd()}). Check the path, or give the text "
            "of one, with its line breaks.",
            path=path,
        )
    return path
