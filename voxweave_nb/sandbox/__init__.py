"""A server on this machine that speaks the protocols of five video providers: for demos, tests and teaching.

    with Sandbox() as sandbox:
        os.environ.update(sandbox.env)

It takes jobs, lets them advance, serves small real videos, keeps a history of all that it was asked, and breaks on
command: see `Fault`. Its answers are checked with the providers' own clients in `tests/sandbox`. It knows no provider
of this package, and nothing is sent to anybody.

How to add a protocol: write one file with a subclass of `base.Protocol`, and name it in `server.py` (one line).
"""

from __future__ import annotations

from . import extra  # noqa: F401  before the others: it says how to install what they need
from .command import run
from .faults import Fault
from .history import Asked
from .jobs import SandboxJob
from .server import Sandbox

__all__ = ["Asked", "Fault", "Sandbox", "SandboxJob", "run"]
