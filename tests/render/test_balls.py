"""Balls of any size, place and sharpness."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voxweave_nb.render.balls import Balls
from voxweave_nb.render.materials import Material, Studio

HEIGHT, WIDTH = 90, 120


STUDIO = Studio((255, 240, 220), (90, 120, 255), (80, 90, 120), (60, 60, 80), (30, 30, 40))


MATERIAL = Material((200, 80, 90), STUDIO)


def blank(value: float = 0.0) -> np.ndarray:
    return np.full((3, HEIGHT, WIDTH), value, np.float32)


def several(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def covered(x: float, y: float, radius: float, soft: float, **how) -> np.ndarray:
    """Return how much of each pixel a ball covers, by painting it black on white."""
    planes = blank(1.0)
    each = several(x), several(y), several(radius), several(soft)
    Balls(planes, [MATERIAL], *each, haze=(0.0, 0.0, 0.0), fog=1.0, **how).paint(0)
    return 1.0 - planes[0]


@settings(deadline=None)
@given(st.floats(4, 40), st.floats(1.2, 30), st.floats(0, 1), st.floats(0, 1))
def test_a_ball_covers_its_disc(radius, soft, dx, dy):
    soft = min(soft, radius)
    at = covered(60 + dx, 45 + dy, radius, soft)
    away = np.hypot(np.arange(WIDTH) + 0.5 - 60 - dx, (np.arange(HEIGHT) + 0.5 - 45 - dy)[:, None])
    assert at[away < radius - soft / 2 - 1].min(initial=1.0) > 0.95
    assert at[away > radius + soft * 0.55 + 1].max(initial=0.0) == 0.0
    if radius + soft < 44:
        assert at.sum() == pytest.approx(math.pi * radius**2, rel=0.13)


def test_a_small_movement_changes_little():
    steps = [covered(60 + k / 20, 45, 20 + k / 20, 1.2) for k in range(8)]
    changes = [float(np.abs(b - a).max()) for a, b in pairwise(steps)]
    assert max(changes) < 0.12


@settings(deadline=None)
@given(st.floats(-60, 180), st.floats(-60, 150), st.floats(0.5, 70), st.floats(1.2, 60))
def test_a_ball_is_cropped_at_the_edges(x, y, radius, soft):
    planes = blank(50.0)
    Balls(planes, [MATERIAL], several(x), several(y), several(radius), several(soft)).paint_all()
    assert np.isfinite(planes).all()
    assert planes.min() >= 0
    assert planes.max() <= 255.01


def test_many_balls_equal_single_ones():
    rng = np.random.default_rng(3)
    x, y = rng.uniform(-10, 130, 12).astype(np.float32), rng.uniform(-10, 100, 12).astype(np.float32)
    radii, soft = rng.uniform(2, 25, 12).astype(np.float32), rng.uniform(1, 9, 12).astype(np.float32)
    fog, opacity = rng.random(12).astype(np.float32), rng.random(12).astype(np.float32)
    haze = (30.0, 60.0, 90.0)
    at_once, singly = blank(80.0), blank(80.0)
    Balls(at_once, [MATERIAL] * 12, x, y, radii, soft, haze=haze, fog=fog, opacity=opacity).paint_all()
    for k in range(12):
        one = [each[k : k + 1] for each in (x, y, radii, soft)]
        Balls(singly, [MATERIAL], *one, haze=haze, fog=fog[k], opacity=opacity[k]).paint(0)
    np.testing.assert_allclose(at_once, singly, atol=0.3)


def test_a_ball_is_lit_from_above():
    upright, mirrored = blank(), blank()
    each = several(60), several(45), several(30), several(1.2)
    Balls(upright, [MATERIAL], *each).paint(0)
    Balls(mirrored, [MATERIAL], *each, upside_down=True).paint(0)
    assert upright[:, 30:40, 45:55].mean() > 1.5 * upright[:, 55:65, 65:75].mean()
    np.testing.assert_allclose(upright[:, 20:70], mirrored[:, 69:19:-1], atol=60)
