"""The next duel of a lab: sides, skipped pairs, and how many more votes it takes."""

from __future__ import annotations

import numpy as np
import pytest

from voxweave_nb import ConfigError, VideoConfig
from voxweave_nb.lab.duels import choose_duel
from voxweave_nb.lab.records import Choice, Source, Variant, Vote

SOURCE = Source("0" * 64)


def field(count: int) -> list[Variant]:
    return [Variant.of(VideoConfig(prompt=f"prompt {number}"), {}, SOURCE) for number in range(count)]


def votes(left: Variant, right: Variant, choice: Choice, count: int) -> list[Vote]:
    return [Vote.of(left.id, right.id, choice, at=float(number)) for number in range(count)]


def pairs(made, given, **more):
    rng = np.random.default_rng(1)
    duels = [choose_duel(made, given, rng=rng, **more) for _ in range(40)]
    return {(each.left.id, each.right.id) for each in duels}


def test_sides_are_drawn_at_random():
    one, other = field(2)
    assert pairs([one, other], []) == {(one.id, other.id), (other.id, one.id)}


def test_a_skipped_pair_waits_for_others():
    made = field(3)
    skipped = {frozenset((made[0].id, made[1].id))}
    assert skipped.isdisjoint(map(frozenset, pairs(made, [], skipped=skipped)))
    every = {frozenset((a.id, b.id)) for a in made for b in made if a is not b}
    assert pairs(made, [], skipped=every)
    assert pairs(made, [], skipped={frozenset(("v0", "v1"))})


def test_a_duel_tells_how_much_is_left():
    one, other = field(2)
    rng = np.random.default_rng(0)
    few = choose_duel([one, other], votes(one, other, Choice.LEFT, 3), rng=rng)
    assert few.words == f"About {few.ranking.votes_left} more votes to be 90 % sure of the best one."
    assert (few.ranking.votes_left or 0) > 1
    sure = choose_duel([one, other], votes(one, other, Choice.LEFT, 40), rng=rng)
    assert sure.words.startswith("You are 90 % sure")
    equal = votes(one, other, Choice.TIE, 300)
    assert "as good as equal" in choose_duel([one, other], equal, rng=rng).words


def test_a_few_votes_do_not_call_all_equal():
    many = field(120)
    first = choose_duel(many, votes(many[0], many[1], Choice.LEFT, 1), rng=np.random.default_rng(0))
    assert first.ranking.votes_left is None
    assert first.words == "Too few votes yet to say how many more it takes."
    assert first.ranking.verdict.endswith("; too few votes yet to say how many more it takes")


def test_an_impossible_duel_gets_a_sentence():
    rng = np.random.default_rng(0)
    with pytest.raises(ConfigError, match="two variants with a video"):
        choose_duel(field(1), [], rng=rng)
    with pytest.raises(ConfigError, match="'best' or 'rank'"):
        choose_duel(field(2), [], goal="worst", rng=rng)
