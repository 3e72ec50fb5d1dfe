"""Do thumbs and stars belong into the ranking? How true its chances stay if they count, measured on made-up raters.

A thumb is a comparison with one hidden threshold, as the package counts it. Stars lie between four thresholds, an
ordered logit (McCullagh 1980); their fit is in this file, since the package shows them and does not count them. The
raters are

- `faithful`: they rate as they vote, around thresholds of their own;
- `careless`: three ratings in ten are random clicks;
- `drifting`: they grow milder by 2 (odds of 7 to 1) on the way through the grid, which they rate in its order;
- `partial`: a like or dislike of their own enters what they rate, as large as 0.7, which a duel side by side corrects.

Every rater gives one rating to each variant. The bounds are those of `benchmarks/ranking.py`.

`scripts/bench --ratings`, or `python benchmarks/ratings.py [FIELDS]`
"""

from __future__ import annotations

import concurrent.futures
import os
import sys
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from ranking import COVERED, MOST_APART, MOST_APART_ON_AVERAGE, SHAPES, SPREADS, axes_of, field

from voxweave_nb.lab.posterior import Posterior, Thumbs, _priors, fit

FIELDS = 500
# Ratings weigh most where there are few votes.
VOTES = (10, 60, 200)
RATERS = ("faithful", "careless", "drifting", "partial")
KINDS = {"duels only": 0, "and thumbs": 1, "and stars": 4}
_DRAWS = 2000
# Thresholds: how far apart people set them, and how far the whole scale of one of them may be shifted.
_APART, _SHIFT, _OWN = 1.2, 1.5, 0.5


@dataclass
class Ratings:
    """Ratings by the place of the variant; level 0 lies below the first threshold."""

    variant: np.ndarray
    level: np.ndarray
    thresholds: int


def middle_of(thresholds: int) -> np.ndarray:
    """Return where the thresholds lie on average."""
    return (np.arange(thresholds) - (thresholds - 1) / 2) * _APART


def ratings_of(scores: np.ndarray, thresholds: int, rater: str, rng: np.random.Generator) -> Ratings:
    """Return one rating of each variant by a rater."""
    n = len(scores)
    if thresholds == 0:
        return Ratings(np.zeros(0, int), np.zeros(0, int), 0)
    own = middle_of(thresholds) + rng.normal(0, _SHIFT / 2) + rng.normal(0, _OWN / 2, thresholds)
    seen = scores + rng.logistic(0, 1, n)
    if rater == "drifting":
        seen = seen + np.linspace(-1, 1, n)
    if rater == "partial":
        seen = seen + rng.normal(0, 0.7, n)
    level = (seen[:, None] > np.sort(own)[None, :]).sum(axis=1)
    if rater == "careless":
        level = np.where(rng.random(n) < 0.3, rng.integers(0, thresholds + 1, n), level)
    return Ratings(np.arange(n), level, thresholds)


def fit_both(left, right, result, ratings: Ratings, count: int, axes, seed: int) -> Posterior:  # type: ignore[no-untyped-def]
    """Return draws of the scores that agree with duels and ratings.

    The probability of a level between two thresholds is that of two won comparisons, times a part that depends on the
    thresholds alone (for the logistic function), so that ratings are votes against thresholds with one term more.
    """
    k = ratings.thresholds
    won = ratings.level > 0
    lost = ratings.level < k
    first = np.concatenate([left, ratings.variant[won], ratings.variant[lost]]).astype(int)
    second = np.concatenate([right, count + ratings.level[won] - 1, count + ratings.level[lost]]).astype(int)
    points = np.concatenate([result, np.ones(won.sum()), np.zeros(lost.sum())])
    between = np.bincount(ratings.level[won & lost] - 1, minlength=max(k - 1, 0)) if k > 1 else np.zeros(0)
    fits, rng = [], np.random.default_rng(seed)
    start = np.concatenate([np.zeros(count), middle_of(k)])
    scale = np.linalg.inv(_OWN**2 * np.eye(k) + _SHIFT**2) if k else np.zeros((0, 0))
    for precision, shared in _priors(count, axes):
        whole = np.zeros((count + k, count + k))
        whole[:count, :count], whole[count:, count:] = precision, scale
        start, curvature, evidence = newton(whole, first, second, points, between, count, start)
        fits.append((start, curvature, evidence, shared))
    evidence = np.array([each[2] for each in fits])
    weights = np.exp(evidence - evidence.max())
    weights /= weights.sum()
    parts = []
    for (scores, curvature, _, _), amount in zip(fits, rng.multinomial(_DRAWS, weights), strict=True):
        if amount:
            noise = rng.standard_normal((count + k, amount))
            root = np.linalg.cholesky(curvature)
            parts.append((scores + np.linalg.solve(root.T, noise).T)[:, :count])
    draws = np.concatenate(parts)
    return Posterior(draws - draws.mean(axis=1, keepdims=True), 0.0)


def newton(precision, left, right, result, between, count, scores):  # type: ignore[no-untyped-def]
    """Return the most probable scores and thresholds, the curvature there and the evidence."""
    size = len(precision)
    middle = np.concatenate([np.zeros(count), middle_of(size - count)])
    lower, upper = np.arange(len(between)) + count, np.arange(len(between)) + count + 1

    def target(at: np.ndarray) -> float:
        gap, width = at[left] - at[right], at[upper] - at[lower]
        if (width <= 0).any():
            return -np.inf
        off = at - middle
        votes = -(result * np.logaddexp(0, -gap) + (1 - result) * np.logaddexp(0, gap)).sum()
        return float(votes + (between * np.log(-np.expm1(-width))).sum() - off @ precision @ off / 2)

    value = target(scores)
    for _ in range(60):
        chance = 1 / (1 + np.exp(scores[right] - scores[left]))
        miss = result - chance
        slope = (
            -precision @ (scores - middle) + np.bincount(left, miss, size) - np.bincount(right, miss, size)
        )
        weight = np.bincount(left * size + right, chance * (1 - chance), size * size).reshape(size, size)
        weight = weight + weight.T
        curvature = precision - weight
        curvature[np.diag_indices(size)] += weight.sum(axis=1)
        if len(between):
            gone = np.expm1(scores[upper] - scores[lower])
            push, bend = between / gone, between * (1 + gone) / gone**2
            np.add.at(slope, upper, push)
            np.add.at(slope, lower, -push)
            for places, sign in (
                ((upper, upper), 1),
                ((lower, lower), 1),
                ((upper, lower), -1),
                ((lower, upper), -1),
            ):
                np.add.at(curvature, places, sign * bend)
        step = np.linalg.solve(curvature, slope)
        length = 1.0
        while (new := target(scores + length * step)) < value - 1e-9:
            length /= 2
        scores, value = scores + length * step, new
        if length * np.abs(step).max() < 1e-6:
            break
    evidence = value + (np.linalg.slogdet(precision)[1] - np.linalg.slogdet(curvature)[1]) / 2
    return scores, curvature, float(evidence)


def measure(cell: tuple[str, str, int, int, float, str, int]) -> tuple[float, float, float, float]:
    """Return the claimed chance of the leader, the true one, the coverage, and the score lost by taking the leader."""
    kind, rater, variants, votes, spread, truth, fields = cell
    axes = axes_of(variants)
    rows = []
    for seed in range(fields):
        scores, (left, right, result) = field(seed, variants, votes, spread, truth)
        ratings = ratings_of(scores, KINDS[kind], rater, np.random.default_rng([seed, 1]))
        if ratings.thresholds == 1:
            thumbs = [Thumbs(ratings.variant, ratings.level == 1)]
            posterior = fit(left, right, result, count=variants, axes=axes, thumbs=thumbs, seed=seed)
        else:
            posterior = fit_both(left, right, result, ratings, variants, axes, seed)
        best = posterior.best()
        low, high = posterior.ranks()
        ranks = (-scores).argsort().argsort() + 1
        leader = scores[posterior.mean.argmax()]
        rows.append(
            (
                best.max(),
                scores[best.argmax()] >= scores.max() - 1e-12,
                ((low <= ranks) & (ranks <= high)).mean(),
                scores.max() - leader,
            )
        )
    return tuple(np.mean(rows, axis=0))  # type: ignore[return-value]


def row_of(cells: list, results: np.ndarray) -> tuple[str, bool]:  # type: ignore[type-arg]
    """Return the figures of some cells in words, and whether they are within the bounds."""
    apart = np.abs(results[:, 0] - results[:, 1])
    covered = results[:, 2]
    good = (
        apart.max() <= MOST_APART
        and apart.mean() <= MOST_APART_ON_AVERAGE
        and COVERED[0] <= covered.min()
        and covered.max() <= COVERED[1]
    )
    worst = ", ".join(map(str, cells[int(apart.argmax())][2:6]))
    return (
        f"apart {apart.mean():.3f} on average, {apart.max():.3f} at most ({worst}); "
        f"covered {covered.min():.1%} to {covered.max():.1%}; lost {results[:, 3].mean():.3f}"
        f"{'' if good else '  <- out of bounds'}"
    ), bool(good)


def main() -> int:
    """Print two lines for each kind and rater; return 1 if what counts, duels and thumbs, is out of bounds."""
    fields = int(sys.argv[1]) if len(sys.argv) > 1 else FIELDS
    well = True
    print(
        f"{fields} fields each; claimed and true chance of the leader over all cells; ranks within their intervals"
    )
    with concurrent.futures.ProcessPoolExecutor() as pool:
        for kind in KINDS:
            for rater in RATERS if KINDS[kind] else ("",):
                cells = [
                    (kind, rater, variants, votes, spread, truth, fields)
                    for votes in VOTES
                    for truth in ("independent", "shared")
                    for variants in SHAPES
                    for spread in SPREADS
                ]
                results = np.array(list(pool.map(measure, cells)))
                few = len(cells) // len(VOTES)
                words, good = row_of(cells[few:], results[few:])
                well &= good or kind == "and stars"
                print(f"  {kind:10} {rater:9} {words}")
                print(
                    f"  {'':20} after {VOTES[0]} votes: {row_of(cells[:few], results[:few])[0]}", flush=True
                )
    return int(not well)


if __name__ == "__main__":
    sys.exit(main())
