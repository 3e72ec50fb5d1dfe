"""A film's frames."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from voxweave_nb.models import Cue
from voxweave_nb.render.film import Film
from voxweave_nb.render.job import RenderJob

MakeJob = Callable[..., RenderJob]


@pytest.mark.slow
@pytest.mark.parametrize("style", ["anime", "biotech", "cyberpunk", "educational", "realistic"])
def test_a_film_may_start_in_its_middle(style: str, make_job: MakeJob) -> None:
    """Rendering parts in parallel depends on this."""
    whole, part = Film(make_job(style)), Film(make_job(style))
    for index in range(30):
        image = whole.paint(index)
    assert np.array_equal(image, part.paint(29))


def test_the_next_shot_looks_different(make_job: MakeJob) -> None:
    cues = [Cue(0.1, 4.8, "The first sentence."), Cue(5.2, 9.8, "The second one.")]
    film = Film(make_job(duration=10.0, cues=cues, fps=10))
    assert len(film.shots) == 2
    turn = film.shots[1].start
    before = film.paint(round((turn - 0.6) * 10)).copy()
    assert np.abs(film.paint(round((turn + 0.6) * 10)) - before).mean() > 8
