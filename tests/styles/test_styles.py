"""The styles, as data."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import voxweave_nb
import voxweave_nb.styles
from voxweave_nb.errors import ConfigError
from voxweave_nb.models import VideoStyle
from voxweave_nb.render.prompt import read_prompt
from voxweave_nb.render.shots import LONGEST, SHORTEST
from voxweave_nb.styles import load_style

STYLES = [style.value for style in VideoStyle]


def test_each_style_has_exactly_one_file() -> None:
    folder = Path(voxweave_nb.styles.__file__).parent
    assert sorted(path.stem for path in folder.glob("*.toml")) == sorted(STYLES)


@pytest.mark.parametrize("name", STYLES)
def test_a_style_has_its_texts(name: str) -> None:
    style = load_style(name)
    assert style.name == name
    assert style.label
    assert 10 < len(style.tagline) < 90
    assert len(style.words.split()) > 5
    assert 0 <= style.daylight <= 1


@pytest.mark.parametrize("name", STYLES)
def test_a_style_has_example_prompts(name: str) -> None:
    prompts = load_style(name).prompts
    assert len(set(prompts)) == len(prompts) >= 3
    assert all(3 < len(prompt) < 40 for prompt in prompts)


@pytest.mark.parametrize("name", STYLES)
def test_each_variations_prompt_selects_it(name: str) -> None:
    style = load_style(name)
    assert len(style.variations) == 3
    for number, variation in enumerate(style.variations):
        assert variation["name"]
        assert read_prompt(variation["prompt"], None, style).variation == number


@pytest.mark.parametrize("name", STYLES)
def test_each_variation_has_its_thumbnail(name: str) -> None:
    folder = Path(voxweave_nb.__file__).parent / "widgets" / "static" / "styles"
    for ending in ("", "-2", "-3"):
        assert (folder / f"{name}{ending}.webp").is_file(), "make it with scripts/styles"


@pytest.mark.parametrize("name", STYLES)
def test_a_style_describes_its_shots(name: str) -> None:
    shots = load_style(name).shots
    assert shots["transition"] in ("cut", "dissolve", "whip")
    assert (shots["seconds"] == 0) == (shots["transition"] == "cut")
    assert SHORTEST <= shots["pace"] <= LONGEST
    assert shots["angles"] >= 1


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
def test_a_style_describes_its_typography(name: str) -> None:
    type_ = load_style(name).type
    assert type_["layout"] in ("title", "lesson")
    assert type_["place"] in ("top-left", "center", "bottom-left")
    assert 100 <= type_["weight"] <= 900
    assert {"color", "glow", "rule", "upper", "spacing", "scale"} <= set(type_)


@pytest.mark.parametrize("name", STYLES)
def test_a_style_describes_its_frames(name: str) -> None:
    frame = load_style(name).frame
    assert {"bloom"} <= set(frame) <= {"bloom", "fade", "fine", "quantizer"}
    assert 0 <= frame["bloom"] <= 1
    assert frame.get("quantizer", 22) in range(15, 28)  # lower wastes bytes, higher shows artefacts


def test_no_two_styles_look_the_same() -> None:
    faces = {tuple(load_style(name).palette["sky"]) for name in STYLES}
    assert len(faces) == len(STYLES)


def test_an_unknown_style_lists_the_valid_ones() -> None:
    with pytest.raises(ConfigError, match="cyberpunk"):
        load_style("vaporwave")
