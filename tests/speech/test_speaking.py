"""Voices by name, and how long a text takes."""

from __future__ import annotations

import pytest

from voxweave_nb import ConfigError
from voxweave_nb.speech.speaking import find_voice, find_voices, speaker_class, spoken_seconds, voice_problem


def test_voices_of_plugins_come_first(aviary):
    assert [voice.id for voice in find_voices()][:2] == ["hummer/low", "hummer/tief"]
    assert find_voice().id == "hummer/low"
    assert find_voice("tief").id == find_voice(None, "de").id == "hummer/tief"
    assert voice_problem() is None


def test_an_unknown_speaker_is_refused(aviary):
    with pytest.raises(ConfigError, match="Speaker 'owl' is not installed; choose one of: hummer, piper"):
        speaker_class("owl")


def test_the_length_is_estimated():
    text = "It rained for eleven days, and then it stopped. Nobody waves."
    assert 3.0 < spoken_seconds(text) < 5.5
    assert spoken_seconds(text, rate=2, pause=0) < spoken_seconds(text, pause=0) * 0.51
    assert spoken_seconds("") == 0.0
