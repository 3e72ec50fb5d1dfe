"""A text without times is told from subtitles, damaged ones too, and from what nobody reads."""

from __future__ import annotations

import pytest

from voxweave_nb import SubtitleError
from voxweave_nb.media.subtitles import read_prose

TEXTS = {
    "English": "The sea is far below.",
    "Japanese": "深海の光は消える。",
    "Arabic": "في أعماق البحر يختفي الضوء.",
    "Thai": "ใต้ทะเลลึกไม่มีแสง " * 20,
    "numbers": "In 1994 it cost the town 1,200 dollars.\n",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_texts_of_any_script_are_read(text):
    assert read_prose(text) == (text, [])


@pytest.mark.parametrize(
    "text",
    [
        "1\n00:00:01,000 --> 00:00:02,000\nHello\n",
        "WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n",
        "00:00:01,000 to 00:00:02,000\nA caption of a damaged file\n00:00:03,000 to 00:00:04,000\nAnd another one\n",
        "<!doctype html>\n<p>The sea is far below.</p>\n",
        '{"a": [1, 2, 3], "b": [4, 5, 6], "c": {"d": 7}}\n\n',
        "x" * 5000,
    ],
    ids=["srt", "vtt", "damaged", "page", "json", "blob"],
)
def test_other_texts_are_not(text):
    assert read_prose(text) is None


def test_files_are_read_and_missing_ones_told(tmp_path):
    (tmp_path / "talk.txt").write_text("Größer und weiter.", encoding="utf-16")
    assert read_prose(tmp_path / "talk.txt") == ("Größer und weiter.", [])
    with pytest.raises(SubtitleError, match="cannot be read"):
        read_prose(tmp_path / "none.txt")
