"""The glow around bright places."""

from __future__ import annotations

import numpy as np
import pytest

from voxweave_nb.render.bloom import Bloom


def middle_of(planes: np.ndarray) -> tuple[float, float]:
    light = planes[0] / planes[0].sum()
    ys, xs = np.mgrid[: light.shape[0], : light.shape[1]] + 0.5
    return float((light * xs).sum()), float((light * ys).sum())


@pytest.mark.parametrize(("height", "width"), [(180, 320), (191, 97), (18, 32), (3, 5)])
def test_bloom_surrounds_its_own_light(height: int, width: int) -> None:
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
def test_bloom_reaches_all_sides_within_white(height: int) -> None:
    planes = np.zeros((3, height, 320), np.float32)
    middle = height // 4 * 2
    planes[:, middle - 20 : middle + 20, 140:180] = 255
    Bloom(height, 320, 1.0).add(planes)
    assert planes.max() <= 255.01
    around = [planes[0, middle - 24, 160], planes[0, middle + 23, 160], planes[0, middle, 136]]
    assert min(around) > 2
    assert np.allclose(around, around[0], rtol=0.2)
