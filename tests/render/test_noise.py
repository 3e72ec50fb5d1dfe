"""Noise that tiles."""

from __future__ import annotations

import numpy as np
import pytest

from voxweave_nb.render.noise import fractal, ridge


def test_noise_has_no_seam() -> None:
    noise = fractal(np.random.default_rng(1), 64, 96)
    inside = np.abs(np.diff(noise, axis=1)).max()
    assert np.abs(noise[:, 0] - noise[:, -1]).max() <= inside * 1.5
    line = ridge(np.random.default_rng(1), 200)
    assert abs(line[0] - line[-1]) <= np.abs(np.diff(line)).max() * 1.5


def test_a_part_of_noise_is_that_part() -> None:
    whole = fractal(np.random.default_rng(1), 64, 96)[10:30, 50:]
    part = fractal(np.random.default_rng(1), 64, 96, part=(slice(10, 30), slice(50, None)))
    assert part == pytest.approx((whole - whole.min()) / (whole.max() - whole.min()), abs=1e-4)
