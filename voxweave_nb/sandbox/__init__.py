"""A server on this machine that speaks the protocols of five video providers and a chat model, for demos and tests.

    with Sandbox() as sandbox:
        os.environ.update(sandbox.env)

It accepts jobs, advances them, serves small real videos, keeps a history of all requests, and fails on command (see
`Fault`). The tests in `tests/sandbox` check its answers with the providers' own clients. It imports none of this
package's providers, and sends nothing to anybody.

How to add a protocol: write one file with a subclass of `base.Protocol`, and list it in `server.py` (one line).
"""

from __future__ import annotations

from . import extra  # noqa: F401  first: it explains how to install what the others import
from .command import run
from .faults import Fault
from .history import Asked
from .jobs import SandboxJob
from .server import Sandbox

__all__ = ["Asked", "Fault", "Sandbox", "SandboxJob", "run"]
