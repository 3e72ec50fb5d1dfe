"""Thumbs become votes against a threshold of the person's own; thumbs and stars become words."""

from __future__ import annotations

from voxweave_nb.lab.posterior import Thumbs
from voxweave_nb.lab.ratings import Opinion, opinions_of, thumbs_of
from voxweave_nb.lab.records import Rating

PLACES = {"a": 0, "b": 1, "c": 2}


def test_thumbs_are_told_apart_by_person():
    ratings = [
        Rating("a", thumb=True, rater="Ada"),
        Rating("b", thumb=False, rater="Ada"),
        Rating("b", thumb=True, stars=1, rater="me"),
    ]
    assert thumbs_of(ratings, PLACES) == [Thumbs([0, 1], [True, False]), Thumbs([1], [True])]


def test_other_ratings_are_left_out():
    ratings = [Rating("a", note="the light"), Rating("b", stars=5), Rating("z", thumb=True)]
    assert thumbs_of(ratings, PLACES) == []
    assert opinions_of(ratings[:1]) == {}


def test_opinions_are_put_together():
    ratings = [Rating("a", stars=5, thumb=True), Rating("a", stars=4, rater="Ada"), Rating("b", thumb=False)]
    found = opinions_of(ratings)
    assert found == {"a": Opinion(4.5, 1, 0), "b": Opinion(None, 0, 1)}
    assert [str(each) for each in found.values()] == ["4.5 stars, 1 up", "1 down"]
    assert str(Opinion()) == ""
