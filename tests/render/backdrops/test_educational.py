"""The chart on a card."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from voxweave_nb.render.backdrops.educational import _along
from voxweave_nb.render.film import Film
from voxweave_nb.render.job import RenderJob

MakeJob = Callable[..., RenderJob]


def card(film: Film) -> tuple[float, float, float, float]:
    box: tuple[float, float, float, float] = film.backdrop_of(film.shots[0])._card
    return box


def test_the_card_leaves_room_for_text(make_job: MakeJob) -> None:
    film = Film(make_job("educational", width=160, height=90))
    assert card(film)[0] > 0.5 * film.width


def test_the_card_is_centred_without_text(make_job: MakeJob) -> None:
    film = Film(make_job("educational", width=160, height=90, title="", cues=[]))
    left, _, right, _ = card(film)
    assert (left + right) / 2 == pytest.approx(film.width / 2)


@pytest.mark.parametrize("prompt", ["a chart", "a wheel", "a voice"])
def test_the_chart_moves_with_the_sound(prompt: str, make_job: MakeJob) -> None:
    film = Film(make_job("educational", width=160, height=90, prompt=prompt))
    left, top, right, bottom = (round(edge) for edge in card(film))
    frames = [film.paint(index)[:, top:bottom, left:right].copy() for index in (12, 20)]
    assert np.abs(frames[1] - frames[0]).mean() > 1


def test_colours_are_passed_in_order() -> None:
    colors = ((0.0, 0.0, 0.0), (100.0, 0.0, 0.0), (100.0, 200.0, 0.0))
    assert _along(colors, 0.25) == (50.0, 0.0, 0.0)
    assert _along(colors, 0.75) == (100.0, 100.0, 0.0)
    assert _along(colors, 9.0) == colors[-1]
