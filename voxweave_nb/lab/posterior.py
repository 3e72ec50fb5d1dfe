"""What votes say about the variants: random draws of their scores, which agree with the votes.

A vote for the left variant has the odds `exp(left - right)` (Bradley and Terry 1952). How far the scores lie apart is
not known beforehand, nor whether variants that share a choice also share a part of their scores. So one fit is made for
each of several spreads, with independent scores and with shared ones, and the fits are mixed by their evidence (the
Laplace approximation; MacKay 2003, chapter 27). `benchmarks/ranking.py` measures how true the resulting chances are.

Thumbs and stars enter the same fit as an ordered logit (McCullagh 1980): a thumb compares a variant with one hidden
threshold, and stars lie between four of them. Each person has thresholds of their own. With careless, drifting and
partial raters the chances stay as true as with duels alone (`benchmarks/ratings.py`).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Posterior", "Scale", "fit"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.intp]

# Standard deviations of the scores, in natural logarithms of the odds. At 4, the best one wins nearly every vote.
_SPREADS = (0.1, 0.3, 0.7, 1.2, 2.0, 3.5)
# The part of a score's variance that belongs to the choices; the rest belongs to the variant alone.
_SHARED = (0.7, 0.97)
# How far apart people set their thresholds, how far a person's whole scale may be shifted, and each threshold alone.
_APART, _SHIFT, _OWN = 1.2, 1.5, 0.5
_DRAWS = 2000
_MOST_STEPS = 50
_CLOSE_ENOUGH = 1e-6


@dataclass(frozen=True, slots=True)
class Scale:
    """One person's ratings on one scale.

    Attributes:
        variants: The rated variants, from 0.
        levels: The level of each, from 0 to `thresholds`.
        thresholds: The number of thresholds between the levels: 1 for thumbs, 4 for stars.
    """

    variants: Sequence[int]
    levels: Sequence[int]
    thresholds: int


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
    scales: Sequence[Scale] = (),
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
        scales: Ratings, a scale for each person and kind.
        seed: The seed of the draws: the same votes give the same chances.
        draws: The number of draws.
    """
    votes = _Votes.of(left, right, result, count, scales)
    priors = _priors(count, axes)
    fits: list[_Fit] = []
    for precision, _ in priors:
        # The scores of one spread are close to those of the next one.
        fits.append(_newton(votes.prior(precision), votes, fits[-1].scores if fits else votes.middle))
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
    """Votes, and ratings as votes on variants and thresholds, which stand behind the variants.

    The chance of a level between two thresholds is that of a vote won against the lower one and of one lost against the
    upper one, times a part that depends on these two alone: `1 - exp(lower - upper)`.
    """

    left: Integers
    right: Integers
    result: Floats
    count: int
    middle: Floats
    thresholds: Floats
    lower: Integers
    between: Floats

    @classmethod
    def of(
        cls,
        left: Sequence[int],
        right: Sequence[int],
        result: Sequence[float],
        count: int,
        scales: Sequence[Scale],
    ) -> _Votes:
        lefts, rights = [np.asarray(left, np.intp)], [np.asarray(right, np.intp)]
        results = [np.asarray(result, np.float64)]
        middle: list[Floats] = [np.zeros(count)]
        blocks: list[Floats] = []
        lower: list[Integers] = []
        between: list[Floats] = []
        start = count
        for scale in scales:
            variants, levels, k = (
                np.asarray(scale.variants, np.intp),
                np.asarray(scale.levels, np.intp),
                scale.thresholds,
            )
            won, lost = levels > 0, levels < k
            lefts += [variants[won], variants[lost]]
            rights += [start + levels[won] - 1, start + levels[lost]]
            results += [np.ones(won.sum()), np.zeros(lost.sum())]
            middle.append(np.asarray((np.arange(k) - (k - 1) / 2) * _APART, np.float64))
            blocks.append(np.asarray(np.linalg.inv(_OWN**2 * np.eye(k) + _SHIFT**2), np.float64))
            lower.append(start + np.arange(k - 1))
            between.append(np.bincount(levels[won & lost] - 1, minlength=k - 1)[: k - 1].astype(np.float64))
            start += k
        thresholds = np.zeros((start - count, start - count))
        place = 0
        for block in blocks:
            thresholds[place : place + len(block), place : place + len(block)] = block
            place += len(block)
        return cls(
            np.concatenate(lefts),
            np.concatenate(rights),
            np.concatenate(results),
            start,
            np.concatenate(middle),
            thresholds,
            np.concatenate([np.zeros(0, np.intp), *lower]),
            np.concatenate([np.zeros(0), *between]),
        )

    def prior(self, precision: Floats) -> Floats:
        """Return the inverse covariance of the scores with that of the thresholds."""
        if not len(self.thresholds):
            return precision
        n = len(precision)
        whole = np.zeros((self.count, self.count))
        whole[:n, :n], whole[n:, n:] = precision, self.thresholds
        return whole

    def target(self, precision: Floats, scores: Floats) -> float:
        """Return the logarithm of the chance of the votes and of these scores, up to a constant."""
        width = scores[self.lower + 1] - scores[self.lower]
        if (width <= 0).any():
            return -np.inf
        gap, off = scores[self.left] - scores[self.right], scores - self.middle
        likelihood = self.result * np.logaddexp(0, -gap) + (1 - self.result) * np.logaddexp(0, gap)
        order = self.between @ np.log(-np.expm1(-width)) if len(width) else 0.0
        return float(order - likelihood.sum() - off @ precision @ off / 2)

    def order(self, scores: Floats, slope: Floats, curvature: Floats) -> None:
        """Add what the order of the thresholds does to the slope and the curvature."""
        upper = self.lower + 1
        gone = np.expm1(scores[upper] - scores[self.lower])
        push, bend = self.between / gone, self.between * (1 + gone) / gone**2
        np.add.at(slope, upper, push)
        np.add.at(slope, self.lower, -push)
        np.add.at(curvature, (upper, upper), bend)
        np.add.at(curvature, (self.lower, self.lower), bend)
        np.add.at(curvature, (upper, self.lower), -bend)
        np.add.at(curvature, (self.lower, upper), -bend)


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


def _newton(precision: Floats, votes: _Votes, scores: Floats) -> _Fit:
    """Return the fit of one prior, by Newton's method from `scores`; the target is concave: it has one maximum."""
    n, left, right, result = votes.count, votes.left, votes.right, votes.result
    pairs = left * n + right
    curvature = precision
    for _ in range(_MOST_STEPS):
        chance = _sigmoid(scores[left] - scores[right])
        miss = result - chance
        slope = (
            -precision @ (scores - votes.middle) + np.bincount(left, miss, n) - np.bincount(right, miss, n)
        )
        weight = np.bincount(pairs, chance * (1 - chance), n * n).reshape(n, n)
        weight = weight + weight.T
        curvature = precision - weight
        curvature[np.diag_indices(n)] += weight.sum(axis=1)
        if len(votes.lower):
            votes.order(scores, slope, curvature)
        step: Floats = np.asarray(np.linalg.solve(curvature, slope), np.float64)
        if len(votes.lower):
            step = _shortened(step, precision, votes, scores)
        scores = scores + step
        if np.abs(step).max() < _CLOSE_ENOUGH:
            break
    evidence = votes.target(precision, scores) + np.linalg.slogdet(precision)[1] / 2
    return _Fit(scores, curvature, float(evidence - np.linalg.slogdet(curvature)[1] / 2))


def _shortened(step: Floats, precision: Floats, votes: _Votes, scores: Floats) -> Floats:
    """Return a step that keeps the order of the thresholds and leads upwards."""
    before = votes.target(precision, scores) - 1e-9
    while votes.target(precision, scores + step) < before:
        step = step / 2
    return step


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
