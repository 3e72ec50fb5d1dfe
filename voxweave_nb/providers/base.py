"""What a provider is, and the recipe for a new one.

How to add a provider:

1. Write `providers/<name>.py` with one subclass of `Provider` that translates our five verbs into its protocol; over
   HTTP, subclass `remote.HttpProvider`, which brings the key, the address and the connections. It never waits, never
   sends a create again, never polls: what is the same for all exists once, in `fallback`, `http` and the service.
2. State what it can do as data: its `capabilities`, with their source and date.
3. Name it in `providers/__init__.py` (one line), or, from another package, in the entry-point group
   `voxweave_nb.providers`.
4. `tests/providers/test_contract.py` runs over the registry and says what is missing; give it a protocol in
   `sandbox/`, and the fault matrix runs over it, too.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from ..config import VideoConfig
from ..errors import ProviderError, ProviderUnavailable
from ..models import Cue, JobState
from ..settings import Settings

__all__ = [
    "TOLD",
    "Accepted",
    "Assignment",
    "Availability",
    "Capabilities",
    "Ledger",
    "Model",
    "Plan",
    "Price",
    "Provider",
    "ProviderStatus",
    "Size",
    "tell",
]

TOLD: ContextVar[Callable[[str], None] | None] = ContextVar("voxweave_told", default=None)
"""Who hears what a provider says besides its answers, such as that it waits; set by who carries the job."""


def tell(sentence: str) -> None:
    """Says a sentence to whoever follows the job that is being worked on, if anybody does."""
    listener = TOLD.get()
    if listener is not None:
        listener(sentence)


@dataclass(frozen=True, slots=True)
class Price:
    """What a job costs: `usd` US dollars for each `"second"` of the clip or for the whole `"video"`."""

    usd: float
    per: Literal["second", "video"]

    def of(self, seconds: float) -> float:
        """The price of a clip of so many seconds, in US dollars."""
        return self.usd * seconds if self.per == "second" else self.usd


@dataclass(frozen=True, slots=True)
class Size:
    """A size of the picture in pixels, and its price where that differs from the model's."""

    width: int
    height: int
    price: Price | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """What one model of a provider takes.

    Attributes:
        name: The provider's own name of it.
        sizes: The sizes that it makes; empty when it makes any.
        lengths: The clip lengths that it makes, in seconds, shortest first; empty when it makes any.
        continuous: Whether every length from the first to the last of `lengths` will do.
        prompt: Its longest prompt, in characters, or None when no limit is known.
        narration: `"none"` it cannot use the narration, `"reference"` it takes it along, `"drives"` its
            picture follows it.
        price: What a job costs, or None when that is not known.
        at_once: How many jobs it takes side by side, or None when no limit is known.
    """

    name: str
    sizes: tuple[Size, ...] = ()
    lengths: tuple[float, ...] = ()
    continuous: bool = False
    prompt: int | None = None
    narration: Literal["none", "reference", "drives"] = "none"
    price: Price | None = None
    at_once: int | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do, as data.

    Attributes:
        models: Its models; the first is the default.
        cancel: Whether a running job can be stopped.
        lists: Whether it lists its jobs, so that one whose answer was lost can be looked for.
        poll_interval: Seconds between two status requests that suit it, or None for the settings'.
        deadline: Seconds after which a job is given up, or None for the settings' interval times tries.
        free: Whether a job costs nothing.
        source: Where these figures come from, and their date.
    """

    models: tuple[Model, ...]
    cancel: bool
    lists: bool = False
    poll_interval: float | None = None
    deadline: float | None = None
    free: bool = False
    source: str = ""

    def model(self, name: str | None) -> Model | None:
        """The model of a name, the default for None, or None when nothing is known of it."""
        return next((model for model in self.models if name in (None, model.name)), None)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a provider will be asked for, after what was asked has been fitted to what it can do.

    Attributes:
        model: The model.
        size: Width and height of the picture in pixels.
        seconds: The clip's length.
        prompt: The person's prompt and the style's words, within the model's limit.
        usd: The price in US dollars, 0 when it is free, None when it is not known.
        warnings: Each change, in a sentence.
    """

    model: Model
    size: tuple[int, int]
    seconds: float
    prompt: str
    usd: float | None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a provider can be used now.

    Attributes:
        ready: Whether it can.
        reason: Why not, or a few words on what it is, for a person.
    """

    ready: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """One create, with all that any provider may need.

    Attributes:
        narration: The narration as a private copy of raw samples: mono, 16 kHz, signed 16 bit.
        reference: What `upload` returned.
        duration: The narration's length in seconds.
        cues: The captions, for providers that set words into the picture.
        config: What was asked for.
        request_id: Our own name of the request, for protocols that take one.
    """

    narration: Path
    reference: str
    duration: float
    cues: tuple[Cue, ...]
    config: VideoConfig
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A create that was accepted.

    Attributes:
        job_id: The provider's id of the job.
        provider: The provider's name.
        model: The model that makes it, or None where there are none.
        usd: The estimated price in US dollars, 0 when it is free, None when it is not known.
        warnings: What is not as asked, for the result.
        declined: Why the providers that were asked before did not take it, by name.
    """

    job_id: str
    provider: str
    model: str | None = None
    usd: float | None = None
    warnings: tuple[str, ...] = ()
    declined: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProviderStatus:
    """What a provider says of a job.

    Attributes:
        state: Our word for its state.
        progress: 0 to 1, or None where it does not say.
        message: Its own words, such as an error's; may be empty.
        refused: Whether a failure is a refusal of the content.
        poll_after: Seconds after which it wants to be asked again, or None.
        warnings: What is not as asked, for the result.
        understood: What it read in the prompt, if it says.
        best: The moment that would make the best poster, in seconds, if it knows.
        sprite: A sheet of small frames, which is gone once the picture is fetched, or None.
        thumbnails: The WebVTT track of that sheet, or None.
    """

    state: JobState
    progress: float | None = None
    message: str = ""
    refused: bool = False
    poll_after: float | None = None
    warnings: tuple[str, ...] = ()
    understood: Mapping[str, str] = field(default_factory=dict)
    best: float | None = None
    sprite: Path | None = None
    thumbnails: Path | None = None


class Ledger(Protocol):
    """Where each create is written down before it is sent; what may not be spent is refused there."""

    async def intend(
        self, *, provider: str, model: str | None, base_url: str | None, request_id: str, usd: float | None
    ) -> int:
        """Writes down that a create is about to be sent; what it raises, nothing is sent after."""

    async def settle(self, intent: int, outcome: str, *, job_id: str | None = None, message: str = "") -> None:
        """Writes down what became of it: `"accepted"`, `"refused"` or `"ambiguous"`."""


class Provider(ABC):
    """A service that makes a picture; see the recipe in the module's docstring.

    Attributes:
        name: What a person calls it.
        capabilities: What it can do.
        settings: Time-outs and limits of this installation.
        base_url: Where it lives; empty where that means nothing.
    """

    name: str
    capabilities: Capabilities
    settings: Settings = Settings()
    base_url: str = ""
    _places: dict[str, asyncio.Semaphore] | None = None

    @abstractmethod
    def availability(self) -> Availability:
        """Whether it can be used now; asks nothing over a network."""

    @abstractmethod
    async def upload(self, narration: Path, on_bytes: Callable[[int], None]) -> str:
        """Brings the narration to where the provider can read it.

        Args:
            narration: The audio file.
            on_bytes: Told how many bytes have gone so far.

        Returns:
            A reference for `create`: a URL, a path, or empty where the provider takes no audio.
        """

    @abstractmethod
    async def create(self, assignment: Assignment) -> Accepted:
        """Asks for the video, once.

        Raises:
            ProviderUnavailable: It cannot take the job; another one may.
            ContentRefused: It refuses the content.
            RequestRefused: It does not take what was asked.
            SubmissionInDoubt: Its answer never came.
        """

    @abstractmethod
    async def status(self, job_id: str) -> ProviderStatus:
        """Asks once how a job stands. A failed job is an answer, not an exception."""

    @abstractmethod
    async def download(self, job_id: str, to: Path, on_bytes: Callable[[int], None]) -> None:
        """Writes the finished picture to `to`, a file that does not exist yet.

        Raises:
            DownloadFailed: It could not be fetched.
        """

    @abstractmethod
    async def cancel(self, job_id: str) -> bool:
        """Asks to stop a job and to forget it, in any state, known or not. True when it is certain to have stopped."""

    async def find(self, assignment: Assignment, since: float) -> str | None:
        """Looks for the job of a create whose answer was lost, where the protocol lists jobs.

        Args:
            assignment: What was asked.
            since: When it was asked, in seconds since 1970.

        Returns:
            The job's id when exactly one job can be it, else None.
        """
        return None

    def plan(self, config: VideoConfig, duration: float) -> Plan:
        """Fits what was asked to what the provider can do; asks nothing over a network.

        Raises:
            ProviderUnavailable: The provider has no such model; another one may.
        """
        from .fit import fit

        model = self.capabilities.model(config.model)
        if model is None:
            known = ", ".join(model.name for model in self.capabilities.models)
            raise _no_such_model(self.name, config.model, known)
        return fit(config, duration, model, provider=self.name, free=self.capabilities.free)

    def slot(self, model: Model) -> asyncio.Semaphore | None:
        """What is held while a job of this model is at work, where only so many are taken side by side."""
        if model.at_once is None:
            return None
        self._places = self._places or {}
        return self._places.setdefault(model.name, asyncio.Semaphore(model.at_once))

    async def aclose(self) -> None:  # noqa: B027  most providers hold nothing open
        """Lets go of connections and processes; the provider is not used afterwards."""


def _no_such_model(provider: str, model: str | None, known: str) -> ProviderError:
    return ProviderUnavailable(
        f"{provider} has no model {model!r}; choose one of: {known}.", provider=provider
    )
