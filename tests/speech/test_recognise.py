"""Recognisers: what is not known is listened to."""

from __future__ import annotations

import time

import pytest

from tests.speech.engines import teach
from tests.speech.voices import STORY, say, write_wav
from voxweave_nb import ConfigError, JobCanceled, SpeechError, SubtitleError, VideoGenerationService
from voxweave_nb.speech.recognise import find_recogniser, recogniser_class, recogniser_problem, recognisers


@pytest.fixture
def service(tmp_path):
    with VideoGenerationService.local(output_dir=tmp_path / "out") as service:
        yield service


@pytest.fixture
def talk(tmp_path):
    return write_wav(tmp_path / "talk.wav", say(STORY[:2], lead=0.5).samples)


def test_a_plugin_is_asked_first(aviary):
    assert recognisers() == ("parrot", "whisper")
    assert find_recogniser() == ("parrot", str(aviary / "heard.json"))
    assert recogniser_problem() is None


def test_what_is_missing_is_said_once(aviary):
    assert "does not know xx" in recogniser_problem("xx") or "faster-whisper" in recogniser_problem("xx")
    with pytest.raises(
        ConfigError, match="Recogniser 'owl' is not installed; choose one of: parrot, whisper"
    ):
        recogniser_class("owl")


def test_a_narration_is_captioned_by_listening(aviary, service, talk):
    work = service.captions(talk)
    heard = []
    work.listen(heard.append)
    found = work.result()
    assert found.source == "recognised (parrot 1)"
    assert (found.language, found.doubts) == ("en", ())
    assert " ".join(cue.text for cue in found.cues).split() == [
        "The",
        "ferry",
        "leaves",
        "at",
        "six.",
        "Nobody",
        "waves.",
    ]
    assert "Listening with parrot: 50 %" in heard


def test_words_hard_to_hear_are_doubted(aviary, service, talk):
    teach(aviary, ["mumble", "mumble."], sure=0.2)
    (doubt,) = service.captions(talk).result().doubts
    assert "hard to hear: 'mumble mumble.'" in str(doubt)


def test_silence_has_no_captions(aviary, service, talk):
    teach(aviary, [])
    with pytest.raises(SubtitleError, match=r"No speech was heard in talk\.wav"):
        service.captions(talk).result()


def test_cancel_ends_the_engine_at_once(aviary, service, talk):
    work = service.captions(talk, model="forever")
    until = time.monotonic() + 30
    while "50 %" not in repr(work) and time.monotonic() < until:
        time.sleep(0.01)
    assert "50 %" in repr(work)
    work.cancel()
    with pytest.raises(JobCanceled):
        work.result(timeout=5)


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("broken", "parrot failed: ValueError: no such feather"),
        ("dead", "parrot ended with status 3. Its last line: out of seed"),
    ],
)
def test_an_engine_that_fails_is_quoted(aviary, service, talk, model, says):
    with pytest.raises(SpeechError, match=says):
        service.captions(talk, model=model).result()


def test_a_video_may_listen_for_its_captions(aviary, service, talk):
    video = service.submit(talk, subtitles="auto", quality="draft", style="3d").result()
    assert [word.text for cue in video.cues for word in cue.words][:2] == ["The", "ferry"]


def test_a_video_of_silence_has_a_warning(aviary, service, talk):
    teach(aviary, [])
    video = service.submit(talk, subtitles="auto", quality="draft", style="3d").result()
    assert video.cues == ()
    assert any("has no captions: No speech was heard" in warning for warning in video.warnings)


def test_without_an_engine_nothing_begins(service, talk, monkeypatch):
    monkeypatch.setattr("voxweave_nb.speech.whisper.find_spec", lambda name: None)
    with pytest.raises(SpeechError, match=r"pip install 'voxweave-nb\[listen\]'"):
        service.submit(talk, subtitles="auto")
    with pytest.raises(SpeechError, match="or give the words"):
        service.captions(talk)
