"""What a choice does is told apart from what others do, or it is said that it cannot be."""

from __future__ import annotations

from tests.lab.fields import cast, grid, variant
from voxweave_nb.lab.effects import effects_of
from voxweave_nb.lab.ranking import Ranking


def test_uneven_grids_blame_the_right_axis():
    # "wild" stands mostly with the bad place; alone it does nothing.
    axes = [("sea", "calm")] * 1 + [("sea", "wild")] + [("hill", "wild")] * 1 + [("hill", "calm")]
    field = [variant(seed=seed, place=place, mood=mood) for seed in range(3) for place, mood in axes]
    field = [each for each in field if each.axes != {"place": "sea", "mood": "wild"} or each.config.seed == 0]
    scores = [1.5 if each.axes["place"] == "sea" else -1.5 for each in field]
    effects = {each.axis: each for each in Ranking(field, cast(field, scores, 300)).effects()}
    assert effects["place"].words.startswith("sea")
    assert abs(effects["mood"].scores[0]) < 0.3 * effects["place"].scores[0]


def test_a_missing_choice_is_no_value():
    field = [
        variant(seed=seed, **axes) for seed in range(2) for axes in ({"hue": "red"}, {"hue": "blue"}, {})
    ]
    (only,) = Ranking(field, []).effects()
    assert set(only.values) == {"red", "blue"}
    assert only.variants == (2, 2)


def test_a_variant_by_hand_spoils_no_axis():
    field = [*grid(), variant(style="realistic")]
    scores = [2.0 * (each.axes.get("time") == "dusk") + (each.axes.get("place") == "city") for each in field]
    effects = {each.axis: each for each in Ranking(field, cast(field, scores, 200)).effects()}
    assert set(effects) == {"place", "time", "mood"}
    assert effects["time"].words.startswith("dusk beats dawn")
    assert effects["place"].values[0] == "city"
    assert effects["mood"].variants == (6, 6)


def test_providers_are_compared_across_seeds_and_takes():
    # A provider that takes no seed makes takes: the grid of two providers and two seeds has both axes.
    axes = [
        {"place": place, "provider": provider, number: count}
        for place in ("sea", "hill")
        for provider, number in (("local", "seed"), ("zai", "take"))
        for count in ("1", "2")
    ]
    field = [variant(cell=str(cell)) for cell in range(len(axes))]
    scores = [3.0 * (each["provider"] == "local") for each in axes]
    found = {each.axis: each for each in effects_of(Ranking(field, cast(field, scores, 200)).posterior, axes)}
    assert set(found) == {"place", "provider", "seed", "take"}
    assert found["provider"].words.startswith("local beats zai")


def test_words_for_three_values():
    field = [variant(seed=seed, hue=hue) for seed in range(2) for hue in ("red", "blue", "grey")]
    scores = [{"red": 2.0, "blue": 2.0, "grey": -3.0}[each.axes["hue"]] for each in field]
    (only,) = Ranking(field, cast(field, scores, 60, seed=4)).effects()
    assert "beats grey; the rest is not told apart yet" in only.words


def test_one_value_is_no_axis():
    field = [variant(seed=seed, hue="red") for seed in range(3)]
    assert effects_of(Ranking(field, []).posterior, [each.axes for each in field]) == ()
