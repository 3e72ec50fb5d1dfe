"""A lab's folder keeps variants, votes and flags, also when it is moved, shared or half written."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.lab.fields import SOURCE, duel, film, variant
from voxweave_nb.errors import ConfigError
from voxweave_nb.lab.folder import LabFolder, Purpose
from voxweave_nb.lab.records import Flag, Made, Rating


def opened(path) -> LabFolder:
    folder = LabFolder(path)
    folder.refresh()
    return folder


@pytest.fixture
def folder(tmp_path) -> LabFolder:
    return LabFolder(tmp_path / "voxweave_lab" / "harbour")


def test_a_reopened_folder_has_everything(folder):
    first, second = variant(place="sea"), variant(place="sky")
    vote = duel(first, second, rater="Ada", shown=4.5, blind=True, at=12.0)
    made = Made(first.id, "run-1", film(), 0.2, at=3.0)
    folder.add([first, second])
    folder.record(made)
    folder.vote(vote)
    folder.rate(Rating(first.id, stars=4, note="the light"))
    folder.flag([Flag(first.id, "frozen", 3.0, "frozen for 3.0 s")])
    again = opened(folder.path)
    assert list(again.variants.values()) == [first, second]
    assert again.variants[first.id].config == first.config
    assert again.made == {first.id: made}
    assert again.votes == {vote.id: vote}
    assert again.ratings["me", first.id].note == "the light"
    assert again.flags[first.id]["frozen"].text == "frozen for 3.0 s"
    assert again.warnings == ()


def test_the_same_variant_is_added_once(folder):
    assert len(folder.add([variant(place="sea"), variant(place="sea")])) == 1
    assert folder.add([variant(place="sea")]) == []
    assert (folder.path / "variants.jsonl").read_text().count("\n") == 1


def test_a_dropped_variant_comes_back_when_added(folder):
    first = variant(place="sea")
    folder.add([first])
    folder.drop([first.id])
    assert opened(folder.path).dropped == {first.id}
    assert folder.add([first]) == [first]
    assert opened(folder.path).dropped == set()


def test_a_failure_hides_no_video(folder):
    first = variant(place="sea")
    folder.add([first])
    folder.record(Made(first.id, error="The server is down."))
    folder.record(Made(first.id, video=film()))
    folder.record(Made(first.id, error="The server is down again."))
    assert opened(folder.path).made[first.id].video is not None


def test_a_vote_can_be_taken_back(folder):
    vote = duel(variant(place="sea"), variant(place="sky"))
    folder.vote(vote)
    folder.undo(vote.id)
    assert folder.votes == {}
    assert opened(folder.path).votes == {}


def test_ratings_of_one_person_add_up(folder):
    first = variant(place="sea")
    folder.rate(Rating(first.id, stars=4, at=1.0))
    folder.rate(Rating(first.id, thumb=True, at=2.0))
    folder.rate(Rating(first.id, thumb=False, rater="Ada"))
    folder.rate(Rating(first.id, cleared=("stars",), at=3.0))
    again = opened(folder.path).ratings
    assert (again["me", first.id].thumb, again["me", first.id].stars) == (True, None)
    assert again["Ada", first.id].thumb is False


def test_two_kernels_see_each_others_lines(folder):
    other = LabFolder(folder.path)
    folder.add([variant(place="sea")])
    other.add([variant(place="sky")])
    assert len(other.variants) == 2
    assert folder.refresh()
    assert list(folder.variants) == list(other.variants)


def test_two_peoples_folders_merge(folder, tmp_path):
    theirs = LabFolder(tmp_path / "theirs")
    first, second, third = variant(place="sea"), variant(place="sky"), variant(place="hill")
    folder.add([first, second])
    folder.vote(duel(first, second, rater="me"))
    theirs.add([second, third])
    theirs.vote(duel(second, third, rater="Ada"))
    theirs.record(Made(third.id, video=film("c.mp4")))
    assert folder.merge(theirs) == {"variants": 1, "videos": 1, "votes": 1, "ratings": 0}
    assert folder.merge(theirs) == {"variants": 0, "videos": 0, "votes": 0, "ratings": 0}
    again = opened(folder.path)
    assert {vote.rater for vote in again.votes.values()} == {"me", "Ada"}
    assert set(again.variants) == {first.id, second.id, third.id}


def test_joined_files_are_a_merged_folder(folder, tmp_path):
    theirs = LabFolder(tmp_path / "theirs")
    first, second = variant(place="sea"), variant(place="sky")
    for each in (folder, theirs):
        each.add([first, second])
    folder.vote(duel(first, second, rater="me"))
    theirs.vote(duel(first, second, rater="Ada"))
    joined = tmp_path / "joined"
    joined.mkdir()
    for name in ("variants.jsonl", "votes.jsonl"):
        (joined / name).write_bytes((folder.path / name).read_bytes() + (theirs.path / name).read_bytes())
    assert len(opened(joined).variants) == 2
    assert len(opened(joined).votes) == 2


def test_a_moved_folder_opens(folder, tmp_path):
    folder.add([variant(place="sea")])
    shutil.move(folder.path, tmp_path / "moved")
    assert len(opened(tmp_path / "moved").variants) == 1


def test_damaged_lines_are_said_and_left_out(folder):
    folder.add([variant(place="sea")])
    with (folder.path / "variants.jsonl").open("a") as file:
        file.write(
            '{"kind": "variant", "id": 7}\n{"kind": "surprise"}\n{"kind": "made", "variant": "v1", "usd": "x"}\n{"ki'
        )
    again = opened(folder.path)
    assert len(again.variants) == 1
    assert len(again.warnings) == 4
    assert "Line 2 of variants.jsonl is damaged (id is 7)" in again.warnings[0]
    assert "'surprise'" in again.warnings[1]
    assert "incomplete" in again.warnings[3]


def test_a_purpose_is_kept(folder):
    assert folder.purpose() is None
    purpose = Purpose.new("talk.mp3", "", SOURCE, {"quality": "draft"})
    folder.save_purpose(purpose)
    assert opened(folder.path).purpose() == purpose
    assert [each.name for each in folder.path.iterdir()] == ["lab.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"schema": 1, "group": 7}'])
def test_a_damaged_purpose_is_reported(folder, content):
    folder.path.mkdir(parents=True)
    (folder.path / "lab.json").write_text(content)
    with pytest.raises(ConfigError, match=r"lab\.json is damaged"):
        folder.purpose()


def test_a_newer_lab_is_not_opened(folder):
    folder.path.mkdir(parents=True)
    (folder.path / "lab.json").write_text(json.dumps({"schema": 2}))
    with pytest.raises(ConfigError, match="newer voxweave_nb"):
        folder.purpose()
