"""WebVTT as it is in the wild, and as it is written."""

from __future__ import annotations

import re

import pytest

from voxweave_nb import Cue
from voxweave_nb.media.subtitles import read_subtitles, write_subtitles

from .samples import NASTY, times_and_texts

CASES = {
    "crlf": ("WEBVTT\r\n\r\n00:00.000 --> 00:01.000\r\na\r\n", [(0, 1, "a")]),
    "mark and crlf": ("\ufeffWEBVTT\r\n\r\n00:00.000 --> 00:01.000\r\na\r\n", [(0, 1, "a")]),
    "right under the header": ("WEBVTT\n00:00.000 --> 00:01.000\na\n", [(0, 1, "a")]),
    "under a long header": (
        "WEBVTT - x\nKind: captions\nLanguage: en\nX-A: b\n00:00.000 --> 00:01.000\na\n",
        [(0, 1, "a")],
    ),
    "an id like a note": ("WEBVTT\n\nNOTES\n00:00.000 --> 00:01.000\na\n", [(0, 1, "a")]),
    "a cue in a note": ("WEBVTT\n\nNOTE\n0:00 --> 0:01\nno\n\n0:01 --> 0:02\na\n", [(1, 2, "a")]),
    "notes, styles, regions, ids, voices, karaoke": (
        "WEBVTT - x\n\nNOTE\nskip --> me\n\nSTYLE\n::cue{}\n\nREGION\nid:a\n\n"
        "id 7\n00:00.000 --> 00:01.000 align:start\n<v Ann>a &lt; b<00:00.500> &amp;&nbsp;c</v>\n\n"
        "00:01.000 --> 00:02.000\n<c.yellow.bg>d</c> <lang en>e</lang>\n",
        [(0, 1, "a < b &\u00a0c"), (1, 2, "d e")],
    ),
    "no blank lines": ("WEBVTT\n\n1\n0:00 --> 0:01\na\n2\n0:01 --> 0:02\nb\n", [(0, 1, "a"), (1, 2, "b")]),
    "a line of spaces in a cue": ("WEBVTT\n\n0:00 --> 0:01\n \na\n \nb\n", [(0, 1, "a\nb")]),
    "an arrow and a number in the words": (
        "WEBVTT\n\n0:00 --> 0:01\n0:05 -> 0:06\n1984\n",
        [(0, 1, "0:05 -> 0:06\n1984")],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_oddities_of_real_files_are_read(name):
    text, expected = CASES[name]
    read = read_subtitles(text)
    assert [(cue.start, cue.end, cue.text) for cue in read.cues] == expected
    assert (read.format, read.warnings) == ("webvtt", ())


def test_rolling_captions_do_not_repeat_everything():
    text = (
        "WEBVTT\nKind: captions\nLanguage: en\n\n"
        "00:00:00.000 --> 00:00:02.000 align:start position:0%\n \nfar<00:00:00.500><c> below</c>\n\n"
        "00:00:02.000 --> 00:00:02.010 align:start position:0%\nfar below\n \n\n"
        "00:00:02.010 --> 00:00:04.000 align:start position:0%\nfar below\nthe<00:00:03.000><c> waves</c>\n"
    )
    assert times_and_texts(text) == [(0, 2.01, "far below"), (2.01, 4, "the waves")]


def test_text_never_becomes_markup():
    typed = "<script>alert(1)</script> & --> 1 < 2"
    text = write_subtitles([Cue(0, 1, typed)], "webvtt")
    body = text.split("\n", 3)[3]
    assert "<" not in body
    assert "-->" not in body
    assert read_subtitles(text).cues == (Cue(0, 1, typed),)


@pytest.mark.parametrize("text", NASTY)
def test_everything_that_browsers_misread_is_escaped(text):
    body = write_subtitles([Cue(0, 1, f"a {text} b")], "webvtt").split("\n", 3)[3]
    assert not re.search(r"[<>]|&(?!amp;|lt;|gt;|#123;)", body)
