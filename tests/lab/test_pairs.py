"""The next pair is one whose result is open, among those that matter."""

from __future__ import annotations

import numpy as np

from voxweave_nb.lab.pairs import next_pair, votes_left
from voxweave_nb.lab.posterior import fit


def ask(posterior, counts=None, best=True, seed=0):
    count = posterior.draws.shape[1]
    counts = np.zeros((count, count)) if counts is None else counts
    return next_pair(posterior, counts, best=best, rng=np.random.default_rng(seed))


def test_the_leaders_meet_each_other():
    # 0 and 1 win against 2 and 3 ten times each; they have not met.
    left, right = [0, 0, 1, 1] * 10, [2, 3, 2, 3] * 10
    assert set(ask(fit(left, right, [1.0] * 40, count=4))) == {0, 1}


def test_all_are_ranked_where_that_is_the_goal():
    # The leader is certain; the order of 2 and 3 is not known.
    left, right = [0] * 60 + [1] * 60, [1] * 60 + [2, 3] * 30
    assert set(ask(fit(left, right, [1.0] * 120, count=4), best=False)) == {2, 3}


def test_a_pair_is_not_shown_for_ever():
    posterior = fit([], [], [], count=3)
    counts = np.zeros((3, 3))
    for _ in range(30):
        first, second = ask(posterior, counts)
        counts[first, second] += 1
    assert (counts + counts.T)[np.triu_indices(3, 1)].min() >= 8


def test_fewer_votes_are_left_as_they_come():
    few = votes_left(fit([0] * 4, [1] * 4, [1, 1, 1, 0], count=2))
    more = votes_left(fit([0] * 12, [1] * 12, [1, 1, 1, 0] * 3, count=2))
    assert few is not None
    assert more is not None
    assert few > more
    assert votes_left(fit([0] * 60, [1] * 60, [1, 1, 1, 0] * 15, count=2)) == 0
