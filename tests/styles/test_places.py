"""The places of a style, and prompts that name others."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from voxweave_nb import VideoConfig, VideoGenerationService, VideoStyle
from voxweave_nb.render.prompt import read_prompt
from voxweave_nb.sample import SAMPLE_PROMPT
from voxweave_nb.styles import load_style
from voxweave_nb.styles.places import draws, missing_places, place_words, places_in

ROOT = Path(__file__).parents[2]
STYLES = [style.value for style in VideoStyle]
SCENIC = [name for name in STYLES if load_style(name).scenic]
CALM_SEA = "golden light over a calm sea at dusk"


def test_a_missing_place_names_other_styles():
    assert missing_places(CALM_SEA, "cinematic") == ["cinematic has no sea; realistic and anime do."]
    assert missing_places("a meadow by the river", "realistic") == [
        "realistic has no meadow; anime does.",
        "realistic has no river, nor has any other style.",
    ]
    assert missing_places(CALM_SEA, "realistic") == missing_places("", "cinematic") == []
    assert missing_places("dunes without a sea", "cinematic") == []


def test_styles_that_are_no_places_warn_of_none():
    assert set(STYLES) - set(SCENIC) == {"cyberpunk", "3d", "biotech", "educational"}
    for style in set(STYLES) - set(SCENIC):
        assert missing_places("a desert by the sea", style) == []
        assert draws(load_style(style)) == "The prompt steers colour, time and title, not the place."


@pytest.mark.parametrize("style", STYLES)
def test_each_place_has_a_word(style):
    assert set(load_style(style).places) <= set(place_words().values())


@pytest.mark.parametrize("style", SCENIC)
def test_each_word_of_a_place_selects_it(style):
    sheet = load_style(style)
    for word, place in place_words().items():
        if place in sheet.places:
            reading = read_prompt(f"the {word} at dusk", None, sheet)
            assert reading.words["place"] == place
            assert reading.understood["scene"], f"{word} leaves the scene of {style} to chance"


def test_what_is_not_drawn_is_not_understood():
    assert "place" not in read_prompt(CALM_SEA, None, load_style("cinematic")).understood
    assert read_prompt(CALM_SEA, None, load_style("anime")).understood["place"] == "sea"


def test_a_plan_and_an_estimate_say_it_before():
    service = VideoGenerationService.local()
    said = ("cinematic has no sea; realistic and anime do.",)
    config = VideoConfig(style="cinematic", prompt=CALM_SEA)
    assert service.plan(20, config).warnings == said
    assert service.estimate(20, config).warnings == said
    assert service.estimate(20, config, style="anime").warnings == ()


@pytest.mark.slow
def test_the_result_says_it_after(tmp_path, narration_file):
    service = VideoGenerationService.local(output_dir=tmp_path)
    options = {"style": "cinematic", "prompt": CALM_SEA, "quality": "draft", "fps": 4}
    video = service.submit(narration_file, **options).result(120)
    assert "cinematic has no sea; realistic and anime do." in video.warnings
    assert "place" not in video.provenance.understood


# Examples


def _called(code: str) -> Iterator[tuple[str, str]]:
    """The style and the prompt of each call in Python."""
    lines = [line for line in code.splitlines() if not line.lstrip().startswith("%")]
    for node in ast.walk(ast.parse("\n".join(lines))):
        if isinstance(node, ast.Call):
            given = {each.arg: getattr(each.value, "value", None) for each in node.keywords}
            if isinstance(given.get("prompt"), str):
                yield given.get("style") or "cyberpunk", given["prompt"]


def _magic(cell: str) -> Iterator[tuple[str, str]]:
    head, _, body = cell.partition("\n")
    if head.startswith("%%voxweave"):
        style = re.search(r"--style (\w+)", head)
        yield style[1] if style else "cyberpunk", body


def examples() -> Iterator[tuple[str, str]]:
    for name in STYLES:
        sheet = load_style(name)
        yield from ((name, prompt) for prompt in sheet.prompts)
        yield from ((name, variation["prompt"]) for variation in sheet.variations)
    yield VideoConfig.style.value, SAMPLE_PROMPT
    for path in sorted(ROOT.glob("notebooks/*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                source = "".join(cell["source"])
                yield from _magic(source) if source.startswith("%%") else _called(source)
    for path in (ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))):
        text = path.read_text(encoding="utf-8")
        for block in re.findall(r"```(?:python|ipython)?\n(.*?)```", text, re.DOTALL):
            if block.startswith("%%"):
                yield from _magic(block)
            elif "prompt=" in block:
                yield from _called(block)
        yield from re.findall(r'--style (\w+)[^\n]*--prompt "([^"]+)"', text)


def test_every_example_fits_its_style():
    found = list(examples())
    assert len(found) >= 50
    assert {"a slow dawn over a quiet sea", "rain on neon glass", "The deep sea glows at night"} <= {
        prompt for _, prompt in found
    }
    assert [(style, prompt) for style, prompt in found if missing_places(prompt, style)] == []


@pytest.mark.parametrize("style", SCENIC)
def test_every_variation_of_a_place_is_named(style):
    sheet = load_style(style)
    assert all(places_in(" ".join(variation["words"])) for variation in sheet.variations)
