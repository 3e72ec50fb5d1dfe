"""The panel as a whole, driven from Python."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from ipywidgets.embed import dependency_state

from tests.widgets.actions import press, text, visible_text, wait_for
from voxweave_nb import (
    AudioInput,
    JobState,
    NarrationError,
    Settings,
    SubtitleMode,
    VideoConfig,
    VideoGenerationService,
    VideoPanel,
    VideoStyle,
)
from voxweave_nb.sample import sample_narration, sample_subtitles


def test_a_new_panel_is_ready_to_generate(service):
    panel = VideoPanel(service)
    assert panel.narration == sample_narration()
    assert panel.subtitles == sample_subtitles()
    assert panel.config.style is VideoStyle.CYBERPUNK
    assert panel.config.prompt


@pytest.mark.slow
def test_a_config_sets_and_reads_the_controls(service):
    config = VideoConfig(
        style="educational",
        resolution="4k",
        format="webm",
        prompt="a dawn",
        subtitle_mode="burn",
        subtitle_look="outline",
        seed=7,
        variation="wheel",
        quality="fine",
        fps=24,
        aspect="9:16",
        provider="zai",
        model="viduq1-text",
        seconds=5,
        title="Dawn",
        reduce_motion=True,
        extra={"quality": "speed"},
    )
    panel = VideoPanel(service, config=config)
    assert panel.config == config
    panel.config = VideoConfig(style="anime")
    assert panel.config.style is VideoStyle.ANIME
    assert panel.config.subtitle_mode is SubtitleMode.SOFT


@pytest.mark.parametrize("form", ['"{}"', "'{}'", "file://{}", " {}\n"])
def test_a_pasted_path_is_generated(service, narration_file, form):
    panel = VideoPanel(service, quality="draft", fps=4)
    panel.narration = form.format(narration_file)
    job = panel.generate()
    job.cancel()
    assert job.request.narration == narration_file


def test_bytes_and_cues_can_be_set(service, narration_file):
    panel = VideoPanel(service, narration=narration_file.read_bytes(), subtitles=[(0, 1, "Hello")])
    assert panel.narration.read_bytes() == narration_file.read_bytes()
    assert panel.narration.parent.parent == service.settings.home
    assert "00:00:00.000 --> 00:00:01.000\nHello" in panel.subtitles


def test_another_narration_drops_the_samples_subtitles(panel, narration_file):
    panel.narration = narration_file
    assert panel.narration == narration_file
    assert panel.subtitles is None


def test_the_button_generates_the_video(panel, narration_file):
    panel.narration = narration_file
    video = press(panel).result(60)
    assert panel.video is video
    assert "Done in" in text(panel)
    assert not panel._generate_button.disabled
    assert panel._cancel_button.disabled


@pytest.mark.slow
def test_a_click_waits_for_changes_still_under_way(panel, narration_file):
    panel.narration = narration_file
    sent = []
    panel._connection.send = sent.append
    panel._connection._handle_custom_msg({"kind": "shown"}, [])
    panel._generate_button.click()
    panel._generate_button.click()
    panel._connection._handle_custom_msg({"kind": "settled", "turn": sent[0]["turn"]}, [])
    assert panel.job is None
    panel.config = panel.config.replace(prompt="what was typed last")
    for _ in range(2):
        panel._connection._handle_custom_msg({"kind": "settled", "turn": sent[1]["turn"]}, [])
    wait_for(lambda: panel.job is not None)
    panel.job.result(60)
    assert [run.config.prompt for run in panel.service.history()] == ["what was typed last"]


def test_a_running_job_can_only_be_cancelled(panel):
    panel.config = panel.config.replace(resolution="4k")
    panel.generate()
    assert panel._generate_button.disabled
    panel._cancel_button.click()
    with pytest.raises(Exception, match="canceled"):
        panel.job.result(10)
    assert panel.job.state is JobState.CANCELED
    assert "Canceled after" in text(panel)
    assert not panel._generate_button.disabled


def test_an_error_before_the_job_is_shown(panel):
    panel.narration = "nowhere.mp3"
    with pytest.raises(NarrationError):
        panel.generate()
    assert "There is no narration &#x27;nowhere.mp3&#x27;" in text(panel)


def test_a_missing_narration_is_explained(panel):
    panel.narration = "  "
    panel._generate_button.click()
    assert "Choose the sample, record or upload a file, or enter a file path" in text(panel)


@pytest.mark.parametrize("change", ["narration", "prompt", "subtitles", "style", "provider"])
def test_an_error_goes_once_its_input_changes(panel, narration_file, change):
    panel.narration = "nowhere.mp3"
    with pytest.raises(NarrationError):
        panel.generate()
    assert "nowhere.mp3&#x27; (looked in" in visible_text(panel._progress)
    if change in ("narration", "subtitles"):
        setattr(panel, change, narration_file)
    else:
        values = {"prompt": "another", "style": "anime", "provider": "zai"}
        panel.config = panel.config.replace(**{change: values[change]})
    assert "vx-error" not in visible_text(panel._progress)


@pytest.mark.parametrize("url", ["https://example.org/talk.mp3", "'https://example.org/talk.mp3'"])
def test_a_url_is_refused_in_a_sentence(panel, narration_file, url):
    panel.narration = url
    panel._generate_button.click()
    assert "A URL is not fetched." in text(panel._progress)
    panel.narration, panel.subtitles = narration_file, url
    assert "A URL is not fetched." not in visible_text(panel._progress)
    panel._draft_button.click()
    assert "A URL is not fetched." in visible_text(panel._progress)


def test_a_quoted_path_is_used(panel, narration_file):
    panel.narration = f'"{narration_file}"'
    assert panel.narration == narration_file
    wait_for(lambda: "0:02, WAV" in text(panel._narration))


@pytest.mark.slow
def test_a_failed_job_is_toned_down(panel, tmp_path, narration_file):
    broken = tmp_path / "broken.mp3"
    broken.write_text("no sound at all")
    panel.narration = broken
    panel.generate()
    wait_for(lambda: "vx-error" in visible_text(panel._progress))
    panel.narration = narration_file
    shown = visible_text(panel._progress)
    assert "vx-error" not in shown
    assert "Before this change: The narration broken.mp3 cannot be opened" in shown
    press(panel).result(60)
    assert "Before this change" not in text(panel)
    assert panel._progress._bar.layout.display is None


@pytest.mark.slow
def test_an_answer_about_earlier_input_goes(panel, narration_file):
    panel.narration = narration_file
    press(panel).result(60)
    panel._generate_button.click()
    wait_for(lambda: panel._reuse.run)
    panel.config = panel.config.replace(prompt="another")
    assert panel._reuse.run is None
    assert panel._reuse.layout.display == "none"
    assert not panel._generate_button.disabled


def test_an_error_of_the_job_is_shown(panel, tmp_path):
    broken = tmp_path / "broken.mp3"
    broken.write_text("no sound at all")
    panel.narration = broken
    panel.generate()
    with pytest.raises(NarrationError):
        panel.job.result(20)
    assert "broken.mp3 cannot be opened" in text(panel)


def test_an_error_in_a_callback_is_shown(panel, monkeypatch):
    monkeypatch.setattr(panel.service, "submit", lambda *a, **k: 1 / 0)
    panel._generate_button.click()
    wait_for(lambda: "ZeroDivisionError" in text(panel))
    assert not panel._generate_button.disabled


@pytest.mark.slow
def test_a_draft_is_local_and_changes_no_settings(panel, narration_file):
    panel.narration = narration_file
    panel.config = panel.config.replace(provider="zai", model="viduq1-text", resolution="4k")
    before = panel.config
    panel._draft_button.click()
    video = panel.job.result(60)
    assert (video.width, video.height, video.provenance.provider) == (640, 360, "local")
    assert panel.config == before
    assert panel._result.player.path == video.path


@pytest.mark.slow
def test_two_panels_share_nothing(service, narration_file):
    first, second = (VideoPanel(service, resolution="720p", fps=4, prompt=name) for name in ("one", "two"))
    first.narration = narration_file
    video = press(first).result(60)
    assert first.video is video
    assert (second.video, second.job, second.config.prompt) == (None, None, "two")
    assert second.narration == sample_narration()


def test_an_upload_is_used_with_its_selection(panel, narration_file, tmp_path):
    audio = panel._narration.audio
    panel._narration.source.value = "Record or upload"
    assert panel.narration is None
    audio.duration, audio.path = 2.0, narration_file
    assert panel.narration == narration_file
    audio.selection = (0.5, 1.5)
    assert panel._narration.trimmed().name == "talk-0.50-1.50.wav"
    panel._narration.trimmed().unlink()


@pytest.mark.slow
def test_the_chosen_variation_is_drawn(panel, narration_file):
    panel.narration = narration_file
    panel._cards.set_state({"variation": "harbour"})
    panel._draft_button.click()
    video = panel.job.result(60)
    assert video.provenance.config.variation == "harbour"
    assert video.provenance.understood["scene"] == "harbour"


def test_a_bad_seed_is_told_at_once(panel):
    panel._more._seed.value = "many"
    assert "seed is &#x27;many&#x27;" in panel._estimate.warnings.value
    panel._generate_button.click()
    assert visible_text(panel).count("seed is &#x27;many&#x27;") == 1
    panel._more._another.click()
    assert panel.config.seed == 1
    assert "seed is" not in visible_text(panel)


def test_the_panel_passes_its_limit_on(tmp_path):
    settings = Settings(output_dir=tmp_path / "out")
    assert (
        VideoPanel(VideoGenerationService("local", settings=settings))._narration.audio.max_bytes
        == 512_000_000
    )
    smaller = replace(settings, max_narration_bytes=1_000_000)
    assert (
        VideoPanel(VideoGenerationService("local", settings=smaller))._narration.audio.max_bytes == 1_000_000
    )
    assert AudioInput().max_bytes == 2_000_000_000


def test_the_saved_state_is_small(panel):
    assert len(json.dumps(dependency_state([panel]))) < 200_000
