"""Water under a wide sky."""

from __future__ import annotations

import numpy as np
import pytest

from voxweave_nb.render.backdrop import Moment, Stage
from voxweave_nb.render.backdrops.realistic import (
    RealisticBackdrop,
    _beam,
    _boat,
    _filtered,
    _levels,
    _spectrum,
)
from voxweave_nb.render.layers import Layer
from voxweave_nb.render.prompt import read_prompt
from voxweave_nb.styles import load_style


def test_slopes_have_unit_variance() -> None:
    slopes = _spectrum(np.random.default_rng(1), 64, 0.3)
    assert np.mean(np.abs(slopes) ** 2) == pytest.approx(1.0, rel=1e-3)


def test_a_blur_flattens_the_waves() -> None:
    slopes = _spectrum(np.random.default_rng(1), 64, 0.3)
    soft = _filtered(np.fft.fft2(slopes), 1.0, 2.0)
    assert 0 < np.abs(soft).std() < np.abs(slopes).std()


def test_farther_levels_have_less_variance() -> None:
    stack, variance = _levels(7, 32, 0.1, 0.0)
    assert stack.shape == (9 * 2 * 32 * 32,)
    assert (np.diff(variance) < 0).all()
    copies = stack.reshape(9, 2, -1)
    assert np.array_equal(copies[:, 0], copies[:, 1])


def test_a_beam_points_both_ways() -> None:
    left, right = _beam(40, 6, -1), _beam(40, 6, 1)
    assert left.x < 0 <= right.x
    assert np.array_equal(left.mask, right.mask[:, ::-1])


def test_a_boat_has_sails_over_a_hull() -> None:
    mask, side = _boat(20)
    assert mask.shape == (side, side)
    widths = (mask > 0.5).sum(1)
    assert widths[int(side * 0.9)] > widths[int(side * 0.3)] > 0


@pytest.mark.parametrize("size", [(180, 320), (180, 180), (320, 180)], ids=str)
def test_the_clouds_ends_stay_outside(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a seam stands in the sky."""
    reading = read_prompt("clouds", None, load_style("realistic"))
    stage = Stage(*size, 10, 6000, 1, reading.palette, 0.5, {"weather": "clouds"}, False)
    backdrop = RealisticBackdrop(stage)
    lefts: list[tuple[float, int]] = []

    def note(layer: Layer, _: object, x: float = 0.0, *__: object) -> None:
        if any(layer is each for each in backdrop._clouds):
            lefts.append((x, layer.width))

    monkeypatch.setattr(Layer, "over", note)
    planes = np.zeros((3, size[1], size[0]), np.float32)
    for turn in range(0, 120, 3):
        backdrop.paint(planes, Moment(0, 0.0, 0.5, 0, 0, 0, 0, np.zeros(48, np.float32), 0, flow=turn))
    assert len(lefts) == 80
    assert all(x <= 0 and x + width >= size[0] for x, width in lefts)
