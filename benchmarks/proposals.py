"""Are proposals better than chance? On made-up grids, half of whose cells were voted on.

The untested cells are the other half of a grid of 24. Four of them are proposed, as `lab.next(4)` does, or drawn at
random; the best of the four counts. Printed is its true score, less that of the best untested cell: 0 is perfect.

`scripts/bench --proposals`, or `python benchmarks/proposals.py [FIELDS]`
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

from ranking import axes_of, field, milliseconds

from voxweave_nb.config import VideoConfig
from voxweave_nb.lab.proposals import promising
from voxweave_nb.lab.records import Choice, Source, Variant, Vote

FIELDS = 200
VARIANTS, PROPOSED = 24, 4
MOST_MS = 500.0


def made_up(seed: int, votes: int, spread: float, kind: str):  # type: ignore[no-untyped-def]
    """Return tested and untested variants of a grid, the scores by id, and votes on the tested ones."""
    scores, _ = field(seed, VARIANTS, 0, spread, kind)
    rng = np.random.default_rng([seed, 2])
    grid = [Variant.of(VideoConfig(prompt=str(axes)), axes, Source("ab" * 32)) for axes in axes_of(VARIANTS)]
    known = dict(zip([each.id for each in grid], scores, strict=True))
    order = rng.permutation(VARIANTS)
    tested, untested = (
        [grid[place] for place in part] for part in (order[: VARIANTS // 2], order[VARIANTS // 2 :])
    )
    cast = []
    for at in range(votes):
        left, right = (tested[place].id for place in rng.choice(len(tested), 2, replace=False))
        wins = rng.random() < 1 / (1 + np.exp(known[right] - known[left]))
        cast.append(Vote.of(left, right, Choice.LEFT if wins else Choice.RIGHT, at=float(at)))
    return tested, untested, known, cast


def measure(cell: tuple[int, float, str, int]) -> tuple[float, float, float]:
    """Return the mean loss of proposals and of random cells, and the mean of the proposals' claims less the truth."""
    votes, spread, kind, fields = cell
    rows = []
    for seed in range(fields):
        tested, untested, known, cast = made_up(seed, votes, spread, kind)
        best = max(known[each.id] for each in untested)
        proposed = promising(tested, untested, cast, PROPOSED, seed=seed)
        random = np.random.default_rng([seed, 3]).choice(len(untested), PROPOSED, replace=False)
        rows.append(
            (
                best - max(known[each.variant.id] for each in proposed),
                best - max(known[untested[place].id] for place in random),
            )
        )
    return tuple(np.mean(rows, axis=0))  # type: ignore[return-value]


def main() -> int:
    """Print the losses; return 1 if proposals lose more than random cells anywhere, or take too long."""
    fields = int(sys.argv[1]) if len(sys.argv) > 1 else FIELDS
    cells = [
        (votes, spread, kind, fields)
        for kind in ("shared", "independent")
        for votes in (30, 60, 200)
        for spread in (0.3, 1.0, 2.0)
    ]
    with concurrent.futures.ProcessPoolExecutor() as pool:
        rows = list(pool.map(measure, cells))
    well = True
    print(f"{fields} fields each; score lost against the best untested cell by taking the best of {PROPOSED}")
    for (votes, spread, kind, _), (proposed, random) in zip(cells, rows, strict=True):
        # Where nothing is shared, nobody can do better than chance; the margin is three standard errors.
        good = proposed <= random + 3 * spread / np.sqrt(fields) * (kind == "independent")
        well &= bool(good)
        print(
            f"  {kind:11} {votes:3} votes, spread {spread}: proposed {proposed:.2f}, random {random:.2f}"
            f"{'' if good else '  <- worse than chance'}"
        )
    tested, untested, _, cast = made_up(0, 200, 1.0, "shared")
    took = milliseconds(lambda: promising(tested, untested, cast, PROPOSED))
    print(f"{PROPOSED} proposals in {took:.0f} ms (at most {MOST_MS:.0f})")
    return int(not (well and took <= MOST_MS))


if __name__ == "__main__":
    sys.exit(main())
