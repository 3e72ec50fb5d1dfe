"""Reading a prompt."""

from __future__ import annotations

import subprocess
import sys

import pytest

from voxweave_nb.models import VideoStyle
from voxweave_nb.render.prompt import Reading, read_prompt
from voxweave_nb.styles import load_style


def read(prompt: str, seed: int | None = None, style: str = "cyberpunk") -> Reading:
    return read_prompt(prompt, seed, load_style(style))


def test_the_seed_is_the_same_in_every_process() -> None:
    code = (
        "from voxweave_nb.render.prompt import read_prompt; from voxweave_nb.styles import load_style;"
        "print(read_prompt('Rain  on neon', 3, load_style('cyberpunk')).seed)"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(other.stdout) == read("rain on neon", 3).seed


def test_seed_and_every_word_change_the_result() -> None:
    seeds = {read("a").seed, read("a", 0).seed, read("a", 1).seed, read("b").seed, read("").seed}
    assert len(seeds) == 5


@pytest.mark.parametrize(
    ("prompt", "understood"),
    [
        (
            "a slow dawn over a quiet sea",
            {"time": "dawn", "place": "sea", "tempo": "slow", "scene": "harbour"},
        ),
        (
            "RAIN on a street at NIGHT",
            {"weather": "rain", "place": "street", "time": "night", "scene": "boulevard"},
        ),
        ("the golden hour", {"time": "golden hour", "colors": "golden"}),
        ("gold and teal and red", {"colors": "gold, teal"}),
        ("no rain, without snow", {}),
        ("brains trained in daydreams", {}),
        ("", {}),
    ],
)
def test_keywords_are_found(prompt: str, understood: dict[str, str]) -> None:
    assert read(prompt).understood == understood


def test_a_variation_wins_over_the_prompt() -> None:
    sheet = load_style("cyberpunk")
    for number, name in enumerate(VideoStyle.CYBERPUNK.variations):
        reading = read_prompt("a quiet sea", 3, sheet, name)
        assert (reading.variation, reading.understood["scene"]) == (number, name)
        assert reading.seed == read("a quiet sea", 3).seed


def test_time_of_day_steers_the_light() -> None:
    assert read("midnight").daylight < read("dusk").daylight < read("dawn").daylight < read("noon").daylight


@pytest.mark.parametrize("style", list(VideoStyle))
def test_colours_turn_the_palette_of_every_style(style: VideoStyle) -> None:
    green, red = (read(f"{color} light", style=style).palette.sky[2] for color in ("emerald", "crimson"))
    assert green[1] - green[0] > red[1] - red[0]
