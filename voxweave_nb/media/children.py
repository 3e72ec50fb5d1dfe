"""Child processes with asyncio's streams, whatever event loop policy the person has installed.

`asyncio.create_subprocess_exec` asks the current policy for a child watcher. uvloop's policy has none, so that a loop
that was started before uvloop was installed can start no process afterwards.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..child_environment import creation_flags

__all__ = ["PIPE", "Child", "Process", "end_group", "start_child"]

PIPE = subprocess.PIPE

_GRACE = 1.0
"""Seconds that the other processes of a killed group get to end."""

_KILLING = 10.0
"""Seconds that Windows gets to kill a process with its descendants."""


class Child:
    """A running child process, in a process group of its own.

    Args:
        process: The process.

    Attributes:
        pid: Its process id, and that of its group.
        stdin: Its standard input, or None.
        stdout: Its standard output.
        stderr: Its standard error.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.pid = process.pid
        self.stdin: asyncio.StreamWriter | None = None
        self.stdout: asyncio.StreamReader | None = None
        self.stderr: asyncio.StreamReader | None = None
        self._process = process
        self._transports: list[asyncio.BaseTransport] = []
        self._unconnected = [
            pipe for pipe in (process.stdout, process.stderr, process.stdin) if pipe is not None
        ]
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        threading.Thread(target=self._wait_blocking, name="voxweave-child", daemon=True).start()

    async def connect(self, limit: int) -> None:
        """Open the streams.

        Args:
            limit: The longest line to read, in bytes.
        """
        self.stdout = await self._reader(limit)
        self.stderr = await self._reader(limit)
        if self._unconnected:
            reader = asyncio.StreamReader()
            transport, protocol = await self._loop.connect_write_pipe(
                lambda: asyncio.StreamReaderProtocol(reader), self._unconnected.pop(0)
            )
            self._transports.append(transport)
            self.stdin = asyncio.StreamWriter(transport, protocol, None, self._loop)

    async def _reader(self, limit: int) -> asyncio.StreamReader:
        reader = asyncio.StreamReader(limit)
        transport, _ = await self._loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), self._unconnected.pop(0)
        )
        self._transports.append(transport)
        return reader

    @property
    def returncode(self) -> int | None:
        """The exit status, negative for a signal; None while it is running."""
        return self._process.returncode

    def kill(self) -> None:
        """Kill the process alone."""
        self._process.kill()

    async def wait(self) -> int:
        """Wait until the process has ended; return its exit status."""
        await self._ended.wait()
        return int(self._process.returncode)

    async def close(self) -> None:
        """Wait briefly for the end of all that shares the output, and close the streams."""
        with contextlib.suppress(TimeoutError, RuntimeError):  # a RuntimeError if another task reads
            async with asyncio.timeout(_GRACE):
                for reader in (self.stdout, self.stderr):
                    while reader is not None and await reader.read(1 << 16):
                        pass
        for transport in self._transports:
            transport.close()
        for pipe in self._unconnected:  # a transport closes its own
            pipe.close()

    def _wait_blocking(self) -> None:
        self._process.wait()
        with contextlib.suppress(RuntimeError):  # the loop is closed, and nobody waits any more
            self._loop.call_soon_threadsafe(self._ended.set)


Process = Child | asyncio.subprocess.Process
"""A child process; on Windows asyncio's own, which needs no watcher there."""


async def start_child(
    command: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: int | None = None,
    limit: int = 1 << 16,
) -> Process:
    """Start a process in a process group of its own, with pipes for its output.

    Args:
        command: The program and its arguments.
        cwd: Its working folder.
        env: Its environment variables.
        stdin: `PIPE` to write to it; None lets it read nothing.
        limit: The longest line to read, in bytes.
    """
    given = subprocess.DEVNULL if stdin is None else stdin
    if sys.platform == "win32":
        return await asyncio.create_subprocess_exec(
            *command,
            cwd=cwd,
            env=env,
            stdin=given,
            stdout=PIPE,
            stderr=PIPE,
            limit=limit,
            creationflags=creation_flags(),
        )
    process = subprocess.Popen(  # noqa: ASYNC220  asyncio starts its processes in the same way
        command,
        cwd=cwd,
        env=env,
        stdin=given,
        stdout=PIPE,
        stderr=PIPE,
        bufsize=0,
        start_new_session=True,
    )
    child = Child(process)
    try:
        await child.connect(limit)
    except BaseException:
        await end_group(child)
        raise
    return child


async def end_group(process: Process) -> None:
    """Kill a process and all that it started, wait until it has ended, and close its streams."""
    if process.returncode is None:
        await _kill_group(process)
        await asyncio.shield(process.wait())
    elif process.returncode < 0:  # killed, so it could not end what it had started
        await _kill_group(process)
    if isinstance(process, Child):
        await process.close()


async def _kill_group(process: Process) -> None:
    if sys.platform == "win32":
        if not await _kill_tree(process.pid):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                process.kill()
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


async def _kill_tree(pid: int) -> bool:
    """Let Windows' own tool kill a process and its descendants; a process group is not killed as one there.

    Returns:
        True if the tool has killed all of them.
    """
    tool = Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "taskkill.exe")
    with contextlib.suppress(OSError, TimeoutError):
        killer = await asyncio.create_subprocess_exec(
            *(str(tool), "/T", "/F", "/PID", str(pid)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            creationflags=creation_flags(),
        )
        return await asyncio.wait_for(killer.wait(), _KILLING) == 0
    return False
