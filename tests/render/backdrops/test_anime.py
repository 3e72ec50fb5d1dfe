"""The painted sky."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from voxweave_nb.render.backdrops.anime import _repeat_index
from voxweave_nb.render.film import Film
from voxweave_nb.render.job import RenderJob

MakeJob = Callable[..., RenderJob]


def test_night_is_darker_than_noon(make_job: MakeJob) -> None:
    night, noon = (
        Film(make_job("anime", width=160, height=90, prompt=time)).paint(20).mean()
        for time in ("midnight", "noon")
    )
    assert night < 0.6 * noon


def test_indices_are_repeated_and_numbered() -> None:
    index, number = _repeat_index(np.array([2, 0, 3]))
    assert index.tolist() == [0, 0, 2, 2, 2]
    assert number.tolist() == [0, 1, 0, 1, 2]
