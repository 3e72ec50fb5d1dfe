"""The control that chooses the subtitles."""

from __future__ import annotations

from pathlib import Path

import pytest

from voxweave_nb.sample import sample_subtitles
from voxweave_nb.widgets.captions import CaptionsInput

LONG = "".join(
    f"{k}\n00:{k // 60:02d}:{k % 60:02d},000 --> 00:{k // 60:02d}:{k % 60:02d},900\nLine {k}\n\n"
    for k in range(3000)
)


@pytest.fixture
def captions() -> CaptionsInput:
    return CaptionsInput()


def test_pasted_subtitles_are_text(captions):
    captions.subtitles = "1\n00:00:00,000 --> 00:00:01,000\nHello\n"
    assert captions.subtitles.endswith("Hello\n")


def test_a_transcript_is_text_in_either_field(captions):
    captions.subtitles = "The sea is far below."
    assert captions.subtitles == "The sea is far below.\n"
    captions.subtitles = "talk.srt"
    captions._path.value = "the sea is far below " * 30
    assert isinstance(captions.subtitles, str)


@pytest.mark.parametrize("subtitles", [None, Path("talk.srt"), sample_subtitles()])
def test_subtitles_that_were_set_are_read(captions, subtitles):
    captions.subtitles = subtitles
    assert captions.subtitles == subtitles


def test_only_the_chosen_source_has_a_field(captions):
    captions.subtitles = "talk.srt"
    assert (captions._path.layout.display, captions._text.layout.display) == (None, "none")
    captions.subtitles = None
    assert (captions._path.layout.display, captions._text.layout.display) == ("none", "none")


def test_a_long_paste_is_kept_and_previewed(captions):
    captions.source.value = "Paste"
    captions._text.value = LONG
    shown = captions._text.value
    assert captions.subtitles.strip() == LONG.strip()
    assert shown.startswith("0\n00:00:00,000")
    assert f"[12001 lines, {len(LONG) // 1000} kB" in shown
    assert len(shown) < 1000


def test_editing_a_preview_does_not_lose_the_text(captions):
    box = captions._text
    captions.subtitles = LONG
    shown = box.value
    box.value = shown.replace("Line 1", "Line one")
    assert box.value == shown
    assert captions.subtitles.strip() == LONG.strip()


def test_another_paste_replaces_a_long_one(captions):
    captions.subtitles = LONG
    captions._text.value = ""
    assert captions.subtitles is None
    captions._text.value = "1\n00:00:00,000 --> 00:00:01,000\nHello\n"
    assert captions.subtitles.endswith("Hello\n")
    assert captions.subtitles.startswith("1\n")


def test_the_samples_subtitles_follow_the_sample(captions):
    captions.match_narration(sample=True)
    assert captions.subtitles == sample_subtitles()
    captions.match_narration(sample=False)
    assert captions.subtitles is None


def test_own_subtitles_stay_with_another_narration(captions):
    captions.subtitles = "talk.srt"
    captions.match_narration(sample=False)
    assert captions.subtitles == Path("talk.srt")
