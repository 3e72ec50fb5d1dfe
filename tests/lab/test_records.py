"""Ids follow from the content, and broken lines are refused."""

from __future__ import annotations

import pytest

from tests.lab.fields import SOURCE, duel, variant
from voxweave_nb.config import VideoConfig
from voxweave_nb.errors import ConfigError
from voxweave_nb.lab.records import Choice, Made, Rating, Source, Variant, Vote, parse_choice


def test_the_same_content_has_the_same_id():
    config = VideoConfig(prompt="rain", style="anime")
    first = Variant.of(config, {"a": 1}, SOURCE, note="one", at=1.0)
    assert first.id == Variant.of(config, {"b": 2}, SOURCE, note="two", at=2.0).id
    assert first.id != Variant.of(config, {}, Source("cd" * 32)).id
    assert first.id != Variant.of(config.replace(seed=1), {}, SOURCE).id


def test_votes_at_other_times_are_other_votes():
    first, second = variant(name="a"), variant(name="b")
    assert duel(first, second, at=1.0).id == duel(first, second, at=1.0).id
    assert len({duel(first, second, at=float(at)).id for at in range(3)}) == 3
    assert duel(first, second, at=1.0).id != duel(second, first, at=1.0).id


@pytest.mark.parametrize(("choice", "points"), [("left", 1.0), ("right", 0.0), ("tie", 0.5), ("bad", 0.5)])
def test_a_choice_is_a_share_of_the_vote(choice, points):
    assert Choice(choice).points == points


def test_an_unknown_choice_lists_the_known():
    with pytest.raises(ConfigError, match="'middle'; give one of 'left', 'right', 'tie', 'bad'"):
        parse_choice("middle")


@pytest.mark.parametrize(
    "line",
    [
        {"variant": "v1", "thumb": "yes"},
        {"variant": "v1", "stars": 6},
        {"variant": "v1", "note": 7},
        {"variant": "v1", "cleared": ["all"]},
        {"variant": "v1", "at": "now"},
        {},
    ],
)
def test_a_broken_rating_is_refused(line):
    with pytest.raises(ValueError, match=" is "):
        Rating.from_line(line)


@pytest.mark.parametrize("line", [{"id": "d1", "left": "a", "right": "b", "choice": "up"}, {"id": 1}])
def test_a_broken_vote_is_refused(line):
    with pytest.raises(ValueError, match=" is "):
        Vote.from_line(line)


def test_a_result_reads_back():
    made = Made("v1", "run-1", {"path": "videos/a.mp4"}, None, "", refused=True, at=3.0)
    assert Made.from_line(made.as_line()) == made
