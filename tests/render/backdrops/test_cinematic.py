"""The widescreen landscape."""

from __future__ import annotations

from collections.abc import Callable

from voxweave_nb.render.film import Film
from voxweave_nb.render.job import RenderJob

MakeJob = Callable[..., RenderJob]


def test_a_wide_frame_has_black_bars(make_job: MakeJob) -> None:
    film = Film(make_job("cinematic", width=320, height=180))
    planes = film.planes()
    film.backdrop_of(film.shots[0]).paint(planes, film.sound.at(20))
    bar = round((film.height - film.width / 2.39) / 2)
    assert bar > 5
    assert not planes[:, :bar].any()
    assert not planes[:, -bar:].any()
    assert planes[:, bar:-bar].min(0).max() > 20


def test_an_upright_frame_has_none(make_job: MakeJob) -> None:
    film = Film(make_job("cinematic", width=180, height=320))
    planes = film.planes()
    film.backdrop_of(film.shots[0]).paint(planes, film.sound.at(20))
    assert planes[:, 0].mean() > 5
    assert planes[:, -1].any()
