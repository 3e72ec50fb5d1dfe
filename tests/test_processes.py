"""Which process is alive: with /proc, with psutil instead, and with neither."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from voxweave_nb import processes
from voxweave_nb.processes import is_alive, machine, this_process

SYSTEMS = ["proc", "psutil", "neither"]


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """Keep nothing that was found out about a simulated system."""
    for found in (processes._name, machine):
        found.cache_clear()
    yield
    for found in (processes._name, machine):
        found.cache_clear()


@pytest.fixture(params=SYSTEMS)
def system(forget, request, tmp_path, monkeypatch) -> str:
    """What the system tells of its processes."""
    if request.param != "proc":
        monkeypatch.setattr(processes, "_PROC", tmp_path / "none")
    if request.param == "neither":
        monkeypatch.setitem(sys.modules, "psutil", None)
    elif request.param == "psutil":
        pytest.importorskip("psutil")
    elif not processes._PROC.exists():
        pytest.skip("there is no /proc")
    return request.param


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_a_living_process_is_seen(system, child):
    expected = None if system == "neither" else True
    assert is_alive(processes._name(child.pid)) is expected
    assert is_alive(this_process()) is expected


def test_an_ended_process_is_seen(system, child):
    name = processes._name(child.pid)
    child.kill()
    child.wait()
    assert is_alive(name) is False


def test_a_reused_id_is_not_the_process(system, child):
    where, pid, started = processes._name(child.pid).rsplit(" ", 2)
    if system == "proc":
        assert is_alive(f"{where} {pid} {int(started) - 7}") is False
    elif system == "psutil":
        assert is_alive(f"{where} {pid} {float(started) - 7}") is None  # or the clock was set
    else:
        assert started == "-"


def test_a_zombie_has_ended(system, child):
    name = processes._name(child.pid)
    child.kill()
    if hasattr(os, "waitid"):
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and stays a zombie
        assert is_alive(name) is (None if system == "neither" else False)


def test_another_machine_is_not_seen():
    assert is_alive("another-machine 77 12345") is None


def test_a_process_that_may_not_be_seen(system, monkeypatch):
    if system == "psutil":
        import psutil

        monkeypatch.setattr(psutil.Process, "create_time", lambda _: refuse())
        monkeypatch.setattr(psutil.Process, "status", lambda _: refuse())
        assert is_alive(f"{machine()} {os.getpid()} 12.00") is None


def refuse() -> None:
    import psutil

    raise psutil.AccessDenied


def test_windows_sends_no_signal(tmp_path, monkeypatch):
    """`os.kill(pid, 0)` ends a process there."""
    monkeypatch.setattr(processes, "_PROC", tmp_path / "none")
    monkeypatch.setitem(sys.modules, "psutil", None)
    monkeypatch.setattr(processes, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(os, "kill", lambda *_: pytest.fail("a signal was sent"))
    assert is_alive(f"{machine()} {os.getpid()} -") is None
