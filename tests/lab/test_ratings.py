"""Ratings become scales of the fit, a person's own each, and words."""

from __future__ import annotations

from voxweave_nb.lab.posterior import Scale
from voxweave_nb.lab.ratings import Opinion, opinions_of, scales_of
from voxweave_nb.lab.records import Rating

PLACES = {"a": 0, "b": 1, "c": 2}


def test_each_person_has_a_scale():
    ratings = [
        Rating("a", stars=5, rater="Ada"),
        Rating("b", stars=2, rater="Ada"),
        Rating("b", stars=4, rater="me"),
        Rating("c", thumb=False, rater="me"),
    ]
    assert scales_of(ratings, PLACES) == [
        Scale([0, 1], [4, 1], 4),
        Scale([1], [3], 4),
        Scale([2], [0], 1),
    ]


def test_a_thumb_beside_stars_counts_once():
    assert scales_of([Rating("a", stars=5, thumb=True)], PLACES) == [Scale([0], [4], 4)]


def test_notes_and_unknown_variants_are_left_out():
    assert scales_of([Rating("a", note="the light"), Rating("z", stars=5)], PLACES) == []
    assert opinions_of([Rating("a", note="the light")]) == {}


def test_opinions_are_put_together():
    ratings = [Rating("a", stars=5, thumb=True), Rating("a", stars=4, rater="Ada"), Rating("b", thumb=False)]
    found = opinions_of(ratings)
    assert found == {"a": Opinion(4.5, 1, 0), "b": Opinion(None, 0, 1)}
    assert [str(each) for each in found.values()] == ["4.5 stars, 1 up", "1 down"]
    assert str(Opinion()) == ""
