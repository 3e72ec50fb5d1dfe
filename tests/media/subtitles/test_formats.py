"""The contract of every format: what is written is recognised, reads back the same, and is shown as it was typed."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voxweave_nb import Cue, SubtitleError
from voxweave_nb.media.ffmpeg import find_ffmpeg
from voxweave_nb.media.subtitles import FORMATS, read_subtitles, write_subtitles
from voxweave_nb.media.subtitles.base import SubtitleFormat

WRITERS = [kind for kind in FORMATS if type(kind).write is not SubtitleFormat.write]
READERS = [kind for kind in FORMATS if kind not in WRITERS]
CUES = (Cue(0.0, 1.5, "Far below the waves"), Cue(1.5, 3.25, "the light\nis gone"))

NASTY = [
    "-->", "->", "00:00:01,000 --> 00:00:02,000", "0:01 -> 0:02", "0:01 → 0:02", "0:01 --&gt; 0:02", "1984", "2", "<b>",
    "</b>", "</ b>", "< b >", "<i", "<script>alert(1)</script>", "<00:01.000>", "<3", "a < b > c", "&", "&amp;",
    "&lt;b&gt;", "&#60;", "{\\an8}", "{\\b1}bold{\\b0}", "{note}", "{y:i}", "{", "\\N", "\\n", "C:\\new\\Here", "NOTE",
    "WEBVTT", "STYLE", "Dialogue: 0", "[Script Info]", "<html>", "e\u0301", "深海", "שלום", "🌊", "\u00a0", "\u3000",
    "<br>", "\u2060", "<\u2060b>", "--\u2060>",
]  # fmt: skip
"""What people type and players would take for something else."""


def ids(kind: SubtitleFormat) -> str:
    return kind.name


def as_read(text: str) -> str:
    """Cues are read with single spaces and no space or blank line at the edges."""
    lines = (re.sub("  +", " ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


@st.composite
def tidy_cues(draw: st.DrawFn) -> tuple[Cue, ...]:
    letters = st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs", "M"])
    piece = st.sampled_from(NASTY) | st.text(letters, min_size=1, max_size=12)
    line = st.lists(piece, min_size=1, max_size=4).map(lambda pieces: as_read("".join(pieces)))
    cues, at = [], 0.0
    for lines in draw(st.lists(st.lists(line.filter(bool), min_size=1, max_size=3), min_size=1, max_size=8)):
        start = round(at + draw(st.integers(0, 5_000_000)) / 1000, 3)
        at = round(start + draw(st.integers(200, 9000)) / 1000, 3)
        cues.append(Cue(start, at, "\n".join(lines)))
    return tuple(cues)


def as_players_show(written: str, kind: SubtitleFormat, work: Path) -> list[str]:
    """The captions as FFmpeg puts them into an MP4, and takes them out again."""
    film = work / "film.mp4"
    (work / "captions").write_text(written, encoding="utf-8")
    quiet = [str(find_ffmpeg().path), "-v", "error", "-y"]
    source = ["-f", kind.name, "-i", str(work / "captions")]
    subprocess.run([*quiet, *source, "-c:s", "mov_text", str(film)], check=True)
    out = subprocess.run([*quiet, "-i", str(film), "-f", "srt", "-"], check=True, capture_output=True)
    blocks = out.stdout.decode().replace("\r", "").replace("\u2060", "").strip("\n").split("\n\n")
    return [block.split("\n", 2)[2] for block in blocks]


@pytest.mark.parametrize("kind", FORMATS, ids=ids)
def test_every_format_has_a_name_and_a_suffix_of_its_own(kind):
    assert kind.name
    assert re.fullmatch(r"\.[a-z0-9]+", kind.suffix)
    assert [other.name for other in FORMATS].count(kind.name) == 1
    assert [other.suffix for other in FORMATS].count(kind.suffix) == 1


@pytest.mark.parametrize("kind", WRITERS, ids=ids)
def test_what_is_written_is_recognised_and_reads_back_the_same(kind):
    read = read_subtitles(kind.write(CUES))
    assert (read.format, read.cues, read.warnings) == (kind.name, CUES, ())
    assert write_subtitles(CUES, kind.name) == kind.write(CUES)


@pytest.mark.parametrize("kind", WRITERS, ids=ids)
@settings(deadline=None)
@given(cues=tidy_cues())
def test_any_text_survives_a_round_trip(kind, cues):
    read = read_subtitles(kind.write(cues))
    assert (read.format, read.cues, read.warnings) == (kind.name, cues, ())


@pytest.mark.parametrize("kind", WRITERS, ids=ids)
@pytest.mark.parametrize("text", NASTY)
def test_what_looks_like_markup_survives_at_the_beginning_and_in_the_middle(kind, text):
    texts = [words for words in (as_read(text), as_read(f"a {text} b"), as_read(f"a\n{text}\nb")) if words]
    cues = tuple(Cue(2.0 * place, 2.0 * place + 1, words) for place, words in enumerate(texts))
    assert read_subtitles(kind.write(cues)).cues == cues


@pytest.mark.parametrize("kind", WRITERS, ids=ids)
@settings(deadline=None)
@given(
    text=st.text(max_size=60) | st.lists(st.sampled_from(["\n", "\r", "\x0b", "\u2028", *NASTY])).map("".join)
)
def test_no_text_breaks_a_file_into_more_cues(kind, text):
    written = kind.write([Cue(1, 2, f"a{text}"), Cue(3, 4, "last")])
    read = list(kind.read(written))
    assert [(cue.start, cue.end) for cue in read] == [(1, 2), (3, 4)]
    assert read[1].text.strip() == "last"


def test_a_player_shows_every_letter_of_what_is_written_as_subrip(tmp_path):
    kind = next(kind for kind in WRITERS if kind.name == "srt")
    texts = [f"a {text} b" for text in NASTY]
    cues = [Cue(2.0 * place, 2.0 * place + 1, text) for place, text in enumerate(texts)]
    shown = as_players_show(kind.write(cues), kind, tmp_path)
    assert shown == [text.replace("\u2060", "") for text in texts]


def test_webvtt_never_lets_text_become_markup():
    typed = "<script>alert(1)</script> & --> 1 < 2"
    text = write_subtitles([Cue(0, 1, typed)], "webvtt")
    body = text.split("\n", 3)[3]
    assert "<" not in body
    assert "-->" not in body
    assert read_subtitles(text).cues == (Cue(0, 1, typed),)


@pytest.mark.parametrize("text", NASTY)
def test_webvtt_escapes_all_that_a_browser_would_take_for_markup(text):
    body = write_subtitles([Cue(0, 1, f"a {text} b")], "webvtt").split("\n", 3)[3]
    assert not re.search(r"[<>]|&(?!amp;|lt;|gt;|#123;)", body)


@pytest.mark.parametrize("text", ["Plain words", "R&D: 3 < 5", "C:\\Users", "a - b -- c", "{note} (1984)"])
def test_subrip_adds_nothing_to_text_that_no_player_would_misread(text):
    assert write_subtitles([Cue(0, 1, text)], "srt") == f"1\n00:00:00,000 --> 00:00:01,000\n{text}\n"


@pytest.mark.parametrize("text", NASTY)
def test_subrip_has_arrows_in_its_timing_lines_only(text):
    written = write_subtitles([Cue(0, 1, text)], "srt")
    assert [line for line in written.split("\n") if "-->" in line] == ["00:00:00,000 --> 00:00:01,000"]


def test_moments_are_written_to_the_millisecond_and_beyond_a_day():
    late = Cue(100 * 3600 + 61.0015, 100 * 3600 + 62, "late")
    assert "100:01:01,002 --> 100:01:02,000" in write_subtitles([late], "srt")
    assert "100:01:01.002 --> 100:01:02.000" in write_subtitles([late], "webvtt")
    assert "00:00:59,999 --> 00:01:00,000" in write_subtitles([Cue(59.9994, 59.9996, "a")], "srt")


@pytest.mark.parametrize("kind", READERS, ids=ids)
def test_a_format_that_is_only_read_says_so(kind):
    with pytest.raises(SubtitleError, match="only read; choose srt or webvtt"):
        write_subtitles(CUES, kind.name)


def test_an_unknown_format_is_told_the_right_ones():
    with pytest.raises(SubtitleError, match="srt or webvtt"):
        write_subtitles(CUES, "ttml")
