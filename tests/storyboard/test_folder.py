"""A board on disk is whole at every moment, and two programs cannot lose each other's edits."""

from __future__ import annotations

import json
import multiprocessing
import threading
from dataclasses import replace

import pytest

from tests.storyboard.boards import state
from voxweave_nb.errors import ConfigError
from voxweave_nb.storyboard import folder as room
from voxweave_nb.storyboard.folder import BoardFolder


@pytest.fixture
def folder(tmp_path) -> BoardFolder:
    folder = BoardFolder(tmp_path / "talk.board")
    assert folder.create(state())
    return folder


def warned(folder: BoardFolder, word: str) -> None:
    folder.change(lambda now: replace(now, warnings=(*now.warnings, word)))


def warn_often(path, name: str) -> None:
    for number in range(20):
        warned(BoardFolder(path), f"{name}{number}")


def test_a_board_is_read_as_created(folder):
    assert folder.read() == state()


def test_a_folder_without_a_board_has_none(tmp_path):
    assert BoardFolder(tmp_path / "none").read() is None


def test_a_board_is_never_created_twice(folder):
    assert not folder.create(state(2))
    assert folder.read() == state()


def test_each_change_has_a_number(folder):
    warned(folder, "one")
    warned(folder, "two")
    found = folder.read()
    assert (found.revision, found.warnings) == (2, ("one", "two"))


def test_a_change_of_nothing_writes_nothing(folder):
    before = folder.file.stat().st_mtime_ns
    folder.change(lambda now: now)
    assert folder.file.stat().st_mtime_ns == before


def test_an_edit_that_fails_changes_nothing(folder):
    def fail(now):
        raise ConfigError("no")

    with pytest.raises(ConfigError, match="no"):
        folder.change(fail)
    assert folder.read() == state()
    warned(folder, "one")


def test_processes_lose_no_change(folder):
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=warn_often, args=(folder.path, name)) for name in "ab"]
    for worker in workers:
        worker.start()
    warn_often(folder.path, "c")
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    assert len(set(folder.read().warnings)) == 60


def test_threads_lose_no_change(folder):
    threads = [threading.Thread(target=warn_often, args=(folder.path, name)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(set(folder.read().warnings)) == 60


def test_a_long_lock_is_told(folder, monkeypatch):
    monkeypatch.setattr(room, "_LOCK_SECONDS", 0.1)
    with folder._locked(), pytest.raises(ConfigError, match="locked"):
        warned(BoardFolder(folder.path), "one")


def test_a_full_disk_leaves_the_old_board(folder, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(room.os, "fsync", full)
    with pytest.raises(ConfigError, match="No space left"):
        warned(folder, "one")
    assert folder.read() == state()
    assert not list(folder.path.glob("*.partial"))


@pytest.mark.parametrize("content", ["", "{", "[]", '{"schema": 1}'])
def test_a_damaged_file_is_told(folder, content):
    folder.file.write_text(content)
    with pytest.raises(ConfigError, match="is damaged"):
        folder.read()


def test_a_newer_board_is_not_guessed_at(folder):
    folder.file.write_text(json.dumps({**state().as_values(), "schema": 99}))
    with pytest.raises(ConfigError, match="newer voxweave_nb"):
        folder.read()


def test_a_removed_board_is_told(folder):
    folder.file.unlink()
    with pytest.raises(ConfigError, match="is gone"):
        warned(folder, "one")


def test_own_files_are_copied_once(folder, tmp_path):
    picture = tmp_path / "map.PNG"
    picture.write_bytes(b"picture")
    name = folder.keep(picture)
    assert folder.keep(picture) == name
    picture.unlink()
    assert (folder.own / name).read_bytes() == b"picture"
    assert name.endswith(".png")


def test_takes_never_replace_each_other(folder, tmp_path):
    clip = tmp_path / "clip"
    clip.write_bytes(b"one")
    first = folder.publish(clip, "s1")
    clip.write_bytes(b"\x1aE\xdf\xa3two")
    second = folder.publish(clip, "s1")
    assert first.read_bytes() == b"one"
    assert (first.suffix, second.suffix) == (".mp4", ".webm")
    assert not [path for path in folder.takes.iterdir() if path.name.startswith(".")]
