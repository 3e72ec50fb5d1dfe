"""Reading: runs are found by every id, and left ones in the order in which they came."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from voxweave_nb import ConfigError
from voxweave_nb.journal import AttemptOutcome, RunState

from .rows import accept, ask, intend


def test_a_run_is_found_by_either_id(journal):
    ask(journal)
    accept(journal, job_id="job-7")
    assert journal.run("run-1") == journal.run("job-7")
    assert journal.run("job-8") is None


@pytest.mark.parametrize("second", [{"provider": "gateway"}, {"base_url": "https://other/v1"}, {}])
def test_a_job_of_two_runs_is_not_guessed(journal, second):
    ask(journal, "run-1")
    accept(journal, "run-1", job_id="7")
    ask(journal, "run-2")
    accept(journal, "run-2", job_id="7", **second)
    assert [run.id for run in journal.runs_of_job("7")] == ["run-2", "run-1"]
    with pytest.raises(ConfigError, match=r"Job '7' belongs to several runs: run-2, run-1\."):
        journal.run("7")
    journal.end("run-2", RunState.FINISHED)
    assert journal.run("7").id == "run-1"
    journal.end("run-1", RunState.FINISHED)
    with pytest.raises(ConfigError, match=r"several runs: run-2, run-1\. Name one of them"):
        journal.run("7")
    assert journal.run("run-2").id == "run-2"


def test_a_run_with_a_job_twice_is_found(journal):
    ask(journal)
    accept(journal, job_id="7")
    accept(journal, job_id="7", provider="gateway")
    assert journal.run("7").id == "run-1"


def test_runs_are_listed_newest_first(journal):
    for number in range(4):
        ask(journal, f"run-{number}")
    journal.end("run-1", RunState.FAILED)
    assert [run.id for run in journal.runs(limit=2)] == ["run-3", "run-2"]
    assert [run.id for run in journal.runs(states=[RunState.FAILED, RunState.LATE])] == ["run-1"]


def test_resumable_runs_are_oldest_first_without_doubts(journal):
    for run, state in [
        ("a", RunState.LATE),
        ("b", RunState.ACCEPTED),
        ("c", RunState.IN_DOUBT),
        ("d", RunState.FAILED),
    ]:
        ask(journal, run)
        accept(journal, run, job_id=run)
        journal.end(run, state)
    ask(journal, "nothing sent")
    journal.release("nothing sent")
    assert [run.id for run in journal.resumable()] == ["a", "b"]


def test_the_newest_identical_finished_run_is_reused(journal):
    for run in ("old", "new", "other", "unfinished"):
        ask(journal, run, reuse_key="b" if run == "other" else "a")
        if run != "unfinished":
            journal.end(run, RunState.FINISHED, result={})
    assert journal.finished_like("a").id == "new"
    assert journal.finished_like("c") is None


def test_steps_are_read_with_their_data(journal):
    ask(journal)
    journal.settle(intend(journal), AttemptOutcome.REFUSED, message="busy")
    (_, _, nothing), (_, _, intent), (_, name, refused) = journal.steps("run-1")
    assert (nothing, intent) == ({}, {"provider": "zai", "model": "m", "usd": 0.2})
    assert (name, refused) == ("refused", {"message": "busy"})


@pytest.mark.skipif(sys.platform == "win32", reason="file names are text there")
def test_undecodable_names_are_read_as_written(journal):
    odd = Path(os.fsdecode(b"/tmp/caf\xe9.srt"))
    ask(journal, subtitles=odd)
    assert journal.run("run-1").subtitles == odd
