"""The panel's button "Compare": variants, their price, and a lab that is opened and made."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.widgets.actions import text, wait_for
from voxweave_nb import PromptLab, Settings, VideoGenerationService, VideoPanel


@pytest.fixture
def panel(sandbox, narration_file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = Settings(home=tmp_path / "home", output_dir=tmp_path / "out", poll_interval=0.02)
    with VideoGenerationService(["zai"], settings=settings) as service:
        panel = VideoPanel(
            service, narration=narration_file, style="anime", prompt="a {harbour|forest} at dusk"
        )
        panel._compare_button.click()
        wait_for(lambda: panel._compare_dialog.shown)
        yield panel


def plain(widget) -> str:
    """The words of a widget."""
    return " ".join(unescape(re.sub(r"<[^>]*>", "", text(widget))).split())


def summary(panel: VideoPanel) -> str:
    return plain(panel._compare_dialog._summary)


def test_variants_and_their_price_are_counted(panel):
    wait_for(lambda: summary(panel).startswith("2 variants"))
    panel._compare_dialog._styles.value = ("anime", "cinematic")
    panel._compare_dialog._takes.value = 3
    assert summary(panel).startswith("12 variants")
    wait_for(lambda: panel._estimate.length_of(panel.narration))
    panel._compare_dialog._takes.value = 1
    assert summary(panel) == "4 variants $0.80"


def test_a_broken_template_is_shown_at_its_place(panel):
    panel._compare_dialog._prompt.value = "a {harbour"
    assert "This { is not closed" in summary(panel)


def test_a_lab_is_opened_and_nothing_is_sent(panel, sandbox):
    panel._compare_dialog._add_button.click()
    told = "2 new variants, 2 in all. In code, this lab is PromptLab('talk')"
    wait_for(lambda: told in plain(panel._compare_dialog._opened))
    assert panel.lab.size == 2
    assert panel.lab.base.style == "anime"
    assert panel._compare_dialog._make_button.description == "Make 2 videos ($0.40)"
    assert sandbox.submissions("zai") == 0


@pytest.mark.slow
def test_the_button_makes_the_videos_for_its_price(panel, sandbox):
    panel._compare_dialog._add_button.click()
    wait_for(lambda: panel.lab)
    panel._compare_dialog._make_button.click()
    wait_for(lambda: panel.lab.current_run)
    assert panel.lab.current_run.result(120).made == 2
    assert sandbox.submissions("zai") == 2
    assert panel.lab.spent == pytest.approx(0.40)
    # The lab's budget is what the button said.
    group = panel.service.journal.group(panel.lab._opened.purpose.group)
    assert group.budget == pytest.approx(0.40)


def test_the_lab_goes_on_in_another_panel(panel):
    panel._compare_dialog._add_button.click()
    wait_for(lambda: panel.lab)
    assert PromptLab("talk", service=panel.service).size == 2
    panel._compare_dialog._prompt.value = "a {harbour|town} at dusk"
    panel._compare_dialog._add_button.click()
    wait_for(lambda: panel.lab.size == 3)
    assert "1 new variant, 3 in all" in plain(panel._compare_dialog._opened)


def test_an_invalid_name_gets_a_sentence(panel):
    panel._compare_dialog._name.value = "a/b"
    panel._compare_dialog._add_button.click()
    wait_for(lambda: "It names the folder" in plain(panel._compare_dialog._opened))
    assert panel.lab is None


def test_the_button_hides_the_dialog_again(panel):
    panel._compare_button.click()
    wait_for(lambda: not panel._compare_dialog.shown)
