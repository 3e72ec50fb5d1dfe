"""A video asked for in words of a command line: the same for the shell and for the magics."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from .errors import ConfigError
from .models import SubtitleMode, VideoFormat, VideoResolution, VideoStyle

__all__ = ["Parser", "add_video_arguments", "config_fields"]


class Parser(argparse.ArgumentParser):
    """A parser whose complaint is a `ConfigError`, which a notebook survives, instead of an exit."""

    def error(self, message: str) -> NoReturn:
        """Says what was wrong and how the command is used."""
        raise ConfigError(f"{message}. {self.format_usage().strip()}")


def add_video_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds every option that says what the video shall be."""
    add = parser.add_argument
    add("--subtitles", metavar="FILE", help="subtitles of the narration: SRT, WebVTT or ASS")
    add("--style", type=_of(VideoStyle), help=_choices(VideoStyle))
    add("--resolution", type=_of(VideoResolution), help=_choices(VideoResolution))
    add("--format", type=_of(VideoFormat), help=_choices(VideoFormat))
    add("--subtitle-mode", type=_of(SubtitleMode), help=_choices(SubtitleMode))
    add("--provider", help="who makes the picture; `voxweave-nb providers` lists them")
    add("--model", help="the provider's model")
    add("--title", help="the title in the picture; '' for none, else one is made of the prompt")
    add("--seed", type=int, help="picks another take of the same prompt")
    add("--fps", type=int, help="frames per second of what is rendered here, 1 to 60")
    add("--reduce-motion", action="store_true", default=None, help="calms flashes and camera")
    add("--output-dir", metavar="FOLDER", help="where the video lands (voxweave_out)")


def config_fields(given: argparse.Namespace) -> dict[str, Any]:
    """The fields of a `VideoConfig` that were given."""
    names = (
        "style", "resolution", "format", "prompt", "subtitle_mode", "provider", "model", "title", "seed", "fps",
        "reduce_motion",
    )  # fmt: skip
    return {name: value for name in names if (value := getattr(given, name, None)) is not None}


def _of(kind: Any) -> Any:
    def parse(text: str) -> Any:
        try:
            return kind.parse(text)
        except ConfigError as error:
            raise argparse.ArgumentTypeError(str(error).rstrip(".")) from None

    return parse


def _choices(kind: Any) -> str:
    return ", ".join(member.value for member in kind)
