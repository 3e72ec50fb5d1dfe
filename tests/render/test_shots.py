"""Cutting a film into shots."""

from __future__ import annotations

import itertools

import pytest

from voxweave_nb.models import Cue
from voxweave_nb.render.scene_list import FilmScene
from voxweave_nb.render.shots import LONGEST, SHORTEST, cut, shots_of


@pytest.mark.parametrize("duration", [0.04, 5.0, 6.0, 20.3, 61.0, 1800.0])
@pytest.mark.parametrize("pace", [5.0, 8.0])
def test_shots_are_contiguous_and_of_limited_length(duration: float, pace: float) -> None:
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


def test_each_scene_is_one_shot() -> None:
    scenes = [FilmScene(0.0, 1.51, ""), FilmScene(1.51, 20.0, ""), FilmScene(20.0, 20.3, "")]
    assert [(shot.number, shot.start, shot.end) for shot in shots_of(scenes, 20.33, 10)] == [
        (0, 0.0, 1.5),
        (1, 1.5, 20.0),
        (2, 20.0, 20.33),
    ]
