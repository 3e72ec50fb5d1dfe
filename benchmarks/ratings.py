"""Do thumbs and stars belong into the ranking? How true its chances stay if they count, measured on made-up raters.

Thumbs and stars enter the fit of the duels as an ordered logit: a thumb is a comparison with one hidden threshold, and
stars lie between four of them. The raters are

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
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from ranking import COVERED, MOST_APART, MOST_APART_ON_AVERAGE, SHAPES, SPREADS, axes_of, field

from voxweave_nb.lab.posterior import Scale, fit

FIELDS = 500
# Ratings weigh most where there are few votes.
VOTES = (10, 60, 200)
RATERS = ("faithful", "careless", "drifting", "partial")
KINDS = {"duels only": 0, "and thumbs": 1, "and stars": 4}
# Thresholds: how far apart people set them, and how far the whole scale of one of them may be shifted.
_APART, _SHIFT, _OWN = 1.2, 1.5, 0.5


def middle_of(thresholds: int) -> np.ndarray:
    """Return where the thresholds lie on average."""
    return (np.arange(thresholds) - (thresholds - 1) / 2) * _APART


def ratings_of(scores: np.ndarray, thresholds: int, rater: str, rng: np.random.Generator) -> Scale:
    """Return one rating of each variant by a rater."""
    n = len(scores)
    if thresholds == 0:
        return Scale([], [], 0)
    own = middle_of(thresholds) + rng.normal(0, _SHIFT / 2) + rng.normal(0, _OWN / 2, thresholds)
    seen = scores + rng.logistic(0, 1, n)
    if rater == "drifting":
        seen = seen + np.linspace(-1, 1, n)
    if rater == "partial":
        seen = seen + rng.normal(0, 0.7, n)
    level = (seen[:, None] > np.sort(own)[None, :]).sum(axis=1)
    if rater == "careless":
        level = np.where(rng.random(n) < 0.3, rng.integers(0, thresholds + 1, n), level)
    return Scale(np.arange(n), level, thresholds)


def measure(cell: tuple[str, str, int, int, float, str, int]) -> tuple[float, float, float, float]:
    """Return the claimed chance of the leader, the true one, the coverage, and the score lost by taking the leader."""
    kind, rater, variants, votes, spread, truth, fields = cell
    axes = axes_of(variants)
    rows = []
    for seed in range(fields):
        scores, (left, right, result) = field(seed, variants, votes, spread, truth)
        ratings = ratings_of(scores, KINDS[kind], rater, np.random.default_rng([seed, 1]))
        scales = [ratings] if ratings.thresholds else []
        posterior = fit(left, right, result, count=variants, axes=axes, scales=scales, seed=seed)
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
    """Print two lines for each kind of rating and rater; return 1 if duels alone are out of bounds."""
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
                well &= good or bool(rater)
                print(f"  {kind:10} {rater:9} {words}")
                print(
                    f"  {'':20} after {VOTES[0]} votes: {row_of(cells[:few], results[:few])[0]}", flush=True
                )
    return int(not well)


if __name__ == "__main__":
    sys.exit(main())
