"""The command line: `voxweave-nb generate talk.mp3 --style cyberpunk`."""

from __future__ import annotations

import argparse
import importlib.util
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from .arguments import Parser, add_video_arguments, config_fields
from .errors import ConfigError, JobCanceled, VoxweaveError
from .models import JobEvent, VideoStyle
from .result import GeneratedVideo
from .service import VideoGenerationService
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
    except VoxweaveError as error:
        print(f"voxweave-nb: {error}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, JobCanceled):
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
    generate.set_defaults(command=_generate)

    demo = commands.add_parser("demo", help="make a video from the bundled narration, without a key")
    demo.add_argument("--prompt", help="what the picture shall show")
    add_video_arguments(demo)
    _add_output(demo)
    demo.set_defaults(command=_demo)

    commands.add_parser("styles", help="list the styles").set_defaults(command=_styles)
    commands.add_parser("providers", help="list who can make a picture").set_defaults(command=_providers)
    lab = commands.add_parser("lab", help="open the quickstart notebook in JupyterLab")
    lab.add_argument("folder", nargs="?", default=".", help="where the notebook is put (this folder)")
    lab.add_argument(
        "options", nargs="*", metavar="-- OPTION", help="options of JupyterLab, such as --no-browser"
    )
    lab.set_defaults(command=_lab)
    return parser


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--quiet", action="store_true", help="show no progress")


def _generate(given: argparse.Namespace) -> int:
    service = VideoGenerationService.default(output_dir=given.output_dir)
    video = _make(service, given, given.narration, given.subtitles)
    print(_as_json(video) if given.json else _as_text(video))
    return 0


def _demo(given: argparse.Namespace) -> int:
    from .sample import SAMPLE_PROMPT, sample_narration, sample_subtitles

    service = VideoGenerationService.local(output_dir=given.output_dir)
    given.prompt = SAMPLE_PROMPT if given.prompt is None else given.prompt
    given.resolution = given.resolution or "720p"
    video = _make(service, given, str(sample_narration()), given.subtitles or str(sample_subtitles()))
    page = _write_page(video)
    print(_as_json(video, page=str(page)) if given.json else f"{_as_text(video)}\n{page}")
    return 0


def _make(
    service: VideoGenerationService, given: argparse.Namespace, narration: str, subtitles: str | None
) -> GeneratedVideo:
    job = service.submit(narration, subtitles=subtitles, config=config_fields(given))
    if not given.quiet:
        job.listen(_Bar(sys.stderr).show)
    return job.result()


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
            left = "" if event.remaining is None else f", {_clock(event.remaining)} left"
            bar = "█" * filled + "░" * (width - filled)
            self._out.write(f"\r\x1b[K{bar} {event.progress:3.0f} % {event.stage or ''}{left}")
        self._out.flush()


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _as_text(video: GeneratedVideo) -> str:
    return "\n".join([*(f"warning: {warning}" for warning in video.warnings), str(video.path)])


def _as_json(video: GeneratedVideo, **more: str) -> str:
    facts = {
        "path": str(video.path),
        "captions": str(video.captions) if video.captions else None,
        "poster": str(video.poster) if video.poster else None,
        "duration": round(video.duration, 3),
        "width": video.width,
        "height": video.height,
        "size": video.size,
        "subtitle_mode": video.subtitle_mode.value,
        "provider": video.provenance.provider,
        "config": repr(video.provenance.config),
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


def _providers(_: argparse.Namespace) -> int:
    for name, state in VideoGenerationService.local().providers().items():
        print(f"{name:<12} {'ready' if state.ready else 'not ready'}: {state.reason}")
    return 0


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
