"""The parameters of a backdrop."""

from __future__ import annotations

import numpy as np
import pytest

from voxweave_nb.render.backdrop import Moment, Stage, base_size, is_wide
from voxweave_nb.render.prompt import read_prompt
from voxweave_nb.styles import load_style


def stage(seed: int) -> Stage:
    palette = read_prompt("", None, load_style("anime")).palette
    return Stage(320, 180, 30, 60, seed, palette, 0.5, {}, reduce_motion=False)


def moment(time: float, flow: float) -> Moment:
    return Moment(0, time, 0.0, 0.0, 0.0, 0.0, 0.0, np.zeros(48, np.float32), 0.0, flow=flow)


def test_chance_depends_on_seed_and_salt() -> None:
    drawn = [stage(seed).rng(salt).random() for seed, salt in ((1, 0), (1, 0), (1, 1), (1 + 2**40, 0))]
    assert drawn[0] == drawn[1]
    assert len(set(drawn)) == 3


@pytest.mark.parametrize(("size", "wide"), [((1280, 720), True), ((720, 720), False), ((720, 1280), False)])
def test_sizes_are_smaller_in_narrow_frames(size: tuple[int, int], wide: bool) -> None:
    assert is_wide(*size) is wide
    assert base_size(*size) == (size[1] if wide else pytest.approx(0.78 * min(size)))


def test_the_clock_runs_faster_during_speech() -> None:
    silent, spoken = moment(10.0, 0.0), moment(10.0, 4.0)
    assert 0 < silent.clock < spoken.clock
