"""Water under a wide sky."""

from __future__ import annotations

import numpy as np
import pytest

from voxweave_nb.render.backdrops.realistic import _beam, _boat, _filtered, _levels, _spectrum


def test_slopes_have_unit_variance() -> None:
    slopes = _spectrum(np.random.default_rng(1), 64, 0.3)
    assert np.mean(np.abs(slopes) ** 2) == pytest.approx(1.0, rel=1e-3)


def test_a_blur_flattens_the_waves() -> None:
    slopes = _spectrum(np.random.default_rng(1), 64, 0.3)
    soft = _filtered(np.fft.fft2(slopes), 1.0, 2.0)
    assert 0 < np.abs(soft).std() < np.abs(slopes).std()


def test_farther_levels_have_less_variance() -> None:
    stack, variance = _levels(7, 32, 0.1, 0.0)
    assert stack.shape == (9 * 2 * 32 * 32,)
    assert (np.diff(variance) < 0).all()
    copies = stack.reshape(9, 2, -1)
    assert np.array_equal(copies[:, 0], copies[:, 1])


def test_a_beam_points_both_ways() -> None:
    left, right = _beam(40, 6, -1), _beam(40, 6, 1)
    assert left.x < 0 <= right.x
    assert np.array_equal(left.mask, right.mask[:, ::-1])


def test_a_boat_has_sails_over_a_hull() -> None:
    mask, side = _boat(20)
    assert mask.shape == (side, side)
    widths = (mask > 0.5).sum(1)
    assert widths[int(side * 0.9)] > widths[int(side * 0.3)] > 0
