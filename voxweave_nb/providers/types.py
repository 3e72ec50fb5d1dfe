"""The types that travel between the pipeline and the providers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ..config import VideoConfig
from ..models import Cue, JobState
from ..render.scene_list import FilmScene
from .legacy import accept_old_fields

__all__ = [
    "Accepted",
    "Availability",
    "Capabilities",
    "ClipExtras",
    "ClipRequest",
    "FilmPart",
    "Listing",
    "Model",
    "Plan",
    "Price",
    "Progress",
    "ProviderStatus",
    "Size",
    "ignore",
]


def ignore(_: object) -> None:
    """Do nothing; the default listener."""


class Progress:
    """A listener for uploads and downloads: called with the bytes moved so far, told of pauses in sentences.

    The pipeline passes one as `on_bytes`. Hand it on to `Http.upload` and `Http.fetch`, or call it yourself; use
    `Progress.of(on_bytes).say` to report a sentence.

    Args:
        on_bytes: Called with the number of bytes moved so far.
        say: Called with a sentence, such as that a request is retried in 2 s.
    """

    __slots__ = ("_on_bytes", "say")

    def __init__(self, on_bytes: Callable[[int], None] = ignore, say: Callable[[str], None] = ignore) -> None:
        self._on_bytes = on_bytes
        self.say = say

    def __call__(self, count: int) -> None:
        """Report that `count` bytes have been moved so far."""
        self._on_bytes(count)

    @classmethod
    def of(cls, listener: Callable[[int], None]) -> Progress:
        """Return the listener itself if it is a `Progress`, else one around a plain function."""
        return listener if isinstance(listener, Progress) else cls(listener)


@dataclass(frozen=True, slots=True)
class Price:
    """The price of a clip: `usd` US dollars for each `"second"` or for the whole `"video"`."""

    usd: float
    per: Literal["second", "video"]

    def of(self, seconds: float) -> float:
        """Return the price of a clip of `seconds` seconds in US dollars."""
        return self.usd * seconds if self.per == "second" else self.usd


@dataclass(frozen=True, slots=True)
class Size:
    """A frame size in pixels, with its own price where that differs from the model's."""

    width: int
    height: int
    price: Price | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """A model of a provider and its limits.

    Attributes:
        name: The provider's own name of the model; empty for the default of a server that chooses it itself.
        sizes: The frame sizes that it makes; empty if it makes any.
        lengths: The clip lengths that it makes, in seconds, shortest first; empty if it makes any.
        continuous: True if it makes every length between the first and the last of `lengths`.
        prompt: The longest prompt in characters, or None if no limit is known.
        narration: `"none"` if it ignores the narration, `"reference"` if it takes the narration as an input, `"drives"`
            if the narration drives the motion.
        price: The price of a clip, or None if it is not known.
        at_once: The number of jobs that it runs side by side, or None if no limit is known.
        deadline: Seconds after which a job of this model counts as late, or None for the provider's.
        image: True if it takes an image as the clip's first frame.
        needs_image: True if it makes no clip without one.
    """

    name: str
    sizes: tuple[Size, ...] = ()
    lengths: tuple[float, ...] = ()
    continuous: bool = False
    prompt: int | None = None
    narration: Literal["none", "reference", "drives"] = "none"
    price: Price | None = None
    at_once: int | None = None
    deadline: float | None = None
    image: bool = False
    needs_image: bool = False


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The abilities of a provider, as data.

    Attributes:
        models: The models; the first is the default.
        cancel: True if a running job can be stopped.
        lists: True if the protocol lists jobs, so that a lost submission can be reconciled.
        poll_interval: Seconds between two status requests, or None for the setting (`VOXWEAVE_POLL_INTERVAL`).
        deadline: Seconds after which a job counts as late, or None for five minutes; infinite for no limit at all.
        free: True if jobs cost nothing.
        seeds: True if a job takes a seed, so that the same seed gives the same take.
        source: Where these figures come from, with their date.
        films: True if it draws a clip as a scene of its film (`ClipRequest.part`).
    """

    models: tuple[Model, ...]
    cancel: bool
    lists: bool = False
    poll_interval: float | None = None
    deadline: float | None = None
    free: bool = False
    seeds: bool = False
    source: str = ""
    films: bool = False

    def model(self, name: str | None) -> Model | None:
        """Return the model of that name, the default for None, or None if the name is unknown."""
        return next((model for model in self.models if name in (None, model.name)), None)


@dataclass(frozen=True, slots=True)
class Plan:
    """The request for one clip after fitting: what is shown, budgeted and sent.

    Computed once per clip and provider; the same object travels to the budget check and to `Provider.submit`.

    Attributes:
        model: The model.
        size: Frame width and height in pixels.
        seconds: The length of the clip in seconds; 0 if the provider chooses it.
        prompt: The prompt with the style's words, within the model's limit.
        usd: The price in US dollars, 0 if free, None if not known.
        warnings: One sentence for each difference from the config.
        provider: The provider that the plan is for; empty if the plan does not say.
        duration: The length of the narration that it was made for, in seconds; 0 if the plan does not say.
        config: The config that it was made from, or None if the plan does not say.
    """

    model: Model
    size: tuple[int, int]
    seconds: float
    prompt: str
    usd: float | None
    warnings: tuple[str, ...] = ()
    provider: str = ""
    duration: float = 0.0
    config: VideoConfig | None = None

    def is_of(self, config: VideoConfig) -> bool:
        """Return True if the plan was made from this config, whichever provider it names."""
        return self.config is None or self.config.replace(provider=None) == config.replace(provider=None)

    def fills(self, duration: float) -> bool:
        """Return True if the plan was made for a narration of this length in seconds, within 50 ms."""
        return abs(self.duration - duration) <= 0.05

    def is_cheaper_than(self, other: Plan) -> bool:
        """Return True if the plan costs less than another one; a known price is less than an unknown one."""
        if self.usd is None or other.usd is None:
            return self.usd is not None and other.usd is None
        return round(self.usd, 6) < round(other.usd, 6)


@dataclass(frozen=True, slots=True)
class Availability:
    """The readiness of a provider.

    Attributes:
        ready: True if it can be used now.
        reason: Why it cannot be used, or a few words about it, for a person.
    """

    ready: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmPart:
    """A scene of a film, for a provider that draws it as it is in the whole: its light, its place, its motion.

    Attributes:
        number: The scene's number, from 0.
        scenes: All scenes of the film, from 0 to its end without gaps.
        narration: The narration of the whole film as raw samples: mono, 16 kHz, signed 16 bit.
        duration: Its length in seconds.
        cues: Its captions.
        prompt: The prompt of the film.
        title: The title at the beginning of the film; empty for none.
    """

    number: int
    scenes: tuple[FilmScene, ...]
    narration: Path
    duration: float
    cues: tuple[Cue, ...] = ()
    prompt: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipRequest:
    """A submission: the plan and everything that a provider may need to carry it out.

    Attributes:
        plan: The fitted request; send this and nothing else.
        config: The config that the plan was made from, for fields that only one protocol has (`extra`, `seed`).
        narration: The narration as raw samples in a private file: mono, 16 kHz, signed 16 bit.
        duration: The length of the narration in seconds.
        cues: The captions, for providers that draw words into the frames.
        reference: The reference that `Provider.upload` returned.
        request_id: Our own name of the request, for protocols that take one.
        image: The clip's first frame, a JPEG of exactly the plan's size, or None; given to models with `image` only.
        say: Called with a sentence for the person, such as that the request is retried in 2 s.
        scenes: The scenes of the clip, for the local renderer; empty for a clip of one scene.
        part: The film that the clip is a scene of, or None; given to providers with `Capabilities.films` only.
    """

    plan: Plan
    config: VideoConfig
    narration: Path
    duration: float
    cues: tuple[Cue, ...] = ()
    reference: str = ""
    request_id: str = ""
    image: bytes | None = None
    say: Callable[[str], None] = ignore
    scenes: tuple[FilmScene, ...] = ()
    part: FilmPart | None = None


@accept_old_fields(("declined",), lambda _: {}, after="warnings", hint="Leave it out.")
@dataclass(frozen=True, slots=True)
class Accepted:
    """An accepted submission.

    Attributes:
        job_id: The provider's id of the job.
        provider: The provider's name, if it says so.
        model: The model that the provider really uses, if that differs from the plan's.
        usd: The price that the provider states for this job in US dollars, if that differs from the plan's.
        warnings: Differences from the plan, in sentences.
    """

    job_id: str
    provider: str = ""
    model: str | None = None
    usd: float | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """A provider's list of jobs, as far as it can settle a lost submission.

    Attributes:
        matches: The ids of jobs made since the submission with every field as it was sent.
        possible: The ids of jobs that may be the lost one as far as the list tells, `matches` among them.
        jobs: The ids of all jobs that were read.
        whole: True if the list was read back to the submission, so that a job that is not `possible` does not exist.
    """

    matches: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    jobs: frozenset[str] = frozenset()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class ClipExtras:
    """By-products of a clip that only some providers have.

    Attributes:
        understood: What was read from the prompt, such as `{"time": "dawn"}`.
        poster_at: The best moment for a poster, in seconds, or None.
        sprite: A sheet of small frames (JPEG) that is deleted with the job, or None.
        thumbnails: The WebVTT track of that sheet, or None.
    """

    understood: Mapping[str, str] = field(default_factory=dict)
    poster_at: float | None = None
    sprite: Path | None = None
    thumbnails: Path | None = None


def _extras(old: dict[str, Any]) -> dict[str, Any]:
    return {"extras": ClipExtras(**{"poster_at" if name == "best" else name: old[name] for name in old})}


@accept_old_fields(
    ("understood", "best", "sprite", "thumbnails"),
    _extras,
    after="warnings",
    hint="Give extras=ClipExtras(understood=..., poster_at=..., sprite=..., thumbnails=...).",
)
@dataclass(frozen=True, slots=True)
class ProviderStatus:
    """The state of a job, as the provider reports it.

    Attributes:
        state: The state in our words.
        progress: 0 to 1, or None if the provider does not say.
        message: The provider's own words, such as an error's; may be empty.
        refused: True if the job failed because the content was refused.
        poll_after: Seconds to wait before the next status request, or None.
        warnings: Differences from the plan, in sentences.
        usd: The cost in US dollars that the provider reports for the job, or None.
        extras: By-products of the clip, or None.
    """

    state: JobState
    progress: float | None = None
    message: str = ""
    refused: bool = False
    poll_after: float | None = None
    warnings: tuple[str, ...] = ()
    usd: float | None = None
    extras: ClipExtras | None = None
