"""The price and the warnings that are shown before a job is started."""

from __future__ import annotations

import html
import re

import pytest

from tests.widgets.actions import press, text, wait_for
from voxweave_nb import Settings, VideoGenerationService, VideoPanel, VideoStyle


def price(panel: VideoPanel) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", panel._estimate.price.value)).strip()


def test_price_and_warnings_are_shown_before(chain):
    panel = VideoPanel(chain, resolution="720p")
    assert price(panel) == "About $0.20 zai is tried first"
    assert "zai generates at most 10 s" in panel._estimate.warnings.value
    panel._picker._provider.value = "local"
    assert price(panel) == "Free"
    assert panel._estimate.warnings.value == ""


def test_a_missing_place_is_shown_before(service):
    panel = VideoPanel(service, style="cinematic", prompt="golden light over a calm sea at dusk")
    assert "cinematic has no sea; realistic and anime do." in panel._estimate.warnings.value
    panel._cards.chosen = VideoStyle.REALISTIC
    assert panel._estimate.warnings.value == ""
    panel._prompt.value = "a meadow at dusk"
    assert "realistic has no meadow; anime does." in panel._estimate.warnings.value


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"provider": "openai_sora", "resolution": "1080p"}, "About $14.00 20 s at $0.70"),
        ({"provider": "openai_sora", "resolution": "720p", "seconds": 4}, "About $1.20 4 s at $0.30"),
        ({"provider": "openai_sora", "model": "sora-2", "resolution": "720p"}, "About $2.00 20 s at $0.10"),
        ({"provider": "fal", "seconds": 2.5}, "About $0.25 2.5 s at $0.10"),
        ({"provider": "zai", "model": "viduq1-text"}, "About $0.40"),
        ({"provider": "gemini"}, "Price not known"),
        ({"provider": "local"}, "Free"),
    ],
)
def test_the_price_names_its_calculation(service, fields, shown):
    assert price(VideoPanel(service, **fields)) == shown


def test_free_is_not_said_where_others_bill(monkeypatch, tmp_path):
    monkeypatch.setenv("ZAI_API_KEY", "k")
    panel = VideoPanel(VideoGenerationService(["local", "zai"], output_dir=tmp_path / "out"))
    assert price(panel) == "Free local is tried first; zai may bill if it cannot make the video"
    panel = VideoPanel(VideoGenerationService.default(output_dir=tmp_path / "out"))
    assert price(panel) == "About $0.20 zai is tried first"


def test_the_price_depends_on_the_narrations_length(panel, narration_file):
    panel.config = panel.config.replace(provider="openai_sora")
    panel.narration = narration_file
    wait_for(lambda: price(panel) == "About $1.20 4 s at $0.30")


@pytest.mark.parametrize("path", ["nowhere.mp3", "", "\x00", "/", "~nobody/talk.mp3"])
def test_a_bad_path_shows_no_error_yet(panel, path):
    panel.config = panel.config.replace(provider="fal")
    panel.narration = path
    wait_for(lambda: price(panel) == "Price depends on the narration's length")
    assert "vx-error" not in text(panel)


def test_an_unknown_model_is_reported_before(panel):
    panel.config = panel.config.replace(provider="zai", model="sora-2")
    assert "zai has no model &#x27;sora-2&#x27;; choose one of: cogvideox-3" in text(panel)


@pytest.mark.slow
def test_a_started_job_clears_the_warnings(panel, narration_file):
    panel.narration = narration_file
    panel.config = panel.config.replace(provider="zai", prompt="r" * 600)
    wait_for(lambda: panel._estimate.warnings.value)
    panel.draft().result(60)
    assert panel._estimate.warnings.value == ""


@pytest.mark.slow
def test_the_plan_that_is_shown_is_sent(sandbox, narration_file, tmp_path):
    service = VideoGenerationService(
        "zai", settings=Settings(output_dir=tmp_path / "out", poll_interval=0.05)
    )
    panel = VideoPanel(service, resolution="720p", prompt="a quiet sea")
    panel.narration = narration_file
    wait_for(lambda: panel._estimate.plan_for(narration_file, panel.config))
    shown = panel._estimate.plan_for(narration_file, panel.config)
    assert price(panel) == f"About ${shown.usd:.2f}"
    job = press(panel)
    job.result(60)
    assert job.plan is shown
    assert service.history()[0].attempt.usd == shown.usd
    (sent,) = [asked.fields for asked in sandbox.history if asked.step == "create"]
    assert (sent["duration"], sent["prompt"]) == (shown.seconds, shown.prompt)


BURNT = "1\n00:00:00,000 --> 00:00:01,000\n{text}\n"


def test_missing_fonts_are_said_before(service, monkeypatch):
    from tests.media.test_fonts import THAI
    from voxweave_nb.media import burn, fonts

    alone = burn._FONTCONFIG.replace("/etc/fonts/fonts.conf", "/nowhere/fonts.conf")
    monkeypatch.setattr(burn, "_FONTCONFIG", alone)
    monkeypatch.setattr(fonts, "_drawable", {})
    panel = VideoPanel(service, prompt=THAI)
    wait_for(lambda: "No font here has Thai letters, so the title" in panel._estimate.warnings.value)
    panel.config = panel.config.replace(prompt="calm sea", subtitle_mode="burn")
    panel.subtitles = BURNT.format(text=THAI)
    wait_for(lambda: "captions that are burnt in will show boxes" in panel._estimate.warnings.value)
    panel.subtitles = BURNT.format(text="The sea is far below. " * 40)
    wait_for(lambda: "drawn in smaller letters" in panel._estimate.warnings.value)
    panel.config = panel.config.replace(subtitle_mode="soft")
    wait_for(lambda: panel._estimate.warnings.value == "")
