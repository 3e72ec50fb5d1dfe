"""Bars at any slope and place."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from voxweave_nb.render.rods import Rods

HEIGHT, WIDTH = 90, 120


def blank(value: float = 0.0) -> np.ndarray:
    return np.full((3, HEIGHT, WIDTH), value, np.float32)


def several(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def reference(start, end, width: float, soft: float) -> np.ndarray:
    """Return how much of each pixel a bar covers, computed from distances."""
    way = np.array(end) - start
    long = math.hypot(*way)
    ux, uy = way / long
    x, y = np.arange(WIDTH) + 0.5 - start[0], (np.arange(HEIGHT) + 0.5 - start[1])[:, None]
    along, side = x * ux + y * uy, -x * uy + y * ux
    beyond = np.minimum(0, np.minimum(along, long - along))
    return np.clip((width / 2 + soft / 2 + beyond - np.abs(side)) / soft, 0, 1)


PLACES = st.tuples(st.floats(-30, 150), st.floats(-30, 120))


@settings(deadline=None)
@given(PLACES, PLACES, st.floats(1, 12) | st.floats(12, 150), st.floats(1.2, 8))
def test_a_bar_covers_its_place(start, end, width, soft):
    assume(math.dist(start, end) > 0.1)
    planes = blank(1.0)
    ends = np.array([[start[0]], [start[1]]], np.float32), np.array([[end[0]], [end[1]]], np.float32)
    Rods(planes, *ends, several(width), np.zeros((1, 3), np.float32), several(soft)).paint(0)
    np.testing.assert_allclose(1 - planes[1], reference(start, end, width, soft), atol=0.02)


def test_many_bars_equal_single_ones():
    rng = np.random.default_rng(4)
    count = 24
    starts, ends = (rng.uniform(-20, (140, 110), (count, 2)).T.astype(np.float32) for _ in range(2))
    widths = rng.choice([2.0, 5.0, 9.0, 120.0], count, p=[0.4, 0.3, 0.25, 0.05]).astype(np.float32)
    starts[:, 3], ends[:, 3] = (-90, -80), (-60, -50)  # outside
    colors, soft = (
        rng.uniform(0, 255, (count, 3)).astype(np.float32),
        rng.uniform(1.2, 4, count).astype(np.float32),
    )
    at_once, singly = blank(80.0), blank(80.0)
    rods = Rods(at_once, starts, ends, widths, colors, soft)
    for k in rng.permutation(count).tolist():
        rods.paint(k)
        one = slice(k, k + 1)
        Rods(singly, starts[:, one], ends[:, one], widths[one], colors[one], soft[one]).paint(0)
    np.testing.assert_allclose(at_once, singly, atol=0.05)
    assert at_once.std() > 10


def test_no_bars_are_accepted():
    none = np.zeros((2, 0), np.float32)
    Rods(blank(), none, none, none[0], np.zeros((0, 3), np.float32), none[0])


def test_a_bar_without_a_length_is_a_dot():
    planes = blank(1.0)
    place = np.array([[60.0], [45.0]], np.float32)
    Rods(planes, place, place.copy(), several(6), np.zeros((1, 3), np.float32), several(1.2)).paint(0)
    assert 1 - planes[0, 45, 60] == pytest.approx(1)
    assert (1 - planes[0]).sum() < 60


@pytest.mark.parametrize("turn", [0, 15, 30, 80, 90, 100, 135, 150, 180, 200, 215, 260, 290, 315, 340])
def test_a_bar_is_lit_from_the_upper_left(turn):
    planes = blank()
    way = np.array([math.cos(math.radians(turn)), math.sin(math.radians(turn))])
    middle = np.array([60.0, 45.0])
    start, end = (middle + sign * 40 * way for sign in (-1, 1))
    ends = start[:, None].astype(np.float32), end[:, None].astype(np.float32)
    Rods(planes, *ends, several(12), np.full((1, 3), 200, np.float32), several(1.2)).paint(0)
    normal = np.array([-way[1], way[0]])
    facing = float(normal @ (-0.6, -0.8))
    assert abs(facing) > 0.25  # else it points at the lamp, and no side is the lit one
    x, y = np.arange(WIDTH) + 0.5 - 60, (np.arange(HEIGHT) + 0.5 - 45)[:, None]
    along, beside = x * way[0] + y * way[1], (x * normal[0] + y * normal[1]) * np.sign(facing)
    inside = np.abs(along) < 25
    lit, shaded = (planes[0][inside & (sign * beside > 2) & (sign * beside < 5)].mean() for sign in (1, -1))
    assert lit > shaded * 1.04
