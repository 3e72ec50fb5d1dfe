"""The bundled narration and its captions."""

from __future__ import annotations

import pytest

from voxweave_nb.media.probe import probe
from voxweave_nb.media.subtitles import read_subtitles
from voxweave_nb.sample import SAMPLE_PROMPT, SAMPLE_SECONDS, sample_narration, sample_subtitles


def test_the_narration_has_the_stated_length():
    found = probe(sample_narration())
    assert (found.video, found.audio.codec) == (None, "aac")
    assert found.duration == pytest.approx(SAMPLE_SECONDS, abs=0.1)


def test_the_captions_fit_the_narration():
    read = read_subtitles(sample_subtitles(), duration=SAMPLE_SECONDS)
    assert read.warnings == ()
    assert len(read.cues) > 3
    assert all(0 <= cue.start < cue.end <= SAMPLE_SECONDS for cue in read.cues)


def test_the_prompt_is_one_line():
    assert SAMPLE_PROMPT
    assert "\n" not in SAMPLE_PROMPT
