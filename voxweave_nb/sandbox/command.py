"""The command `voxweave-nb sandbox`: start a sandbox, print how to use it, and log its requests."""

from __future__ import annotations

import os
import shlex
import sys
import threading
import time
from pathlib import Path
from typing import TextIO

from .history import Asked
from .server import PROTOCOLS, Sandbox

__all__ = ["run"]


def run(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    seconds: float = 5.0,
    certificate: str | Path | None = None,
    env_file: str | Path | None = None,
    out: TextIO | None = None,
    until: threading.Event | None = None,
) -> int:
    """Run a sandbox until it is interrupted.

    Args:
        host: Name or address to listen on.
        port: Port to listen on; 0 for any free port.
        seconds: Duration of a job.
        certificate: A PEM file with key and certificate chain, for HTTPS.
        env_file: A file for the environment variables and the process id, one per line; written once the sandbox is
            ready, deleted when it ends.
        out: Output stream; None for the standard output.
        until: Ends the sandbox when set, as an interrupt does.

    Returns:
        0.

    Raises:
        ConfigError: The sandbox cannot start with that host, port or certificate.
    """
    to, ended = out or sys.stdout, until or threading.Event()

    def log(request: Asked) -> None:
        try:
            print(f"{time.strftime('%H:%M:%S')}  {request}", file=to, flush=True)
        except OSError:  # the reader of the pipe has gone
            ended.set()

    with Sandbox(host=host, port=port, seconds=seconds, certificate=certificate, listener=log) as sandbox:
        print(_greeting(sandbox), file=to, flush=True)
        _write_env(sandbox, env_file)
        try:
            while not ended.wait(0.2):  # an endless wait is not interruptible on every system
                pass
        except KeyboardInterrupt:
            print("Stopped.", file=to)
        finally:
            if env_file is not None:
                Path(env_file).unlink(missing_ok=True)
    return 0


def _write_env(sandbox: Sandbox, env_file: str | Path | None) -> None:
    if env_file is None:
        return
    values = {**sandbox.env, "VOXWEAVE_SANDBOX_PID": str(os.getpid())}
    part = Path(f"{env_file}.part")
    part.write_text(
        "".join(f"{name}={value}\n" for name, value in values.items()), encoding="utf-8", newline="\n"
    )
    part.replace(env_file)


def _greeting(sandbox: Sandbox) -> str:
    exports = [_export(name, value) for name, value in sandbox.env.items()]
    table = [f"# {protocol.title:<18} {sandbox.base_url(protocol.name)}" for protocol in PROTOCOLS]
    head = [
        "# The sandbox is running: test clips only, nothing is billed. Paste these lines into a shell:",
        "",
    ]
    return "\n".join([*head, *exports, "", *table, f"# {'downloads':<18} {sandbox.cdn_url}", ""])


def _export(name: str, value: str) -> str:
    """Return the line that sets an environment variable in a shell; on Windows in PowerShell."""
    if sys.platform == "win32":
        quoted = value.replace("'", "''")
        return f"$env:{name} = '{quoted}'"
    return f"export {name}={shlex.quote(value)}"
