"""Which two variants to compare next, and how many more votes a decision would take."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from .posterior import Floats, Posterior

__all__ = ["next_pair", "votes_left"]

# So much of the weight of a pair does not depend on its chance to hold the best: nobody is forgotten.
_EVERYBODY = 0.02
_MOST_VOTES = 500
# A vote on the leader and one rival also tells about the leader and the others.
_SHARED_WORK = 0.5


def next_pair(
    posterior: Posterior,
    counts: Floats,
    *,
    best: bool = True,
    rng: np.random.Generator,
    among: npt.NDArray[np.bool_] | None = None,
) -> tuple[int, int]:
    """Return the two variants whose comparison tells most.

    A vote tells most where its result is open and the difference is uncertain. To find the best, it also has to be
    about one that may be the best: with 60 votes that halves the loss against random pairs, while the order of the
    others stays unknown (measured; `benchmarks/ranking.py`).

    Args:
        posterior: What the votes say so far.
        counts: `(n, n)` votes on each pair, in any order.
        best: True to find the best, False to rank all.
        rng: Decides between equals.
        among: `(n, n)` True for the pairs to choose from, of which there is at least one; None for all.

    Returns:
        Two different indices, from 0.
    """
    covariance = np.atleast_2d(np.cov(posterior.draws, rowvar=False))
    variance = np.diag(covariance)[:, None] + np.diag(covariance)[None, :] - 2 * covariance
    odds = posterior.odds()
    gain = odds * (1 - odds) * variance
    if best:
        chance = posterior.best()
        gain = gain * (_EVERYBODY + chance[:, None] + chance[None, :])
    gain = gain / (1 + 0.1 * (counts + counts.T))
    gain = gain * (1 + 1e-3 * rng.random(gain.shape))
    gain[np.tril_indices(len(gain))] = -1
    if among is not None:
        gain[~among] = -1
    first, second = divmod(int(gain.argmax()), len(gain))
    return first, second


def votes_left(posterior: Posterior, sure: float = 0.9) -> int | None:
    """Return about how many more votes it takes until one variant is the best with a chance of `sure`; 0 if one is.

    For each draw, taken as the truth, every rival has to fall behind the best by so many standard errors, and a vote on
    a pair adds `p (1 - p)` to the precision of its difference. The result is the median over the draws; None above 500,
    where the best ones are as good as equal.
    """
    if posterior.best().max() >= sure:
        return 0
    draws = posterior.draws[:: max(1, len(posterior.draws) // 400)]
    leaders = draws.argmax(axis=1)
    gaps = draws[np.arange(len(draws)), leaders][:, None] - draws
    covariance = np.atleast_2d(np.cov(posterior.draws, rowvar=False))
    variance = np.diag(covariance)[:, None] + np.diag(covariance)[None, :] - 2 * covariance
    errors = NormalDist().inv_cdf(sure + (1 - sure) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        missing = (errors / gaps) ** 2 - 1 / variance[leaders]
        votes = np.where(gaps > 0, missing / _information(gaps), 0)
    total = _SHARED_WORK * np.clip(votes, 0, None).sum(axis=1)
    typical = float(np.median(total))
    return None if typical > _MOST_VOTES else max(1, math.ceil(typical))


def _information(gap: Floats) -> Floats:
    """Return what one vote on a pair adds to the precision of its difference."""
    chance = 1 / (1 + np.exp(-gap))
    return np.asarray(chance * (1 - chance))
