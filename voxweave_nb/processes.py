"""Which process this is, and whether another one is still alive.

A process id is given to another process once its own has ended, so a process is named with the time of its start.
Linux tells it in /proc; elsewhere psutil does, which ipykernel brings along.
"""

from __future__ import annotations

import functools
import os
import socket
import sys
from pathlib import Path

__all__ = ["is_alive", "machine", "this_process"]

_PROC = Path("/proc")

_ENDED = ("Z", "X", "x")
"""States of a process that has ended, as in proc(5)."""

_UNKNOWN = "-"
"""Stands for a start that cannot be told."""

_SAME = 1.0
"""Seconds by which two readings of one start may differ where it is a time of day."""


def this_process() -> str:
    """Return this process's machine, process id and start time, separated by spaces."""
    return _name(os.getpid())


@functools.cache
def _name(pid: int) -> str:
    return f"{machine()} {pid} {_start(pid) or _UNKNOWN}"


@functools.cache
def machine() -> str:
    """Return the host's name and, where the system tells, its boot id and process namespace."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        namespace = (_PROC / "self/ns/pid").readlink()  # a process id is unique only within its namespace
    except OSError:
        return socket.gethostname()
    return f"{socket.gethostname()}/{boot}/{namespace}"


def is_alive(process: str) -> bool | None:
    """Return True for a process that is running, False for one that has ended, and None if it cannot be told.

    Args:
        process: A process as `this_process` names it.
    """
    where, pid, started = process.rsplit(" ", 2)
    if where != machine():
        return None
    start = _start(int(pid))
    if start is None:
        return False
    if _UNKNOWN in (start, started):
        return None
    if "." not in start:  # ticks since boot, which no change of the clock moves
        return start == started
    # A clock that was set may have moved one of the two, so another start proves nothing.
    return True if abs(float(start) - float(started)) < _SAME else None


def _start(pid: int) -> str | None:
    """Return when a process began: in ticks since boot, or in seconds since 1970 with decimals.

    Returns:
        "-" if it cannot be told; None if the process has ended.
    """
    if (_PROC / "self/stat").exists():
        return _start_in_proc(pid)
    try:
        import psutil
    except ImportError:
        return _UNKNOWN if _may_exist(pid) else None
    try:
        found = psutil.Process(pid)
        return None if found.status() == psutil.STATUS_ZOMBIE else f"{found.create_time():.2f}"
    except psutil.NoSuchProcess:
        return None
    except (psutil.Error, OSError):
        return _UNKNOWN


def _start_in_proc(pid: int) -> str | None:
    try:
        text = (_PROC / f"{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    values = text.rpartition(")")[2].split()
    # A zombie has ended, and is listed until its parent asks how.
    return None if values[0] in _ENDED else values[19]


def _may_exist(pid: int) -> bool:
    """Return False if no process has this id, as far as the system tells."""
    if sys.platform == "win32":  # there os.kill ends the process, whatever the signal
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
