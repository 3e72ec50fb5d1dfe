"""Writing: each step is in the journal once it is announced, and no run is held twice."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from voxweave_nb.journal import AttemptOutcome, Journal, RunState, lease, open_journal

from .rows import CONFIG, accept, ask, intend

# A run's way


def test_a_run_is_written_from_request_to_end(journal):
    ask(journal, subtitles="1\n00:00:00,000 --> 00:00:01,000\nHello\n")
    run = journal.run("run-1")
    assert (run.state, run.config, run.chain, run.held) == ("requested", CONFIG, ("zai", "fal"), True)
    assert run.subtitles.startswith("1\n")
    journal.settle(intend(journal), AttemptOutcome.ACCEPTED, job_id="job-7")
    assert journal.run("job-7").state == "accepted"
    journal.status("run-1", "job-7", "running")
    journal.downloaded("run-1", "job-7", Path("/tmp/clip.mp4"), "sha")
    assert (journal.run("run-1").state, journal.run("run-1").attempt.clip_sha) == ("downloaded", "sha")
    journal.end("run-1", RunState.FINISHED, result={"path": "video.mp4"}, message="done")
    run = journal.run("run-1")
    assert (run.state, run.result["path"], run.held) == ("finished", "video.mp4", False)
    assert [name for _, name, _ in journal.steps("run-1")] == [
        "requested", "intent", "accepted", "status", "downloaded", "finished",
    ]  # fmt: skip


def test_another_connection_sees_what_was_written(journal):
    ask(journal)
    other = Journal(journal.home)
    assert other.run("run-1").narration == Path("talk.mp3").absolute()
    other.close()


def test_unanswered_attempts_count_and_refused_ones_do_not(journal):
    ask(journal)
    journal.settle(intend(journal), AttemptOutcome.REFUSED, message="busy")
    assert journal.run("run-1").attempt is None
    intend(journal, usd=0.5)
    assert (journal.run("run-1").attempt.outcome, journal.run("run-1").usd) == ("sent", 0.5)


def test_a_failed_job_lets_another_be_tried(journal):
    ask(journal)
    accept(journal)
    journal.failed_at_provider("run-1", "job-1", "the content was refused")
    run = journal.run("run-1")
    assert (run.state, run.attempt.message) == ("requested", "the content was refused")


def test_an_attempt_names_the_scene_it_is_for(journal):
    ask(journal)
    accept(journal, scene="scene-2")
    accept(journal, job_id="job-2")
    assert [attempt.scene for attempt in journal.run("run-1").attempts] == ["scene-2", None]


def test_one_process_opens_it_once(tmp_path):
    assert open_journal(tmp_path / "home") is open_journal(tmp_path / "home")


def test_pruning_deletes_only_what_has_ended(journal):
    for run, state in (("old", RunState.FINISHED), ("open", None)):
        ask(journal, run)
        accept(journal, run, job_id=run)
        if state:
            journal.end(run, state)
    assert journal.prune(before=time.time() + 1) == 1
    assert [run.id for run in journal.runs()] == ["open"]


# A finished run


def write_accepted(journal: Journal) -> None:
    journal.settle(intend(journal), AttemptOutcome.ACCEPTED, job_id="job-2")


LATE_WRITES = {
    "late": lambda journal: journal.end("run-1", RunState.LATE, message="too late"),
    "abandoned": lambda journal: journal.end("run-1", RunState.ABANDONED, message="cancelled"),
    "failed": lambda journal: journal.end("run-1", lambda run: RunState.FAILED, message="no"),
    "accepted": write_accepted,
    "downloaded": lambda journal: journal.downloaded("run-1", "job-1", Path("clip"), "sha"),
    "failed at the provider": lambda journal: journal.failed_at_provider("run-1", "job-1", "no"),
    "finished again": lambda journal: journal.end(
        "run-1", RunState.FINISHED, message="no", result={"path": "2"}
    ),
}
"""Writes of a process that does not know yet that another one has finished the run."""


@pytest.mark.parametrize("write", LATE_WRITES.values(), ids=LATE_WRITES)
def test_no_write_leaves_finished(journal, write):
    ask(journal)
    accept(journal)
    journal.end("run-1", RunState.FINISHED, message="done", result={"path": "video.mp4"})
    write(journal)
    run = journal.run("run-1")
    assert (run.state, run.message, run.result) == ("finished", "done", {"path": "video.mp4"})
    assert journal.finished_like("key").id == "run-1"


@pytest.mark.parametrize("state", [state for state in RunState if state.ended])
def test_an_ended_run_is_not_taken(journal, state):
    ask(journal)
    accept(journal)
    journal.end("run-1", state)
    assert not journal.take("run-1")
    assert not journal.run("run-1").held


def test_taking_returns_the_run_as_it_is(journal):
    ask(journal)
    journal.release("run-1")
    (stale,) = journal.runs()
    accept(journal)
    taken = journal.take("run-1")
    assert (stale.state, taken.state, taken.attempt.job_id, taken.held) == (
        "requested",
        "accepted",
        "job-1",
        True,
    )


def test_only_the_holder_ends_a_run(journal, monkeypatch):
    ask(journal)
    accept(journal)
    with monkeypatch.context() as patch:
        patch.setattr(lease, "this_process", lambda: "elsewhere 7 7")
        journal.end("run-1", RunState.LATE)
        assert (journal.run("run-1").state, journal.run("run-1").held) == ("accepted", True)
        journal.end("run-1", RunState.FINISHED, result={"path": "video.mp4"})
    assert (journal.run("run-1").state, journal.run("run-1").held) == ("finished", False)


# Groups


def test_a_group_keeps_its_runs_and_its_birthday(journal):
    first = journal.open_group("lab-1", kind="lab", name="harbour", budget=4.0)
    again = journal.open_group("lab-1", kind="lab", name="harbour at dawn", budget=5.0)
    assert (again.kind, again.name, again.budget, again.created) == (
        "lab", "harbour at dawn", 5.0, first.created,
    )  # fmt: skip
    ask(journal, "run-1", group="lab-1")
    ask(journal, "run-2")
    assert [run.id for run in journal.runs_of("lab-1")] == ["run-1"]
    assert [run.group for run in journal.runs()] == [None, "lab-1"]
    assert journal.group("lab-2") is None


# Leases


def test_a_run_is_taken_once_and_kept(journal):
    ask(journal)
    assert not journal.take("run-1")  # this process holds it since the request
    journal.release("run-1")
    assert journal.take("run-1")
    assert not journal.take("run-1")
    assert not journal.take("no-such-run")


def test_a_dead_process_loses_its_run_at_once(journal, tmp_path):
    script = f"""
        from pathlib import Path
        from tests.journal.rows import ask
        from voxweave_nb.journal import Journal
        ask(Journal(Path({str(journal.home)!r})))
        """
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=True, cwd=root, timeout=60)
    assert not journal.run("run-1").held
    assert journal.take("run-1")


def _taker(home: str, runs: int) -> list[str]:
    journal = Journal(Path(home))
    taken = [f"run-{number}" for number in range(runs) if journal.take(f"run-{number}")]
    journal.close()
    return taken


@pytest.mark.slow
def test_no_run_is_taken_by_two_processes(tmp_path):
    home = tmp_path / "home"
    journal = Journal(home)
    for number in range(40):
        ask(journal, f"run-{number}")
        journal.release(f"run-{number}")
    journal.close()
    with multiprocessing.get_context("spawn").Pool(8) as pool:
        taken = [run for found in pool.starmap(_taker, [(str(home), 40)] * 8, chunksize=1) for run in found]
    assert sorted(taken) == sorted(f"run-{number}" for number in range(40))
