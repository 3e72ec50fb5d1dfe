"""The command that makes a copy of a video for programs without its codecs: `rendition`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from .output import show

if TYPE_CHECKING:
    from .options import Commands

__all__ = ["add_commands"]


def add_commands(commands: Commands) -> None:
    """Add `rendition`."""
    rendition = commands.add_parser(
        "rendition",
        help="copy a video for programs without AAC, such as VS Code",
        description="Make a copy of a video with other codecs beside it, and print its path.",
    )
    rendition.add_argument("video", help="the video")
    rendition.add_argument(
        "--format",
        choices=["mp4", "webm"],
        default="mp4",
        help="mp4 for H.264 with MP3 (default), webm for VP8 with Vorbis",
    )
    rendition.set_defaults(run=_rendition)


def _rendition(args: argparse.Namespace) -> int:
    from ..display import make_rendition
    from ..models import VideoFormat

    show(make_rendition(Path(args.video).expanduser(), VideoFormat.parse(args.format)))
    return 0
