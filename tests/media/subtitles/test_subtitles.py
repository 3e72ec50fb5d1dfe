"""Reading subtitles: other content is refused with a reason, and nothing takes long."""

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

from .samples import ONE, SCRIPT_HEAD, dialogue

ENOUGH = 5
"""Seconds of the processor: a catastrophic pattern takes minutes."""


def test_a_path_may_be_a_string(tmp_path):
    (tmp_path / "talk.srt").write_text(ONE, encoding="utf-8")
    assert read_subtitles(str(tmp_path / "talk.srt")) == read_subtitles(tmp_path / "talk.srt")


def test_the_bundled_sample_reads_without_warning():
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
def test_other_content_is_refused_with_a_reason(tmp_path, content, says):
    path = tmp_path / "talk.srt"
    path.write_bytes(content)
    with pytest.raises(SubtitleError, match=says) as caught:
        read_subtitles(path)
    assert caught.value.path == path
    assert "talk.srt" in str(caught.value)
    assert "expected" in str(caught.value) or "limit" in str(caught.value)


def test_other_pasted_text_is_refused_with_a_reason():
    with pytest.raises(SubtitleError, match="The pasted subtitles are not in a known format") as caught:
        read_subtitles("just\nsome words")
    assert caught.value.path is None
    with pytest.raises(SubtitleError, match=r"The pasted text has 6\.0 MB"):
        read_subtitles("\n" + "x" * 6_000_000)


@pytest.mark.parametrize("name", ["missing.srt", ".", "a\x00b.srt", "x" * 5000, "\udcff.srt"])
def test_an_unreadable_path_is_refused_with_a_reason(tmp_path, name):
    with pytest.raises(SubtitleError, match=r"cannot be read .* was expected"):
        read_subtitles(tmp_path / name)


@settings(deadline=None)
@given(
    st.text(max_size=400)
    | st.text(alphabet="0123456789:,.->\n WEBVTT<>{}\\[]&;\u2060\ud800", max_size=400)
    | st.lists(
        st.sampled_from([*"0123456789:,-\n", "-->", "0:01 --> 0:02\n", SCRIPT_HEAD, dialogue("a")])
    ).map("".join)
)
def test_any_text_gives_cues_or_an_error(text):
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
@given(st.binary(max_size=400) | st.binary(max_size=100).map((ONE.encode() + SCRIPT_HEAD.encode()).__add__))
def test_any_bytes_give_cues_or_an_error(tmp_path_factory, content):
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
def test_a_flood_takes_seconds(flood):
    begin = time.process_time()
    with pytest.raises(SubtitleError) as caught:
        read_subtitles(f"x\n{FLOODS[flood]}\n")
    assert time.process_time() - begin < ENOUGH
    assert len(str(caught.value)) < 400


@pytest.mark.slow
@pytest.mark.parametrize("flood", FLOODS)
@pytest.mark.parametrize(
    "head",
    ["0:00 --> 0:01\nx", "WEBVTT\n\n0:00 --> 0:01\nx", SCRIPT_HEAD + dialogue("x").strip()],
    ids=["srt", "webvtt", "ass"],
)
def test_a_flood_in_a_cue_takes_seconds(flood, head):
    begin = time.process_time()
    read = read_subtitles(f"{head}{FLOODS[flood]}\n")
    assert time.process_time() - begin < ENOUGH
    assert len(read.cues) == 1
    assert read.cues[0].text.startswith("x")
    assert len(read.cues[0].text) <= 1000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("head", "cue"),
    [
        ("", "0:0->0:1\na\n"),
        ("WEBVTT\n\n", "0:0-->0:1\na\n\n"),
        (SCRIPT_HEAD, dialogue("a", "0:0:0.0", "0:0:1.0")),
    ],
    ids=["srt", "webvtt", "ass"],
)
def test_five_megabytes_of_cues_take_seconds(head, cue):
    count = 4_900_000 // len(cue)
    begin = time.process_time()
    read = read_subtitles(head + cue * count)
    assert time.process_time() - begin < ENOUGH
    assert f"{count - 20_000:,} cues over the limit of 20,000 were left out" in read.warnings[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("cp1251", "Каждая вспышка — слово."),
        ("cp1250", "Az erdő őre hűvös."),
        ("gb18030", "每一次闪光都是一个词。"),
    ],
)
def test_megabytes_in_an_older_encoding_take_seconds(tmp_path, encoding, words):
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
