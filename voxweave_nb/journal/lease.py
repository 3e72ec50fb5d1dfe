"""Leases: which process works on a run, and whether that process is still alive.

A lease holds the process and the time of its last heartbeat. On the same machine the process itself is checked, so
that a clock that jumps neither takes a run from a living process nor leaves it with a dead one. The heartbeat decides
only where the process cannot be seen: in another container, or on another machine that shares the folder.
"""

from __future__ import annotations

import functools
import os
import socket
import sys
from pathlib import Path

__all__ = ["BEAT", "LAPSE", "still_holds", "this_process"]

BEAT = 5.0
"""Seconds between two heartbeats."""

_ENDED = ("Z", "X", "x")
"""States of a process that has ended, as in proc(5)."""

LAPSE = 30.0
"""Seconds without a heartbeat after which a lease has lapsed."""


def this_process() -> str:
    """Return this process as a lease names it: machine, process id and start time, separated by spaces."""
    return _process(os.getpid())


@functools.cache
def _process(pid: int) -> str:
    return f"{_machine()} {pid} {_start_time(pid) or '-'}"


@functools.cache
def _machine() -> str:
    """Return the host's name, boot id and process namespace."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        namespace = Path("/proc/self/ns/pid").readlink()  # a process id is unique only within its namespace
    except OSError:
        return socket.gethostname()
    return f"{socket.gethostname()}/{boot}/{namespace}"


def _start_time(pid: int) -> str | None:
    """Return when a process began, in the kernel's ticks since boot; None where it cannot be seen, or has ended.

    No change of the clock moves these ticks, and a process id that is used again has other ones.
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    values = text.rpartition(")")[2].split()
    # A zombie has ended, and is listed until its parent asks how.
    return None if values[0] in _ENDED else values[19]


def still_holds(owner: str | None, beat: float | None, now: float) -> bool:
    """Return True while a lease is valid.

    Args:
        owner: The process that took it, as `this_process` names it, or None.
        beat: That process's last heartbeat, in seconds since 1970.
        now: The time now, in seconds since 1970.
    """
    if not owner or owner == this_process():
        return bool(owner)
    machine, pid, started = owner.rsplit(" ", 2)
    if machine == _machine() and sys.platform.startswith("linux"):
        return _start_time(int(pid)) == started
    # A heartbeat in the future means that a clock was set back; the next heartbeat corrects it.
    return beat is not None and now - beat < LAPSE
