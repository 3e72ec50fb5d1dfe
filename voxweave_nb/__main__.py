"""The command line: `voxweave-nb generate talk.mp3 --style cyberpunk`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

from .arguments import Parser, add_video_arguments, config_fields, polling, provider_order
from .errors import ConfigError, JobCanceled, VoxweaveError
from .job import Job
from .models import JobEvent, VideoStyle
from .providers.base import Capabilities
from .result import GeneratedVideo
from .service import VideoGenerationService
from .timecode import clock
from .version import __version__

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command.

    Returns:
        0 when it worked, 1 when it failed, 2 when the command was wrong, 130 when it was interrupted.
    """
    if argv is None:  # run as a program: being ended politely is an interrupt, and cleans up
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        given = _parser().parse_args(argv)
        return int(given.command(given))
    except ConfigError as error:
        print(f"voxweave-nb: {error}", file=sys.stderr)
        return 2
    except JobCanceled as error:
        print(f"voxweave-nb: {error}", file=sys.stderr)
        return 130
    except VoxweaveError as error:
        print(f"voxweave-nb: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever reads us, such as `head`, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("voxweave-nb: stopped; nothing was left behind.", file=sys.stderr)
        return 130


def _parser() -> Parser:
    parser = Parser(prog="voxweave-nb", description="From a narration to a captioned video.")
    parser.add_argument("--version", action="version", version=f"voxweave-nb {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    generate = commands.add_parser("generate", help="make a video from a narration")
    generate.add_argument("narration", help="the audio file")
    generate.add_argument("--prompt", help="what the picture shall show")
    add_video_arguments(generate)
    _add_output(generate)
    generate.add_argument(
        "--budget", type=float, metavar="USD", help="what this video may cost, in US dollars"
    )
    generate.add_argument(
        "--unknown-prices",
        action="store_true",
        help="send what nobody knows the price of in spite of a budget",
    )
    generate.add_argument(
        "--reuse", action="store_true", help="give the result of an identical request instead of paying again"
    )
    generate.set_defaults(command=_generate)

    demo = commands.add_parser("demo", help="make a video from the bundled narration, without a key")
    demo.add_argument("--prompt", help="what the picture shall show")
    add_video_arguments(demo)
    _add_output(demo)
    demo.set_defaults(command=_demo)

    commands.add_parser("styles", help="list the styles").set_defaults(command=_styles)
    providers = commands.add_parser("providers", help="list who can make a picture, and what it costs")
    providers.add_argument("--json", action="store_true", help="print it as JSON")
    providers.set_defaults(command=_providers)
    lab = commands.add_parser("lab", help="open the quickstart notebook in JupyterLab")
    lab.add_argument("folder", nargs="?", default=".", help="where the notebook is put (this folder)")
    lab.add_argument(
        "options", nargs="*", metavar="-- OPTION", help="options of JupyterLab, such as --no-browser"
    )
    lab.set_defaults(command=_lab)
    _add_journal(commands)
    sandbox = commands.add_parser("sandbox", help="serve all providers' protocols here, without a key")
    sandbox.add_argument(
        "--host", default="127.0.0.1", help="the name or address of this machine (127.0.0.1)"
    )
    sandbox.add_argument("--port", type=int, default=0, help="where it listens (any free port)")
    sandbox.add_argument("--seconds", type=float, default=5.0, help="how long a job takes (5)")
    sandbox.add_argument(
        "--env-file", metavar="FILE", help="write the variables there, for a notebook; gone when it ends"
    )
    sandbox.set_defaults(command=_sandbox)
    return parser


def _add_journal(commands: argparse._SubParsersAction[Parser]) -> None:
    jobs = commands.add_parser("jobs", help="list what was asked; pick up, stop or forget it")
    what = jobs.add_mutually_exclusive_group()
    what.add_argument(
        "--resume", metavar="ID", nargs="?", const="", help="pick up one job, or all that were left"
    )
    what.add_argument("--show", metavar="ID", help="all that is known of one job")
    what.add_argument("--cancel", metavar="ID", help="stop one that was left, at its provider too")
    what.add_argument(
        "--prune", metavar="DAYS", type=float, help="forget what ended so many days ago, its cost included"
    )
    jobs.add_argument("--most", type=int, default=20, help="how many are listed (20)")
    jobs.set_defaults(command=_jobs)
    spend = commands.add_parser("spend", help="say what was spent, by day and provider")
    spend.set_defaults(command=_spend)


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--quiet", action="store_true", help="show no progress")


def _generate(given: argparse.Namespace) -> int:
    video = _make(VideoGenerationService.default, given, given.narration, given.subtitles)
    print(_as_json(video) if given.json else _as_text(video))
    return 0


def _demo(given: argparse.Namespace) -> int:
    from .sample import SAMPLE_PROMPT, sample_narration, sample_subtitles

    given.prompt = SAMPLE_PROMPT if given.prompt is None else given.prompt
    given.resolution = given.resolution or "720p"
    subtitles = given.subtitles or str(sample_subtitles())
    video = _make(VideoGenerationService.local, given, str(sample_narration()), subtitles)
    page = _write_page(video)
    print(_as_json(video, page=str(page)) if given.json else f"{_as_text(video)}\n{page}")
    return 0


def _make(
    usual: Callable[..., VideoGenerationService],
    given: argparse.Namespace,
    narration: str,
    subtitles: str | None,
) -> GeneratedVideo:
    """Makes the video with the usual service, unless an order of providers was given."""
    order = provider_order(given)
    options = {"output_dir": given.output_dir}
    service = VideoGenerationService(order, **options) if order else usual(**options)
    with contextlib.closing(service):
        names = ("budget", "reuse", "unknown_prices")
        money = {name: getattr(given, name) for name in names if hasattr(given, name)}
        asked = {**polling(given), **money}
        job = service.submit(narration, subtitles=subtitles, config=config_fields(given), **asked)
        video = _watch(job, quiet=given.quiet)
    made = video.provenance
    if not given.quiet and (made.provider != "local" or made.declined):
        print(made.story, file=sys.stderr)
    return video


def _watch(job: Job, *, quiet: bool = False) -> GeneratedVideo:
    """Waits for a job, with its progress; an interrupt says what became of it."""
    if not quiet:
        job.listen(_Bar(sys.stderr).show)
    try:
        return job.result()
    except KeyboardInterrupt:
        raise JobCanceled(str(job.exception() or "The job is being stopped.")) from None


def _jobs(given: argparse.Namespace) -> int:
    from .journal.table import page, table

    service = VideoGenerationService.local()
    if given.resume is not None:
        return _resume(service, given.resume)
    if given.cancel is not None:
        print(asyncio.run(service.cancel(given.cancel)))
        return 0
    if given.prune is not None:
        print(f"{service.journal.prune(before=time.time() - given.prune * 86_400)} jobs were forgotten.")
        return 0
    if given.show is None:
        print(table(service.history(max(1, given.most)), width=shutil.get_terminal_size().columns))
        return 0
    run = service.journal.run(given.show)
    if run is None:
        raise ConfigError(f"There is no job {given.show!r} in the journal; `voxweave-nb jobs` lists them.")
    print(page(run, service.journal.steps(run.id)))
    return 0


def _resume(service: VideoGenerationService, name: str) -> int:
    jobs = [service.resume(name)] if name else service.resume()
    if not jobs:
        print("Nothing was left: there is nothing to pick up.")
    failed = 0
    for job in jobs:
        try:
            print(_as_text(_watch(job)))
        except JobCanceled:
            raise
        except VoxweaveError as error:
            print(f"{job.id}: {error}", file=sys.stderr)
            failed += 1
    return int(failed > 0)


def _spend(_: argparse.Namespace) -> int:
    print(VideoGenerationService.local().spend())
    return 0


class _Bar:
    """The progress of a job in a terminal: one line that is drawn over, or one line a sentence in a file."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._live = out.isatty()
        self._drawn = -1

    def show(self, event: JobEvent) -> None:
        if event.message and not event.state.final:
            mark = "warning: " if event.kind == "warning" else ""
            self._say(f"{mark}{event.message}")
        if self._live:
            self._draw(event)

    def _say(self, line: str) -> None:
        self._out.write(f"\r\x1b[K{line}\n" if self._live else f"{line}\n")
        self._out.flush()

    def _draw(self, event: JobEvent) -> None:
        if event.state.final:
            self._out.write("\r\x1b[K")
        elif round(event.progress * 2) != self._drawn:
            self._drawn = round(event.progress * 2)
            width = max(10, min(40, shutil.get_terminal_size().columns - 40))
            filled = round(event.progress / 100 * width)
            left = "" if event.remaining is None else f", {clock(event.remaining)} left"
            bar = "█" * filled + "░" * (width - filled)
            self._out.write(f"\r\x1b[K{bar} {event.progress:3.0f} % {event.stage or ''}{left}")
        self._out.flush()


def _as_text(video: GeneratedVideo) -> str:
    return "\n".join([*(f"warning: {warning}" for warning in video.warnings), str(video.path)])


def _as_json(video: GeneratedVideo, **more: str) -> str:
    made = video.provenance
    facts = {
        "path": str(video.path),
        "captions": str(video.captions) if video.captions else None,
        "poster": str(video.poster) if video.poster else None,
        "duration": round(video.duration, 3),
        "width": video.width,
        "height": video.height,
        "size": video.size,
        "subtitle_mode": video.subtitle_mode.value,
        "provider": made.provider,
        "model": made.model,
        "job_id": made.job_id,
        "usd": made.usd,
        "declined": dict(made.declined),
        "config": repr(made.config),
        "warnings": list(video.warnings),
        **more,
    }
    return json.dumps(facts, indent=2, ensure_ascii=False)


def _write_page(video: GeneratedVideo) -> Path:
    from .inline import video_page

    page = video.path.with_suffix(".html")
    page.write_text(video_page(video), encoding="utf-8")
    return page


def _styles(_: argparse.Namespace) -> int:
    from .styles import load_style

    for style in VideoStyle:
        sheet = load_style(style)
        default = " (default)" if style is VideoStyle.CYBERPUNK else ""
        print(f"{style.value:<12} {sheet.tagline}{default}")
    return 0


def _providers(given: argparse.Namespace) -> int:
    from .providers.table import facts, table

    service = VideoGenerationService.default()
    states = service.providers()

    def able(name: str) -> Capabilities | None:
        try:
            return service.capabilities(name)
        except Exception:  # noqa: BLE001  a plug-in that is broken; its state says why
            return None

    if given.json:
        print(json.dumps(facts(states, able), indent=2))
    else:
        print(f"{table(states, able)}\n\nasked, unless one is named: {', then '.join(service.chain)}")
    return 0


def _sandbox(given: argparse.Namespace) -> int:
    from .sandbox import run

    return run(host=given.host, port=given.port, seconds=given.seconds, env_file=given.env_file)


def _lab(given: argparse.Namespace) -> int:
    if importlib.util.find_spec("jupyterlab") is None:
        raise ConfigError("JupyterLab is not installed here. Install it with: pip install jupyterlab")
    folder = Path(given.folder).expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    notebook = folder / "voxweave_quickstart.ipynb"
    if not notebook.exists():
        shutil.copyfile(_quickstart(), notebook)
    return subprocess.run(
        [sys.executable, "-m", "jupyterlab", str(notebook), *given.options], check=False
    ).returncode


def _quickstart() -> Path:
    package = Path(__file__).parent
    for folder in (package / "notebooks", package.parent / "notebooks"):  # in the wheel, in a checkout
        if (found := folder / "01_quickstart.ipynb").is_file():
            return found
    raise ConfigError("This installation has no quickstart notebook; install voxweave-nb from its wheel.")


if __name__ == "__main__":
    sys.exit(main())
