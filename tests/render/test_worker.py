"""The worker process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.render.rendering import fake_ffmpeg, processes_in
from voxweave_nb.render.job import RenderJob

MakeJob = Callable[..., RenderJob]


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="needs /proc to see processes")
@pytest.mark.parametrize(
    "hurried", [False, True], ids=["ffmpeg", "one that makes its file at the last moment"]
)
def test_the_worker_ends_when_its_parent_dies(
    hurried: bool, make_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if hurried:
        encode = 'for to; do :; done; while :; do : >"${to#file:}"; done'
        monkeypatch.setenv("VOXWEAVE_FFMPEG", str(fake_ffmpeg(tmp_path, encode)))
    order = {
        "job": json.loads(make_job(duration=600.0).to_json()),
        "to": str(tmp_path / "out.mp4"),
        "work": str(tmp_path),
    }
    code = (
        "import subprocess, sys\n"
        "p = subprocess.Popen([sys.executable, '-m', 'voxweave_nb.render.worker'], stdin=subprocess.PIPE,"
        f" cwd={str(tmp_path)!r}, start_new_session=True)\n"
        f"p.stdin.write({json.dumps(order)!r}.encode() + b'\\n')\n"
        "p.stdin.flush(); p.wait()\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert b"frame" in parent.stdout.readline()
    assert len(processes_in(tmp_path)) >= 2
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 5
    while processes_in(tmp_path) and time.monotonic() < deadline:
        os.sched_yield()
    assert not processes_in(tmp_path)
    assert not (tmp_path / "out.mp4").exists()
