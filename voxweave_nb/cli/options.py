"""The options of a video, shared by the command line and the notebook magics."""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import sys
from collections.abc import Callable
from dataclasses import fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from ..config import VideoConfig
from ..errors import ConfigError
from ..models import (
    SubtitleLook,
    SubtitleMode,
    VideoAspect,
    VideoFormat,
    VideoQuality,
    VideoResolution,
    VideoStyle,
)
from ..spellings import plain, size_of
from ..validation import did_you_mean
from ..written import Script

if TYPE_CHECKING:
    from ..service import VideoGenerationService

    Commands: TypeAlias = "argparse._SubParsersAction[Parser]"

__all__ = [
    "Parser",
    "add_cost_options",
    "add_video_options",
    "add_voice_options",
    "config_fields",
    "cost_options",
    "parse_value",
    "poll_options",
    "script_of",
    "service_for",
]

_ENUMS: tuple[tuple[str, type[StrEnum], str], ...] = (
    ("style", VideoStyle, "visual style: {choices}"),
    ("resolution", VideoResolution, "size of the video: {choices}"),
    ("aspect", VideoAspect, "aspect ratio: {choices}"),
    ("format", VideoFormat, "container: {choices}"),
    ("quality", VideoQuality, "effort of the local renderer: {choices}; a draft is 640x360"),
    (
        "subtitle_mode",
        SubtitleMode,
        "soft (a track in the video file), burn (drawn into the video), sidecar (a file beside it) or none",
    ),
    ("subtitle_look", SubtitleLook, "appearance of subtitles drawn into the video: {choices}"),
)
"""The fields with a fixed set of values: name, values, help text."""


class _HelpFormatter(argparse.HelpFormatter):
    """Help that keeps each command on one line."""

    def add_argument(self, action: argparse.Action) -> None:
        super().add_argument(action)
        if action.nargs == argparse.PARSER:
            # argparse indents the commands by two more columns, but computes the help column without them.
            self._action_max_length += 2


class Parser(argparse.ArgumentParser):
    """An argument parser that raises `ConfigError` instead of exiting, so that it can be used in a notebook.

    Attributes:
        rest: The name of a field that gets all words from the first option on, such as those for JupyterLab.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": _HelpFormatter, **options})
        self.rest: str | None = None

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse the words; those from the first option on belong to another program, if `rest` is set."""
        words = list(sys.argv[1:] if args is None else args)
        if self.rest is None:
            found, unknown = super().parse_known_args(words, namespace)
            if unknown:
                # Here and not in `parse_args`: only the parser of a command knows the command's options.
                self.error(f"unrecognized arguments: {' '.join(unknown)}")
            return found, unknown
        own = next((at for at, word in enumerate(words) if word.startswith("-")), len(words))
        if words[own : own + 1] in (["-h"], ["--help"]):
            own += 1
        found, unknown = super().parse_known_args(words[:own], namespace)
        setattr(found, self.rest, [word for at, word in enumerate(words[own:]) if at or word != "--"])
        return found, unknown

    def error(self, message: str) -> NoReturn:
        """Raise a `ConfigError` with the message and a pointer to the usage."""
        message = message if message.endswith(("?", ".")) else f"{message}."
        message += self._suggestion(message)
        usage = (
            f"`{self.prog} --help` lists the options."
            if "--help" in self._option_string_actions
            else self.format_usage().strip()
        )
        raise ConfigError(f"{message} {usage}")

    def _suggestion(self, message: str) -> str:
        """Return a sentence with the option or command that an unknown one may have meant, or an empty text."""
        if match := re.match(r"unrecognized arguments: (--[\w-]+)", message):
            return did_you_mean(match[1], sorted(self._option_string_actions))
        if message.startswith("unrecognized arguments: ") and "--audio" in self._option_string_actions:
            return " The narration is given with --audio FILE."
        if match := re.search(r"invalid choice: '([^']*)' \(choose from (.*)\)", message):
            return did_you_mean(match[1], re.findall(r"[\w-]+", match[2]))
        return ""


def add_video_options(parser: argparse.ArgumentParser, *, polling: bool = True, **defaults: str) -> None:
    """Add the options that describe the video, the provider and the output folder.

    Args:
        parser: The parser to extend.
        polling: False to leave out the pace of the status requests.
        **defaults: Fields whose default here differs from `VideoConfig`; only shown in the help.
    """
    video = parser.add_argument_group("video").add_argument
    video("--prompt", help="what the video should show")
    video(
        "--subtitles",
        metavar="FILE",
        help="subtitle file of the narration: SRT, WebVTT or ASS, or a text file with its words; auto to recognise "
        "them",
    )
    for name, kind, text in _ENUMS:
        choices = text.format(choices=", ".join(member.value for member in kind))
        default = defaults.get(name) or getattr(VideoConfig, name).value
        flag = f"--{name.replace('_', '-')}"
        video(flag, type=_parser_of(kind), help=f"{choices} (default: {default})")
    video(
        "--variation",
        metavar="NAME",
        help="place that the local renderer draws, such as harbour (default: by the prompt)",
    )
    video("--image", metavar="FILE", help="image that the clip starts from: PNG, JPEG or WebP")
    video("--title", help="title shown in the video; '' for none (default: taken from the prompt)")
    video("--seed", type=int, help="number that gives another take of the same prompt")
    video("--fps", type=int, help="frames per second of the local renderer, 1 to 60")
    video("--reduce-motion", action="store_true", default=None, help="soften flashes and camera movement")
    video("--output-dir", metavar="FOLDER", help="folder for the video (default: voxweave_out)")
    _add_provider_options(parser, polling=polling)


def _add_provider_options(parser: argparse.ArgumentParser, *, polling: bool) -> None:
    provider = parser.add_argument_group("provider").add_argument
    provider(
        "--provider",
        metavar="NAME[,NAME]",
        type=_provider_names,
        help="the provider, or several to try in this order; `voxweave-nb providers` lists them",
    )
    provider("--model", help="the provider's model")
    provider(
        "--extra",
        metavar="NAME=VALUE",
        type=_extra,
        action="append",
        help="further option of the provider, such as width=832; can be given several times",
    )
    provider("--seconds", type=float, help="length of the clip to request from the provider, in seconds")
    if not polling:
        return
    provider("--poll-interval", type=float, metavar="SECONDS", help="pause between two status requests")
    provider("--poll-tries", type=int, metavar="COUNT", help="number of status requests before giving up")


def add_voice_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of a narration that is spoken from a text."""
    voice = parser.add_argument_group("voice").add_argument
    voice(
        "--voice", metavar="ID", help="voice that speaks, or the path of one (default: the first installed)"
    )
    voice("--rate", type=float, metavar="SPEED", help="speed of the voice, 0.5 to 2 (default: 1)")
    voice("--pause", type=float, metavar="SECONDS", help="pause between two sentences (default: 0.35)")


def script_of(args: argparse.Namespace, text: str) -> Script:
    """Return the script of a text with the options of `add_voice_options`."""
    given = {
        name: value for name in ("voice", "rate", "pause") if (value := getattr(args, name, None)) is not None
    }
    return Script(text, **given)


def add_cost_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that limit or avoid the cost of a video."""
    cost = parser.add_argument_group("cost").add_argument
    cost("--budget", type=float, metavar="USD", help="maximum cost of this video, in US dollars")
    cost("--unknown-prices", action="store_true", help="allow models of unknown price despite a budget")
    cost(
        "--reuse",
        action="store_true",
        help="return the video of an identical earlier request, if there is one",
    )
    cost(
        "--on-doubt",
        choices=("stop", "next"),
        help="what to do when a provider may have accepted a job: stop (default), or ask the next one, which may be "
        "paid as well",
    )


def cost_options(args: argparse.Namespace) -> dict[str, Any]:
    """Return the arguments of `submit` that `add_cost_options` reads."""
    return {name: getattr(args, name) for name in ("budget", "unknown_prices", "reuse", "on_doubt")}


def config_fields(args: argparse.Namespace) -> dict[str, Any]:
    """Return the fields of `VideoConfig` that were given; a single provider is one of them."""
    names = {field.name for field in fields(VideoConfig)} - {"provider"}
    found = {name: value for name, value in vars(args).items() if name in names and value is not None}
    if args.provider and len(args.provider) == 1:
        found["provider"] = args.provider[0]
    if args.extra:
        found["extra"] = dict(args.extra)
    return found


def poll_options(args: argparse.Namespace) -> dict[str, Any]:
    """Return the polling arguments of `submit`.

    Raises:
        ConfigError: One of them is not above 0.
    """
    for name in ("poll_interval", "poll_tries"):
        value = getattr(args, name)
        if value is not None and not value > 0:
            raise ConfigError(f"--{name.replace('_', '-')} is {value:g}; give a number above 0.")
    return {"poll_interval": args.poll_interval, "poll_tries": args.poll_tries}


def service_for(
    args: argparse.Namespace, default: Callable[..., VideoGenerationService] | None = None
) -> VideoGenerationService:
    """Return a service for the providers that were named.

    Args:
        args: The parsed options.
        default: Builds the service when no provider was named; None for `VideoGenerationService.default`.
    """
    from ..service import VideoGenerationService

    if args.provider:
        return VideoGenerationService(args.provider, output_dir=args.output_dir)
    return (default or VideoGenerationService.default)(output_dir=args.output_dir)


def _extra(text: str) -> tuple[str, Any]:
    """Return a name and a value: a number, true, false, null, a list or an object as in JSON, else text."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise argparse.ArgumentTypeError("the option has no name; expected NAME=VALUE, such as width=832")
    return name.strip(), parse_value(value)


def parse_value(text: str) -> Any:
    """Return a number, true, false, null, a list or an object as in JSON, or else the text itself."""
    with contextlib.suppress(ValueError):
        return json.loads(text, parse_constant=_refuse_constant)
    return text


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(text)  # NaN and Infinity are not JSON


def _provider_names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise argparse.ArgumentTypeError("no provider is named; expected NAME or NAME,NAME")
    return names


def _parser_of(kind: Any) -> Callable[[str], Any]:
    """Return a function that parses a value of an enum and lists the values when it fails."""

    def parse(text: str) -> Any:
        try:
            member = kind.parse(text)
            # A size such as 1080x1920 sets the aspect ratio, too.
            return text if kind is VideoResolution and size_of(plain(text)) else member
        except ConfigError as error:
            raise argparse.ArgumentTypeError(str(error).rstrip(".")) from None

    return parse
