"""A text becomes captions of a narration, from code and in the pipeline."""

from __future__ import annotations

import asyncio
import wave
from pathlib import Path

import numpy as np
import pytest

from voxweave_nb import Captions, ConfigError, Settings, SubtitleError, VideoConfig, VideoGenerationService
from voxweave_nb.media.narration import RATE
from voxweave_nb.media.subtitles import read_subtitles
from voxweave_nb.pipeline.script import ReadScript, read_script
from voxweave_nb.request import VideoRequest
from voxweave_nb.sample import sample_narration, sample_subtitles

SAMPLE = (
    "Far below the waves, sunlight fades to nothing. Yet the deep sea is not dark. Three out of four animals down "
    "there make their own light. They glow to hunt, to hide, and to find each other. Every flash is a word in a "
    "language we are only learning to read. Listen closely: the ocean is speaking."
)


def script_of(narration: Path, subtitles: Path | str, work: Path) -> ReadScript:
    request = VideoRequest.of(narration, subtitles, VideoConfig())
    return asyncio.run(read_script(request, work, Settings()))


@pytest.fixture(scope="module")
def captions(tmp_path_factory) -> Captions:
    with VideoGenerationService("local", output_dir=tmp_path_factory.mktemp("out")) as service:
        return service.captions(sample_narration(), text=SAMPLE).result(60)


def test_a_text_becomes_captions(captions):
    assert (captions.source, captions.doubts, captions.fits) == ("aligned", (), True)
    assert " ".join(" ".join(cue.text.split()) for cue in captions.cues) == SAMPLE
    assert [word.text for word in captions.words] == SAMPLE.split()
    given = read_subtitles(sample_subtitles()).cues
    starts = np.array([cue.start for cue in captions.cues])
    for cue in given:
        assert np.abs(starts - cue.start).min() < 0.2
    assert "aligned" in repr(captions)


def test_captions_are_saved(captions, tmp_path):
    path = captions.save(tmp_path / "talk.vtt")
    assert read_subtitles(path).cues == captions.cues
    assert [cue.text for cue in read_subtitles(captions.save(tmp_path / "talk.srt")).cues] == [
        cue.text for cue in captions.cues
    ]
    with pytest.raises(FileExistsError):
        captions.save(path)
    assert captions.save(path, overwrite=True) == path
    with pytest.raises(ConfigError, match=r"\.srt or \.vtt"):
        captions.save(tmp_path / "talk.txt")


def test_subtitles_are_taken_as_they_are(tmp_path):
    with VideoGenerationService("local", output_dir=tmp_path) as service:
        found = service.captions(sample_narration(), text=sample_subtitles()).result(60)
    assert found.source == "given"
    assert found.cues == read_subtitles(sample_subtitles()).cues


def test_an_empty_text_is_refused(tmp_path):
    with VideoGenerationService("local", output_dir=tmp_path) as service:
        with pytest.raises(ConfigError, match="text is empty"):
            service.captions(sample_narration(), text=" ")
        with pytest.raises(SubtitleError, match="not in a known format"):
            service.captions(sample_narration(), text="🎉\n🎉\n").result(60)


def test_a_video_gets_captions_from_plain_text(tmp_path):
    (tmp_path / "script.txt").write_text(SAMPLE, encoding="utf-8")
    script = script_of(sample_narration(), tmp_path / "script.txt", tmp_path)
    assert (script.unread, script.warnings) == (None, ())
    assert script.cues
    assert all(cue.words for cue in script.cues)
    assert script.cues == script_of(sample_narration(), SAMPLE, tmp_path).cues


def test_what_is_not_said_is_warned_of(tmp_path):
    text = SAMPLE.replace(
        "They glow", "The committee met for the ninth time in Brussels that year. They glow"
    )
    script = script_of(sample_narration(), text, tmp_path)
    assert len(script.warnings) == 1
    assert "The committee" in script.warnings[0]
    assert not any("committee" in cue.text for cue in script.cues)


def test_silence_has_no_captions(tmp_path):
    with wave.open(str(tmp_path / "silence.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(bytes(4 * RATE))
    script = script_of(tmp_path / "silence.wav", SAMPLE, tmp_path)
    assert (script.cues, script.unread) == ((), SAMPLE)
    assert any("No speech was heard" in warning for warning in script.warnings)
