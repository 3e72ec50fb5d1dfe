"""Drawing."""

from __future__ import annotations

import numpy as np
import pytest

from voxweave_nb.render.bloom import Bloom
from voxweave_nb.render.drawing import Light, segment, stroke
from voxweave_nb.render.easing import smoothstep
from voxweave_nb.render.layers import Layer
from voxweave_nb.render.masks import pooled, rounded
from voxweave_nb.render.noise import fractal, ridge
from voxweave_nb.render.sprites import Sprite, Stamp

WHITE = (255.0, 255.0, 255.0)


def black() -> np.ndarray:
    return np.zeros((3, 40, 60), np.float32)


def middle_of(planes: np.ndarray) -> tuple[float, float]:
    light = planes[0] / planes[0].sum()
    ys, xs = np.mgrid[: light.shape[0], : light.shape[1]] + 0.5
    return float((light * xs).sum()), float((light * ys).sum())


@pytest.mark.parametrize("x", [20.0, 20.25, 20.5, 20.875])
def test_a_sprite_lands_on_parts_of_a_pixel(x: float) -> None:
    planes = black()
    Sprite.glow(6).add(planes, x, 17.5, WHITE)
    assert middle_of(planes) == pytest.approx((x, 17.5), abs=0.07)


def test_a_layer_creeps_by_quarters_and_goes_round() -> None:
    alpha = np.zeros((40, 30), np.float32)
    alpha[10:20, 10:12] = 1
    layer = Layer(np.full((3, 40, 30), 255, np.float32), alpha, steps=4)
    planes = black()
    layer.over(planes, 0.25)
    assert planes[0, 15, 9:13] == pytest.approx([0, 191.25, 255, 63.75], abs=0.6)
    assert planes[0, 15, 39:43] == pytest.approx([0, 191.25, 255, 63.75], abs=0.6)


@pytest.mark.parametrize("at", [(-50.0, 5.0), (5.0, 90.0), (-3.0, -3.0), (59.0, 39.0)])
def test_what_lies_outside_is_cut_off(at: tuple[float, float]) -> None:
    planes = black()
    Sprite.disc(5).over(planes, *at, WHITE)
    Stamp(np.full((3, 9, 9), 200, np.float32), np.ones((9, 9), np.float32)).over(planes, *at)
    Light(np.ones((8, 8), np.float32), round(at[0]), round(at[1])).add(planes, WHITE)
    segment(planes, at, (at[0] + 9, at[1]), 2, WHITE)
    stroke(planes, at, (at[0], at[1] + 9), 2, WHITE)
    assert np.isfinite(planes).all()


def test_painting_over_never_passes_the_colour() -> None:
    planes = black()
    for _ in range(20):
        stroke(planes, (10, 10), (50, 30), 5, (100.0, 150.0, 200.0), 0.7)
        Light(rounded(40, 60, (5, 5, 55, 35), 8)).over(planes, (100.0, 150.0, 200.0), 0.7)
    assert planes.max() <= 200.01
    assert planes[2].max() > 199


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


def test_a_step_without_width_is_a_step() -> None:
    assert smoothstep(1.0, 1.0, 0.5) == 0.0
    assert smoothstep(1.0, 1.0, 1.5) == 1.0


def test_a_layer_that_hides_what_is_below_it_looks_the_same_as_one_that_lets_a_little_through() -> None:
    rng = np.random.default_rng(4)
    color = rng.uniform(0, 255, (3, 40, 80)).astype(np.float32)
    alpha = np.clip(
        np.linspace(-1, 3, 40, dtype=np.float32)[:, None] + rng.uniform(-0.5, 0.5, (40, 80)), 0, 1
    )
    planes, expected = black() + 90, black() + 90
    Layer(color, alpha.astype(np.float32)).over(planes, -7.0, y=3)
    shown, seen = color[:, :37, 7:67], alpha[:37, 7:67]
    expected[:, 3:] += (shown - expected[:, 3:]) * seen
    assert np.abs(planes - expected).max() < 1.5


@pytest.mark.parametrize("opacity", [1.0, 0.4])
@pytest.mark.parametrize("x", [0.0, 17.0, -64.0, 1000.0])
@pytest.mark.parametrize("width", [25, 70])
def test_a_layer_repeats_to_both_sides(width: int, x: float, opacity: float) -> None:
    rng = np.random.default_rng(5)
    color = rng.uniform(0, 255, (3, 20, width)).astype(np.float32)
    alpha = np.ones((20, width), np.float32)
    alpha[:12] = rng.uniform(0, 1, (12, width))
    planes, expected = black() + 90, black() + 90
    Layer(color, alpha, top=9).over(planes, x, opacity=opacity)
    columns = (np.arange(60) - int(x)) % width
    under = expected[:, 9:29]
    under += (color[..., columns] - under) * alpha[:, columns] * opacity
    assert np.abs(planes - expected).max() < 1.5


def test_the_average_of_squares() -> None:
    mask = np.arange(48, dtype=np.float32).reshape(6, 8)
    assert np.array_equal(pooled(mask, 2)[0], [4.5, 6.5, 8.5, 10.5])
    assert pooled(mask, 2).mean() == mask.mean()


@pytest.mark.parametrize(("height", "width"), [(180, 320), (191, 97), (18, 32), (3, 5)])
def test_light_from_anywhere_spills_to_its_own_surroundings(height: int, width: int) -> None:
    for y, x in ((0, 0), (height - 1, width - 1), (height // 3, width // 2), (2 * height // 3, 0)):
        planes = np.zeros((3, height, width), np.float32)
        y0, x0 = min(y // 2 * 2, height - 2), min(x, width - 2)
        planes[:, y0 : y0 + 2, x0 : x0 + 2] = 255
        before = planes.copy()
        Bloom(height, width, 1.0).add(planes)
        glow = (planes - before).mean(0)
        glow[y0 : y0 + 2, x0 : x0 + 2] = 0
        assert glow.min() >= -1e-3
        middle = np.array(middle_of(glow[None]))
        assert np.abs(middle - (x0 + 1, y0 + 1)).max() < 0.16 * max(height, 12)


@pytest.mark.parametrize("height", [176, 180, 190, 191])
def test_light_spills_to_all_sides_and_never_past_white(height: int) -> None:
    planes = np.zeros((3, height, 320), np.float32)
    middle = height // 4 * 2
    planes[:, middle - 20 : middle + 20, 140:180] = 255
    Bloom(height, 320, 1.0).add(planes)
    assert planes.max() <= 255.01
    around = [planes[0, middle - 24, 160], planes[0, middle + 23, 160], planes[0, middle, 136]]
    assert min(around) > 2
    assert np.allclose(around, around[0], rtol=0.2)
