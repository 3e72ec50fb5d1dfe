"""The options of a video: `VideoConfig`."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self, TypedDict

from .errors import ConfigError
from .images import ImageFile
from .inputs import ImageLike
from .kept_files import KeptFiles
from .models import (
    SubtitleLook,
    SubtitleMode,
    VideoAspect,
    VideoFormat,
    VideoQuality,
    VideoResolution,
    VideoStyle,
)
from .spellings import plain, provider_name, size_of
from .validation import did_you_mean, positive, reject_secrets, shown, text, whole

__all__ = ["MAX_PROMPT", "VideoConfig", "VideoOptions"]

MAX_PROMPT = 10_000
"""The longest prompt in characters. Providers may shorten it further, with a warning."""


class VideoOptions(TypedDict, total=False):
    """The fields of `VideoConfig` as keyword arguments."""

    style: VideoStyle | str
    resolution: VideoResolution | str
    aspect: VideoAspect | str
    format: VideoFormat | str
    quality: VideoQuality | str
    prompt: str | None
    subtitle_mode: SubtitleMode | str
    subtitle_look: SubtitleLook | str
    provider: str | None
    model: str | None
    seed: int | None
    variation: str | int | None
    image: ImageLike | ImageFile | None
    seconds: float | None
    fps: int
    title: str | None
    reduce_motion: bool
    extra: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, repr=False)
class VideoConfig:
    """The options of a video. Immutable; every field has a default; enum values may be given as strings.

    Attributes:
        style: The visual style; `"cyberpunk"` by default.
        resolution: `"720p"`, `"1080p"` (default) or `"4k"`; also `720`, `"Full HD"`, `"1280x720"`, and `"1080x1920"`,
            which is 1080p at 9:16.
        aspect: The aspect ratio: `"16:9"` (default), `"9:16"` or `"1:1"`; also `"landscape"`, `"portrait"`,
            `"square"`, `"16/9"`, `(16, 9)`.
        format: The container: `"mp4"` (default), `"mov"` or `"webm"`.
        quality: `"standard"` (default), `"fine"` for more detail in what is rendered locally, or `"draft"` for a
            quick preview at 640x360, at any resolution.
        prompt: A description of the video, at most 10,000 characters. The local renderer takes colours and times
            of day from it, seeds its random numbers with it and shows it as a title.
        subtitle_mode: `"soft"` (default), `"burn"`, `"sidecar"` or `"none"`.
        subtitle_look: The look of burnt-in subtitles: a dark `"box"` (default), an `"outline"`, or `"large"` (the
            box with letters a third larger). Subtitle tracks and files look as the player decides.
        provider: A provider's name, or None for the service's own choice.
        model: The provider's model, or None for its default.
        seed: A whole number of at least 0 for another take of the same prompt, or None.
        variation: The place or composition that the local renderer draws: a name of `VideoStyle.variations`, such as
            `"harbour"` for cyberpunk, or its number from 1 to 3; None lets the prompt and the seed choose.
        image: The first frame of the clip, where the provider's model takes one: the path of a PNG, JPEG or WebP, its
            bytes, an open file, or a PIL image, of at most 30 MB and 40 million pixels. It is scaled and cropped to the
            size of the clip. The field is an `ImageFile` then, which is known by its content. A URL is refused.
        seconds: The clip length to request from a provider, above 0; None follows the narration.
        fps: Frames per second of what is rendered or re-encoded locally, 1 to 60.
        title: The title shown in the video; None derives one from the prompt, `""` shows none.
        reduce_motion: Reduces flashes and camera motion in what is rendered locally.
        extra: Further options of one provider, as plain values. API keys are rejected.

    Raises:
        ConfigError: An invalid value; the message lists the valid ones.
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
    variation: str | None = None
    image: ImageFile | None = None
    seconds: float | None = None
    fps: int = 30
    title: str | None = None
    reduce_motion: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        set_field = object.__setattr__
        set_field(self, "style", VideoStyle.parse(self.style))
        if self.variation is not None:
            set_field(self, "variation", self.style.variation(self.variation))
        set_field(self, "aspect", _aspect(self.resolution, self.aspect))
        set_field(self, "resolution", VideoResolution.parse(self.resolution))
        set_field(self, "format", VideoFormat.parse(self.format))
        set_field(self, "quality", VideoQuality.parse(self.quality))
        set_field(self, "subtitle_mode", SubtitleMode.parse(self.subtitle_mode))
        set_field(self, "subtitle_look", SubtitleLook.parse(self.subtitle_look))
        set_field(self, "prompt", text("" if self.prompt is None else self.prompt, "prompt", MAX_PROMPT))
        if self.title is not None:
            set_field(self, "title", text(self.title, "title", 200))
        for name in ("provider", "model"):
            value = getattr(self, name)
            if value is not None:
                set_field(self, name, text(value, name, 200) or None)
        if self.provider is not None:
            set_field(self, "provider", provider_name(self.provider))
        if self.seed is not None:
            set_field(self, "seed", whole(self.seed, "seed", 0, 2**63 - 1))
        if self.image is not None:
            set_field(self, "image", ImageFile.of(self.image))
        set_field(self, "fps", whole(self.fps, "fps", 1, 60))
        if self.seconds is not None:
            set_field(self, "seconds", positive(self.seconds, "seconds"))
        if not isinstance(self.reduce_motion, bool):
            raise ConfigError(f"reduce_motion is {shown(self.reduce_motion)}; give True or False.")
        reject_secrets(self.extra, "extra")
        set_field(self, "extra", MappingProxyType(dict(self.extra)))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the video in pixels; the shorter side is the resolution's, or 360 for a draft."""
        width, height = self.aspect.size(self.resolution)
        if self.quality is not VideoQuality.DRAFT:
            return width, height
        return width * 360 // min(width, height), height * 360 // min(width, height)

    def as_dict(self) -> dict[str, Any]:
        """Return the fields that differ from their defaults, as plain values. `VideoConfig.of` reads them back."""
        return {
            f.name: _plain(getattr(self, f.name))
            for f in fields(self)
            if getattr(self, f.name) != _default(f)
        }

    def as_content(self) -> dict[str, Any]:
        """Return `as_dict` with the image named by its hash alone: equal for configs that ask for the same video."""
        values = self.as_dict()
        return values if self.image is None else {**values, "image": self.image.sha256}

    def keep_image(self, kept: KeptFiles) -> Self:
        """Return this config with its image in a private folder, where it stays as it is.

        Raises:
            ConfigError: The image is gone, or has changed since the config was made.
        """
        return self if self.image is None else self.replace(image=self.image.keep(kept))

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some fields changed.

        Raises:
            ConfigError: An unknown field or an invalid value.
        """
        _check_names(changes)
        return replace(self, **{**{f.name: getattr(self, f.name) for f in fields(self)}, **changes})

    @classmethod
    def of(cls, config: VideoConfig | Mapping[str, Any] | None = None, **changes: Any) -> VideoConfig:
        """Return a config made from another config, a mapping or nothing, with `changes` applied.

        Raises:
            ConfigError: An unknown field or an invalid value.
        """
        if config is None or isinstance(config, Mapping):
            values = {**(config or {}), **changes}
            _check_names(values)
            return cls(**values)
        return config.replace(**changes) if changes else config

    def __repr__(self) -> str:
        values = self.as_dict()
        if self.image is not None:
            values["image"] = str(self.image.path)
        shown = ", ".join(f"{name}={value!r}" for name, value in values.items())
        return f"VideoConfig({shown})"

    def __hash__(self) -> int:
        return hash(repr(self.as_content()))

    def __reduce__(self) -> tuple[Any, ...]:
        values = {f.name: _plain(getattr(self, f.name)) for f in fields(self)}
        return (_config_from, (values,))


def _check_arguments(cls: type[VideoConfig]) -> None:
    """Let the constructor answer a wrong argument with a sentence, as `of` and `replace` do."""
    make = cls.__init__

    @functools.wraps(make)
    def init(self: VideoConfig, *misplaced: Any, **values: Any) -> None:
        if misplaced:
            raise ConfigError(
                f"VideoConfig takes its fields by name, not {shown(misplaced[0])} alone; write "
                "VideoConfig(style='anime')."
            )
        _check_names(values)
        make(self, **values)

    cls.__init__ = init  # type: ignore[method-assign]


_check_arguments(VideoConfig)


def _config_from(values: dict[str, Any]) -> VideoConfig:
    return VideoConfig(**values)


def _check_names(values: Mapping[str, Any]) -> None:
    known = [f.name for f in fields(VideoConfig)]
    if unknown := sorted(set(map(str, values)) - set(known)):
        hint = did_you_mean(unknown[0], known)
        names = ", ".join(shown(name, 40) for name in unknown[:1]) + (" and others" if unknown[1:] else "")
        raise ConfigError(f"VideoConfig has no field {names}; the fields are: {', '.join(known)}.{hint}")


def _aspect(resolution: Any, aspect: Any) -> VideoAspect:
    """Return the aspect ratio; that of a resolution such as `1080x1920`, unless another one is given.

    Raises:
        ConfigError: The aspect ratio is unknown, or another one than the resolution's.
    """
    parsed = VideoAspect.parse(aspect)
    size = size_of(plain(resolution))
    if size is None:
        return parsed
    VideoResolution.parse(resolution)  # refuses other sizes
    own = VideoAspect.parse(size)
    if parsed is not own and aspect is not VideoAspect.WIDE:  # the default
        raise ConfigError(
            f"The resolution {shown(resolution)} is {own.value}, but the aspect is {parsed.value}; give one of them."
        )
    return own


def _default(f: Any) -> Any:
    return {} if f.name == "extra" else f.default


def _plain(value: Any) -> Any:
    if isinstance(value, MappingProxyType):
        return dict(value)
    if isinstance(value, ImageFile):
        return value.as_dict()
    return value.value if hasattr(value, "value") else value


_MOVED = {"Settings": "settings", "VideoRequest": "request"}

if not TYPE_CHECKING:  # a type checker then still reports misspelled names

    def __getattr__(name: str) -> Any:
        # Pickles written by 0.1.0.dev0 name these here.
        if name not in _MOVED:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module = import_module(f".{_MOVED[name]}", __package__)
        warnings.warn(f"{name} is now in {module.__name__}.", DeprecationWarning, stacklevel=2)
        return getattr(module, name)
