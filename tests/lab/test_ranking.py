"""A ranking says who leads, how sure that is, and who disagrees."""

from __future__ import annotations

import sys

import pandas as pd
import pytest

from tests.lab.fields import cast, duel, grid, variant
from voxweave_nb.errors import ConfigError
from voxweave_nb.lab import ranking as ranking_module
from voxweave_nb.lab.posterior import fit
from voxweave_nb.lab.ranking import Ranking
from voxweave_nb.lab.records import Rating


def scores() -> list[float]:
    part = {"harbour": 1.0, "forest": 0.0, "city": -1.0, "dusk": 0.8, "dawn": -0.8, "calm": 0.3, "wild": -0.3}
    return [sum(part[value] for value in each.axes.values()) for each in grid()]


def test_the_same_votes_are_fitted_once(monkeypatch):
    fits = []
    monkeypatch.setattr(ranking_module, "fit", lambda *given, **more: fits.append(1) or fit(*given, **more))
    votes = cast(grid(), scores(), 50, seed=77)
    assert Ranking(grid(), votes).posterior is Ranking(grid(), votes).posterior
    assert len(fits) == 1
    assert Ranking(grid(), votes[1:]).posterior is not Ranking(grid(), votes).posterior


def test_the_truly_best_one_leads():
    ranking = Ranking(grid(), cast(grid(), scores(), 300))
    assert {ranking[0].variant.axes["place"], ranking[0].variant.axes["time"]} == {"harbour", "dusk"}
    assert len(ranking) == 12
    assert sum(row.best for row in ranking) == pytest.approx(1)
    assert ranking[0].lowest == 1
    assert ranking[-1].highest == 12
    assert ranking[0].wins > 0.7 > 0.3 > ranking[-1].wins


def test_axes_are_answered_in_words():
    effects = {each.axis: each for each in Ranking(grid(), cast(grid(), scores(), 300)).effects()}
    assert effects["time"].words == "dusk beats dawn, 8 in 10"
    assert effects["place"].values == ("harbour", "forest", "city")
    assert effects["time"].low[0] > 0 > effects["time"].high[1]


def test_axes_that_do_little_are_not_told_apart():
    effects = {each.axis: each for each in Ranking(grid(), cast(grid(), scores(), 12)).effects()}
    assert effects["mood"].words == "the values of mood are not told apart yet"


def test_without_votes_nothing_is_claimed():
    ranking = Ranking(grid(), [])
    assert str(ranking) == "12 variants, no votes yet"
    assert all(row.best < 0.2 and row.votes == 0 for row in ranking)
    assert all("not told apart yet" in each.words for each in ranking.effects())


def test_a_vote_against_the_others_is_shown():
    first, second, third = (variant(name=name) for name in "abc")
    votes = [duel(first, second, at=float(at)) for at in range(12)]
    against = duel(second, first, at=99.0, rater="Ada")
    ranking = Ranking([first, second, third], [*votes, against])
    ((vote, chance),) = ranking.contradictions()
    assert vote is against
    assert chance < 0.2


def test_votes_on_other_variants_are_left_out():
    first, second, gone = (variant(name=name) for name in "abc")
    ranking = Ranking([first, second], [duel(first, gone), duel(first, second)])
    assert len(ranking.votes) == 1
    with pytest.raises(ConfigError, match=f"{gone.id}.* is not in this ranking of 2"):
        ranking.odds(first, gone)


def test_odds_are_of_the_next_vote():
    first, second = variant(name="a"), variant(name="b")
    ranking = Ranking([first, second], [duel(first, second, at=float(at)) for at in range(20)])
    assert ranking.odds(first, second) > 0.85
    assert ranking.odds(first.id, second.id) + ranking.odds(second, first) == pytest.approx(1)


def test_the_verdict_names_the_missing_votes():
    ranking = Ranking(grid(), cast(grid(), scores(), 150))
    assert "more votes to be 90 % sure" in ranking.verdict
    first, second = variant(name="a"), variant(name="b")
    sure = Ranking([first, second], [duel(first, second, at=float(at)) for at in range(30)])
    assert sure.votes_left == 0
    assert sure.verdict.endswith("%")
    alike = Ranking([first, second], [duel(first, second, "tie", at=float(at)) for at in range(200)])
    assert "too alike" in alike.verdict


def test_an_axis_that_follows_another_is_left_out():
    twins = [variant(place=place, light=light) for place, light in (("sea", "blue"), ("sky", "grey"))]
    ranking = Ranking(twins, [duel(*twins)])
    assert [each.axis for each in ranking.effects()] == ["light"]


def test_an_empty_ranking_is_a_ranking():
    assert list(Ranking([], [])) == []
    assert Ranking([], []).effects() == ()


def test_prices_and_flags_stand_in_the_rows():
    only = variant(name="a")
    ranking = Ranking([only], [], usd={only.id: 0.2}, flags={only.id: ["frozen for 3.0 s"]})
    assert (ranking[0].usd, ranking[0].flags) == (0.2, ("frozen for 3.0 s",))


def test_to_pandas_has_a_column_for_each_axis():
    ranking = Ranking(grid(), cast(grid(), scores(), 20))
    table = ranking.to_pandas()
    assert isinstance(table, pd.DataFrame)
    assert list(table) == [
        *("id", "place", "time", "mood"),
        *("best", "rank_low", "rank_high", "wins", "votes", "stars", "up", "down", "usd", "flags"),
    ]
    assert list(table["id"]) == [row.variant.id for row in ranking]
    assert table["best"].sum() == pytest.approx(1)
    effects = ranking.effects().to_pandas()
    assert set(effects["axis"]) == {"place", "time", "mood"}
    assert list(effects[effects["axis"] == "time"]["variants"]) == [6, 6]


def test_without_pandas_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    ranking = Ranking(grid(), [])
    for call in (ranking.to_pandas, ranking.effects().to_pandas):
        with pytest.raises(ConfigError, match="pip install pandas"):
            call()


def test_thumbs_alone_make_a_ranking():
    field = grid()
    ratings = [Rating(each.id, thumb=each.axes["place"] == "harbour", stars=4) for each in field]
    ranking = Ranking(field, [], ratings=ratings)
    assert ranking.has_opinions
    assert {row.variant.axes["place"] for row in ranking[:4]} == {"harbour"}
    assert str(ranking).startswith("12 variants, 12 thumbs; ")
    assert ranking.verdict != "no votes yet"
    assert {each.axis: each.words for each in ranking.effects()}["place"].startswith("harbour")
    assert str(ranking[0].opinion) == "4.0 stars, 1 up"
    assert "4.0 stars, 1 up" in ranking._repr_html_()
    assert list(ranking.to_pandas()["up"]) == [1] * 4 + [0] * 8


def test_stars_are_shown_and_do_not_count():
    first, second = variant(name="a"), variant(name="b")
    stars = [Rating(first.id, stars=1), Rating(second.id, stars=5)]
    votes = [duel(first, second, at=float(at)) for at in range(4)]
    assert not Ranking([first, second], [], ratings=stars).has_opinions
    with_stars, without = Ranking([first, second], votes, ratings=stars), Ranking([first, second], votes)
    assert [row.best for row in with_stars] == [row.best for row in without]
    assert [str(row.opinion) for row in with_stars] == ["1.0 stars", "5.0 stars"]


def test_ratings_of_others_and_notes_are_left_out():
    first, gone = variant(name="a"), variant(name="b")
    ranking = Ranking([first], [], ratings=[Rating(gone.id, stars=5), Rating(first.id, note="the light")])
    assert ranking.ratings == ()
    assert not ranking.has_opinions


def test_raters_are_told_apart():
    first, second = variant(name="a"), variant(name="b")
    votes = [duel(first, second, at=float(at), rater=rater) for at, rater in enumerate(["Ada", "me", "Ada"])]
    ranking = Ranking([first, second], votes, others={"judge:m": 7})
    assert ranking.raters == {"Ada": 2, "me": 1}
    assert str(ranking).endswith("not counted: judge:m (7)")
    assert "not counted" not in str(Ranking([first, second], votes))
