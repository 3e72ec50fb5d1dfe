"""Layers that scroll and repeat."""

from __future__ import annotations

import numpy as np
import pytest

from voxweave_nb.render.layers import Layer


def black() -> np.ndarray:
    return np.zeros((3, 40, 60), np.float32)


def test_a_layer_moves_by_quarters_and_wraps() -> None:
    alpha = np.zeros((40, 30), np.float32)
    alpha[10:20, 10:12] = 1
    layer = Layer(np.full((3, 40, 30), 255, np.float32), alpha, steps=4)
    planes = black()
    layer.over(planes, 0.25)
    assert planes[0, 15, 9:13] == pytest.approx([0, 191.25, 255, 63.75], abs=0.6)
    assert planes[0, 15, 39:43] == pytest.approx([0, 191.25, 255, 63.75], abs=0.6)


def test_opaque_and_transparent_rows_blend_alike() -> None:
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
