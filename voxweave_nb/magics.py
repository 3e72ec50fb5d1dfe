"""The notebook magics: `%load_ext voxweave_nb`, then `%%voxweave --audio talk.mp3` over a cell with the prompt."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class

from .cli.board_options import BOARD_OPTIONS, MAKE_OPTIONS, given, open_board, start_making
from .cli.magic import magic_parser
from .cli.options import config_fields, cost_options, poll_options, script_of, service_for
from .completion import register_matcher
from .environment import in_ipython_terminal
from .errors import ConfigError, VoxweaveError
from .job import Job
from .written import Script

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .lab.prompt_lab import PromptLab
    from .storyboard.board import Storyboard
    from .storyboard.making import BoardRun

__all__ = ["VoxweaveMagics", "register"]


def register(shell: InteractiveShell) -> None:
    """Add the magics to an IPython shell, and their completion."""
    shell.register_magics(VoxweaveMagics)
    register_matcher(shell)
    if _without_body not in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.append(_without_body)


def _without_body(lines: list[str]) -> list[str]:
    """Turn a cell magic without a body into the line magic: IPython refuses it, even with `--help`."""
    if lines and lines[0].startswith("%%voxweave") and not "".join(lines[1:]).strip():
        return [lines[0][1:]]
    return lines


@magics_class
class VoxweaveMagics(Magics):  # type: ignore[misc,unused-ignore]  # IPython's class is untyped in some versions
    """The `%voxweave` line and the `%%voxweave` cell."""

    @line_cell_magic  # type: ignore[misc,untyped-decorator,unused-ignore]
    def voxweave(self, line: str, cell: str | None = None) -> Job | PromptLab | Storyboard | BoardRun | None:
        """Make a video; the cell's body is the prompt.

        The cell shows the progress and waits for the video; an interrupt stops it. With `--no-wait` it returns the job
        at once. `--into NAME` stores the finished video in a variable.

        With `--lab NAME`, the prompt is a template whose variants are added to that prompt lab, which is returned;
        nothing is made. See `PromptLab`.

        With `--storyboard`, the narration is cut into scenes and the board is returned; nothing is paid. `--make` makes
        its scenes within `--budget` and joins the film. See `Storyboard`.

        `%%voxweave --help` lists the options: those of `voxweave-nb generate`, and `--audio FILE` or `--sample` for the
        narration. Instead of a file, a variable can be named that holds a narration, subtitles or an image.

        With `--speak`, the cell's body is the narration's text, which a voice speaks, and `--prompt` is the prompt.
        """
        try:
            words = shlex.split(line)
            if not {"-h", "--help"}.isdisjoint(words):
                print(magic_parser().format_help())
                return None
            args = magic_parser().parse_args(words)
            for name in ("audio", "subtitles", "image"):
                setattr(args, name, self._value(getattr(args, name)))
            if args.speak and (args.storyboard or args.lab is not None):
                raise ConfigError(
                    "--speak makes one video; for a storyboard or a lab, speak first: "
                    "talk = await service.speak(text), then --audio talk."
                )
            if args.storyboard:
                return self._open_board(args, cell)
            if wrong := given(args, (*BOARD_OPTIONS, "make", *MAKE_OPTIONS)):
                raise ConfigError(f"{wrong[0]} is for a storyboard; add --storyboard.")
            if args.lab is not None:
                return self._open_lab(args, cell)
            job = self._submit(args, cell)
            if args.no_wait:
                return job
            self._store(args.into, _shown_result(job))
            return None
        except (VoxweaveError, ValueError) as error:
            raise UsageError(str(error)) from None

    def _submit(self, args: argparse.Namespace, cell: str | None) -> Job:
        config = config_fields(args)
        if args.speak:
            args.audio = _script(args, cell)
        elif cell is not None and cell.strip():
            config["prompt"] = cell.strip()
        _choose_sample(args)
        if args.audio is None:
            raise ConfigError(
                "The narration is missing. Give --audio FILE, or --sample for the bundled one; or --speak to have the "
                "cell's text spoken."
            )
        if not args.speak and (wrong := given(args, ("voice", "rate", "pause"))):
            raise ConfigError(f"{wrong[0]} is for a text that is spoken; add --speak.")
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

    def _open_board(self, args: argparse.Namespace, cell: str | None) -> Storyboard | BoardRun:
        """Return the board; with `--make` after it was made, with `--no-wait` besides the run that makes it."""
        _check_board_options(args)
        _choose_sample(args)
        if args.audio is None:
            raise ConfigError(
                "The narration is missing. Give --audio FILE, or --audio FOLDER for a board that exists."
            )
        if cell is not None and cell.strip():
            args.prompt = cell.strip()
        board = open_board(args, args.audio, lambda _: None)
        self._store(args.into, board)
        if not args.make:
            return board
        run = start_making(args, board)
        if args.no_wait:
            return run
        progress = _shown_result(run)
        if progress.made:
            _shown_result(board.assemble())
        return board

    def _value(self, word: str | None) -> Any:
        """Return the value of the variable that a word names, unless there is a file of that name; else the word."""
        names = self.shell.user_ns if self.shell is not None else {}
        is_variable = word is not None and word.isidentifier() and word in names and not Path(word).exists()
        return names[word] if is_variable else word

    def _store(self, name: str | None, value: object) -> None:
        if name and self.shell is not None:
            self.shell.user_ns[name] = value


def _shown_result(work: Any) -> Any:
    """Show a job or a run while it is waited for, and return its result."""
    # A terminal shows a job while it is waited for, and its video afterwards.
    terminal = in_ipython_terminal()
    if not terminal:
        work._ipython_display_()
    result = work.result()
    if terminal:
        work._ipython_display_()
    return result


def _script(args: argparse.Namespace, cell: str | None) -> Script:
    """Return the script of the cell's body, which `--speak` asks for."""
    if cell is None or not cell.strip():
        raise ConfigError(
            "There is nothing to speak: write the text below %%voxweave --speak, in the same cell."
        )
    return script_of(args, cell.strip())


def _check_board_options(args: argparse.Namespace) -> None:
    """Refuse what a storyboard has no use for, so that nothing is left out in silence."""
    if wrong := given(args, ("lab", "reuse", "on_doubt", "poll_interval", "poll_tries")):
        raise ConfigError(f"{wrong[0]} is not for a storyboard; leave it out.")
    if args.axis or args.lists:
        raise ConfigError("--axis and --list are for a prompt lab; name it with --lab NAME.")
    if not args.make and (wrong := given(args, ("budget", "no_wait", *MAKE_OPTIONS))):
        raise ConfigError(f"{wrong[0]} is for making the scenes; add --make. Without, nothing is paid.")


def _choose_sample(args: argparse.Namespace) -> None:
    """Set the narration and the subtitles to the bundled ones if `--sample` was given."""
    if args.sample:
        from .sample import sample_narration, sample_subtitles

        args.audio, args.subtitles = str(sample_narration()), args.subtitles or str(sample_subtitles())
