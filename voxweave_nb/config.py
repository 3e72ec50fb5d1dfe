"""What a person asks for (`VideoConfig`) and where this installation keeps things (`Settings`)."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from .errors import ConfigError
from .models import (
    SubtitleLook,
    SubtitleMode,
    VideoAspect,
    VideoFormat,
    VideoQuality,
    VideoResolution,
    VideoStyle,
)

__all__ = ["MAX_PROMPT", "Settings", "VideoConfig", "VideoRequest", "positive"]

MAX_PROMPT = 10_000
"""The longest prompt that is taken, in characters; providers cut further, with a warning."""

_KEYLIKE = ("key", "token", "secret", "password", "authorization", "credential")


@dataclass(frozen=True, kw_only=True, repr=False)
class VideoConfig:
    """What the video shall be. Immutable; every field has a default; enum values come as strings too.

    Attributes:
        style: The look; `"cyberpunk"` unless said otherwise.
        resolution: `"720p"`, `"1080p"` (default) or `"4k"`.
        aspect: The picture's shape: `"16:9"` (default), `"9:16"` or `"1:1"`.
        format: `"mp4"` (default), `"mov"` or `"webm"`.
        quality: `"standard"` (default), `"fine"` for more detail in what is rendered here, or `"draft"` for an animatic
            in a blink: 640x360, whatever the resolution.
        prompt: What the picture shall show, at most 10,000 characters. The local renderer reads colours and
            times of day from it, seeds its scene with it and sets it as a title.
        subtitle_mode: `"soft"` (default), `"burn"`, `"sidecar"` or `"none"`.
        subtitle_look: How burnt-in subtitles look: on a dark `"box"` (default), with an `"outline"` and no box, or
            `"large"`, which is the box with letters a third larger. Tracks and files look as their player likes.
        provider: A provider's name, or None for the service's own.
        model: The provider's model, or None for its default.
        seed: A whole number of at least 0 that picks another take of the same prompt, or None.
        seconds: The clip length to ask a provider for, above 0; None follows the narration.
        fps: Frames per second of what is rendered or re-encoded here, 1 to 60.
        title: The title in the picture; None makes one of the prompt, `""` sets none.
        reduce_motion: Calms flashes and camera in what is rendered here.
        extra: What one provider needs beyond that, as plain values. Keys do not belong here.

    Raises:
        ConfigError: A value cannot be; the message lists what can.
    """

    style: VideoStyle = VideoStyle.CYBERPUNK
    resolution: VideoResolution = VideoResolution.FULL_HD
    aspect: VideoAspect = VideoAspect.WIDE
    format: VideoFormat = VideoFormat.MP4
    quality: VideoQuality = VideoQuality.STANDARD
    prompt: str = ""
    subtitle_mode: SubtitleMode = SubtitleMode.SOFT
    subtitle_look: SubtitleLook = SubtitleLook.BOX
    provider: str | None = None
    model: str | None = None
    seed: int | None = None
    seconds: float | None = None
    fps: int = 30
    title: str | None = None
    reduce_motion: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "style", VideoStyle.parse(self.style))
        put(self, "resolution", VideoResolution.parse(self.resolution))
        put(self, "aspect", VideoAspect.parse(self.aspect))
        put(self, "format", VideoFormat.parse(self.format))
        put(self, "quality", VideoQuality.parse(self.quality))
        put(self, "subtitle_mode", SubtitleMode.parse(self.subtitle_mode))
        put(self, "subtitle_look", SubtitleLook.parse(self.subtitle_look))
        put(self, "prompt", _text(self.prompt, "prompt", MAX_PROMPT))
        if self.title is not None:
            put(self, "title", _text(self.title, "title", 200))
        for name in ("provider", "model"):
            value = getattr(self, name)
            if value is not None:
                put(self, name, str(_text(value, name, 200)) or None)
        if self.seed is not None:
            put(self, "seed", _whole(self.seed, "seed", 0, 2**63 - 1))
        put(self, "fps", _whole(self.fps, "fps", 1, 60))
        if self.seconds is not None:
            put(self, "seconds", positive(self.seconds, "seconds"))
        if not isinstance(self.reduce_motion, bool):
            raise ConfigError(f"reduce_motion is {self.reduce_motion!r}; give True or False.")
        put(self, "extra", MappingProxyType(_without_keys(self.extra)))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the finished picture in pixels; the shorter side is the resolution's, a draft's 360."""
        width, height = self.aspect.size(self.resolution)
        if self.quality is not VideoQuality.DRAFT:
            return width, height
        return width * 360 // min(width, height), height * 360 // min(width, height)

    def as_dict(self) -> dict[str, Any]:
        """The fields that are not as they are by default, as plain values; `VideoConfig.of` takes them back."""
        plain = {
            f.name: _plain(getattr(self, f.name))
            for f in fields(self)
            if getattr(self, f.name) != _default(f)
        }
        return plain

    def replace(self, **changes: Any) -> Self:
        """The same config with some fields changed; a name that is no field gets a `ConfigError`."""
        _check_names(changes)
        return replace(self, **{**{f.name: getattr(self, f.name) for f in fields(self)}, **changes})

    @classmethod
    def of(cls, config: VideoConfig | Mapping[str, Any] | None = None, **changes: Any) -> VideoConfig:
        """A config from a config, a mapping or nothing, with `changes` on top."""
        if config is None or isinstance(config, Mapping):
            values = {**(config or {}), **changes}
            _check_names(values)
            return cls(**values)
        return config.replace(**changes) if changes else config

    def __repr__(self) -> str:
        shown = [
            f"{f.name}={_plain(getattr(self, f.name))!r}"
            for f in fields(self)
            if getattr(self, f.name) != _default(f)
        ]
        return f"VideoConfig({', '.join(shown)})"

    def __hash__(self) -> int:
        return hash(repr(self))

    def __reduce__(self) -> tuple[Any, ...]:
        values = {f.name: _plain(getattr(self, f.name)) for f in fields(self)}
        return (_config_from, (values,))


@dataclass(frozen=True, slots=True)
class VideoRequest:
    """One video to make: what is said, what is read, what is seen.

    Attributes:
        narration: The audio file.
        subtitles: A subtitle file, the text of one, or None.
        config: What the video shall be.
    """

    narration: Path
    subtitles: Path | str | None
    config: VideoConfig


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where files go and where caps lie: an argument wins, then the environment, then the default.

    Attributes:
        output_dir: Where finished videos land (`VOXWEAVE_OUTPUT_DIR`, default `voxweave_out` in the folder
            that the process works in; Jupyter does not serve folders whose name begins with a dot).
        max_narration_seconds: The longest narration, in seconds (`VOXWEAVE_MAX_NARRATION_SECONDS`, 1800).
        max_narration_bytes: The largest narration file, in bytes (`VOXWEAVE_MAX_NARRATION_BYTES`, 512 MB).
        embed_limit: Up to how many bytes a video is embedded in the notebook (`VOXWEAVE_EMBED_LIMIT`, 8 MB).
        poll_interval: Seconds between two status requests (`VOXWEAVE_POLL_INTERVAL`, 1); a provider may
            state its own.
        poll_tries: How many status requests before the deadline (`VOXWEAVE_POLL_TRIES`, 300).
        patience: Seconds to wait altogether for a provider that turns a create away for now, before the next one
            is asked (`VOXWEAVE_PATIENCE`, 60); 0 never sends a create again, even if the server itself turned it away.
        http_timeout: Seconds without a sign of life after which a request is given up (`VOXWEAVE_HTTP_TIMEOUT`, 60).
        max_download_bytes: The largest picture that is fetched, in bytes (`VOXWEAVE_MAX_DOWNLOAD_BYTES`, 4 GB).
        home: Where the journal lies, and fetched pictures that are not finished yet (`VOXWEAVE_HOME`; a folder of the
            person's own unless given).
        budget_usd: US dollars that may be spent in all, over this journal's life (`VOXWEAVE_BUDGET_USD`); None for
            no limit.
        budget_usd_per_day: US dollars that may be spent on one day (`VOXWEAVE_BUDGET_USD_PER_DAY`).
        budget_usd_per_video: US dollars that one video may cost (`VOXWEAVE_BUDGET_USD_PER_VIDEO`).
        providers: The names of the providers in the order in which they are asked, separated by commas
            (`VOXWEAVE_PROVIDERS`); empty for all that have a key.

    Raises:
        ConfigError: A value is not a number, or not above 0.
    """

    output_dir: Path = Path("voxweave_out")
    max_narration_seconds: float = 1800.0
    max_narration_bytes: int = 512_000_000
    embed_limit: int = 8_000_000
    poll_interval: float = 1.0
    poll_tries: int = 300
    patience: float = 60.0
    http_timeout: float = 60.0
    max_download_bytes: int = 4_000_000_000
    home: Path | None = None
    budget_usd: float | None = None
    budget_usd_per_day: float | None = None
    budget_usd_per_video: float | None = None
    providers: str = ""

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "output_dir", Path(self.output_dir).expanduser())
        put(self, "home", _home() if self.home is None else Path(self.home).expanduser())
        for name in ("budget_usd", "budget_usd_per_day", "budget_usd_per_video"):
            if getattr(self, name) is not None:
                put(self, name, positive(getattr(self, name), name, zero=True))
        for name in ("max_narration_seconds", "poll_interval", "http_timeout"):
            put(self, name, positive(getattr(self, name), name))
        put(self, "patience", positive(self.patience, "patience", zero=True))
        for name in ("max_narration_bytes", "poll_tries", "max_download_bytes"):
            put(self, name, _whole(getattr(self, name), name, 1, 2**63 - 1))
        put(self, "embed_limit", _whole(self.embed_limit, "embed_limit", 0, 2**63 - 1))

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, **given: Any) -> Self:
        """The settings in force; an argument of None counts as not given, an empty variable as missing."""
        environ = os.environ if environ is None else environ
        known = {f.name for f in fields(cls)}
        if unknown := sorted(set(given) - known):
            raise ConfigError(f"{', '.join(unknown)} is no setting; there are: {', '.join(sorted(known))}.")
        values: dict[str, Any] = {}
        for name in known:
            if given.get(name) is not None:
                values[name] = given[name]
            elif text := environ.get(f"VOXWEAVE_{name.upper()}", "").strip():
                values[name] = text
        return cls(**values)


def _home() -> Path:
    from platformdirs import user_data_path

    if chosen := os.environ.get("VOXWEAVE_HOME", "").strip():
        return Path(chosen).expanduser()
    return user_data_path("voxweave_nb", appauthor=False)


def _config_from(values: dict[str, Any]) -> VideoConfig:
    return VideoConfig(**values)


def _check_names(values: Mapping[str, Any]) -> None:
    known = [f.name for f in fields(VideoConfig)]
    if unknown := sorted(set(values) - set(known)):
        raise ConfigError(
            f"VideoConfig has no field {', '.join(map(repr, unknown))}; there are: {', '.join(known)}."
        )


def _default(f: Any) -> Any:
    return {} if f.name == "extra" else f.default


def _plain(value: Any) -> Any:
    if isinstance(value, MappingProxyType):
        return dict(value)
    return value.value if hasattr(value, "value") else value


def _text(value: Any, name: str, longest: int) -> str:
    if not isinstance(value, str):
        raise ConfigError(f"{name} is {type(value).__name__}; give text.")
    text = value.replace("\x00", "").strip()
    if len(text) > longest:
        raise ConfigError(f"{name} has {len(text):,} characters; at most {longest:,} are taken. Shorten it.")
    return text


def _whole(value: Any, name: str, low: int, high: int) -> int:
    try:
        number = int(value)
        exact = not isinstance(value, bool) and (isinstance(value, str) or number == value)
    except (TypeError, ValueError, OverflowError):
        exact = False
    if not exact or not low <= number <= high:
        bounds = f"from {low} to {high}" if high < 2**62 else f"of at least {low}"
        raise ConfigError(f"{name} is {value!r}; give a whole number {bounds}.")
    return number


def positive(value: Any, name: str, *, zero: bool = False) -> float:
    """A number above 0, or of at least 0.

    Raises:
        ConfigError: It is none.
    """
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not (math.isfinite(number) and (number > 0 or (zero and number == 0))):
        raise ConfigError(f"{name} is {value!r}; give a number {'of at least' if zero else 'above'} 0.")
    return number


def _without_keys(extra: Any) -> dict[str, Any]:
    if not isinstance(extra, Mapping):
        raise ConfigError(f"extra is {type(extra).__name__}; give a mapping of names to values.")
    for name, value in extra.items():
        if isinstance(value, Mapping):
            _without_keys(value)
        if not isinstance(name, str) or any(word in name.lower().replace("-", "_") for word in _KEYLIKE):
            raise ConfigError(
                f"extra has {name!r}; names are text, and keys do not belong in a config, which is printed and "
                "saved. Give a key to VideoGenerationService(api_key=...) or in the environment."
            )
    return dict(extra)
