"""A lab's page as HTML: what can be read of it without its script."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.lab.fields import duel, variant
from voxweave_nb.lab.page import PageContent, page_html, poster_url, variant_name
from voxweave_nb.lab.ranking import Ranking
from voxweave_nb.lab.records import Flag, Rating
from voxweave_nb.lab.snapshot import LabVariant

FIELD = [variant(place="harbour", time="dusk"), variant(place="forest", time="dusk")]


def shown(of, **more) -> LabVariant:
    values = {"state": "to make", "video": None, "usd": None, "error": "", "flags": (), "note": "", **more}
    return LabVariant(id=of.id, config=of.config, axes=of.axes, **values)


@pytest.fixture
def content() -> PageContent:
    votes = [duel(*FIELD, at=float(at)) for at in range(8)]
    return PageContent("harbour", "lab-1", [shown(each) for each in FIELD], Ranking(FIELD, votes))


def test_the_page_says_what_was_found(content):
    html = page_html(content)
    assert "2 variants · 0 with a video · 8 votes by 1 person" in html
    assert "Harbour, dusk is the best with a chance of" in html
    assert "<b>rank 1</b>" in html
    assert 'content="lab-1"' in html[:4096]
    assert html.count("To make") == 2


def test_axes_with_a_choice_can_be_filtered(content):
    html = page_html(content)
    assert '<option value="=forest">forest</option>' in html
    assert 'data-axis="place"' in html
    assert 'data-axis="time"' not in html  # it has one value
    assert '<option value="axis:time">' in html


def test_notes_and_flags_are_shown(content):
    flag = Flag(FIELD[0].id, "frozen", 3.0, "frozen for 3.0 s")
    first = shown(FIELD[0], flags=(flag,), note="by hand", state="failed", error="The provider is <down>.")
    ratings = [
        Rating(FIELD[0].id, thumb=True, stars=4, note="the light", rater="Ada"),
        Rating(FIELD[0].id, thumb=False, rater="Bo"),
        Rating(FIELD[1].id, rater="Cy", cleared=("stars",)),
    ]
    html = page_html(replace(content, variants=[first], ratings=ratings))
    assert "frozen for 3.0 s" in html
    assert "by hand" in html
    assert "The provider is &lt;down&gt;." in html
    assert '<bdi>Ada</bdi>: thumb up, <span role="img" aria-label="4 of 5 stars">★★★★☆</span>' in html
    assert "<bdi>Bo</bdi>: thumb down</li>" in html
    assert "Cy" not in html
    assert 'data-is="flagged noted"' in html


def test_a_damaged_poster_is_left_out(tmp_path):
    (tmp_path / "poster.jpg").write_bytes(b"no image")
    assert poster_url(tmp_path / "poster.jpg", 320) == ""
    assert poster_url(tmp_path / "missing.jpg", 320) == ""
    assert poster_url(None, 320) == ""


def test_a_variant_has_a_name():
    assert variant_name(shown(FIELD[0])) == "harbour · dusk"
    assert variant_name(shown(variant())) == "rain"
