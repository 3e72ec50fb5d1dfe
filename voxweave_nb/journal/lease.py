"""Leases: which process works on a run, and whether that process is still alive.

A lease holds the process and the time of its last heartbeat. Where the process itself can be seen, only that counts, so
that a clock that jumps neither takes a run from a living process nor leaves it with a dead one. The heartbeat decides
where it cannot be seen: in another container, on another machine that shares the folder, or on a system that does not
tell when a process began.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..processes import is_alive, this_process

__all__ = ["BEAT", "LAPSE", "Hold", "hold_of", "still_holds", "this_process"]

BEAT = 5.0
"""Seconds between two heartbeats."""

LAPSE = 30.0
"""Seconds without a heartbeat after which a lease has lapsed."""


@dataclass(frozen=True)
class Hold:
    """The state of a lease.

    Attributes:
        held: True while it is valid.
        lapses_in: Seconds after which it lapses without another heartbeat; None if its process is certainly running,
            or it is not valid.
    """

    held: bool
    lapses_in: float | None = None


def hold_of(owner: str | None, beat: float | None, now: float) -> Hold:
    """Return the state of a lease.

    Args:
        owner: The process that took it, as `this_process` names it, or None.
        beat: That process's last heartbeat, in seconds since 1970.
        now: The time now, in seconds since 1970.
    """
    if not owner or owner == this_process():
        return Hold(bool(owner))
    alive = is_alive(owner)
    if alive is not None:
        return Hold(alive)
    # A heartbeat in the future means that a clock was set back; the next heartbeat corrects it.
    if beat is None or now - beat >= LAPSE:
        return Hold(False)
    return Hold(True, min(LAPSE, beat + LAPSE - now))


def still_holds(owner: str | None, beat: float | None, now: float) -> bool:
    """Return True while a lease is valid; see `hold_of`."""
    return hold_of(owner, beat, now).held
