"""A film cut into shots."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from voxweave_nb.models import Cue
from voxweave_nb.render.arrays import scratch
from voxweave_nb.render.film import Film
from voxweave_nb.render.job import RenderJob
from voxweave_nb.render.shots import LONGEST, SHORTEST, Shot, cut
from voxweave_nb.render.transitions import Transition, whip

MakeJob = Callable[..., RenderJob]


@pytest.mark.parametrize("duration", [0.04, 5.0, 6.0, 20.3, 61.0, 1800.0])
@pytest.mark.parametrize("pace", [5.0, 8.0])
def test_shots_follow_one_another_and_last_two_to_twelve_seconds(duration: float, pace: float) -> None:
    shots = cut(duration, [], [(7.3, 0.6), (13.1, 0.4)], pace=pace)
    assert shots[0].start == 0
    assert shots[-1].end == duration
    assert all(a.end == b.start for a, b in itertools.pairwise(shots))
    if len(shots) > 1:
        assert all(SHORTEST <= shot.end - shot.start <= LONGEST for shot in shots)


def test_a_shot_ends_where_a_sentence_does() -> None:
    cues = [Cue(0.2, 3.0, "One half,"), Cue(3.1, 6.4, "and the other."), Cue(7.0, 13.0, "Then more.")]
    assert 6.4 <= cut(13.5, cues, [], pace=6.0)[0].end <= 7.0


def test_without_captions_a_shot_ends_in_a_pause() -> None:
    assert cut(14.0, [], [(6.2, 0.8)], pace=6.0)[0].end == pytest.approx(6.2)


def test_a_dissolve_shows_both_shots_and_a_cut_neither() -> None:
    shot = Shot(1, 10.0, 16.0)
    dissolving = Transition("dissolve", 1.0)
    assert 0 < dissolving.visibility(shot, 10.4) < 1 == dissolving.visibility(shot, 11.0)
    assert Transition("cut", 0.0).visibility(shot, 10.0) == 1


def test_a_whip_smears_the_picture_sideways_and_keeps_its_light() -> None:
    planes = np.random.default_rng(1).random((3, 9, 64), np.float32) * 255
    light = planes.mean((1, 2))
    whip(planes, 0.8)
    assert planes.mean((1, 2)) == pytest.approx(light, rel=0.05)
    assert planes.std() < 40


@pytest.mark.parametrize("style", ["anime", "biotech", "cyberpunk", "educational", "realistic"])
def test_a_film_begun_in_its_middle_shows_the_same_frames(style: str, make_job: MakeJob) -> None:
    """What renders parts side by side rests on."""
    whole, part = Film(make_job(style)), Film(make_job(style))
    for index in range(30):
        picture = whole.paint(index)
    assert np.array_equal(picture, part.paint(29))


def test_the_next_shot_is_another_picture(make_job: MakeJob) -> None:
    cues = [Cue(0.1, 4.8, "The first sentence."), Cue(5.2, 9.8, "The second one.")]
    film = Film(make_job(duration=10.0, cues=cues, fps=10))
    assert len(film.shots) == 2
    turn = film.shots[1].start
    before = film.paint(round((turn - 0.6) * 10)).copy()
    assert np.abs(film.paint(round((turn + 0.6) * 10)) - before).mean() > 8


def test_a_whip_keeps_no_buffer_for_each_of_its_sizes() -> None:
    planes = np.zeros((3, 18, 64), np.float32)
    before = scratch.cache_info().currsize
    for step in range(1, 20):
        whip(planes, step / 20)
    assert scratch.cache_info().currsize == before
