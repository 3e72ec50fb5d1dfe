"""A grid is the product of its axes, and its variants can be found by them."""

from __future__ import annotations

import json

import pytest

from tests.lab.fields import SOURCE, variant
from tests.pictures import picture
from voxweave_nb.config import VideoConfig
from voxweave_nb.errors import ConfigError
from voxweave_nb.lab.grid import matches, variants_of
from voxweave_nb.lab.records import Variant


def grid(prompt=None, **values):
    base = VideoConfig(quality="draft", prompt="rain")
    return variants_of(
        prompt, values, base=base, source=SOURCE, seeds=lambda config: config.provider != "zai"
    )


def test_every_prompt_meets_every_value():
    found = grid("a {harbour|forest} at {dawn|dusk}", style=["anime", "cinematic"], seed=[1, 2])
    assert len(found) == len({each.id for each in found}) == 16
    assert found[0].axes == {"choice 1": "harbour", "choice 2": "dawn", "style": "anime", "seed": 1}
    assert found[0].config == VideoConfig(quality="draft", prompt="a harbour at dawn", style="anime", seed=1)


def test_an_unsent_seed_is_a_take():
    local, paid = grid("rain", seed=1, provider=["local", "zai"])
    assert (local.axes["seed"], paid.axes["take"]) == (1, 1)


def test_the_base_gives_what_is_not_asked():
    (only,) = grid(style="anime")
    assert (only.config.prompt, only.axes) == ("rain", {"style": "anime"})


def test_several_prompts_are_an_axis():
    found = grid(["rain", "snow"], style="anime")
    assert [each.axes["prompt"] for each in found] == ["rain", "snow"]


@pytest.mark.parametrize(
    ("prompt", "values", "message"),
    [
        ("rain", {"styles": ["anime"]}, "no field 'styles'"),
        ("rain", {"style": ["anim"]}, "anime"),
        ("rain", {"style": []}, "axis 'style' is empty"),
        ([], {}, "list of prompts is empty"),
        ("{a|b", {}, "not closed"),
        ("{style: a|b}", {"style": "anime"}, "names a choice 'style'"),
        ("{a|b}", {"seed": range(6000)}, "12,000 variants; the limit is 10,000"),
    ],
)
def test_a_bad_grid_gets_a_sentence(prompt, values, message):
    with pytest.raises(ConfigError, match=message):
        grid(prompt, **values)


def test_variants_are_found_by_axis_or_field():
    dusk = variant(time="dusk", seed=2)
    assert matches(dusk, {"time": "dusk"})
    assert matches(dusk, {"time": ["dawn", "dusk"], "seed": 2, "style": "cyberpunk"})
    assert not matches(dusk, {"time": "dawn"})
    assert not matches(dusk, {"place": "sea"})


def test_an_image_can_be_an_axis(tmp_path):
    maps = [picture(tmp_path / "map.png"), picture(tmp_path / "other" / "map.png", 410)]
    first, second, none = grid("rain", image=[*maps, None])
    assert len({first.id, second.id, none.id}) == 3
    assert first.axes["image"].startswith("map.png (")
    assert first.axes["image"] != second.axes["image"]
    assert none.axes["image"] is None
    assert [matches(each, {"image": str(maps[1])}) for each in (first, second, none)] == [False, True, False]
    assert Variant.from_line(json.loads(json.dumps(first.as_line()))) == first


def test_a_moved_image_is_the_same_variant(tmp_path):
    picture(tmp_path / "map.png").rename(tmp_path / "moved.png")
    (moved,) = grid("rain", image=tmp_path / "moved.png")
    (again,) = grid("rain", image=picture(tmp_path / "map.png"))
    assert moved.id == again.id
