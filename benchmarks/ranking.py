"""How true the lab's chances are, and how fast: on made-up fields of variants whose best one is known.

For each field scores are drawn, people vote on random pairs as Bradley and Terry say, and the ranking claims a chance
for its leader to be the best. Over many fields, the claimed chance and the share of fields in which the leader is the
best have to agree; and the 95 % rank intervals have to hold the true ranks in 90 to 99 % of the cases.

The fields are those of a grid, with axes: the mixture of shared and independent scores is under test too, where the
truth has no shared parts (`independent`), and where 85 % of its variance belong to the choices (`shared`).

`scripts/bench --ranking`, or `python benchmarks/ranking.py [FIELDS]`
"""

from __future__ import annotations

import concurrent.futures
import itertools
import os
import sys
import time
from pathlib import Path

# The solvers of numpy take all cores for matrices of 24 rows, and lose by it.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from voxweave_nb.lab.pairs import next_pair, votes_left
from voxweave_nb.lab.posterior import fit

FIELDS = 1000
SPREADS = (0.3, 1.0, 2.0)
SHAPES = {6: (3, 2), 24: (4, 3, 2)}
VOTES = (60, 200)

MOST_APART, MOST_APART_ON_AVERAGE = 0.08, 0.04
COVERED = (0.90, 0.99)
MOST_MS_RANKING, MOST_MS_PAIR = 20.0, 50.0


def axes_of(variants: int) -> list[dict[str, int]]:
    """Return the choices of every variant of a grid."""
    return [
        {f"axis {number}": value for number, value in enumerate(row)}
        for row in itertools.product(*map(range, SHAPES[variants]))
    ]


def field(
    seed: int, variants: int, votes: int, spread: float, kind: str
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the true scores of a field, and votes on random pairs as left, right, result."""
    rng = np.random.default_rng(seed)
    if kind == "independent":
        scores = rng.normal(0, spread, variants)
    else:
        rows = np.array([list(each.values()) for each in axes_of(variants)])
        size = spread * np.sqrt(0.85 / rows.shape[1])
        scores = rng.normal(0, spread * np.sqrt(0.15), variants)
        for axis in range(rows.shape[1]):
            scores += rng.normal(0, size, rows[:, axis].max() + 1)[rows[:, axis]]
    left = rng.integers(0, variants, votes)
    right = (left + rng.integers(1, variants, votes)) % variants
    wins = rng.random(votes) < 1 / (1 + np.exp(scores[right] - scores[left]))
    return scores, [left, right, wins.astype(float)]


def judge(cell: tuple[int, int, float, str, int]) -> tuple[float, float, float]:
    """Return the claimed chance of the leader, the share of fields in which it is the best, and the coverage."""
    variants, votes, spread, kind, fields = cell
    axes = axes_of(variants)
    claimed, hits, covered = [], [], []
    for seed in range(fields):
        scores, (left, right, result) = field(seed, variants, votes, spread, kind)
        posterior = fit(left, right, result, count=variants, axes=axes, seed=seed)
        best = posterior.best()
        claimed.append(best.max())
        # Two variants with the same true score are both the best one.
        hits.append(scores[best.argmax()] >= scores.max() - 1e-12)
        low, high = posterior.ranks()
        ranks = (-scores).argsort().argsort() + 1
        covered.append(((low <= ranks) & (ranks <= high)).mean())
    return float(np.mean(claimed)), float(np.mean(hits)), float(np.mean(covered))


def truth(fields: int) -> bool:
    """Print the table of chances; return whether every cell is within its bounds."""
    cells = [
        (variants, votes, spread, kind, fields)
        for kind in ("independent", "shared")
        for variants in SHAPES
        for votes in VOTES
        for spread in SPREADS
    ]
    with concurrent.futures.ProcessPoolExecutor() as pool:
        results = list(pool.map(judge, cells))
    print(
        f"{fields} fields each: the leader's chance to be the best, claimed and true; ranks within their intervals"
    )
    well, apart = True, []
    for (variants, votes, spread, kind, _), (claimed, true, covered) in zip(cells, results, strict=True):
        good = abs(claimed - true) <= MOST_APART and COVERED[0] <= covered <= COVERED[1]
        well &= good
        apart.append(abs(claimed - true))
        print(
            f"  {kind:11} {variants:2} variants, {votes:3} votes, spread {spread}: "
            f"{claimed:.2f} claimed, {true:.2f} true, {covered:6.1%} covered{'' if good else '  <- out of bounds'}"
        )
    mean = float(np.mean(apart))
    print(
        f"apart: {mean:.3f} on average (at most {MOST_APART_ON_AVERAGE}), {max(apart):.3f} at most ({MOST_APART})"
    )
    return well and mean <= MOST_APART_ON_AVERAGE


def speed() -> bool:
    """Print the times of a ranking and of choosing the next pair; return whether both are within their limits."""
    variants, votes = 24, 200
    _, (left, right, result) = field(0, variants, votes, 1.0, "independent")
    axes = axes_of(variants)

    def rank() -> None:
        posterior = fit(left, right, result, count=variants, axes=axes)
        posterior.best(), posterior.ranks(), posterior.odds(), votes_left(posterior)

    def pair() -> None:
        posterior = fit(left, right, result, count=variants, axes=axes)
        next_pair(posterior, np.zeros((variants, variants)), rng=np.random.default_rng(0))

    solve = milliseconds(lambda: np.linalg.solve(np.eye(variants), np.ones(variants)))
    ranked, paired = milliseconds(rank), milliseconds(pair)
    print(f"{variants} variants, {votes} votes: ranked in {ranked:.1f} ms (at most {MOST_MS_RANKING:.0f}), "
          f"{ranked / solve:.0f} times one solution of {variants} equations; "
          f"the next pair in {paired:.1f} ms (at most {MOST_MS_PAIR:.0f})")  # fmt: skip
    return ranked <= MOST_MS_RANKING and paired <= MOST_MS_PAIR


def milliseconds(work) -> float:  # type: ignore[no-untyped-def]
    """Return the median of several runs, after one that warms up."""
    work()
    times = []
    for _ in range(15):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return 1000 * float(np.median(times))


def main() -> int:
    """Print both tables; return 1 if a bound is not kept."""
    fast = speed()
    true = truth(int(sys.argv[1]) if len(sys.argv) > 1 else FIELDS)
    return int(not (fast and true))


if __name__ == "__main__":
    sys.exit(main())
