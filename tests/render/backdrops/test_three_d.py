"""Balls in a studio."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from voxweave_nb.render.film import Film
from voxweave_nb.render.job import RenderJob

MakeJob = Callable[..., RenderJob]


@pytest.mark.parametrize("prompt", ["a knot", "a pond", "a planet"])
def test_each_shot_has_its_own_camera(prompt: str, make_job: MakeJob) -> None:
    film = Film(make_job("3d", width=160, height=90, prompt=prompt))
    backdrop, moment = film.backdrop_of(film.shots[0]), film.sound.at(20)
    shots = [film.planes() for _ in range(2)]
    for shot, planes in enumerate(shots):
        backdrop.paint(planes, replace(moment, shot=shot))
    assert np.abs(shots[0] - shots[1]).mean() > 8
