"""What a provider is, and the recipe for a new one.

How to add a provider:

1. Write `providers/<name>.py` with one subclass of `Provider` that translates our five verbs into its protocol.
   It never waits, never retries a create, never polls: the service does what is the same for all.
2. Name it in `providers/__init__.py` (one line).
3. `tests/providers/test_contract.py` runs over the registry and says what is missing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

from ..config import VideoConfig
from ..models import Cue, JobState

__all__ = ["Assignment", "Availability", "Capabilities", "Provider", "ProviderStatus"]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do, as data.

    Attributes:
        narration: `"none"` it cannot use the narration, `"reference"` it takes it along, `"drives"` its
            picture follows it.
        cancel: Whether a running job can be stopped.
        poll_interval: Seconds between two status requests that suit it, or None for the settings'.
        deadline: Seconds after which a job is given up, or None for the settings' interval times tries.
        free: Whether a job costs nothing.
    """

    narration: Literal["none", "reference", "drives"]
    cancel: bool
    poll_interval: float | None = None
    deadline: float | None = None
    free: bool = False


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
    """

    narration: Path
    reference: str
    duration: float
    cues: tuple[Cue, ...]
    config: VideoConfig


@dataclass(frozen=True, slots=True)
class ProviderStatus:
    """What a provider says of a job.

    Attributes:
        state: Our word for its state.
        progress: 0 to 1, or None where it does not say.
        message: Its own words, such as an error's; may be empty.
        warnings: What is not as asked, for the result.
        understood: What it read in the prompt, if it says.
    """

    state: JobState
    progress: float | None = None
    message: str = ""
    warnings: tuple[str, ...] = ()
    understood: Mapping[str, str] = field(default_factory=dict)


class Provider(ABC):
    """A service that makes a picture; see the recipe in the module's docstring."""

    name: ClassVar[str]
    capabilities: ClassVar[Capabilities]

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
    async def create(self, assignment: Assignment) -> str:
        """Asks for the video, once.

        Returns:
            The provider's id of the job.

        Raises:
            ProviderUnavailable: It cannot take the job; another one may.
        """

    @abstractmethod
    async def status(self, job_id: str) -> ProviderStatus:
        """Asks once how a job stands. A failed job is an answer, not an exception."""

    @abstractmethod
    async def download(self, job_id: str, to: Path, on_bytes: Callable[[int], None]) -> None:
        """Writes the finished picture to `to`, a file that does not exist yet."""

    @abstractmethod
    async def cancel(self, job_id: str) -> bool:
        """Asks to stop a job and to forget it, in any state, known or not. True when it is certain to have stopped."""

    async def aclose(self) -> None:  # noqa: B027  most providers hold nothing open
        """Lets go of connections and processes; the provider is not used afterwards."""
