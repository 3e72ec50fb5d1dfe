"""Opening: one process at a time, and whatever was damaged is kept under a name of its own."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from tests.systems import needs_fork, needs_modes
from voxweave_nb.journal import Journal, opening

from .rows import ask, old_journal


def test_a_lock_excludes_another_process(tmp_path):
    script = f"""
        from pathlib import Path
        from voxweave_nb.journal import opening
        opening.PATIENCE = 0.2
        try:
            with opening.exclusive(Path({str(tmp_path)!r})):
                print("locked")
        except TimeoutError as error:
            print(error)
        """

    def elsewhere() -> str:
        command = [sys.executable, "-c", textwrap.dedent(script)]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout

    with opening.exclusive(tmp_path):
        assert "another process has been opening it" in elsewhere()
    assert elsewhere() == "locked\n"


def test_a_lock_excludes_another_thread(tmp_path):
    entered: list[str] = []

    def enter() -> None:
        with opening.exclusive(tmp_path):
            entered.append("thread")

    thread = threading.Thread(target=enter)
    with opening.exclusive(tmp_path):
        thread.start()
        time.sleep(0.1)
        entered.append("first")
    thread.join(10)
    assert entered == ["first", "thread"]


def test_damage_in_one_second_is_kept_apart(tmp_path):
    path = tmp_path / "journal.sqlite3"
    kept = []
    for number in range(5):
        path.write_bytes(b"%d" % number)
        kept.append(opening.set_aside(path))
    assert [each.read_bytes() for each in kept] == [b"0", b"1", b"2", b"3", b"4"]
    assert opening.set_aside_names(path) == sorted(each.name for each in kept)


def test_two_damaged_journals_in_one_second_stay(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    damages = [bytes([65 + number]) * 9000 for number in range(2)]
    for damage in damages:
        (home / "journal.sqlite3").write_bytes(damage)
        Journal(home).close()
    assert sorted(path.read_bytes() for path in home.glob("damaged-*-journal.sqlite3")) == damages


@pytest.mark.parametrize("size", [0, 1, 99])
@pytest.mark.parametrize("make", [lambda home: Journal(home).close(), old_journal])
def test_a_cut_journal_is_damaged(tmp_path, make, size):
    home = tmp_path / "home"
    make(home)
    Journal(home).close()
    os.truncate(home / "journal.sqlite3", size)
    journal = Journal(home)
    assert journal.set_aside is not None
    assert journal.lost_spend() == [journal.set_aside.name]
    journal.close()
    again = Journal(home)
    assert again.set_aside is None
    again.close()


def test_a_cut_journal_of_old_is_damaged(tmp_path):
    home = old_journal(tmp_path / "home")
    os.truncate(home / "journal.sqlite3", 50)
    journal = Journal(home)
    assert journal.lost_spend() == [journal.set_aside.name]
    journal.close()


@pytest.mark.parametrize("before", [False, True])
def test_a_death_in_a_first_opening_is_harmless(tmp_path, monkeypatch, before):
    home = tmp_path / "home"
    if before:
        Journal(home).close()
        (home / "journal.sqlite3").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "_open", lambda *_: sys.exit("killed"))
        with pytest.raises(SystemExit):
            Journal(home)
    assert (home / "journal.sqlite3").stat().st_size == 0
    journal = Journal(home)
    assert (journal.set_aside, journal.lost_spend()) == (None, [])
    journal.close()


@pytest.mark.parametrize("ending", ["-wal", "-shm"])
def test_a_log_without_its_journal_is_set_aside(tmp_path, ending):
    home = tmp_path / "home"
    home.mkdir()
    (home / f"journal.sqlite3{ending}").write_bytes(b"left over")
    Journal(home).close()
    (kept,) = home.glob(f"damaged-*-journal.sqlite3{ending}")
    assert kept.read_bytes() == b"left over"


# Modes


def modes(home: Path) -> dict[str, str]:
    """Return the modes of a folder and of all files in it, by name."""
    return {path.name: f"{path.stat().st_mode & 0o777:o}" for path in (home, *sorted(home.rglob("*")))}


PRIVATE = {
    "home": "700", "clips": "700", "journal.lock": "600", "journal.sqlite3": "600", "journal.sqlite3-wal": "600",
    "journal.sqlite3-shm": "600",
}  # fmt: skip


@needs_modes
def test_a_new_journal_is_the_persons_own(tmp_path):
    journal = Journal(tmp_path / "home")
    ask(journal)
    assert modes(journal.home) == PRIVATE
    journal.close()


@needs_modes
def test_an_old_journal_becomes_the_persons_own(tmp_path):
    home = tmp_path / "home"
    (home / "clips").mkdir(parents=True)
    for path in (home, home / "clips"):
        path.chmod(0o755)
    first = sqlite3.connect(home / "journal.sqlite3")
    first.execute("PRAGMA journal_mode = WAL")
    first.execute("CREATE TABLE notes (id)")
    (home / "clips" / "run-1.video").write_bytes(b"clip")
    (home / "damaged-1-journal.sqlite3").write_bytes(b"damaged")
    for path in home.rglob("*.*"):
        path.chmod(0o644)
    journal = Journal(home)
    ask(journal)
    assert modes(home) == {**PRIVATE, "run-1.video": "600", "damaged-1-journal.sqlite3": "600"}
    journal.close()
    first.close()


@needs_modes
def test_a_damaged_journal_is_kept_private(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "journal.sqlite3").write_bytes(b"no database" * 1000)
    (home / "journal.sqlite3").chmod(0o644)
    journal = Journal(home)
    assert modes(home)[journal.set_aside.name] == "600"
    journal.close()


@needs_modes
def test_a_shared_folder_keeps_its_mode(tmp_path):
    """A folder such as /tmp stays open to its other users; the files in it are the person's own all the same."""
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o1777)
    journal = Journal(home)
    assert home.stat().st_mode & 0o7777 == 0o1777
    assert modes(home)["journal.sqlite3"] == "600"
    journal.close()


# A fork

FORK = """
    import os, signal, sys, threading, time
    from pathlib import Path
    from voxweave_nb.journal import open_journal
    from voxweave_nb.journal.connection import JournalFile
    from tests.journal.rows import ask
    folder, seconds = Path(sys.argv[1]), float(sys.argv[2])
    began = threading.Event()
    migrate = JournalFile._migrate
    def slowly(journal, connection):
        began.set()
        time.sleep(seconds)
        migrate(journal, connection)
    JournalFile._migrate = slowly
    threading.Thread(target=open_journal, args=[folder / "parent"], daemon=True).start()
    began.wait()
    JournalFile._migrate = migrate
    child = os.fork()
    if not child:
        signal.alarm(20)
        ask(open_journal(folder / "child"))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    os._exit(0)
    """


def fork(folder: Path, program: str, *words: str) -> str:
    command = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(program), str(folder), *words]
    root = Path(__file__).parents[2]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, cwd=root).stdout


@pytest.mark.slow
@needs_fork
@pytest.mark.parametrize("seconds", ["0.5", "30"])
def test_a_fork_during_an_opening_is_harmless(tmp_path, seconds):
    assert fork(tmp_path, FORK, seconds) == "0\n"
