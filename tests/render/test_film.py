"""A film's frames."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from voxweave_nb.models import Cue, VideoStyle
from voxweave_nb.render.film import Film
from voxweave_nb.render.job import RenderJob
from voxweave_nb.render.scene_list import FilmScene

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


def scenes_at(*borders: float, **more: Any) -> tuple[FilmScene, ...]:
    words = [
        "The city at night.",
        "The sea at noon.",
        "A forest at dawn.",
        "The desert.",
        "A town in the evening.",
    ]
    return tuple(
        FilmScene(start, end, spoken=words[number % len(words)], **more)
        for number, (start, end) in enumerate(itertools.pairwise(borders))
    )


def differences(film: Film, frames: range) -> list[float]:
    """Return how much each frame differs from the one before it."""
    images = [film.paint(index).copy() for index in frames]
    return [float(np.abs(after - before).mean()) for before, after in itertools.pairwise(images)]


@pytest.mark.slow
@pytest.mark.parametrize("style", list(VideoStyle))
def test_a_scene_film_cuts_only_at_borders(style: VideoStyle, make_job: MakeJob) -> None:
    job = make_job(style.value, scenes=scenes_at(0.0, 1.29, 2.71, 4.0), title="")
    film = Film(job)
    apart = differences(film, range(9, 37))  # between the fades
    cuts = [round(border * job.fps) for border in (1.29, 2.71)]
    assert sorted(np.argsort(apart)[-2:] + 10) == cuts
    calm = [change for index, change in enumerate(apart, 10) if index not in cuts]
    assert min(apart[cut - 10] for cut in cuts) > 1.5 * max(calm)


def test_a_dissolve_between_scenes_is_gradual(make_job: MakeJob) -> None:
    job = make_job("cinematic", scenes=scenes_at(0.0, 2.0, 4.0, transition="dissolve"), title="")
    film = Film(job)
    assert film.in_transition(25)
    assert not film.in_transition(23)
    assert max(differences(film, range(22, 40))) < 0.5 * np.abs(film.paint(40) - Film(job).paint(22)).mean()


@pytest.mark.slow
@pytest.mark.parametrize("style", list(VideoStyle))
def test_a_scene_film_may_start_anywhere(style: VideoStyle, make_job: MakeJob) -> None:
    """Two processes and parallel parts depend on it."""
    job = make_job(style.value, scenes=scenes_at(0.0, 1.0, 2.0, 4.0))
    whole, part = Film(job), Film(job)
    for stretch in whole.stretches(range(36)):
        whole.prepare(stretch)
        for index in stretch:
            image = whole.paint(index)
    assert np.array_equal(image, part.paint(35))


def test_few_scenes_are_kept_at_a_time(make_job: MakeJob) -> None:
    film = Film(make_job("3d", scenes=scenes_at(0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0)))
    kept = []
    for stretch in film.stretches(range(film.job.frames)):
        film.prepare(stretch)
        film.paint(stretch.start)
        kept.append(len(film._backdrops))
    assert max(kept) == 2
    assert len(kept) == 4


def test_a_film_without_scenes_is_one_stretch(make_job: MakeJob) -> None:
    film = Film(make_job())
    assert film.stretches(range(48)) == [range(48)]
    assert film.understood == film.reading.understood
