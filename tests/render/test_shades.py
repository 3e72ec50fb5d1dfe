"""Shadows under titles lie where libass draws the letters, for as long."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from voxweave_nb.render.film import Film
from voxweave_nb.render.job import RenderJob
from voxweave_nb.render.preview import stills
from voxweave_nb.render.shades import Shade, Shades
from voxweave_nb.render.titles import write_titles

MakeJob = Callable[..., RenderJob]

SHADE = Shade(((0.25, 0.5, 0.5, 0.6),), 0.02, 0.4, 1.0, 5.0, 0.5, 1.0)


def white(time: float) -> np.ndarray:
    planes = np.full((3, 100, 200), 200.0, np.float32)
    Shades([SHADE], 100, 200).paint(planes, time)
    return planes


def test_a_shade_darkens_only_its_box() -> None:
    planes = white(3.0)
    assert planes[:, 55, 60:90] == pytest.approx(120.0, abs=1.0)
    away = np.ones((100, 200), bool)
    away[44:67, 44:107] = False
    assert (planes[:, away] == 200.0).all()


def test_a_shade_has_soft_edges() -> None:
    planes = white(3.0)
    assert np.abs(np.diff(planes, axis=1)).max() < 0.35 * 80
    assert np.abs(np.diff(planes, axis=2)).max() < 0.35 * 80


@pytest.mark.parametrize(
    ("time", "dark"), [(0.9, 0.0), (1.0, 0.0), (1.25, 0.5), (2.0, 1.0), (4.5, 0.5), (5.0, 0.0), (9.0, 0.0)]
)
def test_a_shade_fades_in_and_out(time: float, dark: float) -> None:
    assert white(time)[0, 55, 75] == pytest.approx(200 - 80 * dark, abs=1.0)


def test_a_shade_outside_the_frame_paints_nothing() -> None:
    planes = np.full((3, 100, 200), 200.0, np.float32)
    Shades([Shade(((1.5, 0.5, 1.8, 0.6),), 0.02, 0.4, 1.0, 5.0, 0.5, 1.0)], 100, 200).paint(planes, 3.0)
    assert (planes == 200.0).all()


@pytest.mark.slow
@pytest.mark.parametrize("style", ["3d", "cinematic", "realistic", "anime"])
@pytest.mark.parametrize("title", ["Rain", "The long way home over the mountains"])
def test_a_shade_lies_under_the_drawn_letters(
    style: str, title: str, make_job: MakeJob, tmp_path: Path
) -> None:
    job = make_job(style, width=1280, height=720, prompt="night", title=title, cues=[])
    bare = make_job(style, width=1280, height=720, prompt="night", title="", cues=[])
    lettered, plain = (stills(each, [0.5], tmp_path)[0].astype(int) for each in (job, bare))
    film = Film(job)
    (shade,) = write_titles(job, film.reading, tmp_path, film.shots).shades
    white = (lettered - plain).min(2) > 60
    em = shade.soft * 720 / 0.24
    bottom = round(max(row[3] for row in shade.rows) * 720 + 0.05 * em)
    rows, columns = np.flatnonzero(white[:bottom].any(1)), np.flatnonzero(white[:bottom].any(0))
    assert columns[0] == pytest.approx(min(row[0] for row in shade.rows) * 1280, abs=0.35 * em)
    assert columns[-1] == pytest.approx(max(row[2] for row in shade.rows) * 1280, abs=0.6 * em)
    assert rows[0] == pytest.approx(min(row[1] for row in shade.rows) * 720, abs=0.25 * em)
    assert rows[-1] == pytest.approx(max(row[3] for row in shade.rows) * 720, abs=0.25 * em)
