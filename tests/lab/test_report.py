"""A ranking shows itself without a script, and hides nothing."""

from __future__ import annotations

from html.parser import HTMLParser

from tests.lab.fields import cast, duel, grid, variant
from voxweave_nb.lab.ranking import Ranking


class _Balanced(HTMLParser):
    """Fails on a tag that is closed in the wrong order, and collects the text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag not in ("br", "hr", "rect", "line", "circle"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in ("rect", "line", "circle"):
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def read(html: str) -> _Balanced:
    page = _Balanced()
    page.feed(html)
    assert page.open == []
    return page


def scores() -> list[float]:
    return [{"harbour": 1.0, "forest": 0.0, "city": -1.0}[each.axes["place"]] for each in grid()]


def test_the_ranking_shows_what_it_knows():
    first = grid()[0]
    flags = {first.id: ["frozen for 3.0 s"]}
    page = read(Ranking(grid(), cast(grid(), scores(), 100), usd={first.id: 0.2}, flags=flags)._repr_html_())
    text = " ".join(page.text)
    for part in (
        "is the best with a chance of",
        "harbour",
        "dusk",
        "0.20",
        "frozen for 3.0 s",
        "met again",
        "in 10",
    ):
        assert part in text
    assert "script" not in page.tags


def test_without_votes_it_says_so():
    assert "No votes yet." in " ".join(read(Ranking(grid(), [])._repr_html_()).text)


def test_what_people_write_is_escaped():
    bad = [variant(name="<script>alert(1)</script>"), variant(name="b")]
    votes = [duel(*bad, at=float(at)) for at in range(12)]
    votes += [duel(bad[1], bad[0], at=20.0, rater="<b>Ada")]
    html = Ranking(bad, votes)._repr_html_()
    assert "script" not in read(html).tags
    assert "<b>Ada" not in html
    assert "1 vote against the others" in html


def test_effects_show_themselves():
    effects = Ranking(grid(), cast(grid(), scores(), 200)).effects()
    assert "harbour beats the others" in " ".join(read(effects._repr_html_()).text)
    assert "place: harbour beats the others" in str(effects)
    assert str(Ranking([], []).effects()) == "no axis to compare yet"


def test_many_variants_are_cut_and_counted():
    field = [variant(seed=number, name="a") for number in range(80)]
    html = Ranking(field, cast(field, [0.0] * 80, 30))._repr_html_()
    assert "… and 20 more." in html
    assert "The first 24 of 80." in html


def test_empty_columns_are_left_out():
    plain = Ranking(grid(), cast(grid(), scores(), 100))._repr_html_()
    for name in ("checks", "ratings", "US $"):
        assert name not in plain
    flagged = Ranking(grid(), cast(grid(), scores(), 100), flags={grid()[0].id: ["frozen"]})._repr_html_()
    assert "checks" in flagged
    assert " %</td>" in flagged
