"""What votes say about the variants: random draws of their scores, which agree with the votes.

A vote for the left variant has the odds `exp(left - right)` (Bradley and Terry 1952). How far the scores lie apart is
not known beforehand, nor whether variants that share a choice also share a part of their scores. So one fit is made for
each of several spreads, with independent scores and with shared ones, and the fits are mixed by their evidence (the
Laplace approximation; MacKay 2003, chapter 27). `benchmarks/ranking.py` measures how true the resulting chances are.

Thumbs enter the same fit: a thumb is a vote between a variant and a hidden threshold of the person's own.
`benchmarks/ratings.py` measures why thumbs count and stars do not.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .one_thread import one_thread

__all__ = ["Posterior", "Thumbs", "fit"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.intp]

# Standard deviations of the scores, in natural logarithms of the odds. At 4, the best one wins nearly every vote.
_SPREADS = (0.1, 0.3, 0.7, 1.2, 2.0, 3.5)
# The part of a score's variance that belongs to the choices; the rest belongs to the variant alone.
_SHARED = (0.7, 0.97)
# Variance of a person's threshold: some like nearly all, some nearly nothing.
_THRESHOLD = 2.5
_DRAWS = 2000
_MOST_STEPS = 50
_CLOSE_ENOUGH = 1e-6


@dataclass(frozen=True, slots=True)
class Thumbs:
    """One person's thumbs.

    Attributes:
        variants: The variants, from 0.
        up: True for up, False for down, for each.
    """

    variants: Sequence[int]
    up: Sequence[bool]


@dataclass(frozen=True, slots=True)
class Posterior:
    """Draws of the scores of `n` variants.

    Attributes:
        draws: `(draws, n)` scores; the mean of each draw is 0. A difference of 1 is odds of 2.7 to 1.
        shared: The chance, from 0 to 1, that variants with the same choices share a part of their scores.
    """

    draws: Floats
    shared: float

    @property
    def mean(self) -> Floats:
        """The mean score of each variant."""
        return np.asarray(self.draws.mean(axis=0))

    def best(self) -> Floats:
        """Return each variant's chance to be the best; the chances add up to 1."""
        leaders = np.bincount(self.draws.argmax(axis=1), minlength=self.draws.shape[1])
        return np.asarray(leaders / len(self.draws))

    def ranks(self, mass: float = 0.95) -> tuple[Integers, Integers]:
        """Return the lowest and highest plausible rank of each variant, from 1.

        An interval is the narrowest one that holds the rank with a chance of `mass`, or the next narrower one where
        its chance is closer to `mass`: ranks are few, and intervals that are always rounded up are too wide.
        """
        chances = _rank_chances(self.draws)
        n = len(chances)
        sums = np.concatenate([np.zeros((n, 1)), chances.cumsum(axis=1)], axis=1)
        low, high = np.zeros(n, np.intp), np.full(n, n - 1)
        found = np.zeros(n, bool)
        narrower, narrower_start = np.zeros(n), np.zeros(n, np.intp)
        for width in range(1, n + 1):
            windows = sums[:, width:] - sums[:, :-width]
            start = windows.argmax(axis=1)
            inside = windows[np.arange(n), start]
            new = (inside >= mass - 1e-12) & ~found
            back = new & (mass - narrower < inside - mass) & (width > 1)
            low[new], high[new] = start[new], start[new] + width - 1
            low[back], high[back] = narrower_start[back], narrower_start[back] + width - 2
            found |= new
            if found.all():
                break
            narrower, narrower_start = inside, start
        return low + 1, high + 1

    def odds(self) -> Floats:
        """Return the `(n, n)` chances that the next vote between two variants goes to the first one."""
        n = self.draws.shape[1]
        # A few hundred draws tell these chances to a hundredth.
        some = self.draws[:: max(1, len(self.draws) // 500)]
        chances = np.full((n, n), 0.5)
        for each in range(n):
            chances[each] = _sigmoid(some[:, each, None] - some).mean(axis=0)
        np.fill_diagonal(chances, 0.5)
        return chances

    def better(self) -> Floats:
        """Return the `(n, n)` chances that the first of two variants is the better one."""
        n = self.draws.shape[1]
        chances = np.full((n, n), 0.5)
        for each in range(n):
            chances[each] = (self.draws[:, each, None] > self.draws).mean(axis=0)
        np.fill_diagonal(chances, 0.5)
        return chances


def fit(
    left: Sequence[int],
    right: Sequence[int],
    result: Sequence[float],
    *,
    count: int,
    axes: Sequence[Mapping[str, Hashable]] = (),
    thumbs: Sequence[Thumbs] = (),
    seed: int = 0,
    draws: int = _DRAWS,
) -> Posterior:
    """Return draws of the scores of `count` variants that agree with the votes.

    Args:
        left: The left variant of each vote, from 0.
        right: The right variant of each vote.
        result: 1 where the left one won, 0 where the right one won, 0.5 for a tie.
        count: The number of variants, at least 1.
        axes: The choices of each variant by axis; none for variants that share nothing.
        thumbs: Thumbs, by person.
        seed: The seed of the draws: the same votes give the same chances.
        draws: The number of draws.
    """
    with one_thread():
        return _fit(_Votes.of(left, right, result, count, thumbs), count, axes, seed, draws)


def _fit(
    votes: _Votes, count: int, axes: Sequence[Mapping[str, Hashable]], seed: int, draws: int
) -> Posterior:
    priors = _priors(count, axes)
    fits: list[_Fit] = []
    for precision, _ in priors:
        # The scores of one spread are close to those of the next one.
        start = fits[-1].scores if fits else np.zeros(votes.count)
        fits.append(_newton(_with_thresholds(precision, votes.count), votes, start))
    evidence = np.array([each.evidence for each in fits])
    weights = np.exp(evidence - evidence.max())
    weights /= weights.sum()
    rng = np.random.default_rng(seed)
    parts = [
        each.draw(rng, int(amount))[:, :count]
        for each, amount in zip(fits, rng.multinomial(draws, weights), strict=True)
        if amount
    ]
    found = np.concatenate(parts)
    return Posterior(
        found - found.mean(axis=1, keepdims=True), float(weights[[shared for _, shared in priors]].sum())
    )


@dataclass(frozen=True, slots=True)
class _Votes:
    """Votes between variants, and between variants and thresholds, which stand behind the variants."""

    left: Integers
    right: Integers
    result: Floats
    count: int

    @classmethod
    def of(
        cls,
        left: Sequence[int],
        right: Sequence[int],
        result: Sequence[float],
        count: int,
        thumbs: Sequence[Thumbs],
    ) -> _Votes:
        people = [np.full(len(each.up), count + number) for number, each in enumerate(thumbs)]
        return cls(
            np.concatenate(
                [np.asarray(left, np.intp), *(np.asarray(each.variants, np.intp) for each in thumbs)]
            ),
            np.concatenate([np.asarray(right, np.intp), *people]),
            np.concatenate(
                [np.asarray(result, np.float64), *(np.asarray(each.up, np.float64) for each in thumbs)]
            ),
            count + len(thumbs),
        )


@dataclass(frozen=True, slots=True)
class _Fit:
    """The most probable scores under one prior, with the curvature there."""

    scores: Floats
    curvature: Floats
    evidence: float

    def draw(self, rng: np.random.Generator, amount: int) -> Floats:
        root = np.linalg.cholesky(self.curvature)
        noise = rng.standard_normal((len(self.scores), amount))
        drawn: Floats = self.scores + np.linalg.solve(root.T, noise).T
        return drawn


def _priors(count: int, axes: Sequence[Mapping[str, Hashable]]) -> list[tuple[Floats, bool]]:
    """Return the inverse covariances of the priors, and whether each lets variants share a part of their scores."""
    alone = np.eye(count)
    found = [(alone / spread**2, False) for spread in _SPREADS]
    same = _similarity(axes, count)
    if same is not None:
        for part in _SHARED:
            together: Floats = np.asarray(np.linalg.inv(part * same + (1 - part) * alone), np.float64)
            found += [(together / spread**2, True) for spread in _SPREADS]
    return found


def _similarity(axes: Sequence[Mapping[str, Hashable]], count: int) -> Floats | None:
    """Return the part of the axes on which two variants agree, from 0 to 1; None if no axis is shared by any."""
    total, used = np.zeros((count, count)), 0
    for name in sorted({name for each in axes for name in each}):
        values = [each.get(name) for each in axes]
        codes = {value: code for code, value in enumerate(dict.fromkeys(values))}
        if not 1 < len(codes) < count:
            continue
        numbers = np.array([codes[value] for value in values])
        total += numbers[:, None] == numbers[None, :]
        used += 1
    return total / used if used else None


def _with_thresholds(precision: Floats, size: int) -> Floats:
    """Return the inverse covariance of the scores with that of the thresholds behind them."""
    n = len(precision)
    if size == n:
        return precision
    whole = np.eye(size) / _THRESHOLD
    whole[:n, :n] = precision
    return whole


def _newton(precision: Floats, votes: _Votes, scores: Floats) -> _Fit:
    """Return the fit of one prior, by Newton's method from `scores`; the target is concave: it has one maximum."""
    n, left, right, result = votes.count, votes.left, votes.right, votes.result
    pairs = left * n + right
    curvature = precision
    for _ in range(_MOST_STEPS):
        chance = _sigmoid(scores[left] - scores[right])
        miss = result - chance
        slope = -precision @ scores + np.bincount(left, miss, n) - np.bincount(right, miss, n)
        weight = np.bincount(pairs, chance * (1 - chance), n * n).reshape(n, n)
        weight = weight + weight.T
        curvature = precision - weight
        curvature[np.diag_indices(n)] += weight.sum(axis=1)
        step = np.linalg.solve(curvature, slope)
        scores = scores + step
        if np.abs(step).max() < _CLOSE_ENOUGH:
            break
    gap = scores[left] - scores[right]
    likelihood = -(result * np.logaddexp(0, -gap) + (1 - result) * np.logaddexp(0, gap)).sum()
    prior = (np.linalg.slogdet(precision)[1] - scores @ precision @ scores) / 2
    return _Fit(scores, curvature, float(likelihood + prior - np.linalg.slogdet(curvature)[1] / 2))


def _rank_chances(draws: Floats) -> Floats:
    """Return the `(n, n)` chances of each variant to have each rank."""
    amount, n = draws.shape
    order = (-draws).argsort(axis=1)
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(n)[None, :], axis=1)
    cells = np.bincount((np.arange(n)[None, :] * n + ranks).ravel(), minlength=n * n)
    return np.asarray(cells.reshape(n, n) / amount)


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-x)))
