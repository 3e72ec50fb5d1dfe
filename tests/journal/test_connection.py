"""Opening: a damaged file is set aside, a newer one left alone, and a full disk stops a submission."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from tests.systems import needs_limits
from voxweave_nb import JournalError
from voxweave_nb.journal import Journal

from .rows import ask, intend


def test_a_newer_journal_is_refused_and_left_unchanged(journal):
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
def test_a_damaged_journal_is_set_aside_whole(tmp_path, damage):
    home = tmp_path / "home"
    home.mkdir()
    (home / "journal.sqlite3").write_bytes(damage)
    journal = Journal(home)
    assert journal.set_aside.read_bytes() == damage
    ask(journal)
    assert journal.run("run-1") is not None
    journal.close()


def test_damage_in_the_middle_is_noticed(tmp_path):
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


def test_a_copied_busy_journal_can_be_read(journal, tmp_path):
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


# Removed or replaced while it is open


def remove(journal: Journal) -> None:
    for path in journal.home.glob("journal.sqlite3*"):
        path.unlink()


def remove_its_file_only(journal: Journal) -> None:
    journal.path.unlink()


def replace(journal: Journal) -> None:
    remove(journal)
    other = Journal(journal.home)
    other.close()


def restore_a_copy(journal: Journal) -> None:
    copy = journal.home / "copy"
    copy.write_bytes(journal.path.read_bytes())
    copy.replace(journal.path)


CHANGES = [remove, remove_its_file_only, replace, restore_a_copy]


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be removed there")
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_nothing_is_written_into_a_removed_journal(journal, change):
    ask(journal)
    change(journal)
    with pytest.raises(JournalError, match="removed or replaced"):
        intend(journal)
    with pytest.raises(JournalError, match="removed or replaced"):
        ask(journal, "run-2")
    again = Journal(journal.home)
    ask(again, "run-3")
    intend(again, "run-3")
    assert again.run("run-3") is not None
    again.close()


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be removed there")
def test_a_removal_while_waiting_is_noticed(journal):
    """The file is compared once the transaction has begun, not before it waits for another process."""
    ask(journal)
    other = sqlite3.connect(journal.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    raised: list[BaseException] = []

    def submit() -> None:
        try:
            intend(journal)
        except JournalError as error:
            raised.append(error)

    thread = threading.Thread(target=submit)
    thread.start()
    time.sleep(0.3)
    remove(journal)
    other.execute("ROLLBACK")
    other.close()
    thread.join(10)
    assert "removed or replaced" in str(raised[0])


def test_a_closed_journal_says_so(journal):
    journal.close()
    with pytest.raises(JournalError, match="cannot be used"):
        ask(journal)
    with pytest.raises(JournalError, match="cannot be used"):
        journal.runs()


@pytest.mark.skipif(sys.platform == "win32", reason="folders are not made read-only in this way there")
def test_an_unwritable_folder_is_named(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(JournalError, match=r"cannot be used.*VOXWEAVE_HOME") as caught:
        Journal(tmp_path / "file" / "home")
    assert caught.value.path.name == "journal.sqlite3"


@needs_limits
def test_a_full_disk_stops_a_submission_unsent(tmp_path):
    """A limit on the size of files stands in for a full disk."""
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
        print(journal.run("before") is not None, journal.select("PRAGMA integrity_check")[0][0])
        """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    message, after = done.stdout.strip().splitlines()
    assert "Free some space" in message
    assert after == "True ok"


def test_a_commit_reaches_the_disk_on_macos(journal):
    """Without it `fsync` there leaves the data in the disk's own memory, which a power cut empties."""
    assert [row[0] for row in journal.select("PRAGMA fullfsync")] == [1]
