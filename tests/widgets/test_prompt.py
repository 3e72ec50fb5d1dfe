"""The prompt field's examples and earlier prompts."""

from __future__ import annotations

from tests.widgets.actions import press, wait_for


def test_each_style_has_examples(panel):
    assert "rain on neon glass" in panel._prompt.examples
    panel.config = panel.config.replace(style="educational")
    assert "why the deep sea glows" in panel._prompt.examples


def test_earlier_prompts_come_from_the_journal(panel, narration_file):
    panel.narration = narration_file
    panel.config = panel.config.replace(prompt="a lake")
    press(panel).result(60)
    wait_for(lambda: panel._prompt.recent == ["a lake"])
