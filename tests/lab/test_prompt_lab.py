"""A lab from the grid to the winner: runs, rankings, pairs, and invalid options."""

from __future__ import annotations

import pytest

from tests.lab.stock import stock
from voxweave_nb import ConfigError


@pytest.mark.slow
def test_votes_choose_the_best(lab):
    lab.run().result(120)
    best = lab.variants[2]
    for _ in range(12):
        for other in lab.variants:
            if other.id != best.id:
                lab.vote(best.id[:8], other, "left", blind=True, shown=3.0)
    assert lab.best().id == best.id
    assert lab.ranking()[0].best > 0.9
    assert lab.ranking(by="Ada").votes == ()
    assert lab.best().config.replace(quality="standard").prompt == "a forest at dawn"
    assert {each.blind for each in lab.votes} == {True}


@pytest.mark.slow
def test_thumbs_choose_the_best_too(lab):
    lab.run().result(120)
    for each in lab.variants:
        lab.rate(each, stars=5)
    with pytest.raises(ConfigError, match="no votes yet"):
        lab.best()
    for place, each in enumerate(lab.variants):
        lab.rate(each, thumb=place == 1)
    assert lab.best().id == lab.variants[1].id
    assert lab.ranking(by="Ada").thumbs == 0
    assert "another take of the leader" in str(lab.next(2))


@pytest.mark.slow
def test_pairs_are_of_made_variants(lab):
    with pytest.raises(ConfigError, match="two variants with a video"):
        lab.pair()
    lab.run().result(120)
    left, right = lab.pair("rank")
    assert left.id != right.id
    with pytest.raises(ConfigError, match="'best' or 'rank'"):
        lab.pair("worst")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"at_once": 0}, "at_once"),
        ({"at_once": "x"}, "at_once"),
        ({"budget": -1}, "budget"),
        ({"budget": "x"}, "budget"),
    ],
)
def test_a_bad_option_gets_a_sentence(lab, options, message):
    with pytest.raises(ConfigError, match=message):
        lab.run(**options)


def test_views_hear_of_every_change(lab):
    heard = []
    stop = lab.listen(lambda: heard.append(1))
    lab.add(style="realistic")
    lab.rate(lab.variants[0], stars=3)
    assert len(heard) == 2
    stop()
    stop()
    lab.rate(lab.variants[0], stars=4)
    assert len(heard) == 2
    assert lab.ratings[0].stars == 4


@pytest.mark.slow
def test_a_run_is_announced(lab):
    heard = []
    lab.listen(lambda: heard.append(lab.current_run))
    assert lab.current_run is None
    run = lab.run()
    assert heard[0] is run
    run.result(120)


def test_a_terminal_shows_lab_and_duel(lab, capsys):
    stock(lab)
    print(lab)
    assert lab.variants[0].id in capsys.readouterr().out
    assert lab.duel() is None
    said = capsys.readouterr().out
    assert "lab.vote('v" in said
    assert "a b.mp4" in said
    with pytest.raises(ConfigError, match="'best' or 'rank'"):
        lab.duel("worst")


def test_raters_choose_the_duels(lab):
    stock(lab)
    one, other = lab.variants[:2]
    for _ in range(40):
        lab.vote(one, other, "left")
    assert len(lab.next_duel(by="me").ranking.votes) == 40
    assert len(lab.next_duel(by="Ada").ranking.votes) == 0
