"""The contract of a provider, and the recipe for a new one.

How to add a provider:

1. Write one subclass of `Provider` that translates five verbs into a protocol: `upload`, `submit`, `status`,
   `download`, `cancel`. Over HTTP, subclass `HttpProvider`, which brings the key, the address, the connections and the
   meaning of HTTP errors; its docstring shows a whole provider. A provider never waits, never retries a submission and
   never polls: that exists once, in the pipeline. Everything needed is a name of `voxweave_nb` itself.
2. State what it can do as data, in `capabilities`, with the source and the date of the figures. `plan` fits a config to
   them; override it only if the protocol needs other values.
3. Register it: one line in `providers/__init__.py`, or, from another package, an entry point in the group
   `voxweave_nb.providers` with the provider's `name`:

       [project.entry-points."voxweave_nb.providers"]
       lantern = "voxweave_lantern:Lantern"

4. Run the contract tests over it: subclass `voxweave_nb.testing.ProviderContract`. With a protocol in `sandbox/`, the
   fault matrix runs over it too. A whole example package is `tests/providers/example_http_plugin`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..config import VideoConfig
from ..errors import ConfigError, ProviderUnavailable
from ..settings import Settings
from . import legacy
from .fit import fit, model_for
from .types import (
    Accepted,
    Availability,
    Capabilities,
    ClipExtras,
    ClipRequest,
    Listing,
    Model,
    Plan,
    Price,
    Progress,
    ProviderStatus,
    Size,
)

__all__ = [
    "Accepted",
    "Availability",
    "Capabilities",
    "ClipExtras",
    "ClipRequest",
    "Listing",
    "Model",
    "Plan",
    "Price",
    "Progress",
    "Provider",
    "ProviderStatus",
    "Size",
    "check_availability",
]


class Provider(legacy.OldProviderNames, ABC):
    """A service that generates clips; the recipe is the docstring of `voxweave_nb.providers.base`.

    One instance serves all jobs of a service; its methods run on the background loop, several jobs at a time.

    Attributes:
        name: The name that a person uses, also the name of the entry point.
        capabilities: The abilities, as data.
        base_url: The address; empty for a provider without one.
        shut_down: Why its service no longer exists, in words; it is then asked only by name. Empty for all others.
    """

    name: str
    capabilities: Capabilities
    base_url: str = ""
    shut_down: str = ""
    _settings: Settings | None = None

    @property
    def label(self) -> str:
        """The name in messages for a person: the provider's, or the address of a server of one's own."""
        return self.name

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        legacy.adapt(cls)

    @property
    def settings(self) -> Settings:
        """The time-outs and limits in force: those that were given, else the environment's."""
        if self._settings is None:
            self._settings = Settings.load()
        return self._settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        legacy.deprecated(
            "Setting a provider's settings is deprecated; give them to its constructor or to use_settings()."
        )
        self._settings = settings

    def use_settings(self, settings: Settings) -> None:
        """Take a service's settings, unless this provider was made with settings of its own."""
        self._settings = self._settings or settings

    @abstractmethod
    def availability(self) -> Availability:
        """Return whether it can be used now, without any request over the network and without showing a key."""

    @abstractmethod
    async def upload(self, narration: Path, on_bytes: Callable[[int], None]) -> str:
        """Upload the narration, where the protocol needs that.

        Args:
            narration: The audio file.
            on_bytes: Called with the bytes sent so far; a `Progress` in the pipeline.

        Returns:
            The reference for `submit`, as `request.reference`: a URL, a path, or an empty text if the provider takes
            no audio.

        Raises:
            ProviderUnavailable: The narration was not taken; another provider may be asked.
        """

    @abstractmethod
    async def submit(self, request: ClipRequest) -> Accepted:
        """Send one submission, once, as `request.plan` says.

        Raises:
            ProviderUnavailable: Nothing was accepted; another provider may be asked.
            ContentRefused: The content is refused.
            RequestRefused: The request is invalid.
            SubmissionInDoubt: The answer was lost; the job may have been accepted.
        """

    @abstractmethod
    async def status(self, job_id: str) -> ProviderStatus:
        """Request the status of a job, once. A failed job is an answer, not an exception.

        Raises:
            ProviderError: The job is unknown, or the answer has no status. The poll loop reports the error and goes on
                polling until the deadline.
        """

    @abstractmethod
    async def download(self, job_id: str, to: Path, on_bytes: Callable[[int], None]) -> None:
        """Write the finished clip to `to`, a file that does not exist yet.

        Args:
            job_id: The provider's id of the job.
            to: The file.
            on_bytes: Called with the bytes written so far; a `Progress` in the pipeline.

        Raises:
            DownloadFailed: The clip could not be downloaded.
        """

    @abstractmethod
    async def cancel(self, job_id: str) -> bool:
        """Stop and forget a job, in any state, known or not.

        Returns:
            True if it has certainly stopped, else False: also for an unknown job and for a lost connection.
        """

    def hide_key(self, text: str) -> str:
        """Return a text from outside with this provider's key masked; by default the text as it is."""
        return text

    def deadline(self, model: str | None) -> float | None:
        """Return the seconds after which a job of a model counts as late, or None if nothing is known.

        The settings `VOXWEAVE_DEADLINE` and `VOXWEAVE_POLL_TRIES` win, except over an infinite one.
        """
        found = self.capabilities.model(model) if model else None
        return (found and found.deadline) or self.capabilities.deadline

    async def find(self, request: ClipRequest, since: float) -> str | None:
        """Look for a lost submission in the provider's list of jobs, if the protocol has one.

        Args:
            request: The request whose answer was lost.
            since: When it was sent, in seconds since 1970.

        Returns:
            The id of the job if exactly one job can be it, else None.
        """
        return None

    async def listing(self, request: ClipRequest, since: float) -> Listing:
        """Read the provider's list of jobs for a lost submission; the pipeline leaves out jobs that are known.

        By default the answer of `find`. Override it if the protocol's list can show that a job does not exist.

        Args:
            request: The request whose answer was lost.
            since: When it was sent, in seconds since 1970.
        """
        job_id = await self.find(request, since)
        found = () if job_id is None else (job_id,)
        return Listing(found, found)

    def plan(self, config: VideoConfig, duration: float) -> Plan:
        """Fit a config to the abilities of the provider, without any request over the network.

        Args:
            config: The config.
            duration: The length of the narration in seconds.

        Raises:
            ProviderUnavailable: The provider does not have the model, or none that takes the config's image.
        """
        model = model_for(self.capabilities, config, provider=self.name)
        if model is None:
            known = ", ".join(model.name for model in self.capabilities.models)
            raise ProviderUnavailable(
                f"{self.name} has no model {config.model!r}; choose one of: {known}.", provider=self.name
            )
        return fit(config, duration, model, provider=self.name, free=self.capabilities.free)

    async def aclose(self) -> None:
        """Close connections and end processes; may be called more than once."""


def check_availability(provider: Provider) -> Availability:
    """Return the availability of a provider; a broken one is not ready, and the reason says so."""
    try:
        return provider.availability()
    except Exception as error:  # noqa: BLE001  a broken plug-in must not stop the others
        return broken(error)


def broken(error: Exception) -> Availability:
    """Return the availability of a provider that raised an error instead of answering."""
    if isinstance(error, ConfigError):
        return Availability(False, str(error))
    return Availability(
        False, f"is broken ({type(error).__name__}: {error}); update or uninstall its package"
    )


_OLD_NAMES: dict[str, tuple[str, Any]] = {
    "Assignment": (
        "is called ClipRequest now and carries the plan; import ClipRequest instead.",
        ClipRequest,
    ),
    "Ledger": ("is not given to providers any more; remove it.", Any),
    "TOLD": ("is gone; call request.say(sentence), or Progress.of(on_bytes).say(sentence).", legacy.TOLD),
    "tell": ("is gone; call request.say(sentence), or Progress.of(on_bytes).say(sentence).", legacy.tell),
}


def __getattr__(name: str) -> Any:
    if name not in _OLD_NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    hint, found = _OLD_NAMES[name]
    legacy.deprecated(f"{name} {hint}")
    return found
