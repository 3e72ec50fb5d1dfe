"""Shared types: the enums of a video's options, cues, price estimates, job events; the formatting of dollars."""

from __future__ import annotations

import enum
import functools
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal, Self

from . import spellings
from .errors import ConfigError
from .validation import did_you_mean, shown

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
    "Word",
    "dollars",
    "percent",
    "price",
]


class _Vocabulary(enum.StrEnum):
    """A string enum whose error message lists the valid values."""

    @classmethod
    def parse(cls, value: Any) -> Self:
        """Return the member for a value, ignoring case, surrounding blanks and other ways to write it.

        Raises:
            ConfigError: No member has that value; the message lists the valid ones.
        """
        words = spellings.plain(value)
        try:
            return cls(cls._respelled(words))
        except ValueError:
            choices = [member.value for member in cls]
            hint = did_you_mean(words, choices, cls._nearest(words))
            raise ConfigError(
                f"{cls._noun()} {shown(value)} is not known; choose one of: {', '.join(choices)}.{hint}"
            ) from None

    @classmethod
    def _noun(cls) -> str:
        return cls.__name__.removeprefix("Video").replace("SubtitleMode", "Subtitle mode")

    @classmethod
    def _respelled(cls, words: str) -> str:
        """Return the value that another way to write it stands for, else the words themselves."""
        return spellings.SAME.get(cls.__name__, {}).get(words, words)

    @classmethod
    def _nearest(cls, words: str) -> str | None:
        """Return the value to suggest for words that are not one, or None."""
        return spellings.NEAR.get(cls.__name__, {}).get(words)


class VideoStyle(_Vocabulary):
    """The visual style of a video."""

    REALISTIC = "realistic"
    ANIME = "anime"
    THREE_D = "3d"
    CINEMATIC = "cinematic"
    BIOTECH = "biotech"
    CYBERPUNK = "cyberpunk"
    EDUCATIONAL = "educational"

    @property
    def variations(self) -> tuple[str, ...]:
        """The names of the three places or compositions that the local renderer draws."""
        return _variations(self.value)

    def variation(self, value: str | int) -> str:
        """Return the name of a variation: from its name, ignoring case and surrounding blanks, or its number from 1.

        Raises:
            ConfigError: The style has no such variation; the message lists those that it has.
        """
        names = self.variations
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= len(names):
            return names[value - 1]
        if isinstance(value, str) and value.strip().lower() in names:
            return value.strip().lower()
        shown = repr(value if isinstance(value, int) else str(value)[:60])
        raise ConfigError(f"{self.value} has no variation {shown}; choose one of: {', '.join(names)}.")


@functools.cache
def _variations(style: str) -> tuple[str, ...]:
    sheet = resources.files(__package__).joinpath("styles", f"{style}.toml").read_text(encoding="utf-8")
    return tuple(each["name"] for each in tomllib.loads(sheet)["variations"])


class VideoResolution(_Vocabulary):
    """The resolution, named for its 16:9 size."""

    HD = "720p"
    FULL_HD = "1080p"
    UHD = "4k"

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return {"720p": (1280, 720), "1080p": (1920, 1080), "4k": (3840, 2160)}[self.value]

    @classmethod
    def _respelled(cls, words: str) -> str:
        size = spellings.size_of(words)
        by_height = {str(min(each.size)): each.value for each in cls}
        if size is None:
            return super()._respelled(by_height.get(words.removesuffix("p"), words))
        named = by_height.get(str(min(size)), words)
        return named if any(each.size(cls(named)) == size for each in VideoAspect) else words

    @classmethod
    def _nearest(cls, words: str) -> str | None:
        size = spellings.size_of(words)
        height = (
            min(size) if size else int(words.removesuffix("p")) if words.removesuffix("p").isdecimal() else 0
        )
        return (
            min(cls, key=lambda each: abs(min(each.size) - height)).value
            if height
            else super()._nearest(words)
        )


class VideoQuality(_Vocabulary):
    """The level of detail of the local renderer."""

    DRAFT = "draft"
    STANDARD = "standard"
    FINE = "fine"


class VideoAspect(_Vocabulary):
    """The aspect ratio, width to height."""

    WIDE = "16:9"
    TALL = "9:16"
    SQUARE = "1:1"

    def size(self, resolution: VideoResolution) -> tuple[int, int]:
        """Width and height in pixels; the shorter side is that of the resolution."""
        width, height = resolution.size
        return {"16:9": (width, height), "9:16": (height, width), "1:1": (height, height)}[self.value]

    @classmethod
    def _respelled(cls, words: str) -> str:
        ratio = spellings.ratio_of(words)
        near = [each.value for each in cls if ratio and math.isclose(ratio, each._ratio, rel_tol=0.005)]
        return near[0] if near else super()._respelled(words)

    @classmethod
    def _nearest(cls, words: str) -> str | None:
        ratio = spellings.ratio_of(words)
        if ratio is None:
            return super()._nearest(words)
        return (cls.WIDE if ratio > 1 else cls.TALL).value

    @property
    def _ratio(self) -> float:
        width, height = self.value.split(":")
        return int(width) / int(height)


class VideoFormat(_Vocabulary):
    """The container of the finished file."""

    MP4 = "mp4"
    MOV = "mov"
    WEBM = "webm"

    @property
    def mime(self) -> str:
        """The media type, such as `"video/mp4"`."""
        return {"mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm"}[self.value]


class SubtitleMode(_Vocabulary):
    """The delivery of subtitles: a track in the file, burnt into the frames, separate files, or none."""

    SOFT = "soft"
    BURN = "burn"
    SIDECAR = "sidecar"
    NONE = "none"


class SubtitleLook(_Vocabulary):
    """The look of burnt-in subtitles."""

    BOX = "box"
    OUTLINE = "outline"
    LARGE = "large"


class VideoProvider(_Vocabulary):
    """The built-in providers, accepted wherever a provider's name is. A plug-in's provider is named by a string."""

    OPENAI_SORA = "openai_sora"
    ZAI = "zai"
    GATEWAY = "gateway"
    FAL = "fal"
    GEMINI = "gemini"
    LOCAL = "local"


class JobState(enum.StrEnum):
    """The state of a job; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def final(self) -> bool:
        """True if no other state can follow."""
        return self in (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELED)


class Stage(enum.StrEnum):
    """The four stages of a job, each a part of the progress bar."""

    UPLOAD = "upload"
    GENERATE = "generate"
    DOWNLOAD = "download"
    SUBTITLES = "subtitles"

    @property
    def span(self) -> tuple[float, float]:
        """The start and end of the stage on the progress bar, in percent."""
        return {
            "upload": (0.0, 20.0),
            "generate": (20.0, 90.0),
            "download": (90.0, 94.0),
            "subtitles": (94.0, 100.0),
        }[self.value]


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a caption with its times.

    Attributes:
        text: The word, with its punctuation; in writing without spaces it may be a single character.
        start: Seconds from the start of the narration.
        end: Seconds from the start of the narration, not before `start`.
        sure: How sure the times are, from 0 to 1. Times that came with the subtitles have 1; where they had one time
            for several words, each has 0.5.
    """

    text: str
    start: float
    end: float
    sure: float = 1.0

    def as_list(self) -> list[str | float]:
        """Return text, start, end and sure, for JSON; `Word(*values)` reads them back."""
        return [self.text, self.start, self.end, self.sure]


@dataclass(frozen=True, slots=True)
class Cue:
    """A caption with its times.

    Attributes:
        start: Seconds from the start of the narration, at least 0.
        end: Seconds from the start of the narration, after `start`.
        text: Plain text without markup, lines separated by newlines.
        words: The words of the text whose times are known, in their order; often none.
    """

    start: float
    end: float
    text: str
    words: tuple[Word, ...] = ()

    def as_list(self) -> list[Any]:
        """Return start, end, text and, if there are any, the words, for JSON. `from_list` reads them back."""
        words = [[word.as_list() for word in self.words]] if self.words else []
        return [self.start, self.end, self.text, *words]

    @classmethod
    def from_list(cls, values: Sequence[Any]) -> Self:
        """Restore a cue from the values of `as_list`."""
        start, end, text, *words = values
        return cls(start, end, text, tuple(Word(*word) for word in words[0]) if words else ())

    def __setstate__(self, state: Sequence[Any]) -> None:
        # A cue that an earlier release pickled has no words.
        for name, value in zip(("start", "end", "text", "words"), [*state, ()], strict=False):
            object.__setattr__(self, name, value)


@dataclass(frozen=True, slots=True)
class Estimate:
    """The estimated price of a video at each provider.

    Attributes:
        prices: US dollars by provider, in the order they are tried; None if the price is not known.
        warnings: What would differ from the request at the provider that is tried first, in sentences.
    """

    prices: Mapping[str, float | None]
    warnings: tuple[str, ...] = ()

    @property
    def low(self) -> float | None:
        """The lowest known price, or None if no price is known."""
        return min((price for price in self.prices.values() if price is not None), default=None)

    @property
    def high(self) -> float | None:
        """The highest price, or None if any price is not known."""
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
    """A job's progress, state change, warning or log line. All progress displays are fed by these events.

    Attributes:
        kind: `"progress"` for a new percentage or stage, `"state"` for a new state, `"warning"` for a warning that
            the result also carries, `"log"` for any other message.
        state: The job's state after the event.
        stage: The current stage, or None before the first and after the last.
        progress: Percentage of the whole job, 0 to 100; never decreases.
        message: A sentence for a person; may be empty if `kind` is `"progress"`.
        at: The time of the event, in seconds since 1970.
        elapsed: Seconds since the job was submitted.
        remaining: Estimated seconds left, or None before there is an estimate.
        indeterminate: True while the provider reports no progress.
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


def percent(share: float) -> str:
    """Format a share from 0 to 1, such as `"9 %"`."""
    return f"{100 * share:.0f} %"
