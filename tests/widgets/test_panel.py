"""The panel and the job view, driven from Python."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime

import ipywidgets
import pytest
from ipywidgets.embed import dependency_state

from voxweave_nb import (
    ConfigError,
    JobState,
    NarrationError,
    SubtitleMode,
    VideoConfig,
    VideoGenerationService,
    VideoPanel,
    VideoStyle,
)
from voxweave_nb.models import JobEvent
from voxweave_nb.sample import sample_narration, sample_subtitles
from voxweave_nb.widgets.progress import _Pace


@pytest.fixture
def service(tmp_path) -> VideoGenerationService:
    return VideoGenerationService.local(output_dir=tmp_path / "out")


@pytest.fixture
def panel(service) -> VideoPanel:
    return VideoPanel(service, resolution="720p", fps=10)


def text(widget: ipywidgets.Widget) -> str:
    """Everything that a widget's HTML says."""
    own = getattr(widget, "value", "")
    parts = [own] if isinstance(own, str) and "<style" not in own else []
    return "\n".join([*parts, *(text(child) for child in getattr(widget, "children", ()))])


def test_a_new_panel_is_ready_to_press_the_button(service):
    panel = VideoPanel(service)
    assert panel.narration == sample_narration()
    assert panel.subtitles == sample_subtitles()
    assert panel.config.style is VideoStyle.CYBERPUNK
    assert panel.config.prompt


def test_settings_come_and_go_as_a_config(service):
    config = VideoConfig(
        style="educational",
        resolution="4k",
        format="webm",
        prompt="a dawn",
        subtitle_mode="burn",
        seed=7,
        fps=24,
    )
    panel = VideoPanel(service, config=config)
    assert panel.config == config.replace(provider="local")
    panel.config = VideoConfig(style="anime")
    assert panel.config.style is VideoStyle.ANIME
    assert panel.config.subtitle_mode is SubtitleMode.SOFT


def test_an_unknown_keyword_is_told_the_right_ones(service):
    with pytest.raises(ConfigError, match="no field 'colour'"):
        VideoPanel(service, colour="red")


def test_another_narration_does_not_keep_the_samples_captions(panel, narration_file):
    panel.narration = narration_file
    assert panel.narration == narration_file
    assert panel.subtitles is None


def test_pasted_subtitles_are_text(panel):
    panel.subtitles = "1\n00:00:00,000 --> 00:00:01,000\nHello\n"
    assert panel.subtitles.endswith("Hello\n")


def test_the_button_makes_the_video(panel, narration_file):
    panel.narration = narration_file
    panel._go.click()
    job = panel.job
    video = job.result(60)
    assert panel.video is video
    assert "Done in" in text(panel)
    assert not panel._go.disabled
    assert panel._stop.disabled


def test_while_it_runs_it_can_be_cancelled_and_not_started_twice(panel):
    panel.config = panel.config.replace(resolution="4k")
    panel.generate()
    assert panel._go.disabled
    panel._stop.click()
    with pytest.raises(Exception, match="stopped"):
        panel.job.result(10)
    assert panel.job.state is JobState.CANCELED
    assert "Canceled after" in text(panel)
    assert not panel._go.disabled


def test_an_error_before_there_is_a_job_is_shown_and_raised(panel):
    panel.narration = "nowhere.mp3"
    with pytest.raises(NarrationError):
        panel.generate()
    assert "There is no narration &#x27;nowhere.mp3&#x27;" in text(panel)


def test_no_narration_is_said_in_words(panel):
    panel.narration = "  "
    panel._go.click()
    assert "Choose the sample, name a file or upload one" in text(panel)


def test_an_error_of_the_job_is_shown(panel, tmp_path):
    broken = tmp_path / "broken.mp3"
    broken.write_text("no sound at all")
    panel.narration = broken
    panel.generate()
    with pytest.raises(NarrationError):
        panel.job.result(20)
    assert "broken.mp3 cannot be opened" in text(panel)


def test_a_mistake_in_a_callback_is_shown_and_not_lost(panel, monkeypatch):
    monkeypatch.setattr(panel.service, "submit", lambda *a, **k: 1 / 0)
    panel._go.click()
    assert "ZeroDivisionError" in text(panel)


def test_an_upload_becomes_a_file_under_its_own_name(panel, narration_file):
    content = narration_file.read_bytes()
    entry = {
        "name": "../../talk.wav", "type": "audio/wav", "size": len(content), "last_modified": datetime.now(UTC),
        "content": memoryview(content),
    }  # fmt: skip
    panel._source.value = "Upload"
    panel._upload.set_trait("value", (entry,))
    assert panel.narration.name == "talk.wav"
    assert panel.narration.read_bytes() == content
    assert panel._upload.value == ()  # the bytes are not kept in the notebook's widget state


def test_the_prompt_is_counted(panel):
    panel.config = panel.config.replace(prompt="rain")
    assert "4 characters" in text(panel)


def test_the_saved_state_is_small(panel):
    assert len(json.dumps(dependency_state([panel]))) < 200_000


def test_all_seven_styles_are_cards_with_a_picture(panel):
    styles = panel.children[0].value
    for style in VideoStyle:
        assert f".vx-style-{style.value}{{background-image" in styles


def test_the_page_is_told_at_most_ten_times_a_second_and_always_the_last():
    shown: list[float] = []
    ended = threading.Event()

    def show(event: JobEvent) -> None:
        shown.append(event.progress)
        if event.progress == 999:
            ended.set()

    pace = _Pace(show)
    for step in range(1000):
        pace.say(JobEvent("progress", JobState.RUNNING, None, float(step), "", 0.0, 0.0), now=False)
    assert ended.wait(5)
    assert len(shown) <= 5
    assert shown == sorted(shown)
