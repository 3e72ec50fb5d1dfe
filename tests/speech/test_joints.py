"""Breaks disturb least after sentences and most inside words."""

from __future__ import annotations

import pytest

from voxweave_nb.speech.joints import joints_of


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (("home.", "The"), ("home,", "the")),
        (("home,", "the"), ("home", "and")),
        (("home", "and"), ("green", "house")),
        (("green", "house"), ("the", "house")),
        (("green", "house"), ("Anna", "Weber")),
        (("green", "house"), ("12", "km")),
        (("rain", "with"), ("with", "rain")),
    ],
)
def test_some_breaks_disturb_more(better, worse):
    disturbs = [joints_of(pair, [" ", ""])[0].disturbs for pair in (better, worse)]
    assert disturbs[0] < disturbs[1]


@pytest.mark.parametrize(
    ("better", "worse"), [("は海", "食べ"), ("、光", "は海"), ("の光", "ート"), ("光海", "きゃ")]
)
def test_japanese_breaks_after_particles_and_before_words(better, worse):
    disturbs = [joints_of(list(pair), ["", ""])[0].disturbs for pair in (better, worse)]
    assert disturbs[0] < disturbs[1]
