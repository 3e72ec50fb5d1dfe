"""Which process holds a run, and whether it still lives.

A lease says who holds a run and when that process last said so. On one machine the process itself is looked for, so
that a clock that jumps neither takes a run from a living process nor leaves it with a dead one; the heartbeat decides
where the process cannot be seen: in another container, or on another machine that shares the folder.
"""

from __future__ import annotations

import functools
import os
import socket
import sys
from pathlib import Path

__all__ = ["BEAT", "LAPSE", "me", "still_holds"]

BEAT = 5.0
"""Seconds between two signs of life."""

LAPSE = 30.0
"""Seconds without one after which a lease has lapsed."""


def me() -> str:
    """This process: machine, since when it runs, process id, since when that one lives."""
    return _me(os.getpid())


@functools.cache
def _me(pid: int) -> str:
    return f"{_machine()} {pid} {_born(pid) or '-'}"


@functools.cache
def _machine() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        space = Path("/proc/self/ns/pid").readlink()  # a process id means something in its own namespace only
    except OSError:
        return socket.gethostname()
    return f"{socket.gethostname()}/{boot}/{space}"


def _born(pid: int) -> str | None:
    """When a process began, in the kernel's ticks, which no clock moves; None where that cannot be seen."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()[19]


def still_holds(owner: str | None, beat: float | None, now: float) -> bool:
    """Whether a lease is to be respected.

    Args:
        owner: What `me` said in the process that took it, or None.
        beat: When that process last said that it lives, in seconds since 1970.
        now: The time now.
    """
    if not owner or owner == me():
        return bool(owner)
    machine, pid, born = owner.rsplit(" ", 2)
    if machine == _machine() and sys.platform.startswith("linux"):
        return _born(int(pid)) == born
    # A beat in the future is a clock that was set back: the holder corrects it with its next one.
    return beat is not None and now - beat < LAPSE
