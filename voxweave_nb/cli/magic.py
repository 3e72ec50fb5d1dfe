"""The options of the notebook magics."""

from __future__ import annotations

import argparse

from .board_options import add_board_options, add_make_options
from .options import Parser, add_cost_options, add_video_options, add_voice_options
from .prompt_lab import add_grid_options

__all__ = ["magic_parser"]


def magic_parser() -> Parser:
    """Return the parser of the magics' options."""
    # The action of argparse would end the kernel's cell with SystemExit.
    parser = Parser(prog="%%voxweave", add_help=False, usage="%(prog)s --audio FILE [options]")
    parser.add_argument("-h", "--help", action="store_true", help="show this help")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--audio", metavar="FILE", help="the narration: an audio file, or a variable")
    source.add_argument("--sample", action="store_true", help="use the bundled narration and its subtitles")
    source.add_argument(
        "--speak",
        action="store_true",
        help="speak the cell's body; the video's prompt is given with --prompt",
    )
    parser.add_argument(
        "--into",
        metavar="NAME",
        type=_variable_name,
        help="store the video, the lab or the board in this variable",
    )
    parser.add_argument(
        "--lab", metavar="NAME", help="add the prompt's variants to this prompt lab, and return it"
    )
    add_grid_options(parser)
    parser.add_argument(
        "--storyboard",
        action="store_true",
        help="cut the narration into scenes and return the board; nothing is paid. --audio may be a board's folder",
    )
    parser.add_argument(
        "--make", action="store_true", help="make the storyboard's scenes, then join the film; it is paid"
    )
    parser.add_argument("--no-wait", action="store_true", help="return the job at once")
    add_video_options(parser)
    add_voice_options(parser)
    add_cost_options(parser)
    add_board_options(parser)
    add_make_options(parser)
    return parser


def _variable_name(text: str) -> str:
    if not text.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is not a valid name for a variable")
    return text
