"""Balls and bars: as large, as soft and as far as asked, at any place, also where the picture ends."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from voxweave_nb.render.balls import Balls
from voxweave_nb.render.blur import blur
from voxweave_nb.render.materials import Material, Studio
from voxweave_nb.render.rods import Rods

HEIGHT, WIDTH = 90, 120
STUDIO = Studio((255, 240, 220), (90, 120, 255), (80, 90, 120), (60, 60, 80), (30, 30, 40))
MATERIAL = Material((200, 80, 90), STUDIO)


def picture(value: float = 0.0) -> np.ndarray:
    return np.full((3, HEIGHT, WIDTH), value, np.float32)


def several(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def covered(x: float, y: float, radius: float, soft: float, **how) -> np.ndarray:
    """How much of each pixel one ball covers: what is left of white where it is painted in nothing but black haze."""
    planes = picture(1.0)
    each = several(x), several(y), several(radius), several(soft)
    Balls(planes, [MATERIAL], *each, haze=(0.0, 0.0, 0.0), fog=1.0, **how).paint(0)
    return 1.0 - planes[0]


@settings(deadline=None)
@given(st.floats(4, 40), st.floats(1.2, 30), st.floats(0, 1), st.floats(0, 1))
def test_a_ball_covers_its_disc_whether_sharp_or_soft(radius, soft, dx, dy):
    soft = min(soft, radius)
    at = covered(60 + dx, 45 + dy, radius, soft)
    away = np.hypot(np.arange(WIDTH) + 0.5 - 60 - dx, (np.arange(HEIGHT) + 0.5 - 45 - dy)[:, None])
    assert at[away < radius - soft / 2 - 1].min(initial=1.0) > 0.95
    assert at[away > radius + soft * 0.55 + 1].max(initial=0.0) == 0.0
    if radius + soft < 44:
        assert at.sum() == pytest.approx(math.pi * radius**2, rel=0.13)


def test_a_ball_that_grows_or_moves_a_little_changes_little():
    steps = [covered(60 + k / 20, 45, 20 + k / 20, 1.2) for k in range(8)]
    changes = [float(np.abs(b - a).max()) for a, b in pairwise(steps)]
    assert max(changes) < 0.12


@settings(deadline=None)
@given(st.floats(-60, 180), st.floats(-60, 150), st.floats(0.5, 70), st.floats(1.2, 60))
def test_a_ball_at_any_place_paints_only_what_is_in_the_picture(x, y, radius, soft):
    planes = picture(50.0)
    Balls(planes, [MATERIAL], several(x), several(y), several(radius), several(soft)).paint_all()
    assert np.isfinite(planes).all()
    assert planes.min() >= 0
    assert planes.max() <= 255.01


def test_many_balls_are_the_same_as_one_after_another():
    rng = np.random.default_rng(3)
    x, y = rng.uniform(-10, 130, 12).astype(np.float32), rng.uniform(-10, 100, 12).astype(np.float32)
    radii, soft = rng.uniform(2, 25, 12).astype(np.float32), rng.uniform(1, 9, 12).astype(np.float32)
    fog, opacity = rng.random(12).astype(np.float32), rng.random(12).astype(np.float32)
    haze = (30.0, 60.0, 90.0)
    at_once, singly = picture(80.0), picture(80.0)
    Balls(at_once, [MATERIAL] * 12, x, y, radii, soft, haze=haze, fog=fog, opacity=opacity).paint_all()
    for k in range(12):
        one = [each[k : k + 1] for each in (x, y, radii, soft)]
        Balls(singly, [MATERIAL], *one, haze=haze, fog=fog[k], opacity=opacity[k]).paint(0)
    np.testing.assert_allclose(at_once, singly, atol=0.3)


def test_a_ball_is_lit_from_the_upper_left_and_its_mirror_image_from_below():
    upright, mirrored = picture(), picture()
    each = several(60), several(45), several(30), several(1.2)
    Balls(upright, [MATERIAL], *each).paint(0)
    Balls(mirrored, [MATERIAL], *each, upside_down=True).paint(0)
    assert upright[:, 30:40, 45:55].mean() > 1.5 * upright[:, 55:65, 65:75].mean()
    np.testing.assert_allclose(upright[:, 20:70], mirrored[:, 69:19:-1], atol=60)


def test_a_material_is_as_bright_in_every_size():
    means = [MATERIAL.image(side).mean() for side in (16, 64, 256)]
    assert max(means) - min(means) < 3
    assert MATERIAL.image(128, 1 / 8).std() < MATERIAL.image(128).std()


def reference(start, end, width: float, soft: float) -> np.ndarray:
    """How much of each pixel a bar covers, from its distance beside and beyond its ends."""
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
def test_a_bar_lies_where_it_should_at_any_slope_and_place(start, end, width, soft):
    assume(math.dist(start, end) > 0.1)
    planes = picture(1.0)
    ends = np.array([[start[0]], [start[1]]], np.float32), np.array([[end[0]], [end[1]]], np.float32)
    Rods(planes, *ends, several(width), np.zeros((1, 3), np.float32), several(soft)).paint(0)
    np.testing.assert_allclose(1 - planes[1], reference(start, end, width, soft), atol=0.02)


def test_many_bars_are_the_same_as_one_after_another():
    rng = np.random.default_rng(4)
    count = 24
    starts, ends = (rng.uniform(-20, (140, 110), (count, 2)).T.astype(np.float32) for _ in range(2))
    widths = rng.choice([2.0, 5.0, 9.0, 120.0], count, p=[0.4, 0.3, 0.25, 0.05]).astype(np.float32)
    starts[:, 3], ends[:, 3] = (-90, -80), (-60, -50)  # outside
    colors, soft = (
        rng.uniform(0, 255, (count, 3)).astype(np.float32),
        rng.uniform(1.2, 4, count).astype(np.float32),
    )
    at_once, singly = picture(80.0), picture(80.0)
    rods = Rods(at_once, starts, ends, widths, colors, soft)
    for k in rng.permutation(count).tolist():
        rods.paint(k)
        one = slice(k, k + 1)
        Rods(singly, starts[:, one], ends[:, one], widths[one], colors[one], soft[one]).paint(0)
    np.testing.assert_allclose(at_once, singly, atol=0.05)
    assert at_once.std() > 10


def test_no_bars_are_no_trouble():
    none = np.zeros((2, 0), np.float32)
    Rods(picture(), none, none, none[0], np.zeros((0, 3), np.float32), none[0])


def test_a_bar_without_a_length_is_a_dot():
    planes = picture(1.0)
    place = np.array([[60.0], [45.0]], np.float32)
    Rods(planes, place, place.copy(), several(6), np.zeros((1, 3), np.float32), several(1.2)).paint(0)
    assert 1 - planes[0, 45, 60] == pytest.approx(1)
    assert (1 - planes[0]).sum() < 60


@pytest.mark.parametrize("turn", [0, 15, 30, 80, 90, 100, 135, 150, 180, 200, 215, 260, 290, 315, 340])
def test_a_bar_is_lit_from_the_upper_left_whichever_way_it_points(turn):
    planes = picture()
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


def test_a_blur_is_even_and_keeps_what_there_is():
    spot = np.zeros((81, 81), np.float32)
    spot[40, 40] = 1
    for radius in (0.6, 1.5, 3.0, 8.0):
        soft = blur(spot, radius)
        assert soft.sum() == pytest.approx(1, abs=1e-4)
        np.testing.assert_allclose(soft, soft.T, atol=1e-6)
        np.testing.assert_allclose(soft, soft[::-1], atol=1e-6)
