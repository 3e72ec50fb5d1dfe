"""The journal's file: what is written is there, what is damaged is set aside, and what is newer is left alone."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from voxweave_nb import BudgetExceeded, JournalError, VideoConfig
from voxweave_nb.journal import Journal, Requested, open_journal, owner, without_secrets
from voxweave_nb.journal.schema import MIGRATIONS

CONFIG = VideoConfig(style="anime", prompt="a quiet sea")


@pytest.fixture
def journal(tmp_path: Path):
    opened = Journal(tmp_path / "home")
    yield opened
    opened.close()


def ask(journal: Journal, run: str = "run-1", **more: object) -> str:
    given = {
        "seconds": 22.4,
        "subtitles": None,
        "config": CONFIG,
        "chain": ["zai", "fal"],
        "reuse_key": "key",
        **more,
    }
    asked = Requested(narration=Path("talk.mp3"), narration_sha="abc", output_dir=Path("out"), **given)
    journal.request(run, asked)
    return run


def intend(journal: Journal, run: str = "run-1", usd: float | None = 0.2, **more: object) -> int:
    given = {
        "provider": "zai",
        "model": "m",
        "base_url": "https://z/v4",
        "budgets": {},
        "unknown_prices": False,
        **more,
    }
    return journal.intend(run, request_id=run, usd=usd, **given)


# What is written is there


def test_a_run_is_there_from_its_request_to_its_end(journal):
    ask(journal, subtitles="1\n00:00:00,000 --> 00:00:01,000\nHello\n")
    run = journal.run("run-1")
    assert (run.state, run.config, run.chain, run.held) == ("requested", CONFIG, ("zai", "fal"), True)
    assert run.subtitles.startswith("1\n")
    journal.settle(intend(journal), "accepted", job_id="job-7")
    assert journal.run("job-7").state == "accepted"
    journal.status("run-1", "job-7", "running")
    journal.downloaded("run-1", "job-7", Path("/tmp/picture.mp4"), "sha")
    assert (journal.run("run-1").state, journal.run("run-1").create.picture_sha) == ("downloaded", "sha")
    journal.end("run-1", "finished", result={"path": "video.mp4"}, message="done")
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


def test_a_create_without_an_answer_counts_and_a_refused_one_does_not(journal):
    ask(journal)
    journal.settle(intend(journal), "refused", words="busy")
    assert journal.run("run-1").create is None
    intend(journal, usd=0.5)
    assert (journal.run("run-1").create.outcome, journal.run("run-1").usd) == ("sent", 0.5)


def test_no_key_of_an_address_is_kept():
    assert (
        without_secrets("https://me:sk-secret@gpu-box:8000/v1?key=sk-secret#x") == "https://gpu-box:8000/v1"
    )
    assert without_secrets("") is None


# Opening


def test_a_blank_folder_gets_all_migrations(tmp_path):
    journal = Journal(tmp_path / "deep" / "home")
    names = [row["name"] for row in journal._read("SELECT name FROM migrations ORDER BY name")]
    assert names == [name for name, _ in MIGRATIONS]
    assert journal._read("PRAGMA journal_mode")[0][0] == "wal"
    journal.close()


def test_the_oldest_journal_is_brought_up_to_date_with_its_runs(tmp_path):
    """Every release's first migration is the oldest journal there can be."""
    home = tmp_path / "home"
    home.mkdir()
    with sqlite3.connect(home / "journal.sqlite3") as old:
        old.executescript(
            "CREATE TABLE migrations (name TEXT PRIMARY KEY, at REAL NOT NULL);" + MIGRATIONS[0][1]
        )
        old.execute("INSERT INTO migrations VALUES (?, 0)", (MIGRATIONS[0][0],))
        old.execute(
            "INSERT INTO runs (id, created, updated, state, narration, narration_sha, seconds, config, chain, "
            "reuse_key, output_dir) VALUES ('old', 1, 1, 'accepted', 'talk.mp3', '', 2.0, '{}', '[\"zai\"]', '', 'out')"
        )
    old.close()
    journal = Journal(home)
    assert journal.run("old").state == "accepted"
    journal.close()


def test_a_newer_journal_is_refused_and_left_as_it_is(journal):
    with sqlite3.connect(journal.path) as newer:
        newer.execute("INSERT INTO migrations VALUES ('9999 from the future', 0)")
    newer.close()
    before = journal.path.read_bytes()
    with pytest.raises(JournalError, match=r"newer version.*'9999 from the future'.*nothing was changed"):
        Journal(journal.home)
    assert journal.path.read_bytes() == before


@pytest.mark.parametrize(
    "damage", [b"this is no database at all, but a long enough text" * 100, b"\x00" * 9000]
)
def test_a_damaged_journal_is_set_aside_whole_and_a_new_one_begun(tmp_path, damage):
    home = tmp_path / "home"
    home.mkdir()
    (home / "journal.sqlite3").write_bytes(damage)
    journal = Journal(home)
    assert journal.set_aside.read_bytes() == damage
    ask(journal)
    assert journal.run("run-1") is not None
    journal.close()


def test_a_page_that_is_damaged_in_the_middle_is_noticed(tmp_path):
    home = tmp_path / "home"
    journal = Journal(home)
    for number in range(200):
        ask(journal, f"run-{number}")
    journal.close()
    content = bytearray((home / "journal.sqlite3").read_bytes())
    content[8192:12288] = os.urandom(4096)
    (home / "journal.sqlite3").write_bytes(content)
    again = Journal(home)
    assert again.set_aside is not None
    again.close()


def test_a_journal_that_was_copied_while_it_was_in_use_can_be_read(journal, tmp_path):
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            ask(journal, f"run-{number}")

    writer = threading.Thread(target=write)
    writer.start()
    while not journal.runs(limit=1):
        pass
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in sorted(journal.home.glob("journal.sqlite3*")):
        shutil.copyfile(path, copy / path.name)
    stop.set()
    writer.join()
    (copy / "journal.sqlite3-shm").unlink(missing_ok=True)  # belongs to the processes that map it
    copied = Journal(copy)
    assert all(run.state == "requested" for run in copied.runs(limit=10_000))
    copied.close()


@pytest.mark.skipif(sys.platform == "win32", reason="folders are not made read-only in this way there")
def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(JournalError, match=r"cannot be used.*VOXWEAVE_HOME") as caught:
        Journal(tmp_path / "file" / "home")
    assert caught.value.path.name == "journal.sqlite3"


def test_a_full_disk_stops_a_create_before_it_is_sent(tmp_path):
    """A limit on the size of files, which the system enforces like a full disk."""
    script = f"""
        import resource, signal
        from pathlib import Path
        from voxweave_nb import JournalError, VideoConfig
        from voxweave_nb.journal import Journal, Requested
        journal = Journal(Path({str(tmp_path / "home")!r}))
        asked = Requested(narration=Path("talk.mp3"), narration_sha="", seconds=2.0, subtitles=None,
                          config=VideoConfig(), chain=["zai"], reuse_key="", output_dir=Path("out"))
        journal.request("before", asked)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        size = sum(path.stat().st_size for path in journal.home.iterdir())
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        try:
            for number in range(1000):
                journal.intend("before", provider="zai", model="m", base_url=None, request_id="r" * 2000, usd=0.2,
                               budgets={{}}, unknown_prices=False)
        except JournalError as error:
            print(error)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        journal.request("after", asked)
        print(journal.run("before") is not None, journal._read("PRAGMA integrity_check")[0][0])
        """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    said, after = done.stdout.strip().splitlines()
    assert "Free some space" in said
    assert after == "True ok"


def test_one_process_opens_it_once(tmp_path):
    assert open_journal(tmp_path / "home") is open_journal(tmp_path / "home")


# Who holds a run


def test_a_run_is_taken_by_one_and_left_to_it(journal):
    ask(journal)
    assert not journal.take("run-1")  # this process holds it since the request
    journal.release("run-1")
    assert journal.take("run-1")
    assert not journal.take("run-1")
    assert not journal.take("no-such-run")


def test_a_run_of_a_process_that_died_is_taken_over_at_once(journal, tmp_path):
    script = f"""
        from pathlib import Path
        from tests.journal.test_store import ask
        from voxweave_nb.journal import Journal
        ask(Journal(Path({str(journal.home)!r})))
        """
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=True, cwd=root, timeout=60)
    assert not journal.run("run-1").held
    assert journal.take("run-1")


def test_a_clock_that_jumps_neither_takes_a_run_from_the_living_nor_leaves_it_with_the_dead():
    living, now = owner.me(), time.time()
    for beat in (now - 7200, now + 7200, now):
        assert owner.still_holds(living, beat, now)
    machine, pid, born = living.rsplit(" ", 2)
    dead = f"{machine} {pid} {int(born) + 1}"  # the process id was given to another process since
    for beat in (now - 7200, now + 7200, now):
        assert not owner.still_holds(dead, beat, now)


def test_a_process_that_cannot_be_seen_is_known_by_its_heartbeat():
    now = time.time()
    elsewhere = "another-machine 77 12345"
    assert owner.still_holds(elsewhere, now - owner.LAPSE / 2, now)
    assert not owner.still_holds(elsewhere, now - owner.LAPSE * 2, now)
    assert owner.still_holds(elsewhere, now + 3600, now)  # a clock that was set back
    assert not owner.still_holds(None, None, now)


# Money


@pytest.mark.parametrize("scope", ["run", "day", "journal"])
def test_a_budget_is_never_passed_and_the_sums_are_shown(journal, scope):
    ask(journal)
    budgets = {scope: 0.5}
    intend(journal, budgets=budgets)
    intend(journal, usd=0.3, budgets=budgets)
    with pytest.raises(
        BudgetExceeded, match=r"about \$0\.20; \$0\.50 is spent.* is \$0\.50\. Nothing was sent"
    ) as caught:
        intend(journal, budgets=budgets)
    assert (caught.value.usd, caught.value.spent, caught.value.budget) == (0.2, 0.5, 0.5)
    assert len(journal.run("run-1").creates) == 2


def test_what_was_refused_or_cost_less_leaves_room(journal):
    ask(journal)
    journal.settle(intend(journal, budgets={"journal": 0.2}), "refused")
    journal.settle(intend(journal, budgets={"journal": 0.2}), "accepted", job_id="7")
    journal.cost("run-1", "7", 0.05)
    intend(journal, usd=0.15, budgets={"journal": 0.2})
    assert journal.spent("journal") == pytest.approx(0.2)


def test_another_run_has_its_own_budget_and_shares_the_others(journal):
    ask(journal, "run-1")
    ask(journal, "run-2")
    intend(journal, "run-1", budgets={"run": 0.2})
    intend(journal, "run-2", budgets={"run": 0.2})
    with pytest.raises(BudgetExceeded, match="today"):
        intend(journal, "run-2", budgets={"day": 0.5})


def test_an_unknown_price_needs_a_yes_where_there_is_a_budget(journal):
    ask(journal)
    intend(journal, usd=None)
    with pytest.raises(BudgetExceeded, match="not known, and a budget is set"):
        intend(journal, usd=None, budgets={"day": 5.0})
    intend(journal, usd=None, budgets={"day": 5.0}, unknown_prices=True)
    assert journal.run("run-1").usd is None


def test_what_is_free_passes_any_budget(journal):
    ask(journal)
    intend(journal, usd=0.0, provider="local", budgets={"journal": 0.0})


def test_spend_is_a_row_a_day_and_provider(journal):
    ask(journal)
    for provider, usd, outcome in [
        ("zai", 0.2, "accepted"),
        ("zai", 0.2, "ambiguous"),
        ("fal", None, "accepted"),
        ("local", 0.0, "accepted"),
        ("fal", 9.0, "refused"),
    ]:
        journal.settle(intend(journal, usd=usd, provider=provider), outcome)
    spend = journal.spend()
    rows = [(row.provider, row.jobs, row.usd, row.in_doubt, row.unknown) for row in spend.rows]
    assert rows == [("fal", 1, 0, 0, 1), ("zai", 2, pytest.approx(0.4), 1, 0)]
    assert spend.usd == pytest.approx(0.4)
    lines = str(spend).splitlines()
    assert lines[-1].split() == ["all", "3", "0.40"]
    assert all(len(line) <= 80 for line in lines)
    assert "1 in doubt" in lines[2]


def test_pruning_forgets_what_ended_and_nothing_else(journal):
    for run, state in (("old", "finished"), ("open", "accepted")):
        ask(journal, run)
        journal.settle(intend(journal, run), "accepted", job_id=run)
        if state == "finished":
            journal.end(run, state)
    assert journal.prune(before=time.time() + 1) == 1
    assert [run.id for run in journal.runs()] == ["open"]


# Several processes


def _spender(home: str, number: int, count: int) -> tuple[int, list[str]]:
    journal = Journal(Path(home))
    ask(journal, f"run-{number}")
    sent, odd = 0, []
    for _ in range(count):
        try:
            intend(journal, f"run-{number}", usd=0.07, budgets={"journal": 2.0})
            sent += 1
        except BudgetExceeded:
            pass
        except Exception as error:  # noqa: BLE001  whatever it is, a person would see it
            odd.append(repr(error))
    journal.close()
    return sent, odd


@pytest.mark.slow
@pytest.mark.parametrize("processes", [2, 8])
def test_processes_that_share_a_journal_stop_at_the_budget_exactly(tmp_path, processes):
    home = str(tmp_path / "home")
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        done = pool.starmap(_spender, [(home, number, 20) for number in range(processes)])
    assert [odd for _, odd in done if odd] == []  # no "database is locked" reaches a person
    assert sum(sent for sent, _ in done) == 28  # 28 x 0.07 = 1.96; one more would be 2.03
    journal = Journal(Path(home))
    assert journal.spent("journal") == pytest.approx(1.96)
    journal.close()


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
