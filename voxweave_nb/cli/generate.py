"""The commands that make a video: `generate` and `demo`."""

from __future__ import annotations

import argparse
import contextlib
import sys
from typing import TYPE_CHECKING, Any

from ..errors import ConfigError
from ..written import Script
from .bar import watch
from .options import (
    add_cost_options,
    add_video_options,
    add_voice_options,
    config_fields,
    cost_options,
    poll_options,
    script_of,
    service_for,
)
from .output import as_json, as_text, show, write_page

if TYPE_CHECKING:
    from ..result import GeneratedVideo
    from ..service import VideoGenerationService
    from .options import Commands, Parser

__all__ = ["add_commands"]


def add_commands(commands: Commands) -> None:
    """Add `generate` and `demo`."""
    generate = commands.add_parser(
        "generate",
        help="make a video from an audio file",
        description="Make a video from an audio file and print its path.",
        usage="%(prog)s [options] narration\n       %(prog)s [options] --speak FILE",
    )
    generate.add_argument("narration", nargs="?", help="the audio file")
    generate.add_argument("--speak", metavar="FILE", help="text file that is spoken instead of a narration")
    add_video_options(generate)
    add_voice_options(generate)
    add_cost_options(generate)
    _add_print_options(generate)
    generate.set_defaults(run=_generate)

    demo = commands.add_parser(
        "demo",
        help="make a video from the bundled narration; needs no API key",
        description="Make a video from the bundled narration on this machine. Print the path of the video and of an "
        "HTML page that plays it.",
        usage="%(prog)s [options]",
    )
    add_video_options(demo, resolution="720p")
    _add_print_options(demo)
    demo.set_defaults(run=_demo)


def _add_print_options(parser: Parser) -> None:
    shown = parser.add_argument_group("terminal").add_argument
    shown("--json", action="store_true", help="print the result as JSON")
    shown("--quiet", action="store_true", help="show no progress")


def _generate(args: argparse.Namespace) -> int:
    narration = _narration(args)
    service = service_for(args)
    video, told = _make(service, args, narration, args.subtitles, **cost_options(args))
    show(as_json(video) if args.json else as_text(video, told=told))
    return 0


def _narration(args: argparse.Namespace) -> str | Script:
    """Return the narration, or the script that is spoken in place of one."""
    if args.speak is None:
        if args.narration is None:
            raise ConfigError("The narration is missing. Give an audio file, or --speak FILE with a text.")
        for name in ("voice", "rate", "pause"):
            if getattr(args, name) is not None:
                raise ConfigError(f"--{name} is for a text that is spoken; give it with --speak FILE.")
        return str(args.narration)
    if args.narration is not None:
        raise ConfigError("Both a narration and --speak were given; leave one of them out.")
    from ..speech.studio import read_words

    return script_of(args, read_words(args.speak))


def _demo(args: argparse.Namespace) -> int:
    from ..sample import SAMPLE_PROMPT, sample_narration, sample_subtitles
    from ..service import VideoGenerationService

    args.prompt = SAMPLE_PROMPT if args.prompt is None else args.prompt
    args.resolution = args.resolution or "720p"
    subtitles = args.subtitles or str(sample_subtitles())
    service = service_for(args, VideoGenerationService.local)
    video, told = _make(service, args, str(sample_narration()), subtitles)
    page = write_page(video)
    show(as_json(video, page=str(page)) if args.json else f"{as_text(video, told=told)}\n{page}")
    return 0


def _make(
    service: VideoGenerationService,
    args: argparse.Namespace,
    narration: str | Script,
    subtitles: str | None,
    **money: Any,
) -> tuple[GeneratedVideo, tuple[str, ...]]:
    """Submit the job, wait for it and close the service; return the video, and the warnings that were printed."""
    with contextlib.closing(service):
        options = {**poll_options(args), **money}
        job = service.submit(narration, subtitles=subtitles, config=config_fields(args), **options)
        video = watch(job, quiet=args.quiet)
    provenance = video.provenance
    if not args.quiet and (provenance.provider != "local" or provenance.declined):
        show(provenance.story, to=sys.stderr)
    return video, () if args.quiet else job.warnings
