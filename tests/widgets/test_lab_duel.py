"""The duel on its Python side: votes, the next pair, skip, undo, and what a page may know."""

from __future__ import annotations

import pytest

from voxweave_nb import ConfigError, environment
from voxweave_nb.widgets.lab_duel import DuelView


def say(view, **message):
    view._on_message(view, message, [])


@pytest.fixture
def duel(lab, told) -> DuelView:
    return DuelView(lab)


def test_a_vote_is_kept_with_its_traits(lab, duel):
    left, right = duel.pair
    say(duel, kind="vote", number=1, choice="right", shown=7.25)
    (vote,) = lab.votes
    assert (vote.left, vote.right, vote.choice, vote.rater) == (left, right, "right", "me")
    assert (vote.blind, vote.shown) == (True, 7.25)
    assert duel._votes == 1
    assert duel._pair["number"] == 2
    assert duel._said.startswith("About ")


def test_labels_follow_the_vote_only(lab, duel):
    left, right = duel.pair
    known = repr(duel.get_state())
    for variant in lab.variants:
        assert variant.id not in known
    assert "harbour at" not in known
    duel.vote("tie")
    assert duel._last["choice"] == "tie"
    assert (duel._last["left"]["id"], duel._last["right"]["id"]) == (left, right)
    assert duel._last["left"]["axes"] == dict(lab.variant(left).axes)


def test_a_second_press_votes_not_again(lab, duel):
    say(duel, kind="vote", number=1, choice="left", shown=1)
    say(duel, kind="vote", number=1, choice="left", shown=1)
    assert len(lab.votes) == 1


def test_skipped_pairs_wait(lab, duel):
    seen = set()
    for number in range(1, 16):  # all pairs of six
        seen.add(frozenset(duel.pair))
        say(duel, kind="skip", number=number)
    assert len(seen) == 15
    assert lab.votes == ()


def test_undo_brings_the_pair_back(lab, duel):
    sides = duel.pair
    assert not duel.undo()
    duel.vote("bad")
    duel.vote("left")
    say(duel, kind="undo")
    say(duel, kind="undo")
    assert lab.votes == ()
    assert duel.pair == sides
    assert (duel._last, duel._votes) == ({}, 0)


def test_undo_leaves_earlier_votes(lab, told):
    lab.vote(lab.variants[0], lab.variants[1], "left")
    view = DuelView(lab)
    view.vote("left")
    assert view.undo()
    assert not view.undo()
    assert len(lab.votes) == 1


def test_duels_find_the_best(lab, told):
    view, best = DuelView(lab), lab.variants[2].id
    for _ in range(40):
        left, right = view.pair
        view.vote("left" if left == best else "right" if right == best else "tie")
    assert lab.best().id == best
    assert view._said.startswith("You are 90 % sure")
    assert len(view.votes) == 40


def test_a_page_loads_both_videos(duel, told):
    for side in ("left", "right"):
        say(duel, kind="facts", of=duel._pair[side])
        message = told[-1][0]
        assert message["facts"]["files"]["video"]["name"] == "a b.mp4"
        assert message["facts"]["title"] == ""
        assert message["cues"][0][2] == "first\nline"


def test_an_old_pair_is_still_loaded(duel, told):
    name = duel._pair["left"]
    duel.vote("left")
    say(duel, kind="facts", of=name)
    assert told[-1][0]["facts"] is not None
    say(duel, kind="facts", of="7-left")
    assert told[-1][0]["facts"] is None


def test_the_verdict_is_told_on_request(duel, told):
    duel.vote("left")
    say(duel, kind="verdict")
    assert "is the best with a chance of" in told[-1][0]["text"]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"kind": "vote", "number": 1, "choice": "up", "shown": 1}, "The choice is 'up'"),
        ({"kind": "vote", "number": 1, "choice": "left", "shown": None}, "no time"),
    ],
)
def test_a_wrong_vote_gets_a_sentence(lab, duel, message, said):
    say(duel, **message)
    assert said in duel.error
    assert lab.votes == ()
    say(duel, kind="vote", number=1, choice="left", shown=1)
    assert duel.error == ""


def test_hours_before_a_page_are_cut(lab, duel):
    duel.vote("left", shown=100_000)
    assert lab.votes[0].shown == 3600


def test_a_lab_opens_its_duels(lab, monkeypatch):
    monkeypatch.setattr(environment, "front_end", lambda: environment.FrontEnd.LAB)
    view = lab.duel("rank", by="me")
    assert isinstance(view, DuelView)
    assert view._about == {"name": "harbour", "goal": "rank", "note": ""}
    data = view._repr_mimebundle_()
    assert "A duel of the lab 'harbour'" in (data[0] if isinstance(data, tuple) else data)["text/plain"]


def test_an_impossible_duel_is_refused(lab):
    with pytest.raises(ConfigError, match="'best' or 'rank'"):
        DuelView(lab, "worst")
    lab.drop(*[each.id for each in lab.variants[1:]])
    with pytest.raises(ConfigError, match="two variants with a video"):
        DuelView(lab)
