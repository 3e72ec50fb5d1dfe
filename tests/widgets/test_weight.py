"""The size of the widgets: in a notebook that is saved with them, and on their way to the page."""

from __future__ import annotations

import base64
import contextlib
import json
from pathlib import Path

import pytest
from ipywidgets.embed import dependency_state

from tests.widgets.actions import press, wait_for
from tests.widgets.test_audio_input import Page
from tests.widgets.weight import MOST_BOARD, MOST_LAB, MOST_PACKED, packed_sizes, panel_sizes
from voxweave_nb import VideoGenerationService, VideoPanel

STATIC = Path(__file__).parents[2] / "voxweave_nb" / "widgets" / "static"
MOST_SAVED = 200_000
KEY = "sk-very-private"


@pytest.fixture
def panel(tmp_path, monkeypatch) -> VideoPanel:
    monkeypatch.setenv("VOXWEAVE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ZAI_API_KEY", KEY)
    service = VideoGenerationService(["local"], output_dir=tmp_path / "out")
    return VideoPanel(service, resolution="720p", fps=4)


def saved(panel: VideoPanel) -> str:
    """The panel in a notebook that is saved with its widgets; JupyterLab, too, leaves out default values."""
    while True:
        # A job that begins or ends makes widgets on its thread meanwhile, and closes others.
        with contextlib.suppress(RuntimeError, AttributeError):
            return json.dumps(dependency_state([panel], drop_defaults=True))


def test_a_new_panel_is_light(panel):
    assert len(saved(panel)) < MOST_SAVED


def test_uploaded_narrations_save_no_sound(panel, narration_file):
    sound = narration_file.read_bytes()
    panel._narration.source.value = "Record or upload"
    page = Page(panel._narration.audio)
    for number in range(12):
        page.upload(sound, id=f"a-{number}", name=f"a talk with a rather long name, part {number}.wav")
    assert len(panel._narration.audio.files) == 12
    state = saved(panel)
    assert len(state) < MOST_SAVED
    assert base64.b64encode(sound[3000:3300]).decode() not in state
    assert len(panel._narration.audio._peaks) >= 100


@pytest.mark.slow
def test_a_panel_in_use_is_light(panel, narration_file, tmp_path):
    talk = "\n\n".join(
        f"{place}\n00:{place // 60:02d}:{place % 60:02d},000 --> 00:{place // 60:02d}:{place % 60:02d},900\n"
        "What is said in this second, and it is not little"
        for place in range(1500)
    )
    captions = tmp_path / "talk.srt"
    captions.write_text(talk)
    Page(panel._narration.audio).upload(narration_file.read_bytes())
    panel.narration = narration_file
    for number in range(6):
        panel.config = panel.config.replace(prompt=f"{number} " + "a lake at dawn, seen from afar, " * 60)
        panel.draft().result(60)
    panel._result.player.show(panel.video, captions=captions)
    panel._history.unfolded = panel._progress._log_toggle.value = True
    wait_for(lambda: len(panel._history.runs) == 6 and panel._prompt.recent)
    press(panel)
    panel._result.player.show(panel.video or panel.job.result(60), captions=captions)
    state = saved(panel)
    assert len(state) < MOST_SAVED
    assert KEY not in state


def test_the_packed_modules_are_light():
    sizes = packed_sizes()
    assert set(sizes) == {
        path.stem for path in STATIC.glob("*.js") if "export default" in path.read_text("utf-8")
    }
    assert sum(panel_sizes().values()) <= MOST_PACKED, sizes
    assert sizes["lab"] <= MOST_LAB, sizes
    assert sizes["board"] <= MOST_BOARD, sizes
