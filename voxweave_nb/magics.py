"""The notebook magics: `%load_ext voxweave_nb`, then `%%voxweave --audio talk.mp3` over a cell with the prompt."""

from __future__ import annotations

import argparse
import shlex
from typing import TYPE_CHECKING

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class

from .cli.options import (
    Parser,
    add_cost_options,
    add_video_options,
    config_fields,
    cost_options,
    poll_options,
    service_for,
)
from .cli.prompt_lab import add_grid_options
from .environment import in_ipython_terminal
from .errors import ConfigError, VoxweaveError
from .job import Job

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .lab.prompt_lab import PromptLab

__all__ = ["VoxweaveMagics", "register"]


def register(shell: InteractiveShell) -> None:
    """Add the magics to an IPython shell."""
    shell.register_magics(VoxweaveMagics)


@magics_class
class VoxweaveMagics(Magics):  # type: ignore[misc,unused-ignore]  # IPython's class is untyped in some versions
    """The `%voxweave` line and the `%%voxweave` cell."""

    @line_cell_magic  # type: ignore[misc,untyped-decorator,unused-ignore]
    def voxweave(self, line: str, cell: str | None = None) -> Job | PromptLab | None:
        """Make a video; the cell's body is the prompt.

        The cell shows the progress and waits for the video; an interrupt stops it. With `--no-wait` it returns the job
        at once. `--into NAME` stores the finished video in a variable.

        With `--lab NAME`, the prompt is a template whose variants are added to that prompt lab, which is returned;
        nothing is made. See `PromptLab`.

        The options are those of `voxweave-nb generate --help`, and `--audio FILE` or `--sample` for the narration.
        """
        try:
            args = _parser().parse_args(shlex.split(line))
            if args.lab is not None:
                return self._open_lab(args, cell)
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
        _choose_sample(args)
        if args.audio is None:
            raise ConfigError("There is no narration. Give --audio FILE, or --sample for the bundled one.")
        if args.axis or args.lists:
            raise ConfigError("--axis and --list are for a prompt lab; name it with --lab NAME.")
        job = service_for(args).submit(
            args.audio,
            subtitles=args.subtitles,
            config=config,
            **poll_options(args),
            **cost_options(args),
        )
        if args.no_wait:
            self._store(args.into, job)
        return job

    def _open_lab(self, args: argparse.Namespace, cell: str | None) -> PromptLab:
        from .cli.prompt_lab import add_variants
        from .lab.prompt_lab import PromptLab

        _choose_sample(args)
        args.name, args.narration, args.folder = args.lab, args.audio, None
        text = (cell or "").strip() or None
        if cell is None and not (args.axis or args.prompt):
            lab = PromptLab(args.name, args.narration, subtitles=args.subtitles, service=service_for(args))
        else:
            lab, _ = add_variants(args, text)
        self._store(args.into, lab)
        return lab

    def _store(self, name: str | None, value: object) -> None:
        if name and self.shell is not None:
            self.shell.user_ns[name] = value


def _parser() -> Parser:
    parser = Parser(prog="%%voxweave", add_help=False)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--audio", metavar="FILE", help="the narration: an audio file")
    source.add_argument("--sample", action="store_true", help="use the bundled narration and its subtitles")
    parser.add_argument(
        "--into", metavar="NAME", type=_variable_name, help="store the video in this variable"
    )
    parser.add_argument(
        "--lab", metavar="NAME", help="add the prompt's variants to this prompt lab, and return it"
    )
    add_grid_options(parser)
    parser.add_argument("--no-wait", action="store_true", help="return the job at once")
    add_video_options(parser)
    add_cost_options(parser)
    return parser


def _choose_sample(args: argparse.Namespace) -> None:
    """Set the narration and the subtitles to the bundled ones if `--sample` was given."""
    if args.sample:
        from .sample import sample_narration, sample_subtitles

        args.audio, args.subtitles = str(sample_narration()), args.subtitles or str(sample_subtitles())


def _variable_name(text: str) -> str:
    if not text.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is not a valid name for a variable")
    return text
