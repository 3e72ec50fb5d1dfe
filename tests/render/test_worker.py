"""The worker process."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.render.rendering import alone, fake_ffmpeg
from tests.systems import kill_group, needs_proc, processes_in, processes_left_in
from voxweave_nb.render import worker
from voxweave_nb.render.fork import workers_fork
from voxweave_nb.render.job import RenderJob
from voxweave_nb.render.renderer import _environment

MakeJob = Callable[..., RenderJob]


@pytest.mark.slow
@needs_proc
@pytest.mark.parametrize(
    "hurried", [False, True], ids=["ffmpeg", "one that makes its file at the last moment"]
)
def test_the_worker_ends_when_its_parent_dies(
    hurried: bool, make_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if hurried:
        encode = 'for to; do :; done; while :; do : >"${to#file:}"; done'
        monkeypatch.setenv("VOXWEAVE_FFMPEG", str(fake_ffmpeg(tmp_path, encode)))
    order = order_for(make_job(duration=600.0), tmp_path)
    code = (
        "import subprocess, sys\n"
        "p = subprocess.Popen([sys.executable, '-m', 'voxweave_nb.render.worker'], stdin=subprocess.PIPE,"
        f" cwd={str(tmp_path)!r}, start_new_session=True)\n"
        f"p.stdin.write({order!r})\n"
        "p.stdin.flush(); p.wait()\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert b"frame" in parent.stdout.readline()
    assert len(processes_in(tmp_path)) >= 2
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert_all_end(tmp_path)


def order_for(job: RenderJob, folder: Path) -> bytes:
    """Return the line that makes a worker render a job into a folder."""
    order = {"job": json.loads(job.to_json()), "to": str(folder / "out.mp4"), "work": str(folder)}
    return json.dumps(order).encode() + b"\n"


def assert_all_end(folder: Path) -> None:
    """Fail unless the worker and its encoder end within five seconds and leave no file."""
    assert not processes_left_in(folder, patience=5)
    assert not (folder / "out.mp4").exists()


@contextlib.contextmanager
def started(order: bytes, folder: Path, code: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """Start a worker, after some code, and send its order."""
    code = f"import sys; from voxweave_nb.render import worker; {code}; sys.exit(worker.main())"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=folder,
        env={**os.environ, **_environment()},
        start_new_session=True,
    )
    with process:
        assert process.stdin is not None
        process.stdin.write(order)
        process.stdin.flush()
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                kill_group(process)


@pytest.mark.slow
@needs_proc
@pytest.mark.parametrize("platform", [sys.platform, "darwin"])
@pytest.mark.parametrize("begun", [False, True], ids=["at once", "while it draws"])
def test_the_worker_ends_when_its_input_closes(
    begun: bool, platform: str, make_job: MakeJob, tmp_path: Path
) -> None:
    order = order_for(make_job(duration=600.0), tmp_path)
    with started(order, tmp_path, f"sys.platform = {platform!r}") as process:
        if begun:
            assert process.stdout is not None
            assert b"frame" in process.stdout.readline()
        assert process.stdin is not None
        process.stdin.close()
        assert_all_end(tmp_path)


@pytest.mark.slow
@needs_proc
@pytest.mark.parametrize("platform", [sys.platform, "darwin"])
def test_an_encoder_that_never_exits_is_stopped(
    platform: str, make_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "read")
    encode = f"cat >/dev/null; echo all >'{tmp_path / 'read'}'; while :; do :; done"
    monkeypatch.setenv("VOXWEAVE_FFMPEG", str(fake_ffmpeg(tmp_path, encode)))
    order = order_for(make_job(duration=1.0), tmp_path)
    with started(order, tmp_path, f"sys.platform = {platform!r}") as process:
        assert (tmp_path / "read").read_text() == "all\n"
        while "State:\tS" not in Path(f"/proc/{process.pid}/status").read_text():
            time.sleep(0)  # until the worker waits for the encoder's exit
        assert process.stdin is not None
        process.stdin.close()
        assert_all_end(tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(not workers_fork(), reason="needs Linux and a second core")
@pytest.mark.parametrize("style", ["anime", "cyberpunk"])
def test_the_worker_forks_with_one_thread(style: str, make_job: MakeJob, tmp_path: Path) -> None:
    fork_as_a_worker(make_job(style, duration=12.0), tmp_path)


@alone
def fork_as_a_worker(job: RenderJob, folder: Path) -> None:
    """Be a worker and check the number of threads at each fork."""
    order, keep_open = os.pipe()
    os.write(keep_open, order_for(job, folder))
    os.dup2(order, 0)
    sys.stdin = os.fdopen(0)
    counts, real = [], os.fork

    def count() -> int:
        counts.append(len(list(Path("/proc/self/task").iterdir())))
        return real()

    os.fork = count
    assert worker.main() == 0
    assert counts
    assert set(counts) == {1}
