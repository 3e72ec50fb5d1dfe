"""`Speech`: shown, saved, and given on."""

from __future__ import annotations

import pytest

from voxweave_nb import ConfigError, VideoGenerationService


@pytest.fixture
def talk(aviary, tmp_path):
    with VideoGenerationService.local(output_dir=tmp_path / "out") as service:
        return service.speak("Nobody waves.").result()


def test_speech_plays_in_a_notebook(talk):
    html = talk._repr_html_()
    assert html.startswith("<audio controls")
    assert 'aria-label="low (en), 0:00"' in html
    assert repr(talk) == "<Speech: 0:00, 1 captions, hummer/low>"


def test_speech_is_saved(talk, tmp_path):
    target = talk.save(tmp_path / "talk.wav")
    assert target.read_bytes() == talk.path.read_bytes()
    with pytest.raises(FileExistsError, match="overwrite=True"):
        talk.save(target)
    with pytest.raises(ConfigError, match=r"end its name in \.wav"):
        talk.save(tmp_path / "talk.mp3")


def test_captions_of_speech_keep_their_words(talk):
    assert "<00:00:00." in talk.subtitles_text()
