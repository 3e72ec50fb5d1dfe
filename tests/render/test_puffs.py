"""Heaps of balls."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxweave_nb.render.puffs import crown, crown_height, cumulus, heap, tree

HEIGHT, WIDTH = 60, 100
TOWARD = (0.6, -0.6)


def covered(balls: list[tuple[float, float, float]]) -> np.ndarray:
    found = heap(np.random.default_rng(1), balls, HEIGHT, WIDTH, toward=TOWARD)
    whole = np.zeros((HEIGHT, WIDTH), np.float32)
    whole[found.place] = found.alpha
    return whole


@pytest.mark.parametrize(
    ("x", "y", "radius"), [(50, 30, 12), (40.3, 20.6, 3.2), (0, 30, 9), (98, 5, 9), (103, 30, 9)]
)
def test_a_ball_covers_its_place_and_wraps(x: float, y: float, radius: float) -> None:
    ys, xs = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    aside = np.abs(xs - x)
    away = np.hypot(np.minimum(aside, np.abs(WIDTH - aside)), ys - y)
    seen = covered([(x, y, radius)])
    assert (seen[away < radius - 1.2] == 1).all()
    assert not seen[away > radius + 1.2].any()


def test_balls_outside_are_ignored() -> None:
    assert not covered([(50, 200, 9)]).any()
    assert not covered([]).any()


def test_a_ball_is_brighter_towards_the_light() -> None:
    ball = heap(np.random.default_rng(1), [(50, 30, 20)], HEIGHT, WIDTH, toward=TOWARD)
    rows, columns = ball.place
    lit = dict.fromkeys(("light", "shadow"), 0.0)
    for name, (x, y) in {"light": (60, 20), "shadow": (40, 40)}.items():
        part = ball.lit[
            y - rows.start - 3 : y - rows.start + 3, x - columns.start - 3 : x - columns.start + 3
        ]
        lit[name] = float(part.mean())
    assert lit["light"] > lit["shadow"] + 0.3


def test_heaps_have_small_and_large_balls() -> None:
    rng = np.random.default_rng(2)
    for balls in (
        cumulus(rng, 50, 50, 20, spread=1.5, tall=1.2),
        crown(rng, 50, 50, 9, tall=1.2),
        tree(rng, 50, 50, 12)[1],
    ):
        sizes = [radius for *_, radius in balls]
        assert max(sizes) > 1.8 * min(sizes)
        assert min(sizes) > 0.5
        assert len(balls) >= 8


@given(seed=st.integers(0, 2**32), size=st.floats(1, 40), tall=st.floats(1.0, 1.7))
def test_no_crown_exceeds_its_height(seed: int, size: float, tall: float) -> None:
    balls = crown(np.random.default_rng(seed), 0.0, 0.0, size, tall=tall)
    assert max(radius - y for _, y, radius in balls) <= crown_height(size, tall)
