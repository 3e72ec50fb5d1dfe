"""The one door to generating a video."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self, TypeVar

from . import runtime
from .config import Settings, VideoConfig, VideoRequest
from .errors import ConfigError, NarrationError, SubtitleError
from .job import Job
from .models import SubtitleMode
from .production import Production, download, poll, prepared
from .providers import provider_class, registered
from .providers.base import Availability, Capabilities, Plan, Provider, ProviderStatus
from .providers.fallback import Fallback
from .result import GeneratedVideo

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
            RequestRefused: The provider has no such model.
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
        poll_interval: float | None = None,
        poll_tries: int | None = None,
        **changes: Any,
    ) -> Job:
        """Starts making a video and returns at once, from any thread.

        Args:
            narration: The audio file.
            subtitles: A subtitle file (SRT, WebVTT, ASS), or the text of one.
            config: What the video shall be.
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

        async def work(job: Job) -> GeneratedVideo:
            asked = Fallback(chain, gone=self._gone, patience=self.settings.patience)
            return await Production(job, asked, self.settings, polling=(poll_interval, poll_tries)).make()

        job = Job(request, work, provider=chain[0].name)
        runtime.submit(job.drive())
        return job

    async def generate_video(
        self,
        narration: str | os.PathLike[str],
        *,
        subtitles: str | os.PathLike[str] | None = None,
        config: VideoConfig | Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> GeneratedVideo:
        """Makes a video: `submit` and await. Cancelling the await stops the job."""
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
        """Asks the provider for a video, once, and returns its id of the job."""
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
    ) -> tuple[str, ...]:
        """Puts subtitles into (`"soft"`), onto (`"burn"`) or beside (`"sidecar"`) a video.

        Args:
            video: The video; it stays as it is.
            subtitles: A subtitle file, or the text of one.
            to: The new video, a file that does not exist yet.
            mode: Where the subtitles go.

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
        return await _there(embed(source, words or "", target, SubtitleMode.parse(mode)))

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
        async with prepared(request, reference, self.settings) as assignment:
            accepted = await self._provider(request.config.provider).create(assignment)
        return accepted.job_id

    def _provider(self, name: str | None = None) -> Provider:
        name = name or self.provider_name
        with self._lock:
            known = self._providers.get(name)
        return known or self._build(name, {})

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
            self._keep(provider.name, provider)
            return provider.name
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
    runtime.let_go(list(providers.values()))


def configured() -> list[str]:
    """The providers that have a key or an address of their own, in the order in which they are asked."""
    return [name for name in registered() if name != "local" and _is_ready(name)]


def _is_ready(name: str) -> bool:
    try:
        return provider_class(name)().availability().ready
    except Exception:  # noqa: BLE001  a plug-in that is broken is none; `providers()` says why
        return False


def _order(settings: Settings | None) -> list[str]:
    names = (settings or Settings.load()).providers.split(",")
    return [name.strip() for name in names if name.strip()]


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
