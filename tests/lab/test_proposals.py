"""Proposals are untested cells that the votes speak for, or more takes of the leader."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.lab.fields import SOURCE, cast, grid, variant
from voxweave_nb.config import VideoConfig
from voxweave_nb.lab.proposals import more_takes, promising, untested_cells
from voxweave_nb.lab.ranking import Ranking
from voxweave_nb.lab.records import Variant

PART = {"harbour": 1.5, "forest": 0.0, "city": -1.5, "dusk": 1.2, "dawn": -1.2, "calm": 0.0, "wild": 0.0}


def score(each: Variant) -> float:
    return sum(PART[str(value)] for value in each.axes.values())


def test_the_best_untested_cell_comes_first():
    cells = grid()
    unseen = [each for each in cells if each.axes["place"] == "harbour" and each.axes["time"] == "dusk"]
    unseen += [each for each in cells if each.axes["place"] == "city" and each.axes["time"] == "dawn"]
    tested = [each for each in cells if each not in unseen]
    found = promising(tested, unseen, cast(tested, [score(each) for each in tested], 150), 4)
    assert [each.variant.axes["place"] for each in found[:2]] == ["harbour", "harbour"]
    assert found[0].better > 0.4 > 0.1 > found[-1].better
    assert "the leader with" in found[0].why
    assert "in 10, by its choices" in found[0].why


def test_missing_cells_are_those_between_the_variants():
    some = [
        variant(place="harbour", time="dawn"),
        variant(place="forest", time="dusk"),
        variant(place="city", time="dawn"),
    ]
    found = untested_cells(some, {each.id for each in some}, SOURCE)
    assert {tuple(each.axes.values()) for each in found} == {
        ("harbour", "dusk"),
        ("forest", "dawn"),
        ("city", "dusk"),
    }
    assert {each.config.prompt for each in found} == {"harbour dusk", "forest dawn", "city dusk"}


def test_fields_take_their_real_values():
    first = Variant.of(
        VideoConfig(prompt="rain", style="anime", seed=1), {"style": "anime", "take": 1}, SOURCE
    )
    other = Variant.of(
        VideoConfig(prompt="rain", style="realistic", seed=2), {"style": "realistic", "take": 2}, SOURCE
    )
    found = untested_cells([first, other], {first.id, other.id}, SOURCE)
    assert {(each.config.style.value, each.config.seed) for each in found} == {("anime", 2), ("realistic", 1)}


def test_a_dropped_cell_is_not_proposed():
    cells = grid()
    assert untested_cells(cells[:-1], {each.id for each in cells}, SOURCE) == []


def test_an_unclear_prompt_is_left_out():
    first = Variant.of(VideoConfig(prompt="rain on rain"), {"sky": "rain", "ground": "wet"}, SOURCE)
    other = Variant.of(VideoConfig(prompt="fog on a dry, dry road"), {"sky": "fog", "ground": "dry"}, SOURCE)
    # No prompt has "rain" or "wet" once with the other choice in its place: "dry" stands twice, and "rain" too.
    found = untested_cells([first, other], set(), SOURCE)
    assert [each.config.prompt for each in found] == ["rain on a dry, dry road"]


def test_takes_of_the_leader_differ_in_their_seed():
    leader = variant(seed=3, place="sea")
    taken = variant(seed=4, place="sea")
    takes = more_takes(leader, "seed", {leader.id, taken.id}, SOURCE, count=2)
    assert [each.config.seed for each in takes] == [5, 6]
    assert takes[0].axes == {"place": "sea", "seed": 5}
    bare = Variant.of(VideoConfig(prompt="rain"), {}, SOURCE)
    assert [each.axes for each in more_takes(bare, "take", {bare.id}, SOURCE, count=1)] == [{"take": 1}]


def test_without_axes_the_leader_gets_takes():
    tested = [Variant.of(VideoConfig(prompt=text), {}, SOURCE) for text in ("rain", "snow")]
    good, bad = (more_takes(each, "take", set(), SOURCE, count=1)[0] for each in tested)
    found = promising(tested, [bad, good], cast(tested, [3.0, -3.0], 40), 1)
    assert found[0].variant is good
    assert found[0].take
    assert "another take of the leader (take=1)" in found[0].why


def test_takes_of_one_variant_are_half():
    cells = grid()
    votes = cast(cells, [score(each) for each in cells], 60)
    ranked = Ranking(cells, votes)
    takes = [
        each
        for row in ranked.rows[:2]
        for each in more_takes(row.variant, "seed", {each.id for each in cells}, SOURCE, count=4)
    ]
    found = promising(cells, takes, votes, 4)
    assert [each.of.id for each in found].count(ranked[0].variant.id) == 2
    assert {each.of.id for each in found} == {row.variant.id for row in ranked.rows[:2]}
    assert any("another take of the leader (seed=" in each.why for each in found)
    assert any(each.why.startswith("another take of ") and not each.take for each in found)


def test_untested_cells_come_before_takes():
    cells = grid()
    tested = [each for each in cells if each.axes["time"] == "dawn"]
    unseen = [each for each in cells if each.axes["time"] == "dusk"]
    votes = cast(tested, [score(each) for each in tested], 40)
    leader = Ranking(tested, votes)[0].variant
    takes = more_takes(leader, "seed", {each.id for each in cells}, SOURCE, count=4)
    found = promising(tested, [*takes, *unseen], votes, 10)
    hopeful = [each for each in found if each.of is None and each.better >= 0.1]
    assert len(found) == 10
    assert len(hopeful) > 2
    assert found[: len(hopeful)] == hopeful


def test_without_votes_the_proposals_differ():
    cells = grid()
    found = promising([], cells, [], 4)
    assert len({each.variant.id for each in found}) == 4
    assert len({each.variant.axes["place"] for each in found}) == 3
    assert all(each.better is None and "without votes" in each.why for each in found)


def test_twins_are_not_proposed_together():
    twins = [Variant.of(VideoConfig(prompt=f"sea {number}"), {"place": "sea"}, SOURCE) for number in range(4)]
    other = Variant.of(VideoConfig(prompt="sky"), {"place": "sky"}, SOURCE)
    for seed in range(4):
        found = promising([], [*twins, other], [], 2, seed=seed)
        assert other in [each.variant for each in found]


def test_nothing_is_proposed_from_nothing():
    assert promising([], [], [], 4) == []
    assert untested_cells([], set(), SOURCE) == []
    assert untested_cells([Variant.of(VideoConfig(prompt="rain"), {}, SOURCE)], set(), SOURCE) == []


@given(st.sets(st.integers(0, 11), min_size=1), st.integers(1, 5))
def test_no_cell_is_proposed_twice(present, count):
    some = [grid()[place] for place in present]
    known = {each.id for each in some}
    cells = untested_cells(some, known, SOURCE)
    found = promising(some, cells, [], count)
    ids = [each.variant.id for each in found]
    assert len(ids) == len(set(ids)) == min(count, len(cells))
    assert known.isdisjoint(ids)
