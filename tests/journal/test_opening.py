"""Opening: one process at a time, and whatever was damaged is kept under a name of its own."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
import time

import pytest

from voxweave_nb.journal import Journal, opening


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


@pytest.mark.parametrize("ending", ["-wal", "-shm"])
def test_a_log_without_its_journal_is_set_aside(tmp_path, ending):
    home = tmp_path / "home"
    home.mkdir()
    (home / f"journal.sqlite3{ending}").write_bytes(b"left over")
    Journal(home).close()
    (kept,) = home.glob(f"damaged-*-journal.sqlite3{ending}")
    assert kept.read_bytes() == b"left over"
