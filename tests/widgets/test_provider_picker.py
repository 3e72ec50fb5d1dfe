"""The controls that choose provider, model and clip length."""

from __future__ import annotations

import json

import pytest
from ipywidgets.embed import dependency_state

from tests.widgets.actions import press, text, wait_for
from voxweave_nb import VideoConfig, VideoGenerationService, VideoPanel
from voxweave_nb.providers import registered
from voxweave_nb.providers.local import LocalProvider


def test_all_providers_are_offered_with_reasons(panel):
    assert {value for _, value in panel._picker._provider.options} == {"", *registered()}
    assert ("fal (not ready)", "fal") in panel._picker._provider.options
    assert "All providers: 1 of 6 ready" in text(panel)
    assert "has no key: set FAL_KEY" in text(panel)
    panel.config = panel.config.replace(provider="fal")
    assert "fal is not ready: it has no key: set FAL_KEY." in panel._picker._note.value


def test_generating_without_a_key_shows_the_reason(panel):
    panel.config = panel.config.replace(provider="fal")
    panel._generate_button.click()
    wait_for(lambda: "No provider can be used now: fal has no key: set FAL_KEY" in text(panel))


def test_automatic_names_the_order(chain):
    panel = VideoPanel(chain)
    assert panel.config.provider is None
    assert "Automatic tries zai, then local." in text(panel)
    assert "sk-very-private" not in text(panel) + json.dumps(dependency_state([panel]))


def test_automatic_names_the_last_resort(monkeypatch, tmp_path):
    monkeypatch.setenv("ZAI_API_KEY", "k")
    panel = VideoPanel(VideoGenerationService.default(output_dir=tmp_path / "out"))
    assert "Automatic tries zai; local only if none of these can be used." in text(panel)


def test_an_unlisted_model_is_accepted(panel):
    panel._picker._provider.value = "openai_sora"
    panel._picker._model.value = "wan2.2-t2v"
    assert (panel.config.provider, panel.config.model) == ("openai_sora", "wan2.2-t2v")
    panel._picker._provider.value = "zai"
    assert panel.config.model is None


def test_a_nameless_default_model_is_no_option(monkeypatch, tmp_path):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://gpu-box:8000/v1")
    panel = VideoPanel(VideoGenerationService("openai_sora", output_dir=tmp_path / "out"))
    assert (panel._picker._model.options, panel._picker._model.placeholder) == ((), "Default")
    assert "8 s" in text(panel)


def test_the_offered_lengths_are_the_models(panel):
    picker = panel._picker
    picker._provider.value = "zai"
    assert [label for label, _ in picker._length.options] == ["Same as narration", "5 s", "10 s"]
    picker._length.value = "10.0"
    assert panel.config.seconds == 10
    picker._model.value = "viduq1-text"
    assert [label for label, _ in picker._length.options] == ["Same as narration", "5 s"]
    assert panel.config.seconds is None
    picker._provider.value = "fal"
    picker._length.value = "own"
    picker._seconds.value = 7.5
    assert (panel.config.seconds, picker._seconds.description) == (7.5, "Seconds (2 to 10)")


def test_an_invalid_length_is_explained(panel):
    panel.config = panel.config.replace(provider="fal", seconds=3)
    panel._picker._seconds.value = 0
    assert "seconds is 0.0; give a number above 0" in text(panel)
    panel._generate_button.click()
    assert "seconds is 0.0; give a number above 0" in text(panel._progress)


@pytest.mark.parametrize(
    "fields",
    [
        {"aspect": "9:16", "resolution": "4k"},
        {"provider": "zai", "seconds": 7},
        {"provider": "fal", "seconds": 400.0, "model": "someone/else"},
        {"provider": "sora9000", "model": "x"},
        {"seconds": 3.0},
    ],
)
def test_unsupported_values_are_kept_and_read_back(panel, fields):
    panel.config = VideoConfig(**fields)
    assert panel.config == VideoConfig(**fields)


def test_a_missing_provider_is_marked(panel):
    panel.config = VideoConfig(provider="sora9000")
    assert ("sora9000 (not installed)", "sora9000") in panel._picker._provider.options
    assert "sora9000 is not installed." in panel._picker._note.value


class Broken(LocalProvider):
    """A plug-in in which every step fails."""

    name = "broken"
    capabilities = None

    def availability(self):
        raise RuntimeError("out of <luck>")

    def plan(self, config, duration):
        raise KeyError("plan")


@pytest.mark.slow
def test_a_broken_plug_in_leaves_the_panel_usable(tmp_path, narration_file):
    service = VideoGenerationService([LocalProvider(), Broken()], output_dir=tmp_path / "out")
    panel = VideoPanel(service, resolution="720p", fps=4, narration=narration_file)
    assert "is broken (RuntimeError: out of &lt;luck&gt;)" in text(panel)
    panel._picker._provider.value = "broken"
    assert "broken could not plan this video (KeyError" in text(panel)
    panel._picker._provider.value = ""
    assert press(panel).result(60).provenance.provider == "local"
