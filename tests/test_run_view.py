"""A lab's run is shown as a job is: in a notebook, in a terminal, with its errors once."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace

import pytest

from tests.widgets.actions import text, wait_for
from voxweave_nb import JobState
from voxweave_nb.cli.interactive import bar_of, print_job
from voxweave_nb.lab.progress import LabProgress
from voxweave_nb.run_view import RunView, sentences
from voxweave_nb.widgets.job_bar import JobBar
from voxweave_nb.widgets.progress import JobProgress

pytestmark = pytest.mark.slow


class FakeRun:
    """A run whose progress a test sets."""

    def __init__(self) -> None:
        self.progress = LabProgress(total=4)
        self.notes: Mapping[str, Sequence[str]] = {}
        self.canceled = False
        self._listeners: list[Callable[[LabProgress], None]] = []

    def listen(self, listener: Callable[[LabProgress], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        listener(self.progress)
        return lambda: self._listeners.remove(listener)

    def cancel(self) -> bool:
        self.canceled = True
        return True

    def done(self) -> bool:
        return self.progress.state.final

    def become(self, **values: object) -> None:
        self.progress = LabProgress(total=4, **values)
        for listener in list(self._listeners):
            listener(self.progress)


@pytest.fixture
def run() -> FakeRun:
    return FakeRun()


HALF = {"made": 2, "running": 2, "fraction": 0.5, "usd": 0.4, "elapsed": 70.0, "remaining": 65.0}


def test_progress_reads_as_a_sentence():
    progress = LabProgress(total=12, made=5, failed=1, running=2, usd=1.2)
    assert str(progress) == "5 of 12 made, 1 failed, 2 running, $1.20"
    assert repr(progress) == "<LabProgress: 5 of 12 made, 1 failed, 2 running, $1.20>"


def test_an_error_of_many_is_told_once():
    notes = {
        "Out of money.": ["sea, 1", "sea, 2", "lake, 1", "lake, 2"],
        "Too long.": ["v5 (rain)"],
        "No worker.": [],
    }
    told = sentences(notes, "variants")
    many = "4 variants (sea, 1; sea, 2; lake, 1; ...): Out of money."
    assert told == (many, "v5 (rain): Too long.", "No worker.")


def test_the_notebook_shows_share_time_and_money(run):
    bar = JobProgress(RunView(run))
    run.become(**HALF)
    wait_for(lambda: bar.value == 50.0)
    shown = text(bar)
    assert "50 % · 1:10 · about 1:05 left" in shown
    assert "2 of 4 made, 2 running, $0.40" in shown
    assert "vx-stages" not in shown


def test_the_notebook_lists_errors_once(run):
    bar = JobProgress(RunView(run))
    run.notes = {"It <failed>.": ["v1 (dusk)"]}
    run.become(**HALF, failed=1)
    run.become(made=3, failed=1, fraction=1.0, state=JobState.SUCCEEDED, elapsed=80.0)
    wait_for(lambda: "Done in 1:20" in text(bar))
    assert "3 of 4 made, 1 failed" in text(bar)
    assert text(bar).count("v1 (dusk): It &lt;failed&gt;.") == 1
    assert bar._cancel_button.layout.display == "none"


def test_the_button_cancels_the_run(run):
    bar = JobProgress(RunView(run))
    bar._cancel_button.click()
    assert run.canceled


def test_a_run_that_ended_early_says_why(run):
    bar = JobProgress(RunView(run))
    run.become(state=JobState.FAILED, message="The workers differ.")
    wait_for(lambda: "The workers differ." in text(bar))


def test_marimo_shows_a_run_in_one_widget(run):
    bar = JobBar(RunView(run))
    run.become(**HALF)
    wait_for(lambda: 'value="50.0"' in bar._html)
    assert "2 of 4 made, 2 running, $0.40" in bar._html
    assert "vx-stages" not in bar._html


def test_marimo_shows_what_came_of_a_run(run):
    bar = JobBar(RunView(run))
    run.become(made=3, failed=1, fraction=1.0, usd=0.6, state=JobState.SUCCEEDED, elapsed=80.0)
    wait_for(lambda: "Done in 1:20" in bar._html)
    assert "3 of 4 made, 1 failed, $0.60" in bar._html
    assert "vx-error" not in bar._html
    assert not bar._running


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_a_bar(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    stream = Terminal()
    monkeypatch.setattr("voxweave_nb.cli.interactive.sys", SimpleNamespace(stderr=stream))
    with bar_of(RunView(run)):
        run.notes = {"It failed.": ["v1"]}
        run.become(**HALF)
        run.become(**{**HALF, "fraction": 0.6})
        assert stream.getvalue().endswith(" 60 % , 1:05 left")
    shown = stream.getvalue()
    assert shown.count("warning: v1: It failed.\n") == 1
    assert shown.count("2 of 4 made, 2 running, $0.40\n") == 1


def test_a_terminal_prints_a_run(run, capsys):
    run.become(**HALF)
    print_job(RunView(run))
    assert "2 of 4 made, 2 running, $0.40\nWait for it" in capsys.readouterr().out
