"""The command that serves the sandbox: `sandbox`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .options import Commands

__all__ = ["add_commands"]


def add_commands(commands: Commands) -> None:
    """Add `sandbox`."""
    sandbox = commands.add_parser(
        "sandbox",
        help="run a local server that imitates every provider; needs no API key",
        description="Run a server on this machine that speaks every provider's protocol, makes short test clips and "
        "costs nothing. It prints the environment variables that point voxweave-nb at it, and runs until Ctrl-C.",
    )
    add = sandbox.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    add("--port", type=int, default=0, help="port to listen on (default: any free port)")
    add("--seconds", type=float, default=5.0, help="duration of a job, in seconds (default: 5)")
    add(
        "--env-file",
        metavar="FILE",
        help="write the environment variables to this file; it is deleted when the server stops",
    )
    sandbox.set_defaults(run=_sandbox)


def _sandbox(args: argparse.Namespace) -> int:
    from ..sandbox import run

    return run(host=args.host, port=args.port, seconds=args.seconds, env_file=args.env_file)
