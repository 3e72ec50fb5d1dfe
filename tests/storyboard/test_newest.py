"""The newest film of a board is remembered in its folder, also when the folder moves."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.samples import finished_video
from voxweave_nb import GeneratedVideo
from voxweave_nb.storyboard.folder import BoardFolder
from voxweave_nb.storyboard.newest import film_record, is_animatic, newest_film, remember_film

NAMES = ("path", "captions", "poster")


def film_in(folder: Path) -> GeneratedVideo:
    film = finished_video(folder / "made")
    paths = {name: getattr(film, name).rename(folder / getattr(film, name).name) for name in NAMES}
    return replace(film, **paths)


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "out" / "talk.board"
    path.mkdir(parents=True)
    return BoardFolder(path)


def test_a_film_is_found_again(folder):
    film = film_in(folder.path.parent)
    assert newest_film(folder) is None
    remember_film(folder, film)
    found = newest_film(folder)
    assert found.as_dict() == film.as_dict()
    assert not is_animatic(folder, found)


def test_an_animatic_lies_in_the_board(folder, monkeypatch):
    remember_film(folder, film_in(folder.path))
    assert is_animatic(folder, newest_film(folder))
    monkeypatch.chdir(folder.path.parent)
    relative = BoardFolder(Path(folder.path.name))
    assert is_animatic(relative, newest_film(relative))


def test_a_moved_board_finds_its_film(folder, tmp_path):
    film = remember_film(folder, film_in(folder.path.parent))
    shutil.move(folder.path.parent, tmp_path / "elsewhere")
    found = newest_film(BoardFolder(tmp_path / "elsewhere" / "talk.board"))
    assert found.path == tmp_path / "elsewhere" / film.path.name
    assert found.captions is None or found.captions.is_file()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"path": 3}', '{"provenance": {"config": 7}}'])
def test_a_damaged_record_is_no_film(folder, text):
    film_record(folder).write_text(text)
    assert newest_film(folder) is None


def test_a_removed_film_is_gone(folder):
    film = remember_film(folder, film_in(folder.path.parent))
    film.path.unlink()
    assert newest_film(folder) is None
