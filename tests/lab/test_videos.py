"""Videos move with their lab, and are shared between labs."""

from __future__ import annotations

import shutil

import pytest

from tests.lab.fields import states
from voxweave_nb import ConfigError


@pytest.mark.slow
def test_identical_variants_of_another_lab_are_reused(lab, open_lab, sandbox):
    lab.run().result(120)
    other = open_lab("forest")
    other.grid("a forest at {dawn|dusk}", style="anime")
    assert other.estimate()[0].made == 2
    assert other.run().result(60).made == 2
    assert sandbox.submissions("zai") == 4
    assert all(each.video.path.parent == other.path / "videos" for each in other.variants)


@pytest.mark.slow
def test_a_moved_lab_plays(lab, open_lab, tmp_path):
    lab.run().result(120)
    shutil.move(lab.path, tmp_path / "elsewhere" / "harbour")
    moved = open_lab(narration=None, folder=tmp_path / "elsewhere")
    assert states(moved) == ["made"] * 4
    assert all(each.video.path.is_relative_to(tmp_path / "elsewhere") for each in moved.variants)


@pytest.mark.slow
def test_two_peoples_labs_merge(lab, open_lab):
    theirs = open_lab("theirs", rater="Ada")
    theirs.grid("a {harbour|city} at dawn", style="anime")
    theirs.run().result(120)
    theirs.vote(*theirs.variants, "left")
    assert lab.merge(theirs.path) == {"variants": 1, "videos": 2, "votes": 1, "ratings": 0}
    assert states(lab).count("made") == 2
    assert lab.votes[0].rater == "Ada"
    with pytest.raises(ConfigError, match=r"no lab\.json"):
        lab.merge(lab.path / "videos")
