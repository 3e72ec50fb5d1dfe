"""The neon city."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from voxweave_nb.render.film import Film
from voxweave_nb.render.job import RenderJob

MakeJob = Callable[..., RenderJob]


def painted(film: Film, index: int) -> np.ndarray:
    planes = film.planes()
    film.backdrop_of(film.shots[0]).paint(planes, film.sound.at(index))
    return planes


def test_the_city_lights_up_with_the_first_words(make_job: MakeJob) -> None:
    film = Film(make_job("cyberpunk", width=160, height=90, prompt="a clear night"))
    dark, lit = painted(film, 0), painted(film, 24)
    assert lit[:, :45].mean() > 1.1 * dark[:, :45].mean()


@pytest.mark.parametrize(("weather", "veils"), [("rain", 2), ("snow", 2), ("a clear sky", 0)])
def test_rain_and_snow_are_sparse(weather: str, veils: int, make_job: MakeJob) -> None:
    film = Film(make_job("cyberpunk", width=160, height=90, prompt=f"a street, {weather}"))
    tiles = [tile for tile, *_ in film.backdrop_of(film.shots[0])._veils]
    assert len(tiles) == veils
    assert all(0 < tile.mean() < 0.3 and 0.3 < tile.max() <= 1.01 for tile in tiles)
