"""Light and lines on planes."""

from __future__ import annotations

import numpy as np
import pytest

from voxweave_nb.render.drawing import Light, segment, stroke
from voxweave_nb.render.masks import rounded
from voxweave_nb.render.sprites import Sprite, Stamp

WHITE = (255.0, 255.0, 255.0)


def black() -> np.ndarray:
    return np.zeros((3, 40, 60), np.float32)


@pytest.mark.parametrize("at", [(-50.0, 5.0), (5.0, 90.0), (-3.0, -3.0), (59.0, 39.0)])
def test_shapes_outside_the_planes_are_cropped(at: tuple[float, float]) -> None:
    planes = black()
    Sprite.disc(5).over(planes, *at, WHITE)
    Stamp(np.full((3, 9, 9), 200, np.float32), np.ones((9, 9), np.float32)).over(planes, *at)
    Light(np.ones((8, 8), np.float32), round(at[0]), round(at[1])).add(planes, WHITE)
    segment(planes, at, (at[0] + 9, at[1]), 2, WHITE)
    stroke(planes, at, (at[0], at[1] + 9), 2, WHITE)
    assert np.isfinite(planes).all()


def test_blending_never_exceeds_the_colour() -> None:
    planes = black()
    for _ in range(20):
        stroke(planes, (10, 10), (50, 30), 5, (100.0, 150.0, 200.0), 0.7)
        Light(rounded(40, 60, (5, 5, 55, 35), 8)).over(planes, (100.0, 150.0, 200.0), 0.7)
    assert planes.max() <= 200.01
    assert planes[2].max() > 199
