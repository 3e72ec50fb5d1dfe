"""The parser of all commands."""

from __future__ import annotations

from ..version import __version__
from . import captions, catalog, generate, jobs, lab, prompt_lab, rendition, sandbox, storyboard
from .options import Parser

__all__ = ["command_parser"]

_GROUPS = (generate, storyboard, captions, rendition, prompt_lab, catalog, lab, jobs, sandbox)
"""The modules that add commands, in the order of the help text."""


def command_parser() -> Parser:
    """Return the parser; each command sets `run`, a function from the parsed arguments to the exit code."""
    parser = Parser(prog="voxweave-nb", description="Turn a narration into a captioned video.")
    parser.add_argument("--version", action="version", version=f"voxweave-nb {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for group in _GROUPS:
        group.add_commands(commands)
    return parser
