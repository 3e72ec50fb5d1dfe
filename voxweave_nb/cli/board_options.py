"""The options of a storyboard, shared by the command line and the notebook magics, and the board that they name."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ..config import VideoConfig
from ..errors import ConfigError, JobCanceled, VoxweaveError
from ..inputs import clean_path
from .options import config_fields, service_for

if TYPE_CHECKING:
    from ..storyboard.board import Storyboard
    from ..storyboard.handles import BoardWork
    from ..storyboard.making import BoardRun
    from ..storyboard.writing import PromptWriter

__all__ = [
    "BOARD_OPTIONS",
    "MAKE_OPTIONS",
    "add_board_options",
    "add_make_options",
    "given",
    "open_board",
    "start_making",
]

BOARD_OPTIONS = ("bible", "target", "transition", "name", "write", "write_base_url", "write_usd")
"""The fields that `add_board_options` sets."""

MAKE_OPTIONS = ("at_once", "anew")
"""The fields that `add_make_options` sets."""

_OF_A_SCENE = ("prompt", "provider", "model", "seed")
"""Options of the one scene that is made once more."""

_SUFFIX = ".board"

R = TypeVar("R")


def add_board_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `service.storyboard` that a video does not have."""
    board = parser.add_argument_group("storyboard").add_argument
    board(
        "--bible",
        metavar="WORDS",
        help="words that begin the prompt of every scene, such as 'teal dusk, 35 mm'",
    )
    board(
        "--target", type=float, metavar="SECONDS", help="preferred length of a scene (default: by the model)"
    )
    board("--transition", choices=("cut", "dissolve"), help="between scenes: cut (default) or dissolve")
    board("--name", help="name of the board and its folder (default: the narration's)")
    board(
        "--write",
        metavar="MODEL",
        help="let this chat model write the prompts of all scenes, in one call, which is paid",
    )
    board(
        "--write-base-url",
        metavar="URL",
        help="base URL of its OpenAI-compatible API (default: VOXWEAVE_JUDGE_BASE_URL)",
    )
    board("--write-usd", type=float, metavar="USD", help="price of that call in US dollars, for budgets")


def add_make_options(parser: argparse.ArgumentParser) -> None:
    """Add `--at-once` and `--anew`."""
    make = parser.add_argument_group("making a storyboard").add_argument
    make("--at-once", type=int, metavar="COUNT", help="jobs side by side (default: 4)")
    make(
        "--anew",
        type=int,
        metavar="NUMBER",
        action="append",
        help="submit this scene once more although an earlier submission may have been billed; can be repeated",
    )


def given(args: argparse.Namespace, names: Sequence[str]) -> list[str]:
    """Return those of some fields that were given, as options such as `--at-once`."""
    values = ((name, getattr(args, name, None)) for name in names)
    return [
        f"--{name.replace('_', '-')}" for name, value in values if value is not None and value is not False
    ]


def open_board(args: argparse.Namespace, source: Any, say: Callable[[str], None]) -> Storyboard:
    """Return the board of a folder, or that of a narration, which is planned unless the same call has planned it.

    Args:
        args: Options of `add_video_options` and `add_board_options`; `redo`, if there is one, is a scene's number.
        source: A narration in any form, or the path of a board's folder.
        say: Called with sentences about the planning.

    Raises:
        ConfigError: An option is invalid or does not belong to a board that exists, or the board is missing.
        JobCanceled: The planning was interrupted.
    """
    folder = _folder_of(source)
    return _plan(args, source, say) if folder is None else _open(args, folder, say)


def start_making(args: argparse.Namespace, board: Storyboard) -> BoardRun:
    """Start making what is missing, or with `redo` one more take of that scene.

    Raises:
        ConfigError: An option is invalid, or nothing can be made.
        VoxweaveError: The prompts that the clips were to be made from were not written.
    """
    if args.write and not any(each.prompt for each in board.state.scenes):
        raise VoxweaveError(f"Nothing was made. {' '.join(board.warnings[-1:])}".rstrip())
    budget, number = args.budget, getattr(args, "redo", None)
    if number is None:
        at_once = 4 if args.at_once is None else args.at_once
        return board.make(
            budget=budget, at_once=at_once, unknown_prices=args.unknown_prices, anew=args.anew or ()
        )
    if others := [each for each in args.anew or () if each != number]:
        raise ConfigError(f"--anew {others[0]} is another scene than --redo {number}; give one of them.")
    return board.redo(
        number, seed=args.seed, budget=budget, unknown_prices=args.unknown_prices, anew=bool(args.anew)
    )


def _folder_of(source: Any) -> Path | None:
    """Return the folder of a board that a path names, or None for a narration."""
    if not isinstance(source, str | Path):
        return None
    path = clean_path(source)
    return path if path.is_dir() or path.suffix == _SUFFIX or path.name == "board.json" else None


def _plan(args: argparse.Namespace, narration: Any, say: Callable[[str], None]) -> Storyboard:
    if getattr(args, "narration", None) is not None:
        raise ConfigError("--narration goes with the folder of a board whose narration was moved.")
    config, number = config_fields(args), getattr(args, "redo", None)
    if number is not None:
        config.pop("seed", None)  # the new take's
    work = service_for(args).storyboard(
        narration,
        subtitles=args.subtitles,
        bible=args.bible or "",
        target=args.target,
        transition=args.transition or "cut",
        name=args.name,
        write=_writer(args),
        config=config,
    )
    board = _result(work, args, say)
    if number is not None and not board.scenes[number].takes:
        # Other options than before have planned another board: nobody meant to pay for this one.
        raise ConfigError(
            f"Scene {number} of {board.path} has no take yet. Make it with --make, or give the folder of the board "
            "that you mean in place of the narration."
        )
    return board


def _open(args: argparse.Namespace, folder: Path, say: Callable[[str], None]) -> Storyboard:
    from ..storyboard.board import Storyboard

    redo = getattr(args, "redo", None)
    names = [each.name for each in fields(VideoConfig)]
    names += ["subtitles", "output_dir", "bible", "target", "name"]
    allowed = _OF_A_SCENE if redo is not None else ()
    if wrong := given(args, [name for name in names if name not in allowed]):
        raise ConfigError(
            f"{wrong[0]} is for a new board; {folder} keeps the options that it was planned with. Leave it out, or "
            "give the narration to plan another board."
        )
    board = Storyboard.open(folder, narration=getattr(args, "narration", None))
    if args.transition is not None:
        board.transition = args.transition
    if redo is not None:
        _set_scene(args, board, redo)
    if (writer := _writer(args)) is not None:
        _result(board.write(writer, unknown_prices=args.unknown_prices), args, say)
    return board


def _set_scene(args: argparse.Namespace, board: Storyboard, number: int) -> None:
    scene, config = board.scenes[number], config_fields(args)
    if args.provider and len(args.provider) > 1:
        raise ConfigError("--provider has several names; a scene is made by one.")
    for name in ("prompt", "provider", "model"):
        if name in config:
            setattr(scene, name, config[name])


def _writer(args: argparse.Namespace) -> PromptWriter | None:
    if args.write is None:
        if wrong := given(args, ("write_base_url", "write_usd")):
            raise ConfigError(f"{wrong[0]} is for the chat model that --write MODEL names.")
        return None
    from ..storyboard.writing import PromptWriter

    return PromptWriter(args.write_base_url, args.write, usd=args.write_usd)


def _result(work: BoardWork[R], args: argparse.Namespace, say: Callable[[str], None]) -> R:
    work.listen(lambda sentence: say(sentence) if sentence else None)
    try:
        return work.result()
    except KeyboardInterrupt:
        written = f" A call to {args.write} that was sent may be billed all the same." if args.write else ""
        raise JobCanceled(f"The planning was stopped.{written} The same command plans again.") from None
