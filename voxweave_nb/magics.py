"""`%load_ext voxweave_nb`, then `%%voxweave --audio talk.mp3` with the prompt in the cell's body."""

from __future__ import annotations

import argparse
import shlex
from typing import TYPE_CHECKING

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class

from .arguments import Parser, add_video_arguments, config_fields, polling, provider_order
from .errors import VoxweaveError
from .job import Job
from .service import VideoGenerationService

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["VoxweaveMagics", "register"]


def register(shell: InteractiveShell) -> None:
    """Adds the magics to a shell."""
    shell.register_magics(VoxweaveMagics)


@magics_class
class VoxweaveMagics(Magics):  # type: ignore[misc,unused-ignore]  # IPython's class is untyped in some versions
    """The `%voxweave` line and the `%%voxweave` cell."""

    @line_cell_magic  # type: ignore[misc,untyped-decorator,unused-ignore]
    def voxweave(self, line: str, cell: str | None = None) -> Job | None:
        """Makes a video; the cell's body is the prompt.

        It waits for the video, and an interrupt stops it. With `--no-wait` it returns the job at once. The
        finished video is in the variable that `--into` names.
        """
        try:
            given = _parser().parse_args(shlex.split(line))
            job = self._submit(given, cell)
        except (VoxweaveError, ValueError) as error:
            raise UsageError(str(error)) from None
        if given.no_wait:
            return job
        job._ipython_display_()
        try:
            video = job.result()
        except VoxweaveError as error:
            raise UsageError(str(error)) from None
        self._keep(given.into, video)
        return None

    def _submit(self, given: argparse.Namespace, cell: str | None) -> Job:
        fields = config_fields(given)
        if cell is not None and cell.strip():
            fields["prompt"] = cell.strip()
        narration, subtitles = given.audio, given.subtitles
        if given.sample:
            from .sample import sample_narration, sample_subtitles

            narration, subtitles = str(sample_narration()), subtitles or str(sample_subtitles())
        order, options = provider_order(given), {"output_dir": given.output_dir}
        service = (
            VideoGenerationService(order, **options) if order else VideoGenerationService.default(**options)
        )
        job = service.submit(narration, subtitles=subtitles, config=fields, **polling(given))
        if given.no_wait:
            self._keep(given.into, job)
        return job

    def _keep(self, name: str | None, value: object) -> None:
        if name and self.shell is not None:
            self.shell.user_ns[name] = value


def _parser() -> Parser:
    parser = Parser(prog="%%voxweave", add_help=False)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--audio", help="the narration: an audio file")
    source.add_argument("--sample", action="store_true", help="the bundled narration and its subtitles")
    parser.add_argument("--prompt", help="what the picture shall show, unless the cell's body says it")
    parser.add_argument("--into", metavar="NAME", type=_identifier, help="the variable that gets the video")
    parser.add_argument("--no-wait", action="store_true", help="return the job at once")
    add_video_arguments(parser)
    return parser


def _identifier(text: str) -> str:
    if not text.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is no name for a variable")
    return text
