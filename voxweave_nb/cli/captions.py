"""The command that makes the captions of a narration: `captions`."""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ConfigError
from .output import show

if TYPE_CHECKING:
    from .options import Commands

__all__ = ["add_commands"]


def add_commands(commands: Commands) -> None:
    """Add `captions`."""
    captions = commands.add_parser(
        "captions",
        help="make the captions of an audio file, from its text or by listening",
        description="Find when a text is spoken, or recognise what is spoken, and write the captions to a file. Print "
        "its path, or with --to - the captions.",
    )
    captions.add_argument("narration", help="the audio file")
    captions.add_argument(
        "--text", metavar="FILE", help="file with the words that are spoken (default: they are recognised)"
    )
    captions.add_argument(
        "--language", metavar="TAG", help="language to recognise, such as en (default: found)"
    )
    captions.add_argument("--model", help="recogniser, or folder or name of its weights, such as base")
    captions.add_argument(
        "--to", metavar="FILE", help="file to write, .srt or .vtt (default: the audio file's name with .srt)"
    )
    captions.add_argument("--overwrite", action="store_true", help="replace the file if it exists")
    captions.add_argument("--quiet", action="store_true", help="show no progress and no doubts")
    captions.set_defaults(run=_captions)


def _captions(args: argparse.Namespace) -> int:
    from ..media.subtitles import write_subtitles
    from ..service import VideoGenerationService
    from ..speech.captions import caption_warnings

    narration = Path(args.narration).expanduser()
    to = Path(args.to).expanduser() if args.to else narration.with_suffix(".srt")
    printed = args.to == "-"
    if not printed and to.suffix.lower() not in (".srt", ".vtt"):
        raise ConfigError(f"Captions cannot be saved as {to.name!r}; end its name in .srt or .vtt.")
    if not printed and to.exists() and not args.overwrite:
        raise ConfigError(f"{to} exists. Choose another name with --to, or add --overwrite.")
    text = None if args.text is None else Path(args.text).expanduser()
    with contextlib.closing(VideoGenerationService.local()) as service:
        work = service.captions(narration, text=text, language=args.language, model=args.model)
        if not args.quiet:
            work.listen(lambda sentence: print(sentence, file=sys.stderr))
        found = work.result()
    if not args.quiet:
        show(f"{len(found.cues)} captions, {found.source}", to=sys.stderr)
        for warning in caption_warnings(found):
            show(warning, to=sys.stderr)
    show(
        write_subtitles(found.cues, "srt").rstrip("\n")
        if printed
        else found.save(to, overwrite=args.overwrite)
    )
    return 0
