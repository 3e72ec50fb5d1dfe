"""A lab's variants: added, dropped, rated and compared."""

from __future__ import annotations

import pytest

from tests.lab.fields import states
from tests.lab.stock import stock
from voxweave_nb import ConfigError, VideoGenerationService


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


def test_local_videos_of_a_lab_have_no_title(open_lab):
    lab = open_lab(base={"quality": "draft"})
    lab.grid("a {harbour|forest}", provider=["local", "zai"])
    titles = {(each.config.provider, each.config.title) for each in lab.variants}
    # A paid request stays as it is everywhere else: its video is found again by it.
    assert titles == {("local", ""), ("zai", None)}
    assert lab.add(prompt="rain", provider="local").config.title == ""
    assert lab.add(prompt="rain", provider="local", title="My film").config.title == "My film"
    assert lab.add(prompt="rain", provider="local", title=None).config.title is None
    titled = open_lab("named", base={"title": "My film", "provider": "local"})
    assert {each.config.title for each in titled.grid("a {harbour|forest}")} == {"My film"}


def test_a_service_that_only_renders_draws_no_title(open_lab):
    with VideoGenerationService.local() as service:
        lab = open_lab(base=None, service=service)
        assert [each.config.title for each in lab.grid("a {harbour|forest}")] == ["", ""]


def test_a_duel_of_titled_videos_says_so(open_lab):
    lab = open_lab(base={"provider": "local"})
    lab.grid("a {harbour|forest}")
    stock(lab)
    assert not lab.shows_titles
    assert "not blind" not in lab.duel_text(lab.next_duel())
    lab.add(prompt="rain", title="One")
    stock(lab, lab.variants[2:])
    assert lab.shows_titles
    assert "not blind" in lab.duel_text(lab.next_duel())
