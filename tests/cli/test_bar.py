"""The progress of a job, on a terminal and in a file."""

from __future__ import annotations

import io
from typing import Any

import pytest

from voxweave_nb import JobCanceled, JobEvent, JobState, Stage
from voxweave_nb.cli.bar import ProgressBar, watch


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def event(progress: float = 0.0, **changes: Any) -> JobEvent:
    facts = {"kind": "progress", "state": JobState.RUNNING, "stage": Stage.GENERATE, "message": ""}
    return JobEvent(**{**facts, "progress": progress, "at": 0.0, "elapsed": 0.0, **changes})


def test_a_file_gets_one_line_per_message():
    out = io.StringIO()
    bar = ProgressBar(out)
    bar.show(event(10))
    bar.show(event(20, kind="log", message="zai has accepted the job."))
    bar.show(event(20, kind="warning", message="The clip is shorter."))
    bar.show(event(100, state=JobState.SUCCEEDED, message="done"))
    assert out.getvalue() == "zai has accepted the job.\nwarning: The clip is shorter.\n"


def test_a_terminal_gets_a_bar_with_remaining_time(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    out = Terminal()
    ProgressBar(out).show(event(50, remaining=65.0))
    assert out.getvalue().endswith(f"{'█' * 20}{'░' * 20}  50 % generate, 1:05 left")


def test_the_bar_is_not_redrawn_without_a_step():
    out = Terminal()
    bar = ProgressBar(out)
    bar.show(event(50))
    drawn = out.getvalue()
    bar.show(event(50.1))
    assert out.getvalue() == drawn


def test_the_bar_is_cleared_at_the_end():
    out = Terminal()
    ProgressBar(out).show(event(100, state=JobState.SUCCEEDED))
    assert out.getvalue() == "\r\x1b[K"


def test_a_quick_job_draws_ten_bars_a_second(monkeypatch):
    out, clock, late = Terminal(), [100.0], []
    monkeypatch.setattr("voxweave_nb.cli.bar.time.monotonic", lambda: clock[0])
    monkeypatch.setattr("threading.Timer.start", lambda timer: late.append(timer))
    bar = ProgressBar(out)
    for step in range(1000):  # in two seconds
        clock[0] += 0.002
        bar.show(event(step / 10))
    assert out.getvalue().count("\r") in (19, 20)
    clock[0] += 1
    late[-1].function(*late[-1].args)
    assert out.getvalue().endswith("100 % generate")


def test_the_bar_comes_back_after_a_message(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("voxweave_nb.cli.bar.time.monotonic", lambda: clock[0])
    out = Terminal()
    bar = ProgressBar(out)
    bar.show(event(50))
    clock[0] += 1
    bar.show(event(50, kind="log", message="zai has accepted the job."))
    assert out.getvalue().endswith("50 % generate")


class Gone(Terminal):
    """A pipe whose reader has closed it."""

    wrote = 0

    def write(self, text: str) -> int:
        self.wrote += 1
        raise BrokenPipeError


def test_a_closed_pipe_ends_the_bar_quietly():
    out = Gone()
    bar = ProgressBar(out)
    bar.show(event(50))
    bar.show(event(60, message="more"))
    bar.close()
    assert out.wrote == 1


class Interrupted:
    """A job whose wait is interrupted."""

    def listen(self, listener: object) -> None:
        self.listener = listener

    def result(self) -> None:
        raise KeyboardInterrupt

    def exception(self) -> JobCanceled:
        return JobCanceled("It goes on at zai.")


def test_an_interrupted_wait_says_what_became_of_it():
    with pytest.raises(JobCanceled, match="goes on at zai"):
        watch(Interrupted())


def test_a_quiet_wait_follows_nothing():
    job = Interrupted()
    with pytest.raises(JobCanceled):
        watch(job, quiet=True)
    assert not hasattr(job, "listener")
