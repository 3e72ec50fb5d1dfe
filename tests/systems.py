"""What tests take from the system, each behind one name here.

Where the system does not have it, such as Windows a shell, the test is skipped there with that reason.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

__all__ = [
    "KILL",
    "full_device",
    "interrupt",
    "kill_group",
    "needs_fork",
    "needs_limits",
    "needs_modes",
    "needs_proc",
    "needs_shell",
    "peak_memory",
    "processes_in",
    "shell_program",
    "symlink",
]

KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
"""The signal that a process cannot catch; on Windows every one ends it at once."""

needs_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads /proc")
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
needs_limits = pytest.mark.skipif(sys.platform == "win32", reason="the size of files cannot be limited there")
needs_modes = pytest.mark.skipif(sys.platform == "win32", reason="files have no such modes there")
needs_shell = pytest.mark.skipif(sys.platform == "win32", reason="there is no sh")


def shell_program(path: Path, body: str) -> Path:
    """Write an executable shell script, such as a fake FFmpeg."""
    if sys.platform == "win32":
        pytest.skip("Windows starts no shell script as a program")
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8", newline="\n")
    path.chmod(0o755)
    return path


def peak_memory() -> int:
    """Return the most memory that this process has used, in KB."""
    try:
        import resource
    except ImportError:
        return int(psutil.Process().memory_info().peak_wset // 1024)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most // 1024 if sys.platform == "darwin" else most  # there in bytes


def full_device() -> Path:
    """Return a file to which every write ends with "no space left on device"."""
    device = Path("/dev/full")
    if not device.exists():
        pytest.skip("there is no /dev/full")
    return device


def symlink(path: Path, target: Path) -> None:
    """Make a symbolic link."""
    try:
        path.symlink_to(target)
    except OSError as error:  # Windows asks for a privilege
        pytest.skip(f"no symbolic link can be made: {error}")


def interrupt(process: subprocess.Popen[str], how: int = signal.SIGINT) -> None:
    """Interrupt a process as Ctrl+C does, or with another signal that it catches."""
    if sys.platform == "win32":
        process.kill()
        pytest.skip("there Ctrl+C cannot be sent to one process")
    process.send_signal(how)


def kill_group(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    """Kill a process that was started in a session of its own, with its children."""
    if sys.platform == "win32":
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
        process.kill()
    else:
        os.killpg(process.pid, KILL)


def processes_in(folder: Path) -> dict[int, str]:
    """Return the ids and command lines of the running processes whose working folder is a folder or inside of it."""
    found: dict[int, str] = {}
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            where = Path(process.cwd())
            if where == folder.resolve() or folder.resolve() in where.parents:
                found[process.pid] = " ".join(process.cmdline())
        except (psutil.Error, OSError):
            continue
    return found


def processes_left_in(folder: Path, patience: float = 10.0) -> dict[int, str]:
    """Return the processes that `processes_in` finds still after some seconds; a killed one is gone a moment later."""
    deadline = time.monotonic() + patience
    while (found := processes_in(folder)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found
