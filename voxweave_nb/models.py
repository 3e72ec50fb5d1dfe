"""The shapes that travel between the rooms: vocabulary, cues, events."""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

from .errors import ConfigError

__all__ = [
    "Cue",
    "Estimate",
    "JobEvent",
    "JobState",
    "Stage",
    "SubtitleLook",
    "SubtitleMode",
    "VideoAspect",
    "VideoFormat",
    "VideoProvider",
    "VideoQuality",
    "VideoResolution",
    "VideoStyle",
    "dollars",
    "price",
]


class _Vocabulary(enum.StrEnum):
    """An enumeration that is accepted as its string and lists its values when asked for a wrong one."""

    @classmethod
    def parse(cls, value: str) -> Self:
        """The member for a value, whatever its case.

        Raises:
            ConfigError: No member has that value; the message lists all that do.
        """
        try:
            return cls(value.strip().lower())
        except (ValueError, AttributeError):
            choices = ", ".join(member.value for member in cls)
            raise ConfigError(f"{cls._noun()} {value!r} is not known; choose one of: {choices}.") from None

    @classmethod
    def _noun(cls) -> str:
        return cls.__name__.removeprefix("Video").replace("SubtitleMode", "Subtitle mode")


class VideoStyle(_Vocabulary):
    """The look of a video."""

    REALISTIC = "realistic"
    ANIME = "anime"
    THREE_D = "3d"
    CINEMATIC = "cinematic"
    BIOTECH = "biotech"
    CYBERPUNK = "cyberpunk"
    EDUCATIONAL = "educational"


class VideoResolution(_Vocabulary):
    """The size of the picture, 16:9."""

    HD = "720p"
    FULL_HD = "1080p"
    UHD = "4k"

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return {"720p": (1280, 720), "1080p": (1920, 1080), "4k": (3840, 2160)}[self.value]


class VideoQuality(_Vocabulary):
    """How much care the local renderer takes."""

    DRAFT = "draft"
    STANDARD = "standard"
    FINE = "fine"


class VideoAspect(_Vocabulary):
    """The shape of the picture, width to height."""

    WIDE = "16:9"
    TALL = "9:16"
    SQUARE = "1:1"

    def size(self, resolution: VideoResolution) -> tuple[int, int]:
        """Width and height in pixels; the shorter side is that of the resolution."""
        width, height = resolution.size
        return {"16:9": (width, height), "9:16": (height, width), "1:1": (height, height)}[self.value]


class VideoFormat(_Vocabulary):
    """The container of the finished file."""

    MP4 = "mp4"
    MOV = "mov"
    WEBM = "webm"

    @property
    def mime(self) -> str:
        """The media type that a browser or a server uses for it."""
        return {"mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm"}[self.value]


class SubtitleMode(_Vocabulary):
    """Where the subtitles go."""

    SOFT = "soft"
    BURN = "burn"
    SIDECAR = "sidecar"
    NONE = "none"


class SubtitleLook(_Vocabulary):
    """How subtitles look that are drawn into the picture."""

    BOX = "box"
    OUTLINE = "outline"
    LARGE = "large"


class VideoProvider(_Vocabulary):
    """The providers that the specification names; plug-ins add theirs by plain strings."""

    OPENAI_SORA = "openai_sora"
    ZAI = "zai"
    GATEWAY = "gateway"
    LOCAL = "local"


class JobState(enum.StrEnum):
    """Where a job stands; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def final(self) -> bool:
        """Whether nothing can come after it."""
        return self in (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELED)


class Stage(enum.StrEnum):
    """The four parts of the progress bar, each with its share of 0 to 100."""

    UPLOAD = "upload"
    GENERATE = "generate"
    DOWNLOAD = "download"
    SUBTITLES = "subtitles"

    @property
    def span(self) -> tuple[float, float]:
        """Where it begins and ends on the bar, in percent."""
        return {
            "upload": (0.0, 20.0),
            "generate": (20.0, 90.0),
            "download": (90.0, 94.0),
            "subtitles": (94.0, 100.0),
        }[self.value]


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption.

    Attributes:
        start: When it appears, in seconds from the start of the narration; at least 0.
        end: When it goes, in seconds; after `start`.
        text: Plain text, lines separated by a newline; never markup.
    """

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a video would cost, in US dollars.

    Attributes:
        prices: By provider, in the order in which they are asked; None where no price is known.
    """

    prices: Mapping[str, float | None]

    @property
    def low(self) -> float | None:
        """The lowest price, or None where none is known."""
        return min((price for price in self.prices.values() if price is not None), default=None)

    @property
    def high(self) -> float | None:
        """The highest price, or None where one of them is not known."""
        known = [price for price in self.prices.values() if price is not None]
        return max(known, default=None) if len(known) == len(self.prices) else None

    def __str__(self) -> str:
        if self.high is None:
            least = "" if self.low is None else f"from {dollars(self.low)}; one "
            return f"{least}{dollars(None)}"
        if self.low == self.high:
            return price(self.high)
        return f"{dollars(self.low)} to {dollars(self.high)}"


@dataclass(frozen=True, slots=True)
class JobEvent:
    """One thing that happened to a job; a stream of these feeds every progress view.

    Attributes:
        kind: `"progress"` for the figure and the stage, `"state"` for a new state, `"warning"` for
            something that the result will repeat, `"log"` for everything else worth a line.
        state: The job's state after the event.
        stage: The stage that it is in, or None before the first and after the last.
        progress: 0 to 100 over the whole run; never less than in an earlier event.
        message: A sentence for a person; may be empty for mere progress.
        at: Seconds since 1970.
        elapsed: Seconds since the job was submitted.
        remaining: A guess at the seconds left, or None while there is no ground for one.
        indeterminate: Whether the provider says nothing about how far it is.
    """

    kind: Literal["progress", "state", "warning", "log"]
    state: JobState
    stage: Stage | None
    progress: float
    message: str
    at: float
    elapsed: float
    remaining: float | None = None
    indeterminate: bool = False


def dollars(usd: float | None) -> str:
    """Format an amount of US dollars, such as `"$1,234.50"`, `"$0.00"` or `"price not known"` for None.

    Less than a cent keeps two significant digits: `"$0.0034"`.
    """
    if usd is None:
        return "price not known"
    rounded = float(f"{usd:.2g}")
    if 0 < rounded < 0.01:
        digits = 1 - math.floor(math.log10(rounded))
        return f"${rounded:.{digits}f}".rstrip("0")
    return f"${usd:,.2f}"


def price(usd: float | None) -> str:
    """Format a price: `"free"` for 0, otherwise as `dollars` does."""
    return "free" if usd == 0 else dollars(usd)
