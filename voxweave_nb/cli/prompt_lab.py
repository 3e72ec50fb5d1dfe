"""The command of the prompt lab: `prompt-lab` with `grid`, `show`, `estimate`, `run`, `rank` and `export`."""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ConfigError, JobCanceled
from .bar import ProgressBar
from .lab_table import ranking_facts, ranking_table, variants_table
from .options import add_video_options, config_fields, parse_value, service_for
from .output import show

if TYPE_CHECKING:
    from ..config import VideoConfig
    from ..lab.prompt_lab import PromptLab
    from ..models import JobEvent
    from .options import Commands, Parser

__all__ = ["add_commands", "add_grid_options", "add_variants", "parse_axis"]


def add_commands(commands: Commands) -> None:
    """Add `prompt-lab` with its own commands."""
    lab = commands.add_parser(
        "prompt-lab",
        help="make, compare and rank many variants of one video",
        description="Make, compare and rank many variants of one video, in the folder voxweave_lab/NAME.",
    )
    actions = lab.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_grid(actions)
    _add_action(actions, "show", _show, "list the variants and what became of them")
    _add_action(actions, "estimate", _estimate, "show what a run would make and cost; nothing is sent")
    _add_run(actions)
    rank = _add_action(actions, "rank", _rank, "rank the variants by the votes, and compare the axes")
    rank.add_argument(
        "--by", metavar="RATER", action="append", help="count the votes of this rater only; can be repeated"
    )
    rank.add_argument("--json", action="store_true", help="print the ranking as JSON")
    export = _add_action(actions, "export", _export, "write one HTML page that plays the variants in sync")
    export.add_argument("file", nargs="?", help="the page (default: NAME.html)")
    export.add_argument(
        "--by", metavar="RATER", action="append", help="show the votes of this rater only; can be repeated"
    )


def parse_axis(word: str) -> tuple[str, list[Any]]:
    """Return the name and the values of an axis such as `style=anime,cinematic` or `title=["a, b", "c"]`.

    Raises:
        argparse.ArgumentTypeError: The name or the values are missing.
    """
    name, _, values = word.partition("=")
    name = name.strip().replace("-", "_")
    if not name.isidentifier() or not values.strip():
        raise argparse.ArgumentTypeError(f"{word!r} is not an axis; write NAME=VALUE,VALUE such as seed=1,2")
    if values.lstrip().startswith("["):
        with contextlib.suppress(ValueError):
            return name, list(json.loads(values))
    return name, [parse_value(each.strip()) for each in values.split(",")]


def _parse_list(word: str) -> tuple[str, Path]:
    name, _, path = word.partition("=")
    if not name.strip() or not path:
        raise argparse.ArgumentTypeError(
            f"{word!r} is not a list; write NAME=FILE such as weather=weather.txt"
        )
    return name.strip(), Path(path)


def _add_action(actions: Commands, name: str, run: Callable[[argparse.Namespace], int], text: str) -> Parser:
    parser = actions.add_parser(name, help=text, description=f"{text[:1].upper()}{text[1:]}.")
    parser.add_argument("name", help="the lab's name")
    parser.add_argument("--folder", metavar="FOLDER", help="folder of all labs (default: voxweave_lab)")
    parser.set_defaults(run=run, provider=None, output_dir=None)
    return parser


def _add_grid(actions: Commands) -> None:
    grid = _add_action(
        actions, "grid", _grid, "add every prompt of a template with every value of every axis"
    )
    grid.add_argument("narration", nargs="?", help="the audio file; needed for a new lab")
    add_grid_options(grid)
    add_video_options(grid)


def add_grid_options(parser: argparse.ArgumentParser) -> None:
    """Add `--axis`, `--list`, `--note` and `--sure`."""
    parser.add_argument(
        "--axis",
        metavar="NAME=VALUE,VALUE",
        type=parse_axis,
        action="append",
        default=[],
        help="values to compare of an option, such as style=anime,cinematic or seed=1,2; can be repeated",
    )
    parser.add_argument(
        "--list",
        metavar="NAME=FILE",
        dest="lists",
        type=_parse_list,
        action="append",
        default=[],
        help="text file with a line for each value of __NAME__ in the prompt; can be repeated",
    )
    parser.add_argument("--note", default="", help="a remark on the new variants")
    parser.add_argument("--sure", action="store_true", help="add more than 200 variants")


def _add_run(actions: Commands) -> None:
    run = _add_action(actions, "run", _run, "make the videos that are missing")
    run.add_argument("--budget", type=float, metavar="USD", help="US dollars for the lab's whole life")
    run.add_argument("--at-once", type=int, metavar="COUNT", default=4, help="jobs side by side (default: 4)")
    run.add_argument(
        "--unknown-prices", action="store_true", help="allow models of unknown price despite a budget"
    )
    run.add_argument("--quiet", action="store_true", help="show no progress")


def add_variants(args: argparse.Namespace, prompt: str | None = None) -> tuple[PromptLab, int]:
    """Open the lab of the parsed options, and add a grid to it; return the lab and the number of new variants.

    Args:
        args: Options of `add_grid_options` and `add_video_options`, with `name`, `narration` and `folder`.
        prompt: The template; None for the one of the options.

    Raises:
        ConfigError: An option is invalid, or given as an option and as an axis.
    """
    fields = config_fields(args)
    template = fields.pop("prompt", None) if prompt is None else prompt
    axes = dict(args.axis)
    if both := sorted(fields.keys() & axes.keys()):
        raise ConfigError(f"{both[0]} is given as an option and as an axis; give one of them.")
    base = _base(args, fields) if fields else None
    lab = _open(args, args.narration, subtitles=args.subtitles, base=base)
    new = lab.grid(template, lists=dict(args.lists), sure=args.sure, note=args.note, **axes)
    return lab, len(new)


def _grid(args: argparse.Namespace) -> int:
    lab, new = add_variants(args)
    show(f"{new} new variant{'s' * (new != 1)}, {lab.size} in all; folder {lab.path}")
    show(lab.estimate())
    return 0


def _show(args: argparse.Namespace) -> int:
    lab = _open(args)
    show(variants_table(lab.variants, width=shutil.get_terminal_size().columns))
    return 0


def _estimate(args: argparse.Namespace) -> int:
    show(_open(args).estimate())
    return 0


def _run(args: argparse.Namespace) -> int:
    from ..run_view import RunView

    lab = _open(args)
    run = lab.run(budget=args.budget, at_once=args.at_once, unknown_prices=args.unknown_prices)
    told: list[str] = []
    if not args.quiet:
        bar = ProgressBar(sys.stderr)

        def show_event(event: JobEvent) -> None:
            bar.show(event)
            told.append(event.message)

        RunView(run).listen(show_event)
    try:
        progress = run.result()
    except KeyboardInterrupt:
        raise JobCanceled(
            "The run was stopped. Accepted jobs go on at their providers, and the next run fetches their videos."
        ) from None
    _warn([each for each in run.warnings if each not in told])
    show(f"{progress}; {lab.path}")
    return 1 if run.errors else 0


def _rank(args: argparse.Namespace) -> int:
    lab = _open(args)
    ranking = lab.ranking(args.by)
    if args.json:
        show(json.dumps(ranking_facts(ranking), indent=2))
    else:
        show(ranking_table(ranking, width=shutil.get_terminal_size().columns))
    return 0


def _export(args: argparse.Namespace) -> int:
    show(_open(args).export(args.file or f"{args.name}.html", by=args.by))
    return 0


def _base(args: argparse.Namespace, fields: dict[str, Any]) -> VideoConfig:
    """Return the base of a lab with some fields replaced; a new lab starts from the defaults."""
    from ..config import VideoConfig
    from ..lab.prompt_lab import PromptLab

    exists = (Path(args.folder or "voxweave_lab").expanduser() / args.name / "lab.json").is_file()
    base = PromptLab(args.name, folder=args.folder).base if exists else VideoConfig()
    return base.replace(**fields)


def _open(args: argparse.Namespace, narration: str | None = None, **more: Any) -> PromptLab:
    """Return the lab, and print its warnings on the standard error stream."""
    from ..lab.prompt_lab import PromptLab

    lab = PromptLab(args.name, narration, folder=args.folder, service=service_for(args), **more)
    _warn(lab.warnings)
    return lab


def _warn(warnings: Sequence[str]) -> None:
    for each in warnings:
        show(f"warning: {each}", to=sys.stderr)
