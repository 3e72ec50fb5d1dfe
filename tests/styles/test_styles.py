"""The styles, as data."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import voxweave_nb.styles
from voxweave_nb.errors import ConfigError
from voxweave_nb.models import VideoStyle
from voxweave_nb.styles import load_style

STYLES = [style.value for style in VideoStyle]


def test_there_is_one_file_for_each_style_and_none_besides() -> None:
    folder = Path(voxweave_nb.styles.__file__).parent
    assert sorted(path.stem for path in folder.glob("*.toml")) == sorted(STYLES)


@pytest.mark.parametrize("name", STYLES)
def test_a_style_says_what_people_and_providers_read(name: str) -> None:
    style = load_style(name)
    assert style.name == name
    assert style.label
    assert 10 < len(style.tagline) < 90
    assert len(style.words.split()) > 5
    assert 0 <= style.daylight <= 1


@pytest.mark.parametrize("name", STYLES)
def test_a_style_has_whole_palettes(name: str) -> None:
    color = re.compile(r"#[0-9a-fA-F]{6}")
    for palette in load_style(name).palettes:
        assert len(palette["sky"]) == 3
        assert len(palette["ground"]) == 2
        assert len(palette["accents"]) >= 3
        for value in (
            *palette["sky"],
            *palette["ground"],
            *palette["accents"],
            palette["light"],
            palette["ink"],
        ):
            assert color.fullmatch(value)


@pytest.mark.parametrize("name", STYLES)
def test_a_style_says_how_words_are_set(name: str) -> None:
    type_ = load_style(name).type
    assert type_["layout"] in ("title", "lesson")
    assert type_["place"] in ("top-left", "center", "bottom-left")
    assert 100 <= type_["weight"] <= 900
    assert {"color", "glow", "rule", "upper", "spacing", "scale"} <= set(type_)


@pytest.mark.parametrize("name", STYLES)
def test_a_style_says_what_is_done_with_its_pictures(name: str) -> None:
    picture = load_style(name).frame
    assert {"bloom"} <= set(picture) <= {"bloom", "fade", "fine", "quantizer"}
    assert 0 <= picture["bloom"] <= 1
    assert picture.get("quantizer", 22) in range(15, 28)  # below it is waste, above it is seen


def test_no_two_styles_look_the_same() -> None:
    faces = {tuple(load_style(name).palette["sky"]) for name in STYLES}
    assert len(faces) == len(STYLES)


def test_an_unknown_style_is_refused_with_those_that_exist() -> None:
    with pytest.raises(ConfigError, match="cyberpunk"):
        load_style("vaporwave")
