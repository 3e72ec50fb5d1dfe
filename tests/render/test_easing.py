"""Curves between 0 and 1."""

from __future__ import annotations

from voxweave_nb.render.arrays import as_mask
from voxweave_nb.render.easing import clamp, ease, smooth, smoothstep


def test_a_step_without_width_is_a_step() -> None:
    assert smoothstep(1.0, 1.0, 0.5) == 0.0
    assert smoothstep(1.0, 1.0, 1.5) == 1.0


def test_curves_start_at_0_and_end_at_1() -> None:
    for curve in (ease, lambda t: smoothstep(0.0, 1.0, t)):
        values = [curve(k / 10) for k in range(-2, 13)]
        assert values == sorted(values)
        assert (values[0], values[-1]) == (0.0, 1.0)


def test_a_reversed_step_falls() -> None:
    assert smoothstep(2.0, 1.0, 1.2) > smoothstep(2.0, 1.0, 1.8)
    assert smooth(2.0, 1.0, as_mask([0.5, 2.5])).tolist() == [1.0, 0.0]


def test_clamp_limits_to_its_bounds() -> None:
    assert [clamp(x, 1.0, 2.0) for x in (0.0, 1.5, 3.0)] == [1.0, 1.5, 2.0]
