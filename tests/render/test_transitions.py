"""Transitions between shots."""

from __future__ import annotations

import numpy as np
import pytest

from voxweave_nb.render.arrays import scratch
from voxweave_nb.render.shots import Shot
from voxweave_nb.render.transitions import Transition, whip


def test_a_dissolve_shows_both_shots() -> None:
    shot = Shot(1, 10.0, 16.0)
    dissolving = Transition("dissolve", 1.0)
    assert 0 < dissolving.visibility(shot, 10.4) < 1 == dissolving.visibility(shot, 11.0)
    assert Transition("cut", 0.0).visibility(shot, 10.0) == 1


def test_a_whip_smears_and_keeps_the_brightness() -> None:
    planes = np.random.default_rng(1).random((3, 9, 64), np.float32) * 255
    light = planes.mean((1, 2))
    whip(planes, 0.8)
    assert planes.mean((1, 2)) == pytest.approx(light, rel=0.05)
    assert planes.std() < 40


def test_a_whip_caches_no_buffers() -> None:
    planes = np.zeros((3, 18, 64), np.float32)
    before = scratch.cache_info().currsize
    for step in range(1, 20):
        whip(planes, step / 20)
    assert scratch.cache_info().currsize == before
