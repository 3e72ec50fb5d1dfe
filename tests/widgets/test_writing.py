"""The panel's narration from words."""

from __future__ import annotations

import time

import pytest

from voxweave_nb import VideoGenerationService, VideoPanel
from voxweave_nb.widgets import texts


@pytest.fixture
def panel(aviary, tmp_path):
    panel = VideoPanel(service=VideoGenerationService.local(output_dir=tmp_path / "out"))
    panel._narration.source.value = texts.WRITE
    yield panel
    panel.service.close()


def until(what, seconds=60.0):
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.01)
    assert what()


def test_the_length_is_told_while_typing(panel):
    written = panel._narration.written
    assert texts.WRITE_NOTE in written._note.value
    written.text.value = "It rained for eleven days, and then it stopped."
    assert "About 0:0" in written._note.value
    assert [name for name, _ in written.voice.options] == ["low (en)", "tief (de)"]


def test_listen_speaks_and_plays(panel):
    written = panel._narration.written
    written.listen.click()
    assert texts.NOTHING_WRITTEN in written._note.value
    written.text.value = "Nobody waves."
    written.listen.click()
    until(lambda: "<audio autoplay controls" in written._sound.value)
    assert "1 captions" in written._note.value
    assert panel.narration == written.speech.path
    written.rate.value = 1.5
    assert (panel.narration, written._sound.value) == (None, "")


def test_a_text_becomes_a_captioned_video(panel):
    panel._narration.written.text.value = "Nobody waves. It rains."
    assert panel._captions.source.value == texts.FROM_TEXT
    panel._draft_button.click()
    until(lambda: panel.video is not None)
    assert [word.text for cue in panel.video.cues for word in cue.words] == [
        "Nobody",
        "waves.",
        "It",
        "rains.",
    ]


def test_stop_keeps_the_text(panel):
    written = panel._narration.written
    written.text.value = "This takes forever."
    written.listen.click()
    assert written.listen.description == texts.STOP
    until(lambda: "Speaking" in written._note.value)
    written.listen.click()
    until(lambda: texts.STOPPED in written._note.value)
    assert (written.text.value, written.listen.description) == ("This takes forever.", texts.LISTEN)


def test_what_fails_is_said(panel):
    written = panel._narration.written
    written.text.value = "nothing"
    written.listen.click()
    until(lambda: "spoke nothing of the text" in written._note.value)


def test_without_a_voice_it_says_what_to_install(panel, monkeypatch, aviary):
    monkeypatch.setattr("voxweave_nb.widgets.writing.voice_problem", lambda: "No voice is installed.")
    panel._narration.source.value = texts.SAMPLE
    panel._narration.source.value = texts.WRITE
    assert "No voice is installed." in panel._narration.written._note.value
    assert panel._narration.written.listen.disabled


def test_another_panel_takes_the_text_over(panel):
    panel._narration.written.text.value = "Nobody waves."
    panel._narration.written.rate.value = 1.5
    other = VideoPanel(service=panel.service)
    other._copy_settings(panel)
    assert other._narration.script == panel._narration.script


def test_the_recogniser_is_asked_for(panel):
    panel._captions.source.value = texts.AUTO
    assert panel.subtitles == "auto"
    assert texts.AUTO_NOTE in panel._captions._note.value
    panel._captions.source.value = texts.FROM_TEXT
    panel._narration.source.value = texts.OWN
    assert panel._captions.source.value == texts.NONE
