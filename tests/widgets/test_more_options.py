"""The folded controls of which most videos need none."""

from __future__ import annotations

import pytest

from tests.pictures import picture
from tests.widgets.actions import wait_for
from voxweave_nb import ConfigError, VideoConfig
from voxweave_nb.widgets.more_options import MoreOptions


@pytest.fixture
def changes() -> list[bool]:
    return []


@pytest.fixture
def more(changes) -> MoreOptions:
    return MoreOptions(lambda: changes.append(True))


def test_the_controls_are_folded_and_default(more):
    assert more._controls.layout.display == "none"
    assert VideoConfig(**more.fields) == VideoConfig()
    more.unfolded = True
    assert more._controls.layout.display is None


@pytest.mark.parametrize(
    "fields",
    [
        {"seed": 0},
        {"seed": 2**63 - 1, "fps": 60},
        {"title": ""},
        {"title": "A <b>title"},
        {"quality": "fine", "reduce_motion": True},
        {"quality": "draft"},
    ],
)
def test_a_config_is_shown_and_read(more, fields):
    config = VideoConfig(**fields)
    more.show_config(config)
    assert VideoConfig(**more.fields) == config


def test_another_take_counts_the_seed_up(more, changes):
    seeds = []
    for _ in range(3):
        more._another.click()
        seeds.append(more.fields["seed"])
    assert seeds == [1, 2, 3]
    assert changes
    more._seed.value = "many"
    more._another.click()
    assert more.fields["seed"] == 1


@pytest.mark.parametrize("seed", ["many", "-1", "1.5", "9" * 30])
def test_a_bad_seed_is_refused(more, seed):
    more._seed.value = seed
    with pytest.raises(ConfigError, match="seed"):
        VideoConfig(**more.fields)


def test_folded_controls_tell_what_differs(more):
    assert more._summary.value == ""
    more.show_config(VideoConfig(seed=2, quality="fine", title="<Sea>", fps=24, reduce_motion=True))
    assert "seed 2, fine, title “&lt;Sea&gt;”, 24 fps, calm motion" in more._summary.value
    more.unfolded = True
    assert more._summary.value == ""
    more.show_config(VideoConfig(title=""))
    more.unfolded = False
    assert "no title" in more._summary.value


def test_the_title_field_appears_when_needed(more):
    more._title.value = "own"
    assert more._own_title.layout.display is None
    more._title.value = "none"
    assert more._own_title.layout.display == "none"


def test_an_image_is_typed_and_read(more, tmp_path, changes):
    image = picture(tmp_path / "a map.png")
    more._image.value = f'"{image}"'
    assert changes
    assert VideoConfig(**more.fields) == VideoConfig(image=image)
    wait_for(lambda: "400x300, PNG" in more._found.value)
    assert "starts from a map.png" in more._summary.value.replace("&quot;", "")
    more._image.value = " "
    assert more.fields["image"] is None
    wait_for(lambda: more._found.layout.display == "none")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("nowhere.png", "No such file"),
        ("https://example.org/map.png", "A URL is not fetched"),
        (__file__, "is not a PNG"),
    ],
)
def test_what_is_no_image_is_said(more, typed, says):
    more._image.value = typed
    wait_for(lambda: says in more._found.value)
    assert "vx-over" in more._found.value
    with pytest.raises(ConfigError):
        VideoConfig(**more.fields)


def test_an_earlier_image_is_shown_though_gone(more, tmp_path):
    config = VideoConfig(image=picture(tmp_path / "map.png"))
    config.image.path.unlink()
    more.show_config(config)
    assert VideoConfig(**more.fields) == config
    assert more._image.value == str(tmp_path / "map.png")
    more.show_config(VideoConfig())
    assert VideoConfig(**more.fields) == VideoConfig()
