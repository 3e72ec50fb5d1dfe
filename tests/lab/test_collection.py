"""A lab's variants: added, dropped, rated and compared."""

from __future__ import annotations

import pytest

from tests.lab.fields import states
from voxweave_nb import ConfigError


def test_a_vote_is_undone(lab):
    first, second, *_ = lab.variants
    vote = lab.vote(first, second, "right")
    assert lab.undo() == vote
    assert lab.votes == ()
    assert lab.undo() is None


def test_ratings_add_up(lab):
    lab.rate(lab.variants[0], stars=4)
    assert lab.rate(lab.variants[0].id, thumb=True, note="the light").stars == 4
    assert lab.rate(lab.variants[0].id, clear=["stars"]).stars is None


@pytest.mark.slow
def test_dropping_keeps_the_paid_video(lab):
    lab.run().result(120)
    path = lab.variants[0].video.path
    assert lab.drop(lab.variants[0]) == 1
    assert lab.drop(**{"choice 2": "dusk"}) == 2
    assert lab.size == 1
    assert path.exists()
    lab.grid("a {harbour|forest} at {dawn|dusk}", style="anime")
    assert states(lab) == ["made"] * 4


def test_a_large_grid_wants_to_be_sure(open_lab):
    lab = open_lab()
    with pytest.raises(ConfigError, match="256 new variants"):
        lab.grid("{a|b}{c|d}{e|f}{g|h}{i|j}{k|l}{m|n}{o|p}")
    assert lab.size == 0
    assert len(lab.grid("{a|b}{c|d}{e|f}{g|h}{i|j}{k|l}{m|n}{o|p}", sure=True)) == lab.size == 256


def test_bad_names_of_variants_get_a_sentence(lab):
    first = lab.variants[0]
    for call in (lambda: lab.rate("nope"), lambda: lab.vote(first, "v", "left"), lambda: lab.drop()):
        with pytest.raises(ConfigError, match=r"no variant|beginning of 4 ids|Name what to drop"):
            call()
    with pytest.raises(ConfigError, match="Both sides"):
        lab.vote(first, first, "left")
    with pytest.raises(ConfigError, match="stars"):
        lab.rate(first, stars=6)
    with pytest.raises(ConfigError, match="no votes yet"):
        lab.best()
