"""The parts that all subtitle formats share."""

from __future__ import annotations

import pytest

from voxweave_nb import Cue, SubtitleError
from voxweave_nb.media.subtitles.base import SubtitleFormat, cue_lines, plain


class ReadOnly(SubtitleFormat):
    name, suffix = "readonly", ".ro"

    def accepts(self, text):
        return True

    def read(self, text):
        return [Cue(0, 1, text)]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>bold</b> <i>italic</i>", "bold italic"),
        ("{\\an8}up", "up"),
        ("a<br/>b", "a\nb"),
        ("R&amp;B &#9829; R&D &copy 3", "R&B ♥ R&D &copy 3"),
        ("3 < 5 <you>", "3 < 5 <you>"),
    ],
)
def test_markup_is_removed_and_typed_text_stays(text, shown):
    assert plain(text) == shown


def test_blank_lines_of_a_cue_are_dropped():
    assert cue_lines(" a \n\n \u2028b\r\nc") == ["a", "b", "c"]


def test_a_format_is_read_only_by_default():
    with pytest.raises(SubtitleError, match="cannot be written as readonly, only read"):
        ReadOnly().write([])
