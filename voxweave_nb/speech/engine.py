"""Running a recogniser or a voice in a process of its own, so that the kernel stays free and its memory small.

The process is `engine_worker`; it is killed when the await ends.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..child_environment import child_environment
from ..errors import SpeechError
from ..media.children import PIPE, end_group, start_child
from ..media.running import tail

__all__ = ["run_engine"]

_STDERR_KEPT = 4_000  # bytes
_LONGEST_LINE = 1 << 24  # bytes: the words of half an hour
_HUB = ("HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE")  # where weights were downloaded to


async def run_engine(
    order: Mapping[str, Any], *, work: Path, on_message: Callable[[dict[str, Any]], None]
) -> None:
    """Let an engine do something in a process of its own, and hear of each message that it sends.

    Args:
        order: What to do, see `engine_worker`.
        work: A private folder, the process's working folder.
        on_message: Called with each message, in order.

    Raises:
        SpeechError: The engine failed; the message says why.
    """
    command = [sys.executable, "-m", f"{__package__}.engine_worker"]
    process = await start_child(command, cwd=work, env=_environment(order), stdin=PIPE, limit=_LONGEST_LINE)
    try:
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(order).encode() + b"\n")
            await process.stdin.drain()
        except ConnectionError:
            pass  # it has exited; its standard error has the reason
        failed, log, _ = await asyncio.gather(
            _read(process.stdout, on_message), tail(process.stderr, _STDERR_KEPT), process.wait()
        )
        if failed is not None:
            raise SpeechError(failed)
        if process.returncode:
            raise SpeechError(_ended(str(order.get("engine")), process.returncode, log))
    finally:
        await end_group(process)


async def _read(
    stream: asyncio.StreamReader | None, on_message: Callable[[dict[str, Any]], None]
) -> str | None:
    """Pass messages on until the output ends; return the error that the engine told, or None."""
    assert stream is not None
    failed: str | None = None
    async for line in stream:
        try:
            message = json.loads(line)
        except ValueError:
            continue  # a library has printed something
        if not isinstance(message, dict):
            continue
        if "error" in message:
            failed = str(message["error"])
        else:
            on_message(message)
    return failed


def _ended(engine: str, status: int, log: str) -> str:
    lines = [line for line in log.strip().splitlines() if line.strip()]
    last = f" Its last line: {lines[-1].strip()}" if lines else ""
    if status < 0:
        return f"{engine} was killed by signal {-status}; perhaps the memory was full.{last}"
    return f"{engine} ended with status {status}.{last}"


def _environment(order: Mapping[str, Any]) -> dict[str, str]:
    # The process must import this package, even if it is not installed.
    home = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(part for part in (home, os.environ.get("PYTHONPATH", "")) if part)
    hub = {name: os.environ[name] for name in _HUB if name in os.environ}
    threads = str(order.get("threads", 2))
    return child_environment(
        PYTHONPATH=path,
        PYTHONIOENCODING="utf-8",
        HF_HUB_OFFLINE="1",  # nothing is fetched without being asked for
        HF_HUB_DISABLE_TELEMETRY="1",
        OMP_NUM_THREADS=threads,
        OPENBLAS_NUM_THREADS="1",
        **hub,
    )
