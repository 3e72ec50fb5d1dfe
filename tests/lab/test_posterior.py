"""The draws agree with the votes, and say no more than the votes do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxweave_nb.lab.posterior import Thumbs, fit

VOTES = st.lists(
    st.tuples(st.integers(0, 4), st.integers(1, 4), st.sampled_from([0.0, 0.5, 1.0])), max_size=30
)


def test_nothing_is_known_without_votes():
    found = fit([], [], [], count=4)
    assert found.best() == pytest.approx([0.25] * 4, abs=0.05)
    low, high = found.ranks()
    assert set(low) == {1}
    assert set(high) == {4}
    assert found.odds() == pytest.approx(np.full((4, 4), 0.5), abs=0.05)


def test_who_always_wins_leads_without_certainty():
    found = fit([0] * 6, [1, 2, 3] * 2, [1.0] * 6, count=4)
    assert found.mean.argmax() == 0
    assert 0.6 < found.best()[0] < 0.95
    assert np.isfinite(found.draws).all()


def test_thousand_votes_are_nearly_certain():
    found = fit([0] * 500 + [1] * 500, [1] * 500 + [2] * 500, [1.0] * 1000, count=3)
    assert found.best()[0] > 0.99
    low, high = found.ranks()
    assert list(low) == list(high) == [1, 2, 3]


def test_ties_pull_scores_together():
    won = fit([0] * 10, [1] * 10, [1.0] * 10, count=2)
    tied = fit([0] * 20, [1] * 20, [1.0] * 10 + [0.5] * 10, count=2)
    assert 0.5 < tied.odds()[0, 1] < won.odds()[0, 1]


def test_shared_choices_tell_about_unseen_variants():
    axes = [{"time": time, "place": place} for time in ("dusk", "dawn") for place in "abcd"]
    left, right = [0, 1, 2] * 8, [4, 5, 6] * 8
    together = fit(left, right, [1.0] * 24, count=8, axes=axes)
    alone = fit(left, right, [1.0] * 24, count=8)
    assert together.shared > 0.5
    assert alone.shared == 0
    assert alone.odds()[3, 7] == pytest.approx(0.5, abs=0.05)
    assert together.odds()[3, 7] > 0.65


def test_an_axis_that_nobody_shares_changes_nothing():
    axes = [{"seed": place} for place in range(5)]
    assert fit([0], [1], [1.0], count=5, axes=axes).shared == 0


def test_the_same_votes_give_the_same_chances():
    first, second = (fit([0, 1], [1, 2], [1.0, 0.5], count=3) for _ in range(2))
    assert np.array_equal(first.draws, second.draws)


@given(VOTES)
def test_chances_are_chances(votes):
    left = [each[0] for each in votes]
    right = [(each[0] + each[1]) % 5 for each in votes]
    found = fit(left, right, [each[2] for each in votes], count=5, draws=300)
    assert found.best().sum() == pytest.approx(1)
    low, high = found.ranks()
    assert ((low >= 1) & (low <= high) & (high <= 5)).all()
    assert found.odds() + found.odds().T == pytest.approx(np.ones((5, 5)))
    assert found.draws.mean(axis=1) == pytest.approx(np.zeros(300), abs=1e-9)


def test_a_single_variant_is_the_best():
    found = fit([], [], [], count=1)
    assert found.best() == pytest.approx([1])
    assert [each.tolist() for each in found.ranks()] == [[1], [1]]


def test_a_thumb_is_a_vote_against_a_threshold():
    liked = fit([], [], [], count=3, thumbs=[Thumbs([0, 1, 2], [True, False, False])])
    assert liked.mean.argmax() == 0
    assert 0.4 < liked.best()[0] < 0.8
    assert liked.mean[1] == pytest.approx(liked.mean[2], abs=0.1)


def test_a_person_who_likes_everything_says_nothing():
    for up in (True, False):
        found = fit([], [], [], count=4, thumbs=[Thumbs(range(4), [up] * 4)])
        assert found.best() == pytest.approx([0.25] * 4, abs=0.05)


def test_each_person_has_a_threshold():
    # One likes all that they saw, another one nothing: that is about the two of them.
    mild, strict = Thumbs([0, 1, 2], [True] * 3), Thumbs([3, 4, 5], [False] * 3)
    found = fit([], [], [], count=6, thumbs=[mild, strict])
    assert found.odds()[0, 3] < 0.65
    same = fit([], [], [], count=6, thumbs=[Thumbs(range(6), [True] * 3 + [False] * 3)])
    assert same.odds()[0, 3] > 0.65


def test_votes_outweigh_a_thumb():
    found = fit([0] * 40, [1] * 40, [1.0] * 40, count=2, thumbs=[Thumbs([0, 1], [False, True])])
    assert found.best()[0] > 0.9


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=25), VOTES)
def test_no_thumbs_break_the_fit(rows, votes):
    left, right = [each[0] for each in votes], [(each[0] + each[1]) % 5 for each in votes]
    thumbs = Thumbs([place for place, _ in rows], [up for _, up in rows])
    found = fit(left, right, [each[2] for each in votes], count=5, thumbs=[thumbs], draws=200)
    assert found.draws.shape == (200, 5)
    assert np.isfinite(found.draws).all()
