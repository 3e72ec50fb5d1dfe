"""Writing: each step is in the journal once it is announced, and no run is held twice."""

from __future__ import annotations

import gc
import multiprocessing
import os
import shutil
import sqlite3
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from voxweave_nb import JournalError, VideoConfig
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


def test_a_closed_journal_is_not_handed_out(tmp_path):
    open_journal(tmp_path / "home").close()
    ask(open_journal(tmp_path / "home"))


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be removed there")
def test_a_removed_journal_is_not_handed_out(tmp_path):
    old = open_journal(tmp_path / "home")
    shutil.rmtree(old.home)
    new = open_journal(tmp_path / "home")
    ask(new)
    assert new is not old
    other = Journal(tmp_path / "home")
    assert other.run("run-1") is not None
    other.close()


def test_a_forgotten_journal_is_closed(tmp_path):
    journal = Journal(tmp_path / "home")
    connection = journal._connection
    del journal
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")


def test_pruning_deletes_only_what_has_ended(journal):
    for run, state in (("old", RunState.FINISHED), ("open", None)):
        ask(journal, run)
        accept(journal, run, job_id=run)
        if state:
            journal.end(run, state)
    assert journal.prune(before=time.time() + 1) == 1
    assert [run.id for run in journal.runs()] == ["open"]


def keep_clip(journal: Journal, run: str, name: str) -> Path:
    """Write a run down whose clip is on disk."""
    ask(journal, run)
    accept(journal, run, job_id=f"job-of-{run}")
    clip = journal.clips / name
    clip.write_bytes(b"clip")
    journal.downloaded(run, f"job-of-{run}", clip, "sha")
    return clip


def write_old(clip: Path, days: float) -> Path:
    clip.write_bytes(b"clip")
    os.utime(clip, (time.time() - days * 86_400,) * 2)
    return clip


def test_pruning_deletes_clips_of_ended_runs(journal, tmp_path):
    ended = {
        state: keep_clip(journal, state.name, f"{state.name}-0a1b2c3d.video")
        for state in RunState
        if state.ended
    }
    kept = {
        state: keep_clip(journal, state.name, f"{state.name}-0a1b2c3d.video")
        for state in (RunState.DOWNLOADED, RunState.LATE, RunState.IN_DOUBT)
    }
    partial = journal.clips / ".ABANDONED-0a1b2c3d.video.partial"
    partial.write_bytes(b"half")
    for state in (*ended, *kept):
        if state is not RunState.DOWNLOADED:
            journal.end(state.name, state)
    assert journal.prune(before=time.time() + 1) == len(ended)
    assert sorted(journal.clips.iterdir()) == sorted(kept.values())


def test_pruning_spares_young_and_foreign_files(journal, tmp_path):
    mine = tmp_path / "holiday.mp4"
    mine.write_bytes(b"mine")
    young = keep_clip(journal, "young", "young-0a1b2c3d.video")
    journal.end("young", RunState.ABANDONED)
    ask(journal, "odd")
    accept(journal, "odd", job_id="odd")
    journal.downloaded("odd", "odd", mine, "sha")
    journal.end("odd", RunState.ABANDONED)
    recent = write_old(journal.clips / "forgotten-0a1b2c3d.video", days=1)
    write_old(journal.clips / "forgotten-4e5f6a7b.video", days=9)
    journal.prune(before=time.time() - 3 * 86_400)
    assert sorted(journal.clips.iterdir()) == sorted([young, recent])
    journal.prune(before=time.time() + 1)
    assert list(journal.clips.iterdir()) == []
    assert mine.read_bytes() == b"mine"


def test_clips_of_a_damaged_journal_stay(tmp_path):
    """Its runs may still be resumed, once somebody has repaired it."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "journal.sqlite3").write_bytes(b"no database" * 1000)
    journal = Journal(home)
    lost = write_old(journal.clips / "lost-0a1b2c3d.video", days=9)
    ended = keep_clip(journal, "ended", "ended-0a1b2c3d.video")
    journal.end("ended", RunState.ABANDONED)
    journal.prune(before=time.time() + 1)
    assert (lost.exists(), ended.exists()) == (True, False)
    journal.close()


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


# Lost submissions


def lost(journal: Journal, run: str, **more: object) -> int:
    """Write down a submission whose answer was lost; return the attempt's id."""
    attempt = intend(journal, ask(journal, run), **more)
    journal.settle(attempt, AttemptOutcome.IN_DOUBT)
    return attempt


def test_a_job_of_another_attempt_is_not_adopted(journal):
    accept(journal, ask(journal, "first"), "job-1")
    second = lost(journal, "second")
    assert journal.adopt(second, ["job-1"], ["job-1"]) is None
    assert journal.run("second").state == "ambiguous"
    assert journal.adopt(second, ["job-1", "job-2"], ["job-1", "job-2"]) == "job-2"
    assert (journal.run("second").state, journal.run("second").attempt.job_id) == ("accepted", "job-2")
    assert journal.adopt(second, ["job-9"], ["job-9"]) == "job-2"


@pytest.mark.parametrize(
    ("matches", "possible"),
    [([], []), (["a", "b"], ["a", "b"]), (["a"], ["a", "b"]), ([], ["a"])],
    ids=["none", "two", "another is possible", "fields differ"],
)
def test_a_doubtful_job_is_not_adopted(journal, matches, possible):
    attempt = lost(journal, "run-1")
    assert journal.adopt(attempt, matches, possible) is None
    assert journal.run("run-1").attempt.job_id is None


def test_an_awaited_answer_may_name_the_job(journal):
    waiting, second = intend(journal, ask(journal, "first")), lost(journal, "second")
    assert journal.is_answer_awaited(second)
    assert journal.adopt(second, ["job-1"], ["job-1"]) is None
    journal.settle(waiting, AttemptOutcome.ACCEPTED, job_id="job-1")
    assert not journal.is_answer_awaited(second)
    assert journal.adopt(second, ["job-1", "job-2"], ["job-1", "job-2"]) == "job-2"


@pytest.mark.parametrize(
    "other",
    [
        {"config": VideoConfig(style="anime", prompt="a loud sea")},
        {"config": VideoConfig(style="biotech", prompt=CONFIG.prompt)},
        {"base_url": "https://elsewhere/v4"},
        {"model": "n"},
    ],
    ids=["another prompt", "another style", "another address", "another model"],
)
def test_an_unlike_answer_is_not_waited_for(journal, other):
    asked = {name: other.pop(name) for name in ("config",) if name in other}
    intend(journal, ask(journal, "first", **asked), **other)
    second = lost(journal, "second")
    assert not journal.is_answer_awaited(second)
    assert journal.adopt(second, ["job-1"], ["job-1"]) == "job-1"


def test_a_dead_process_awaits_no_answer(journal):
    intend(journal, ask(journal, "first"))
    with journal.transaction() as db:
        db.execute("UPDATE runs SET owner = 'elsewhere 1 1', beat = 0")
    assert journal.adopt(lost(journal, "second"), ["job-1"], ["job-1"]) == "job-1"


def test_an_id_at_another_provider_is_another_job(journal):
    accept(journal, ask(journal, "first"), "job-1", provider="fal", base_url="https://elsewhere/v4")
    assert journal.adopt(lost(journal, "second"), ["job-1"], ["job-1"]) == "job-1"


def test_one_server_may_have_two_addresses(journal):
    accept(journal, ask(journal, "first"), "job-1", base_url="http://127.0.0.1:8000/v1")
    second = lost(journal, "second", base_url="http://localhost:8000/v1")
    assert journal.adopt(second, ["job-1"], ["job-1"]) is None


def test_a_job_is_adopted_once_by_racing_connections(journal):
    other = Journal(journal.home)
    with ThreadPoolExecutor(2) as pool:
        for turn in range(100):
            job = f"job-{turn}"
            attempts = [lost(journal, f"{turn}-{name}") for name in "ab"]
            racing = zip((journal, other), attempts, strict=True)
            futures = [pool.submit(book.adopt, attempt, [job], [job]) for book, attempt in racing]
            assert sorted(str(future.result()) for future in futures) == ["None", job]
    other.close()


def test_an_id_given_twice_is_written_down(journal):
    for run in ("first", "second"):
        accept(journal, ask(journal, run), "job-1")
    assert [journal.run(run).attempt.job_id for run in ("first", "second")] == ["job-1", "job-1"]
    assert [row[0] for row in journal.select("SELECT shares_job FROM attempts ORDER BY id")] == [0, 1]


def test_a_job_is_unique_at_its_address(journal):
    accept(journal, ask(journal, "first"), "job-1")
    second = lost(journal, "second")
    with pytest.raises(JournalError, match="UNIQUE"), journal.transaction() as db:
        db.execute("UPDATE attempts SET job_id = 'job-1' WHERE id = ?", (second,))


def test_a_settled_doubt_leaves_the_run_requested(journal):
    attempt = lost(journal, "run-1")
    journal.settle(attempt, AttemptOutcome.REFUSED, message="not in the list")
    assert journal.run("run-1").state == "requested"


def test_another_doubt_keeps_the_run_in_doubt(journal):
    first, second = lost(journal, "run-1"), intend(journal)
    journal.settle(second, AttemptOutcome.IN_DOUBT)
    journal.settle(first, AttemptOutcome.REFUSED)
    assert journal.run("run-1").state == "ambiguous"


def test_jobs_sent_later_are_of_the_same_address(journal):
    attempt, now = lost(journal, "run-1"), time.time()
    accept(journal, ask(journal, "run-2"), "job-2")
    accept(journal, ask(journal, "run-3"), "job-3", base_url="https://elsewhere/v4")
    accept(journal, ask(journal, "run-4"), "job-4", provider="fal")
    assert journal.jobs_sent_after(attempt, now) == {"job-2"}
    assert journal.jobs_sent_after(attempt, time.time()) == set()


@pytest.mark.parametrize(
    "write",
    [
        lambda journal, text: journal.end("run-1", RunState.FINISHED, message=text),
        lambda journal, text: journal.status("run-1", "job-1", text, text),
        lambda journal, text: journal.failed_at_provider("run-1", "job-1", text),
        lambda journal, text: accept(journal, "run-1", text, model=text),
        lambda journal, text: journal.open_group(text, kind="lab", name=text),
        lambda journal, text: ask(journal, text, subtitles=text),
    ],
)
def test_every_text_can_be_written(journal, write):
    ask(journal)
    accept(journal)
    write(journal, "/videos/caf\udce9")


def test_an_odd_id_finds_its_run(journal):
    ask(journal)
    accept(journal, job_id="job-\ud800")
    assert journal.run("job-\ud800").attempt.job_id == "job-\\ud800"
