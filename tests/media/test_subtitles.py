"""Subtitles: every format reads back what it writes; every broken file is repaired or refused in words."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxweave_nb import Cue, SubtitleError
from voxweave_nb.media.subtitles import FORMATS, MOST_CUES, read_subtitles, write_subtitles
from voxweave_nb.media.subtitles.base import SubtitleFormat

WRITERS = [kind for kind in FORMATS if type(kind).write is not SubtitleFormat.write]
CUES = (Cue(0.0, 1.5, "Far below the waves"), Cue(1.5, 3.25, "the light\nis gone"))


def texts(text: str, **options: object) -> list[tuple[float, float, str]]:
    return [(cue.start, cue.end, cue.text) for cue in read_subtitles(text, **options).cues]


# The contract of every format


@pytest.mark.parametrize("kind", FORMATS, ids=lambda kind: kind.name)
def test_every_format_has_a_name_and_a_suffix_of_its_own(kind):
    assert kind.name
    assert kind.suffix.startswith(".")
    assert [other.name for other in FORMATS].count(kind.name) == 1


@pytest.mark.parametrize("kind", WRITERS, ids=lambda kind: kind.name)
def test_what_is_written_is_recognised_and_reads_back_the_same(kind):
    text = kind.write(CUES)
    read = read_subtitles(text)
    assert (read.format, read.cues, read.warnings) == (kind.name, CUES, ())


@st.composite
def tidy_cues(draw: st.DrawFn) -> tuple[Cue, ...]:
    letters = st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs", "M"])
    line = st.text(letters, min_size=1, max_size=30).map(lambda text: " ".join(text.split())).filter(bool)
    cues, at = [], 0.0
    for lines in draw(st.lists(st.lists(line, min_size=1, max_size=3), min_size=1, max_size=8)):
        start = round(at + draw(st.integers(0, 5000)) / 1000, 3)
        end = round(start + draw(st.integers(200, 9000)) / 1000, 3)
        cues.append(Cue(start, end, "\n".join(lines)))
        at = end
    return tuple(cues)


@pytest.mark.parametrize("kind", WRITERS, ids=lambda kind: kind.name)
@given(cues=tidy_cues())
def test_any_text_survives_a_round_trip(kind, cues):
    read = read_subtitles(kind.write(cues)).cues
    # An arrow would begin a cue, so it is written as one character; in SubRip a real tag is markup.
    expected = [cue.text.replace("-->", "→") for cue in cues]
    assert [(cue.start, cue.end) for cue in read] == [(cue.start, cue.end) for cue in cues]
    assert [cue.text for cue in read] == expected


def test_webvtt_never_lets_text_become_markup():
    text = write_subtitles([Cue(0, 1, "<script>alert(1)</script> & --> 1 < 2")], "webvtt")
    body = text.split("\n", 3)[3]
    assert "<" not in body
    assert "-->" not in body
    assert texts(text)[0][2] == "<script>alert(1)</script> & → 1 < 2"


@given(st.text(max_size=400) | st.text(alphabet="0123456789:,.->\n WEBVTT<>{}\\[]", max_size=400))
def test_no_text_brings_anything_but_cues_or_a_subtitle_error(text):
    try:
        read = read_subtitles(text + "\n")
    except SubtitleError:
        return
    assert all(0 <= cue.start < cue.end and cue.text.strip() for cue in read.cues)
    assert [cue.start for cue in read.cues] == sorted(cue.start for cue in read.cues)


@given(st.binary(max_size=400))
def test_no_bytes_bring_anything_but_cues_or_a_subtitle_error(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("bytes") / "talk.srt"
    path.write_bytes(content)
    try:
        read_subtitles(path)
    except SubtitleError:
        return


# Files as they are in the wild

ONE = "1\n00:00:01,000 --> 00:00:02,000\nHello\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ONE.replace("\n", "\r\n"), [(1, 2, "Hello")]),
        (ONE.replace("\n", "\r"), [(1, 2, "Hello")]),
        ("\ufeff" + ONE, [(1, 2, "Hello")]),
        ("00:01,000 --> 00:02,500\nno hours, no number\n", [(1, 2.5, "no hours, no number")]),
        ("1\n00:00:01.5 --> 00:00:02.25\ndots\n", [(1.5, 2.25, "dots")]),
        ("00:00:00,000 --> 00:00:01,000 X1:10 Y1:20\nplaced\n", [(0, 1, "placed")]),
        ("1\n00:00:00,0 --> 00:00:01,0\na\n2\n00:00:01,0 --> 00:00:02,0\nb\n", [(0, 1, "a"), (1, 2, "b")]),
        ("1\n00:00:00,0 -> 00:00:01,0\na short arrow\n", [(0, 1, "a short arrow")]),
        ("1\n00:00:00,0 --> 00:00:01,0\n<b>bold</b> {\\an8}up <3\n", [(0, 1, "bold up <3")]),
        ("1\n00:00:00,0 --> 00:00:01,0\n1984\n", [(0, 1, "1984")]),
        ("WEBVTT\r\n\r\n00:00.000 --> 00:01.000\r\nfirst cue\r\n", [(0, 1, "first cue")]),
        (
            "WEBVTT - x\n\nNOTE\nskip --> me\n\nSTYLE\n::cue{}\n\nid 7\n00:00.000 --> 00:01.000 align:start\n"
            "<v Ann>a &lt; b<00:00.500> &amp; c</v>\n",
            [(0, 1, "a < b & c")],
        ),
        (
            "[Script Info]\nScriptType: v4.00+\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, "
            "MarginV, Effect, Text\nDialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\fscx100000}big\\Ntext\n"
            "Comment: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,no\n",
            [(1, 2, "big\ntext")],
        ),
    ],
)
def test_the_oddities_of_real_files_are_read(text, expected):
    assert texts(text) == expected


@pytest.mark.parametrize(
    ("text", "expected", "says"),
    [
        ("00:00:02,0 --> 00:00:01,0\nback\n", [(1, 2, "back")], "ended before"),
        ("00:00:01,0 --> 00:00:01,0\nblink\n", [(1, 1.2, "blink")], "too short"),
        (
            "00:00:00,0 --> 00:00:05,0\na\n\n00:00:02,0 --> 00:00:04,0\nb\n",
            [(0, 2, "a"), (2, 4, "b")],
            "overlapped",
        ),
        (
            "00:00:03,0 --> 00:00:04,0\nb\n\n00:00:01,0 --> 00:00:02,0\na\n",
            [(1, 2, "a"), (3, 4, "b")],
            "out of order",
        ),
        ("00:00:01,0 --> 00:00:02,0\na\n\n00:00:03,0 --> 00:00:04,0\n \n", [(1, 2, "a")], "no text"),
    ],
)
def test_what_is_broken_is_repaired_and_said_once(text, expected, says):
    read = read_subtitles(text)
    assert [(cue.start, cue.end, cue.text) for cue in read.cues] == expected
    assert len(read.warnings) == 1
    assert says in read.warnings[0]


def test_cues_end_with_the_narration():
    text = "00:00:01,0 --> 00:00:09,0\na\n\n00:00:20,0 --> 00:00:21,0\nb\n"
    assert texts(text, duration=5.0) == [(1, 5, "a")]


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("utf-8", "Grüße"),
        ("utf-8-sig", "Grüße"),
        ("utf-16", "Grüße"),
        ("gb18030", "深海发光的生物在黑暗中交流"),
    ],
)
def test_encodings_are_found_out(tmp_path, encoding, words):
    path = tmp_path / "talk.srt"
    path.write_bytes((ONE.replace("Hello", words) * 6).encode(encoding))
    assert read_subtitles(path).cues[0].text.startswith(words)


def test_a_guessed_encoding_is_said_and_can_be_given(tmp_path):
    path = tmp_path / "talk.srt"
    path.write_bytes(ONE.replace("Hello", "Le café déjà là, garçon, à l'été").encode("cp1252"))
    assert "were read as cp1252" in read_subtitles(path).warnings[0]
    assert read_subtitles(path, encoding="cp1252").warnings == ()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "no text"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "looks like a web page"),
        (b"just some words", "no form that is known"),
        (b"WEBVTT\n\nno cue at all\n", "without a single cue"),
        (b"x" * 5_000_001, "at most 5 MB"),
    ],
)
def test_what_is_no_subtitles_is_refused_in_words(tmp_path, content, says):
    path = tmp_path / "talk.srt"
    path.write_bytes(content)
    with pytest.raises(SubtitleError, match=says):
        read_subtitles(path)


@pytest.mark.parametrize(
    "flood",
    [
        "1" * 1_000_000,
        "\n" * 1_000_000,
        "00:00:" * 200_000,
        "-->" * 300_000,
        "<" * 1_000_000,
        "{\\" * 500_000,
    ],
    ids=["digits", "newlines", "times", "arrows", "brackets", "braces"],
)
def test_a_flood_is_answered_within_seconds(flood):
    begin = time.process_time()
    with pytest.raises(SubtitleError):
        read_subtitles(f"x\n{flood}\n")
    assert time.process_time() - begin < 5  # a catastrophic pattern takes minutes, not seconds


def test_too_many_cues_are_cut_with_a_warning():
    stamps = (f"{second // 60}:{second % 60:02d}" for second in range(MOST_CUES + 5))
    text = "".join(f"{stamp},000 --> {stamp},900\nx\n\n" for stamp in stamps)
    read = read_subtitles(text)
    assert len(read.cues) == MOST_CUES
    assert "left out" in read.warnings[0]


def test_an_unknown_format_is_told_the_right_ones():
    with pytest.raises(SubtitleError, match="srt or webvtt"):
        write_subtitles(CUES, "ttml")


def test_the_bundled_sample_reads_without_a_warning():
    from voxweave_nb.sample import sample_narration, sample_subtitles

    read = read_subtitles(sample_subtitles())
    assert len(read.cues) == 6
    assert read.warnings == ()
    folder = Path(sample_narration()).parent
    assert sum(path.stat().st_size for path in folder.iterdir() if path.is_file()) < 400_000
