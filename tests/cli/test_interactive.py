"""A job in IPython in a terminal: its bar while it is waited for, and its state in words."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.samples import finished_video
from voxweave_nb import Job, JobState, Stage, VideoConfig, display
from voxweave_nb.cli.interactive import bar_of, print_job
from voxweave_nb.job import JobReporter
from voxweave_nb.request import VideoRequest


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch) -> Terminal:
    monkeypatch.setenv("COLUMNS", "80")
    stream = Terminal()
    monkeypatch.setattr("voxweave_nb.cli.interactive.sys", SimpleNamespace(stderr=stream))
    return stream


def new_job() -> Job:
    return Job(VideoRequest(Path("talk.mp3"), None, VideoConfig()), provider="local")


def test_a_wait_has_a_bar_that_is_removed(terminal):
    job = new_job()
    with bar_of(job):
        JobReporter(job).advance(Stage.GENERATE, 0.5)
        assert terminal.getvalue().endswith("55 % generate")
    JobReporter(job).advance(Stage.GENERATE, 0.9)
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_only_one_of_two_waits_has_a_bar(terminal):
    first, second = new_job(), new_job()
    with bar_of(first), bar_of(second):
        JobReporter(second).log("the second")
        JobReporter(first).log("the first")
    assert "the first" in terminal.getvalue()
    assert "the second" not in terminal.getvalue()


def test_a_stream_to_a_file_has_no_bar(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr("voxweave_nb.cli.interactive.sys", SimpleNamespace(stderr=stream))
    job = new_job()
    with bar_of(job):
        JobReporter(job).log("hello")
    assert stream.getvalue() == ""


def test_an_error_frees_the_bar(terminal):
    with pytest.raises(KeyError), bar_of(new_job()):
        raise KeyError
    job = new_job()
    with bar_of(job):
        JobReporter(job).log("the next")
    assert "the next" in terminal.getvalue()


def test_a_running_job_tells_how_to_wait(capsys):
    job = new_job()
    JobReporter(job).advance(Stage.GENERATE, 0.5, "half way")
    print_job(job)
    bar, message, advice = capsys.readouterr().out.splitlines()
    assert bar.endswith("55 % generate")
    assert message == "half way"
    assert "`await job`" in advice


def test_a_finished_job_prints_its_video(capsys, tmp_path):
    job = new_job()
    job._video = finished_video(tmp_path / "out")
    print_job(job)
    assert capsys.readouterr().out.splitlines()[0] == str(tmp_path / "out" / "a b.mp4")


def test_a_failed_job_prints_its_error(capsys):
    job = new_job()
    JobReporter(job)._fail(JobState.FAILED, ValueError("The narration is empty."))
    print_job(job)
    assert capsys.readouterr().out == "failed: The narration is empty.\n"


def test_a_wait_outside_ipython_has_no_bar(terminal):
    job = new_job()
    with display.waiting_for(job):
        JobReporter(job).log("hello")
    assert terminal.getvalue() == ""
