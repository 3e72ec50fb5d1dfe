"""The command of the storyboard: `storyboard`, which plans, drafts, makes and joins a film of scenes."""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import sys
from typing import TYPE_CHECKING, Any

from ..errors import ConfigError, JobCanceled
from .bar import ProgressBar, watch
from .board_options import add_board_options, add_make_options, given, open_board, start_making
from .options import add_video_options
from .output import as_json, as_text, show

if TYPE_CHECKING:
    from ..job import Job
    from ..storyboard.board import Storyboard
    from ..storyboard.rows import SceneRow
    from .options import Commands, Parser

__all__ = ["add_commands"]

_OF_MAKING = ("budget", "at_once", "no_film")


def add_commands(commands: Commands) -> None:
    """Add `storyboard`."""
    board = commands.add_parser(
        "storyboard",
        help="make a film of scenes from a narration of any length",
        description="Cut a narration into scenes that the provider can make, and print the plan with its price. "
        "Nothing is paid without --make, --redo or --write. The same command opens the same board again; its folder "
        "can be given in place of the narration.",
        usage="%(prog)s [options] narration|board",
    )
    board.add_argument("source", metavar="narration|board", help="the audio file, or the folder of a board")
    _add_actions(board)
    add_board_options(board)
    add_video_options(board, polling=False)
    add_make_options(board)
    cost = board.add_argument_group("cost").add_argument
    cost("--budget", type=float, metavar="USD", help="US dollars for the board's whole life")
    cost("--unknown-prices", action="store_true", help="allow models of unknown price despite a budget")
    shown = board.add_argument_group("terminal").add_argument
    shown("--json", action="store_true", help="print the plan, or the film, as JSON")
    shown("--quiet", action="store_true", help="show no progress")
    board.set_defaults(run=_storyboard)


def _add_actions(board: Parser) -> None:
    group = board.add_argument_group("actions, one of them")
    action = group.add_mutually_exclusive_group().add_argument
    action("--plan", action="store_true", help="print the scenes and their price (default)")
    action("--animatic", action="store_true", help="render a free draft of the whole on this machine")
    action("--make", action="store_true", help="make the scenes that are missing, then join the film")
    action(
        "--redo",
        type=int,
        metavar="NUMBER",
        help="make one more take of this scene, then join the film; with a board's folder, --prompt, --provider, "
        "--model and --seed are those of the scene",
    )
    action("--assemble", action="store_true", help="join the film of what is there; free")
    group.add_argument("--no-film", action="store_true", help="do not join the film after --make or --redo")
    group.add_argument("--narration", metavar="FILE", help="the narration of a board, if it was moved")


def _storyboard(args: argparse.Namespace) -> int:
    making = args.make or args.redo is not None
    if not making and (wrong := given(args, (*_OF_MAKING, "anew"))):
        raise ConfigError(f"{wrong[0]} is for --make and --redo; add one of them. Without, nothing is paid.")
    if args.redo is not None and (wrong := given(args, ("at_once", "write"))):
        raise ConfigError(f"{wrong[0]} is for the whole board, and --redo makes one scene; leave it out.")
    board = open_board(args, args.source, lambda sentence: _tell(args, sentence))
    if args.animatic:
        return _film(args, board, board.animatic())
    if args.assemble:
        return _film(args, board, board.assemble())
    return _make(args, board) if making else _plan(args, board)


def _plan(args: argparse.Namespace, board: Storyboard) -> int:
    if args.json:
        show(json.dumps(_facts(board), indent=2))
        return 0
    from ..storyboard.table import text_of

    hint = f"{_command(board)} --make makes what is missing, then joins the film."
    show(text_of(board, width=shutil.get_terminal_size().columns, hint=hint))
    for problem in dict.fromkeys(problem for row in board.estimate() for problem in row.impossible):
        show(f"warning: {problem}", to=sys.stderr)
    return 0


def _make(args: argparse.Namespace, board: Storyboard) -> int:
    """Make what is missing or one more take, and join the film; return 1 if a scene was not made."""
    for each in board.warnings:
        _tell(args, f"warning: {each}")
    if args.redo is None:
        _tell(args, board.estimate())
    else:
        from ..models import price

        cost = price(board.scenes[args.redo].usd)
        _tell(args, f"Scene {args.redo}: one more take {cost}; the takes before are kept.")
    from ..run_view import RunView

    run = start_making(args, board)
    if not args.quiet:
        RunView(run).listen(ProgressBar(sys.stderr).show)
    try:
        progress = run.result()
    except KeyboardInterrupt:
        raise JobCanceled(
            "The making was stopped. Accepted jobs go on at their providers; "
            f"{_command(board)} --make fetches their clips and makes the rest."
        ) from None
    if args.quiet:
        for each in run.warnings:
            show(f"warning: {each}", to=sys.stderr)
    done = f"{progress}; {board.path}"
    if progress.made and not args.no_film:
        _tell(args, done)
        _film(args, board, board.assemble())
    else:
        show(json.dumps(_facts(board), indent=2) if args.json else done)
    return 1 if run.errors else 0


def _film(args: argparse.Namespace, board: Storyboard, job: Job) -> int:
    try:
        video = watch(job, quiet=args.quiet)
    except JobCanceled as error:
        raise JobCanceled(f"{error} The board is kept: {_command(board)} goes on with it.") from None
    show(as_json(video, board=str(board.path)) if args.json else as_text(video))
    return 0


def _facts(board: Storyboard) -> dict[str, Any]:
    """Return the plan as plain values for JSON."""
    estimate = board.estimate()
    return {
        "board": str(board.path),
        "usd": round(estimate.usd, 6),
        "unknown_prices": estimate.unknown,
        "spent": round(estimate.spent, 6),
        "to_make": estimate.to_make,
        "scenes": [_scene_facts(board, row) for row in board.rows()],
        "warnings": list(board.warnings),
    }


def _scene_facts(board: Storyboard, row: SceneRow) -> dict[str, Any]:
    scene = row.record
    return {
        "number": row.number,
        "id": scene.id,
        "start": round(scene.start, 3),
        "end": round(scene.end, 3),
        "asked": scene.asked,
        "words": row.text,
        "prompt": row.prompt,
        "provider": row.provider,
        "state": row.state,
        "usd": row.usd,
        "takes": [str(board.folder.takes / take.file) for take in scene.takes],
        "problem": row.problem or scene.error,
    }


def _tell(args: argparse.Namespace, text: object) -> None:
    if not args.quiet:
        show(text, to=sys.stderr)


def _command(board: Storyboard) -> str:
    return f"voxweave-nb storyboard {shlex.quote(str(board.path))}"
