"""Thumbnails of scenes: made once, kept in the board, and never in the way."""

from __future__ import annotations

import base64
import shutil
from dataclasses import replace

import pytest

from tests.pictures import picture
from tests.samples import finished_video
from tests.storyboard.boards import state, take
from voxweave_nb.storyboard.folder import BoardFolder
from voxweave_nb.storyboard.thumbnails import (
    draft_thumbnail,
    film_poster,
    own_thumbnail,
    small_thumbnail,
    take_thumbnail,
)


@pytest.fixture
def folder(tmp_path, narrated_clip):
    folder = BoardFolder(tmp_path / "talk.board")
    folder.takes.mkdir(parents=True)
    shutil.copy(narrated_clip, folder.takes / "one.mp4")
    return folder


def test_a_take_has_a_thumbnail(folder):
    found = take_thumbnail(folder, "one.mp4", 1.0)
    assert found.read_bytes().startswith(b"\xff\xd8\xff")
    before = found.stat().st_mtime_ns
    assert take_thumbnail(folder, "one.mp4", 1.0) == found
    assert found.stat().st_mtime_ns == before
    url = small_thumbnail(found, 112)
    assert base64.b64decode(url.partition(",")[2])[8:12] == b"WEBP"
    assert len(url) < 6000


def test_a_take_that_is_gone_has_none(folder):
    assert take_thumbnail(folder, "two.mp4", 1.0) is None
    (folder.takes / "two.mp4").write_bytes(b"no video")
    assert take_thumbnail(folder, "two.mp4", 1.0) is None
    assert small_thumbnail(folder.takes / "two.mp4", 112) == ""


def test_own_images_and_clips_are_shown(folder, tmp_path, narrated_clip):
    scene = state(1).scenes[0]
    assert own_thumbnail(folder, scene) is None
    still = replace(scene, still=folder.keep(picture(tmp_path / "map.png")))
    assert own_thumbnail(folder, still).is_file()
    clip = replace(scene, clip=folder.keep(narrated_clip), takes=(take(),))
    assert own_thumbnail(folder, clip).is_file()


def test_a_draft_shows_each_scene(folder):
    film = replace(finished_video(folder.path / "film"), path=folder.takes / "one.mp4")
    scenes = state(4).scenes
    assert draft_thumbnail(folder, film, scenes[0]).is_file()
    assert draft_thumbnail(folder, film, scenes[3]) is None
    assert film_poster(folder, film) == film.poster
    assert film_poster(folder, replace(film, poster=None)).is_file()
