"""The view through a microscope."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from voxweave_nb.render.backdrops.biotech import _honeycomb, _spread
from voxweave_nb.render.film import Film
from voxweave_nb.render.job import RenderJob

MakeJob = Callable[..., RenderJob]


def test_points_are_spread_over_the_sphere() -> None:
    points = _spread(60)
    assert np.linalg.norm(points, axis=1) == pytest.approx(1.0, abs=1e-5)
    apart = np.linalg.norm(points[:, None] - points[None], axis=2) + 9 * np.eye(60)
    assert apart.min() > 0.2


def test_a_honeycomb_covers_every_pixel() -> None:
    owner, lines, away = _honeycomb(360, 480, 30.0)
    assert owner.shape == lines.shape == (360, 480)
    assert 0 <= owner.min() <= owner.max() < len(away)
    assert 0.02 < (lines > 0.5).mean() < 0.4


@pytest.mark.parametrize("prompt", ["a helix", "a virus", "a brain"])
def test_the_molecule_turns_with_the_voice(prompt: str, make_job: MakeJob) -> None:
    film = Film(make_job("biotech", width=160, height=90, prompt=prompt))
    backdrop, moment = film.backdrop_of(film.shots[0]), film.sound.at(10)
    before, after = film.planes(), film.planes()
    backdrop.paint(before, moment)
    backdrop.paint(after, replace(moment, flow=moment.flow + 0.5))
    assert np.abs(after - before).mean() > 2
