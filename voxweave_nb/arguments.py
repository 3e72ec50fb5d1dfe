"""A video asked for in words of a command line: the same for the shell and for the magics."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

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

__all__ = ["Parser", "add_video_arguments", "config_fields", "polling", "provider_order"]


class Parser(argparse.ArgumentParser):
    """A parser whose complaint is a `ConfigError`, which a notebook survives, instead of an exit."""

    def error(self, message: str) -> NoReturn:
        """Says what was wrong, and where it stands how the command is used."""
        how = f"`{self.prog} --help` lists the options." if self.add_help else self.format_usage().strip()
        raise ConfigError(f"{message.rstrip('.')}. {how}")


def add_video_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds every option that says what the video shall be."""
    add = parser.add_argument
    add("--subtitles", metavar="FILE", help="subtitles of the narration: SRT, WebVTT or ASS")
    add("--style", type=_of(VideoStyle), help=_choices(VideoStyle))
    add("--resolution", type=_of(VideoResolution), help=_choices(VideoResolution))
    add("--aspect", type=_of(VideoAspect), help=_choices(VideoAspect))
    add("--format", type=_of(VideoFormat), help=_choices(VideoFormat))
    add("--quality", type=_of(VideoQuality), help=_choices(VideoQuality))
    add("--subtitle-mode", type=_of(SubtitleMode), help=_choices(SubtitleMode))
    add("--subtitle-look", type=_of(SubtitleLook), help=f"of burnt-in subtitles: {_choices(SubtitleLook)}")
    add(
        "--provider",
        metavar="NAME[,NAME]",
        type=_names,
        help="who makes the picture, or several in the order in which they are asked",
    )
    add("--model", help="the provider's model")
    add("--seconds", type=float, help="the length of the clip that a provider is asked for")
    add("--title", help="the title in the picture; '' for none, else one is made of the prompt")
    add("--seed", type=int, help="picks another take of the same prompt")
    add("--fps", type=int, help="frames per second of what is rendered here, 1 to 60")
    add("--reduce-motion", action="store_true", default=None, help="calms flashes and camera")
    add("--output-dir", metavar="FOLDER", help="where the video lands (voxweave_out)")
    add("--poll-interval", type=float, metavar="SECONDS", help="pause between two questions to a provider")
    add("--poll-tries", type=int, metavar="COUNT", help="how many questions before it is given up")


def config_fields(given: argparse.Namespace) -> dict[str, Any]:
    """The fields of a `VideoConfig` that were given."""
    names = (
        "style", "resolution", "aspect", "format", "prompt", "subtitle_mode", "subtitle_look", "model", "seconds",
        "title", "seed", "fps", "reduce_motion", "quality",
    )  # fmt: skip
    fields = {name: value for name in names if (value := getattr(given, name, None)) is not None}
    if given.provider and len(given.provider) == 1:
        fields["provider"] = given.provider[0]
    return fields


def provider_order(given: argparse.Namespace) -> tuple[str, ...]:
    """The providers that were named, in their order; empty when none were."""
    return given.provider or ()


def polling(given: argparse.Namespace) -> dict[str, Any]:
    """How a provider is polled, where that was given, for `submit`."""
    for name in ("poll_interval", "poll_tries"):
        value = getattr(given, name)
        if value is not None and not value > 0:
            raise ConfigError(f"--{name.replace('_', '-')} is {value:g}; give a number above 0.")
    return {"poll_interval": given.poll_interval, "poll_tries": given.poll_tries}


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise argparse.ArgumentTypeError("it names no provider")
    return names


def _of(kind: Any) -> Any:
    def parse(text: str) -> Any:
        try:
            return kind.parse(text)
        except ConfigError as error:
            raise argparse.ArgumentTypeError(str(error).rstrip(".")) from None

    return parse


def _choices(kind: Any) -> str:
    return ", ".join(member.value for member in kind)
