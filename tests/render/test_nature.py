"""Landscapes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from voxweave_nb.render.nature import Rays, Stars, cloud_ceiling, pines, relief, sample
from voxweave_nb.render.noise import ridge

HEIGHT, WIDTH = 90, 160


def test_part_of_a_sky_is_the_same() -> None:
    how = {"horizon": 60.0, "cover": 0.7, "sun": (40.0, 50.0)}
    whole = cloud_ceiling(np.random.default_rng(3), HEIGHT, WIDTH, **how)
    some = cloud_ceiling(np.random.default_rng(3), HEIGHT, WIDTH, **how, rows=slice(10, 61))
    for one, other in zip(whole, some, strict=True):
        assert np.array_equal(one[10:61], other)
    assert whole[0][61:].max() < 0.01  # nothing lies below the horizon


def test_part_of_a_slope_is_lit_the_same() -> None:
    profile = 30 + 40 * ridge(np.random.default_rng(1), WIDTH)
    whole = relief(np.random.default_rng(2), profile, HEIGHT)
    some = relief(np.random.default_rng(2), profile, HEIGHT, rows=slice(25, HEIGHT))
    assert some[2:] == pytest.approx(whole[27:], abs=0.01)  # the first feel that nothing lies above
    cut = relief(np.random.default_rng(2), profile, HEIGHT, rows=slice(25, 70))
    assert cut[2:-1] == pytest.approx(whole[27:69], abs=0.2)
    assert 0.2 < whole[70:].mean() < 0.8
    assert whole[70:].std() > 0.2


def test_a_tile_repeats_and_is_interpolated() -> None:
    tile = np.arange(12, dtype=np.float32).reshape(3, 4)
    rows, columns = np.array([[0.0], [0.5], [-1.0], [3.0]]), np.array([[0.0, 1.5, 3.5, 4.0, -1.0]])
    read = sample(tile, rows, columns)
    assert read[0] == pytest.approx([0, 1.5, 1.5, 0, 3])
    assert read[1] == pytest.approx(read[0] + 2)
    assert read[2] == pytest.approx(read[0] + 8)
    assert read[3] == pytest.approx(read[0])


def test_trees_stand_on_the_ground_and_tile() -> None:
    ground = np.full(WIDTH, 80, np.float32)
    mask = pines(np.random.default_rng(4), HEIGHT, WIDTH, tall=60, count=30, ground=ground)
    assert (mask[80:] == 1).all()
    assert mask[:80].any()
    columns = mask[:80].sum(0)
    steps = np.abs(np.diff(columns, append=columns[:1]))
    assert steps[-1] <= steps[:-1].max()


@pytest.mark.parametrize("tall", [0.5, 1.0, 2.0])
def test_a_tiny_tree_is_not_drawn(tall: float) -> None:
    ground = np.full(WIDTH, 80, np.float32)
    mask = pines(np.random.default_rng(4), HEIGHT, WIDTH, tall=tall, count=9, ground=ground)
    assert not mask[:77].any()


def test_beams_turn_without_a_jump() -> None:
    rays = Rays(
        np.random.default_rng(5), HEIGHT, WIDTH, center=(80.0, 40.0), travel=(0, 0), reach=120.0, beams=12
    )
    bands, rows = np.full(48, 0.5, np.float32), slice(0, HEIGHT)
    seen = [rays.mask(k * 0.04, 0, 0, bands, rows).copy() for k in range(12)]
    assert all(np.isfinite(mask).all() and mask.min() >= 0 and mask.max() > 0.1 for mask in seen)
    moved = [float(np.abs(b - a).mean()) for a, b in itertools.pairwise(seen)]
    assert max(moved) < 3 * min(moved)
    assert min(moved) > 0


def test_stars_stay_within_their_rows() -> None:
    planes = np.zeros((3, 50, WIDTH), np.float32)
    Stars(np.random.default_rng(6), HEIGHT, WIDTH, 400).add(planes, 1.0, 1.0, 40, top=10)
    assert planes[:, :30].any()
    assert not planes[:, 30:].any()
