"""The prompt's length as text, and the prompts on the arrow keys."""

from __future__ import annotations

from tests.widgets.actions import text
from voxweave_nb.widgets.prompt_text import length_html, recent_prompts


def test_the_prompts_length_is_shown(panel):
    panel.config = panel.config.replace(prompt="rain")
    assert "4 characters" in text(panel)


def test_the_length_counts_against_the_models_limit(panel):
    panel.config = panel.config.replace(prompt="r" * 600, provider="zai")
    assert "600 of 512 characters; the last 88 will be cut off" in text(panel)
    assert "zai takes prompts of 512 characters" in text(panel)


def test_a_prompt_over_every_limit_is_an_error(panel):
    panel._prompt.value = "r" * 10_001
    assert "prompt has 10,001 characters; the limit is 10,000" in text(panel)


def test_only_a_prompt_over_its_limit_is_marked():
    assert "vx-over" not in length_html(512, 512)
    assert "vx-over" in length_html(513, 512)


def test_a_recent_prompt_is_listed_once():
    assert recent_prompts(["a lake", "", "rain", "a lake"]) == ["a lake", "rain"]


def test_recent_prompts_stay_small():
    kept = recent_prompts(f"{number} " + "rain " * 200 for number in range(30))
    assert kept[0].startswith("0 ")
    assert 0 < sum(map(len, kept)) <= 8_000
