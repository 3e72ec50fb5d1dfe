"""A text without times is never a path."""

from __future__ import annotations

import pytest

from voxweave_nb.pasted import is_pasted_text


@pytest.mark.parametrize(
    "text",
    ["one line\nand another", "The sea is far below.", "the sea is far below us and the waves", "word " * 400,
     "x" * 5000, "深海の光はほとんど消える。", "Wait! What?", "hello\n", "Is it a/b or c?"],
)  # fmt: skip
def test_a_transcript_is_a_text(text):
    assert is_pasted_text(text)


@pytest.mark.parametrize(
    "path",
    ["talk.srt", "my last talk of May.vtt", "/a folder/with many words/talk.srt", "talks/day one/part two/final cut",
     "C:\\talks\\a b c d.ass", "nothing", "", "captions.de.srt", "talk.srt\n",
     '"C:\\my talk of May.srt"', "'my last talk of May.vtt'", "C:\\my talks\\of last May\\cut"],
)  # fmt: skip
def test_a_file_name_is_a_path(path):
    assert not is_pasted_text(path)


def test_a_file_that_exists_is_a_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "The sea is far below.").touch()
    assert not is_pasted_text("The sea is far below.")
