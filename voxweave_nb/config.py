"""What the video shall be: `VideoConfig`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Self, TypedDict

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
from .validation import positive, text, whole

__all__ = ["MAX_PROMPT", "VideoConfig", "VideoOptions"]

MAX_PROMPT = 10_000
"""The longest prompt that is taken, in characters; providers cut further, with a warning."""

_KEYLIKE = ("key", "token", "secret", "password", "authorization", "credential")


class VideoOptions(TypedDict, total=False):
    """The fields of `VideoConfig` as keyword arguments."""

    style: VideoStyle | str
    resolution: VideoResolution | str
    aspect: VideoAspect | str
    format: VideoFormat | str
    quality: VideoQuality | str
    prompt: str
    subtitle_mode: SubtitleMode | str
    subtitle_look: SubtitleLook | str
    provider: str | None
    model: str | None
    seed: int | None
    seconds: float | None
    fps: int
    title: str | None
    reduce_motion: bool
    extra: Mapping[str, Any]


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
        put(self, "prompt", text(self.prompt, "prompt", MAX_PROMPT))
        if self.title is not None:
            put(self, "title", text(self.title, "title", 200))
        for name in ("provider", "model"):
            value = getattr(self, name)
            if value is not None:
                put(self, name, str(text(value, name, 200)) or None)
        if self.seed is not None:
            put(self, "seed", whole(self.seed, "seed", 0, 2**63 - 1))
        put(self, "fps", whole(self.fps, "fps", 1, 60))
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
