"""Sprites at subpixel positions."""

from __future__ import annotations

import numpy as np
import pytest

from voxweave_nb.render.sprites import Sprite

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
