"""What a board keeps of a scene is read back as it was written, and nothing else is taken for a scene."""

from __future__ import annotations

from dataclasses import replace

import pytest

from voxweave_nb.storyboard.scene import SceneRecord, Take, new_id

TAKE = Take("run-1", "key", "s1-ab.mp4", "ab", "zai", "cogvideox-3", 8, "a lamp", 5.0, 0.2, 1.0, ("smaller",))
SCENE = SceneRecord("s1", 1.0, 5.5, asked=5.0, kind="sentence", prompt="a lamp", seed=8, follows=True)


def test_a_scene_is_read_back_whole():
    scene = SCENE.with_take(TAKE)
    assert SceneRecord.from_values(scene.as_values()) == scene


def test_defaults_are_not_written():
    assert SceneRecord("s1", 0.0, 4.0).as_values() == {"id": "s1", "start": 0.0, "end": 4.0}


def test_fields_of_later_releases_are_ignored():
    assert SceneRecord.from_values({**SCENE.as_values(), "lens": "50 mm"}) == SCENE


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("start", "soon"),
        ("start", float("nan")),
        ("start", 9.0),
        ("end", True),
        ("seed", "8"),
        ("still", "../map.png"),
        ("clip", ".hidden"),
        ("follows", 1),
        ("prompt", None),
    ],
)
def test_wrong_values_are_refused(name, value):
    with pytest.raises(ValueError, match=r"."):
        SceneRecord.from_values({**SCENE.as_values(), name: value})


@pytest.mark.parametrize("file", ["", "../board.json", "/etc/passwd", "a\\b", ".hidden"])
def test_a_take_names_no_file_elsewhere(file):
    with pytest.raises(ValueError, match="file name"):
        Take.from_values({**TAKE.as_values(), "file": file})


def test_the_newest_take_is_chosen_first():
    scene = SCENE.with_take(TAKE).with_take(replace(TAKE, run="run-2"))
    assert scene.take.run == "run-2"
    assert replace(scene, chosen="run-1").take == TAKE
    assert SCENE.take is None


def test_one_run_is_kept_once():
    assert SCENE.with_take(TAKE).with_take(replace(TAKE, at=9.0)) == SCENE.with_take(TAKE)


def test_a_take_ends_an_error():
    failed = replace(SCENE, error="no", refused=True)
    assert not failed.with_take(TAKE).error
    assert not failed.with_take(TAKE).refused


def test_ids_differ():
    assert len({new_id() for _ in range(1000)}) == 1000
