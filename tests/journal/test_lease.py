"""Leases: a living process keeps its run, a dead one loses it, whatever the clock does."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from voxweave_nb.journal import lease


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


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="seen in /proc only")
def test_a_zombie_holds_nothing():
    """A process that has ended stays visible until its parent asks how."""
    code = "from voxweave_nb.journal import lease; print(lease.this_process())"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        holder = child.stdout.read()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and stays a zombie
        assert not lease.still_holds(holder.strip(), time.time(), time.time())
