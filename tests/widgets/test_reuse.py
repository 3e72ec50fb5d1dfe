"""The question before an identical video is generated again."""

from __future__ import annotations

import time

import pytest

from tests.widgets.actions import press, text, wait_for
from voxweave_nb import ConfigError, VideoPanel
from voxweave_nb.widgets.formatting import date_and_time
from voxweave_nb.widgets.reuse import ReuseDialog

pytestmark = pytest.mark.slow


@pytest.fixture
def panel(service, narration_file) -> VideoPanel:
    return VideoPanel(service, narration=narration_file, resolution="720p", fps=4, prompt="rain")


def test_an_identical_video_is_offered_and_shown(panel):
    made = press(panel).result(60)
    panel._video = None
    panel._generate_button.click()
    wait_for(lambda: panel._reuse.run)
    day = date_and_time(time.time())[:6].strip()
    assert f"This video was already generated on {day}" in text(panel._reuse)
    assert "free" in text(panel._reuse)
    panel._reuse._show_button.click()
    assert panel.video.path == made.path
    assert not panel._generate_button.disabled
    assert panel._reuse.layout.display == "none"


@pytest.mark.slow
def test_an_identical_video_can_be_generated_again(panel):
    first = press(panel).result(60)
    panel._generate_button.click()
    wait_for(lambda: panel._reuse.run)
    before = panel.job
    panel._reuse._generate_button.click()
    wait_for(lambda: panel.job is not before)
    assert panel.job.result(60).path != first.path


def test_another_prompt_is_not_identical(panel, narration_file):
    press(panel).result(60)
    assert panel.service.made_before(narration_file, config=panel.config) is not None
    assert panel.service.made_before(narration_file, config=panel.config, prompt="snow") is None


def test_a_failed_search_goes_on_to_generate():
    def fail() -> None:
        raise ConfigError("The journal cannot be read.")

    generated = []
    dialog = ReuseDialog(lambda run: None, lambda: generated.append(True))
    dialog.check(fail)
    wait_for(lambda: generated)
    assert dialog.layout.display == "none"
