"""The command line: `voxweave-nb generate talk.mp3 --style cyberpunk`.

Each module with an `add_commands` function holds a group of commands. To add one, write such a module and list it in
`parser.py`. These modules import the service, numpy and other slow packages only when a command runs, so that `--help`
and a wrong option are answered at once.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence

from ..errors import ConfigError, JobCanceled, VoxweaveError
from .output import is_closed_pipe, show, silence
from .parser import command_parser

__all__ = ["main"]

_FAILED, _WRONG_USAGE, _INTERRUPTED = 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: The words after `voxweave-nb`; None takes them from `sys.argv`.

    Returns:
        The exit code: 0 for success, 1 for a failure, 2 for wrong arguments or settings, 130 for an interrupt.
    """
    if argv is None:
        # Started as a program: SIGTERM cleans up in the same way as Ctrl-C.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return _run(argv)
    except OSError as error:
        if not is_closed_pipe(error):
            raise
        # The reader, such as `head`, has closed the pipe. Python would fail again when it flushes at exit.
        for stream in (sys.stdout, sys.stderr):
            silence(stream)
        return _FAILED


def _run(argv: Sequence[str] | None) -> int:
    try:
        args = command_parser().parse_args(argv)
        return int(args.run(args))
    except VoxweaveError as error:
        show(f"voxweave-nb: {error}", to=sys.stderr)
        return _exit_code(error)
    except KeyboardInterrupt:
        show("voxweave-nb: stopped; nothing was left behind.", to=sys.stderr)
        return _INTERRUPTED
    finally:
        sys.stdout.flush()  # here a closed pipe can still be answered


def _exit_code(error: VoxweaveError) -> int:
    if isinstance(error, ConfigError):
        return _WRONG_USAGE
    return _INTERRUPTED if isinstance(error, JobCanceled) else _FAILED
