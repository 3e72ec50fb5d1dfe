"""Masks of shapes."""

from __future__ import annotations

import numpy as np
import pytest

from voxweave_nb.render.masks import below, disc, gradient, polygon, pooled, rounded, vignette


def test_the_average_of_squares() -> None:
    mask = np.arange(48, dtype=np.float32).reshape(6, 8)
    assert np.array_equal(pooled(mask, 2)[0], [4.5, 6.5, 8.5, 10.5])
    assert pooled(mask, 2).mean() == mask.mean()


def test_a_gradient_runs_through_its_colours() -> None:
    column = gradient(5, [(0.0, 0.0, 0.0), (100.0, 200.0, 40.0)])
    assert column.shape == (3, 5, 1)
    assert column[:, 2, 0].tolist() == [50.0, 100.0, 20.0]


def test_shapes_have_their_area() -> None:
    assert disc(60, 60, 30, 30, 20).sum() == pytest.approx(np.pi * 400, rel=0.01)
    assert rounded(60, 60, (10, 20, 50, 40), 0.01).sum() == pytest.approx(800, rel=0.01)
    assert polygon(60, 60, [(10, 10), (50, 10), (10, 50)]).sum() == pytest.approx(800, rel=0.01)


def test_below_fills_under_an_outline() -> None:
    mask = below(np.array([2.0, 4.5], np.float32), 6)
    assert mask[:, 0].tolist() == [0, 0, 1, 1, 1, 1]
    assert mask[:, 1].tolist() == [0, 0, 0, 0, 0.5, 1]


def test_a_vignette_darkens_the_corners() -> None:
    mask = vignette(50, 80, 0.4)
    assert mask[25, 40] == pytest.approx(1.0, abs=0.01)
    assert mask[0, 0] == pytest.approx(0.6, abs=0.03)
