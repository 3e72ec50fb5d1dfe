"""Leases: a living process keeps its run, a dead one loses it, whatever the clock does."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from tests.systems import needs_proc
from voxweave_nb.journal import lease


@needs_proc
def test_a_jump_of_the_clock_moves_no_lease():
    living, now = lease.this_process(), time.time()
    for beat in (now - 7200, now + 7200, now):
        assert lease.still_holds(living, beat, now)
    machine, pid, started = living.rsplit(" ", 2)
    dead = f"{machine} {pid} {int(started) + 1}"  # the process id was given to another process since
    for beat in (now - 7200, now + 7200, now):
        assert not lease.still_holds(dead, beat, now)


def test_an_unseen_process_is_known_by_its_heartbeat():
    now = time.time()
    elsewhere = "another-machine 77 12345"
    assert lease.still_holds(elsewhere, now - lease.LAPSE / 2, now)
    assert not lease.still_holds(elsewhere, now - lease.LAPSE * 2, now)
    assert lease.still_holds(elsewhere, now + 3600, now)  # a clock that was set back
    assert not lease.still_holds(None, None, now)


@needs_proc
def test_a_zombie_holds_nothing():
    """A process that has ended stays visible until its parent asks how."""
    code = "from voxweave_nb.journal import lease; print(lease.this_process())"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        holder = child.stdout.read()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and stays a zombie
        assert not lease.still_holds(holder.strip(), time.time(), time.time())


@pytest.mark.parametrize(("silent", "lapses_in"), [(0.0, 30.0), (12.0, 18.0), (-3600.0, 30.0)])
def test_an_unseen_process_lapses_after_a_while(silent, lapses_in):
    now = time.time()
    hold = lease.hold_of("another-machine 77 12345", now - silent, now)
    assert (hold.held, hold.lapses_in) == (True, pytest.approx(lapses_in, abs=0.1))
    assert lease.hold_of(lease.this_process(), now, now) == lease.Hold(True)


@pytest.mark.parametrize("answer", [True, False])
def test_a_seen_process_needs_no_heartbeat(answer, monkeypatch):
    monkeypatch.setattr(lease, "is_alive", lambda _: answer)
    for beat in (0.0, 1000.0, None):
        assert lease.hold_of("here 77 12345", beat, 1000.0) == lease.Hold(answer)
