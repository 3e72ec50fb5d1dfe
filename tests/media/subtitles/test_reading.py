"""Subtitles as they are in the wild: every oddity is read, everything else is refused in words, and soon."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voxweave_nb import SubtitleError
from voxweave_nb.media.subtitles import read_subtitles
from voxweave_nb.sample import sample_narration, sample_subtitles

ONE = "1\n00:00:01,000 --> 00:00:02,000\nHello\n"
HEAD = (
    "[Script Info]\nScriptType: v4.00+\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, "
    "MarginV, Effect, Text\n"
)
ENOUGH = 5
"""Seconds of the processor: a catastrophic pattern takes minutes."""


def said(words: str, start: str = "0:00:01.00", end: str = "0:00:02.00") -> str:
    return f"Dialogue: 0,{start},{end},Default,,0,0,0,,{words}\n"


def read_as(text: str) -> list[tuple[float, float, str]]:
    return [(cue.start, cue.end, cue.text) for cue in read_subtitles(text).cues]


SUBRIP = {
    "as it should be": (ONE, [(1, 2, "Hello")]),
    "crlf": (ONE.replace("\n", "\r\n"), [(1, 2, "Hello")]),
    "cr": (ONE.replace("\n", "\r"), [(1, 2, "Hello")]),
    "byte order mark": ("\ufeff" + ONE, [(1, 2, "Hello")]),
    "no hours, no number": ("00:01,000 --> 00:02,500\na\n", [(1, 2.5, "a")]),
    "no fractions": ("0:01 --> 0:02\na\n", [(1, 2, "a")]),
    "dots": ("1\n00:00:01.5 --> 00:00:02.25\na\n", [(1.5, 2.25, "a")]),
    "short fractions": ("1\n00:00:01,5 --> 00:00:02,25\na\n", [(1.5, 2.25, "a")]),
    "odd marks": ("1\n00:00:01, 500 --> 00:00:02:750\na\n", [(1.5, 2.75, "a")]),
    "translated by a machine": ("1\n00: 00: 01,500 -> 00: 00: 02,750\n<i> a </ i>\n", [(1.5, 2.75, "a")]),
    "more than four days": ("1\n100:00:00,000 --> 100:00:01,000\na\n", [(360_000, 360_001, "a")]),
    "before the start": ("1\n-00:00:01,000 --> 00:00:02,000\na\n", [(0, 2, "a")]),
    "placed": ("00:00:00,000 --> 00:00:01,000 X1:10 Y1:20\na\n", [(0, 1, "a")]),
    "no spaces": ("00:00:00,000-->00:00:01,000\na\n", [(0, 1, "a")]),
    "no blank lines": (
        "1\n00:00:00,0 --> 00:00:01,0\na\n2\n00:00:01,0 --> 00:00:02,0\nb\n",
        [(0, 1, "a"), (1, 2, "b")],
    ),
    "blank lines everywhere": (
        "1\n\n00:00:00,0 --> 00:00:01,0\n\na\n\n2\n\n00:00:01,0 --> 00:00:02,0\n\nb\n",
        [(0, 1, "a"), (1, 2, "b")],
    ),
    "a blank line in a cue": ("1\n0:00 --> 0:01\na\n\nb\n", [(0, 1, "a\nb")]),
    "a number without a cue": ("1\n0:00 --> 0:01\na\n\n2\n", [(0, 1, "a")]),
    "numbers that are words": (
        "1\n0:00 --> 0:01\n1984\n\n2\n0:01 --> 0:02\n2\n",
        [(0, 1, "1984"), (1, 2, "2")],
    ),
    "a number alone": ("1\n0:00 --> 0:01\n1984\n", [(0, 1, "1984")]),
    "a number below words": ("1\n0:00 --> 0:01\na\n2\n", [(0, 1, "a\n2")]),
    "a number at the very end": ("1\n0:00 --> 0:01\na\n2", [(0, 1, "a\n2")]),
    "half a letter": ("0:00 --> 0:01\na\ud83cb\n", [(0, 1, "a\ufffdb")]),
    "a short arrow": ("1\n0:00 -> 0:01\na\n", [(0, 1, "a")]),
    "a broken arrow": ("1\n0:00 -- > 0:01\na\n", [(0, 1, "a")]),
    "an arrow as a dash": ("1\n0:00 –> 0:01\na\n", [(0, 1, "a")]),
    "an arrow as one letter": ("1\n0:00 → 0:01\na\n", [(0, 1, "a")]),
    "an arrow from a page": ("1\n0:00 --&gt; 0:01\na\n", [(0, 1, "a")]),
    "markup": ("1\n0:00 --> 0:01\n<b>bold</b> {\\an8}up <3\n", [(0, 1, "bold up <3")]),
    "html": (
        '1\n0:00 --> 0:01\n<font color="#fff">R&amp;B</font><br/>R&B &lt;i&gt; <em>c</em>\n',
        [(0, 1, "R&B\nR&B <i> c")],
    ),
    "what only looks like html": (
        "1\n0:00 --> 0:01\na < b > c &notes; &copy 3 <3 <you>\n",
        [(0, 1, "a < b > c &notes; &copy 3 <3 <you>")],
    ),
    "numbered letters": ("1\n0:00 --> 0:01\n&#65;&#x42;&hearts;&nbsp;!\n", [(0, 1, "AB♥\u00a0!")]),
    "words before the first cue": ("Subtitles by Ann\n\n1\n0:00 --> 0:01\na\n", [(0, 1, "a")]),
    "words like a script": (
        "1\n0:00 --> 0:01\nDialogue: 0 is\n[Script Info]\n",
        [(0, 1, "Dialogue: 0 is\n[Script Info]")],
    ),
    "an arrow in the words": ("1\n0:00 --> 0:01\nfrom A --> to B\n", [(0, 1, "from A --> to B")]),
}

WEBVTT = {
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

SUBSTATION = {
    "commands": (
        HEAD + said("{\\fscx100000}big\\Ntext{\\b1}, a comma\\h!"),
        [(1, 2, "big\ntext, a comma\u00a0!")],
    ),
    "comments and drawings": (
        HEAD + said("kept") + said("no").replace("Dialogue", "Comment") + said("{\\p1}m 0 0 l 9 9{\\p0}"),
        [(1, 2, "kept")],
    ),
    "a drawing before words": (HEAD + said("{\\an5\\p2}m 0 0 l 9 9{\\p0\\pos(1,2)}words"), [(1, 2, "words")]),
    "karaoke": (HEAD + said("{\\k20}far {\\k30}be{\\kf9}low"), [(1, 2, "far below")]),
    "braces that never close": (HEAD + said("a {b"), [(1, 2, "a {b")]),
    "entities are letters": (HEAD + said("R&amp;B <b>"), [(1, 2, "R&amp;B <b>")]),
    "ssa": (
        "[Script Info]\n[V4 Styles]\n[Events]\nFormat: Marked, Start, End, Style, Name, MarginL, MarginR, MarginV, "
        "Effect, Text\nDialogue: Marked=0,0:00:01.00,0:00:02.00,Default,,0000,0000,0000,,old\n",
        [(1, 2, "old")],
    ),
    "fields of its own": (
        "[Events]\nFormat: Start, End, Text\nDialogue: 0:00:01.00,0:00:02.00,a, b\n",
        [(1, 2, "a, b")],
    ),
    "styles do not name the fields": (
        "[V4+ Styles]\nFormat: Name, Fontname\nStyle: Default,Arial\n\n[Events]\n" + said("a"),
        [(1, 2, "a")],
    ),
    "a damaged line": (HEAD + said("no", start="soon") + said("a") + "Dialogue: 0,0:00:05", [(1, 2, "a")]),
    "missing margins": (HEAD + "Dialogue: 0,0:00:01.00,0:00:02.00,,,,,,,a\n", [(1, 2, "a")]),
    "a negative start": (HEAD + said("a", start="-0:00:01.00"), [(0, 2, "a")]),
    "crlf": ((HEAD + said("a")).replace("\n", "\r\n"), [(1, 2, "a")]),
    "ten hours": (HEAD + said("a", "10:00:00.00", "10:00:01.00"), [(36_000, 36_001, "a")]),
}


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        pytest.param(kind, *case, id=f"{kind}, {name}")
        for kind, cases in (("srt", SUBRIP), ("webvtt", WEBVTT), ("ass", SUBSTATION))
        for name, case in cases.items()
    ],
)
def test_the_oddities_of_real_files_are_read(kind, text, expected):
    read = read_subtitles(text)
    assert [(cue.start, cue.end, cue.text) for cue in read.cues] == expected
    assert (read.format, read.warnings) == (kind, ())


def test_rolling_captions_do_not_say_everything_twice():
    text = (
        "WEBVTT\nKind: captions\nLanguage: en\n\n"
        "00:00:00.000 --> 00:00:02.000 align:start position:0%\n \nfar<00:00:00.500><c> below</c>\n\n"
        "00:00:02.000 --> 00:00:02.010 align:start position:0%\nfar below\n \n\n"
        "00:00:02.010 --> 00:00:04.000 align:start position:0%\nfar below\nthe<00:00:03.000><c> waves</c>\n"
    )
    assert read_as(text) == [(0, 2, "far below"), (2, 4, "far below\nthe waves")]


def test_a_path_may_come_as_a_string(tmp_path):
    (tmp_path / "talk.srt").write_text(ONE, encoding="utf-8")
    assert read_subtitles(str(tmp_path / "talk.srt")) == read_subtitles(tmp_path / "talk.srt")


def test_the_bundled_sample_reads_without_a_warning():
    read = read_subtitles(sample_subtitles())
    assert len(read.cues) == 6
    assert read.warnings == ()
    folder = Path(sample_narration()).parent
    assert sum(path.stat().st_size for path in folder.iterdir() if path.is_file()) < 400_000


# What is no subtitles


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\n \n", "not in a known format"),
        (b"just some words", "not in a known format"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "looks like a web page"),
        (b"\n<html>\n<pre>\n0:01 --> 0:02\nhello\n</pre></html>\n", "looks like a web page"),
        (b"<?xml version='1.0'?>\n<!doctype HTML>\n0:01 --> 0:02\nhello\n", "looks like a web page"),
        (b"WEBVTT\n\nno cue at all\n", "no cue was found"),
        (b"WEBVTTs\n", "not in a known format"),
        (b"[Script Info]\n\n[Events]\n", "no cue was found"),
        (b"1\n00:00:00,0 --> 00:00:01,0\n \n", "without a cue to show.*1 cue without text was left out"),
        (b"x" * 5_000_001, r"has 5\.0 MB; the limit is 5 MB"),
    ],
)
def test_what_is_no_subtitles_is_refused_in_words(tmp_path, content, says):
    path = tmp_path / "talk.srt"
    path.write_bytes(content)
    with pytest.raises(SubtitleError, match=says) as caught:
        read_subtitles(path)
    assert caught.value.path == path
    assert "talk.srt" in str(caught.value)
    assert "expected" in str(caught.value) or "limit" in str(caught.value)


def test_pasted_text_that_is_no_subtitles_is_refused_in_words():
    with pytest.raises(SubtitleError, match="The pasted subtitles are not in a known format") as caught:
        read_subtitles("just\nsome words")
    assert caught.value.path is None
    with pytest.raises(SubtitleError, match=r"The pasted text has 6\.0 MB"):
        read_subtitles("\n" + "x" * 6_000_000)


@pytest.mark.parametrize("name", ["missing.srt", ".", "a\x00b.srt", "x" * 5000, "\udcff.srt"])
def test_a_path_that_cannot_be_read_is_refused_in_words(tmp_path, name):
    with pytest.raises(SubtitleError, match=r"cannot be read .* was expected"):
        read_subtitles(tmp_path / name)


@settings(deadline=None)
@given(
    st.text(max_size=400)
    | st.text(alphabet="0123456789:,.->\n WEBVTT<>{}\\[]&;\u2060\ud800", max_size=400)
    | st.lists(st.sampled_from([*"0123456789:,-\n", "-->", "0:01 --> 0:02\n", HEAD, said("a")])).map("".join)
)
def test_no_text_brings_anything_but_cues_or_a_subtitle_error(text):
    try:
        read = read_subtitles(f"{text}\n", duration=50.0)
    except SubtitleError:
        return
    assert read.cues
    for cue in read.cues:
        assert 0 <= cue.start < cue.end <= 50
        assert cue.text.strip()
        cue.text.encode()
    assert all(first.end <= second.start for first, second in itertools.pairwise(read.cues))


@settings(deadline=None)
@given(st.binary(max_size=400) | st.binary(max_size=100).map((ONE.encode() + HEAD.encode()).__add__))
def test_no_bytes_bring_anything_but_cues_or_a_subtitle_error(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.srt"
    path.write_bytes(content)
    try:
        read_subtitles(path)
    except SubtitleError:
        return


# Floods

FLOODS = {
    "digits": "1" * 1_000_000,
    "newlines": "\n" * 1_000_000,
    "times": "00:00:" * 200_000,
    "arrows": "-->" * 300_000,
    "brackets": "<" * 1_000_000,
    "braces": "{\\" * 500_000,
    "spaces": " " * 1_000_000,
    "lines of arrows": "-->\n" * 250_000,
    "tags": "<b " * 300_000,
    "whole tags": "<b>" * 300_000,
    "commands": "{\\b1}" * 200_000,
    "open braces": "{" * 1_000_000,
    "open headings": "[a" * 500_000,
    "ampersands": "&" * 1_000_000,
    "open entities": "&#" * 500_000,
    "commas": "," * 1_000_000,
    "a time and spaces": "\n0:01" + " " * 1_000_000,
    "an arrow and spaces": "\n0:01 --" + " " * 1_000_000,
    "a timing line of fractions": f"\n0:01,{'0' * 1_000_000} --> 0:02",
    "joiners": "<\u2060" * 300_000,
}


@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_is_answered_within_seconds(flood):
    begin = time.process_time()
    with pytest.raises(SubtitleError) as caught:
        read_subtitles(f"x\n{FLOODS[flood]}\n")
    assert time.process_time() - begin < ENOUGH
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("flood", FLOODS)
@pytest.mark.parametrize(
    "head",
    ["0:00 --> 0:01\nx", "WEBVTT\n\n0:00 --> 0:01\nx", HEAD + said("x").strip()],
    ids=["srt", "webvtt", "ass"],
)
def test_a_flood_in_a_cue_is_answered_within_seconds(flood, head):
    begin = time.process_time()
    read = read_subtitles(f"{head}{FLOODS[flood]}\n")
    assert time.process_time() - begin < ENOUGH
    assert len(read.cues) == 1
    assert read.cues[0].text.startswith("x")
    assert len(read.cues[0].text) <= 1000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("head", "cue"),
    [("", "0:0->0:1\na\n"), ("WEBVTT\n\n", "0:0-->0:1\na\n\n"), (HEAD, said("a", "0:0:0.0", "0:0:1.0"))],
    ids=["srt", "webvtt", "ass"],
)
def test_five_megabytes_of_cues_are_answered_within_seconds(head, cue):
    count = 4_900_000 // len(cue)
    begin = time.process_time()
    read = read_subtitles(head + cue * count)
    assert time.process_time() - begin < ENOUGH
    assert f"{count - 20_000:,} cues over the limit of 20,000 were left out" in read.warnings[0]


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("cp1251", "Каждая вспышка — слово."),
        pytest.param("cp1250", "Az erdő őre hűvös.", marks=pytest.mark.slow),
        pytest.param("gb18030", "每一次闪光都是一个词。", marks=pytest.mark.slow),
    ],
)
def test_megabytes_in_an_older_encoding_are_answered_within_seconds(tmp_path, encoding, words):
    cues = (
        f"{second // 60}:{second % 60:02d} --> {second // 60}:59\n{words}\n\n" for second in range(59_000)
    )
    path = tmp_path / "talk.srt"
    path.write_bytes("".join(cues).encode(encoding))
    begin = time.process_time()
    read = read_subtitles(path)
    assert time.process_time() - begin < ENOUGH
    assert {cue.text for cue in read.cues} == {words}


def test_noise_is_refused_within_seconds(tmp_path):
    path = tmp_path / "talk.srt"
    path.write_bytes(bytes(range(1, 256)) * 19_000)
    begin = time.process_time()
    with pytest.raises(SubtitleError, match="are not text"):
        read_subtitles(path)
    assert time.process_time() - begin < ENOUGH
