"""The notebook magics: `%load_ext voxweave_nb`, then `%%voxweave --audio talk.mp3` over a cell with the prompt."""

from __future__ import annotations

import argparse
import shlex
from typing import TYPE_CHECKING

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class

from .cli.options import Parser, add_video_options, config_fields, poll_options, service_for
from .environment import in_ipython_terminal
from .errors import VoxweaveError
from .job import Job

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["VoxweaveMagics", "register"]


def register(shell: InteractiveShell) -> None:
    """Add the magics to an IPython shell."""
    shell.register_magics(VoxweaveMagics)


@magics_class
class VoxweaveMagics(Magics):  # type: ignore[misc,unused-ignore]  # IPython's class is untyped in some versions
    """The `%voxweave` line and the `%%voxweave` cell."""

    @line_cell_magic  # type: ignore[misc,untyped-decorator,unused-ignore]
    def voxweave(self, line: str, cell: str | None = None) -> Job | None:
        """Make a video; the cell's body is the prompt.

        The cell shows the progress and waits for the video; an interrupt stops it. With `--no-wait` it returns the job
        at once. `--into NAME` stores the finished video in a variable.

        The options are those of `voxweave-nb generate --help`, and `--audio FILE` or `--sample` for the narration.
        """
        try:
            args = _parser().parse_args(shlex.split(line))
            job = self._submit(args, cell)
        except (VoxweaveError, ValueError) as error:
            raise UsageError(str(error)) from None
        if args.no_wait:
            return job
        # A terminal shows a job while it is waited for, and its video afterwards.
        terminal = in_ipython_terminal()
        if not terminal:
            job._ipython_display_()
        try:
            video = job.result()
        except VoxweaveError as error:
            raise UsageError(str(error)) from None
        if terminal:
            job._ipython_display_()
        self._store(args.into, video)
        return None

    def _submit(self, args: argparse.Namespace, cell: str | None) -> Job:
        config = config_fields(args)
        if cell is not None and cell.strip():
            config["prompt"] = cell.strip()
        narration, subtitles = args.audio, args.subtitles
        if args.sample:
            from .sample import sample_narration, sample_subtitles

            narration, subtitles = str(sample_narration()), subtitles or str(sample_subtitles())
        job = service_for(args).submit(narration, subtitles=subtitles, config=config, **poll_options(args))
        if args.no_wait:
            self._store(args.into, job)
        return job

    def _store(self, name: str | None, value: object) -> None:
        if name and self.shell is not None:
            self.shell.user_ns[name] = value


def _parser() -> Parser:
    parser = Parser(prog="%%voxweave", add_help=False)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--audio", metavar="FILE", help="the narration: an audio file")
    source.add_argument("--sample", action="store_true", help="use the bundled narration and its subtitles")
    parser.add_argument(
        "--into", metavar="NAME", type=_variable_name, help="store the video in this variable"
    )
    parser.add_argument("--no-wait", action="store_true", help="return the job at once")
    add_video_options(parser)
    return parser


def _variable_name(text: str) -> str:
    if not text.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is not a valid name for a variable")
    return text
