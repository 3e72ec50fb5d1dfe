"""A text without times is told from subtitles, damaged ones too, and from what nobody reads."""

from __future__ import annotations

import pytest

from voxweave_nb import SubtitleError
from voxweave_nb.media.subtitles import read_prose


@pytest.mark.parametrize(
    "text", ["The sea is far below.", "深海の光は消える。", "في أعماق البحر يختفي الضوء.", "ใต้ทะเลลึกไม่มีแสง " * 20, "In 1994 it cost 1,200.\n"]
)  # fmt: skip
def test_texts_of_any_script_are_read(text):
    assert read_prose(text) == (text, [])


@pytest.mark.parametrize(
    "text",
    [
        "1\n00:00:01,000 --> 00:00:02,000\nHello\n",
        "WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n",
        "00:00:01,000 to 00:00:02,000\nA caption of a damaged file\n00:00:03,000 to 00:00:04,000\nAnd another one of it\n",
        "<!doctype html><p>The sea is far below.</p>",
        '{"a": [1, 2, 3], "b": [4, 5, 6], "c": {"d": 7}}\n\n',
        "x" * 5000,
    ],
    ids=["srt", "vtt", "damaged", "page", "json", "blob"],
)
def test_other_texts_are_not(text):
    assert read_prose(text) is None


def test_a_file_is_read_and_a_missing_one_told(tmp_path):
    (tmp_path / "talk.txt").write_text("Größer und weiter.", encoding="utf-16")
    assert read_prose(tmp_path / "talk.txt") == ("Größer und weiter.", [])
    with pytest.raises(SubtitleError, match="cannot be read"):
        read_prose(tmp_path / "none.txt")
