"""The contract of every format: written cues are recognised and read back the same."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voxweave_nb import Cue, SubtitleError
from voxweave_nb.media.subtitles import FORMATS, read_subtitles, write_subtitles
from voxweave_nb.media.subtitles.base import SubtitleFormat

from .samples import NASTY, as_read

WRITERS = [kind for kind in FORMATS if type(kind).write is not SubtitleFormat.write]
READERS = [kind for kind in FORMATS if kind not in WRITERS]
CUES = (Cue(0.0, 1.5, "Far below the waves"), Cue(1.5, 3.25, "the light\nis gone"))


def ids(kind: SubtitleFormat) -> str:
    return kind.name


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


@pytest.mark.parametrize("kind", FORMATS, ids=ids)
def test_every_format_has_its_name_and_suffix(kind):
    assert kind.name
    assert re.fullmatch(r"\.[a-z0-9]+", kind.suffix)
    assert [other.name for other in FORMATS].count(kind.name) == 1
    assert [other.suffix for other in FORMATS].count(kind.suffix) == 1


@pytest.mark.parametrize("kind", WRITERS, ids=ids)
def test_written_cues_are_recognised_and_read_back(kind):
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
def test_text_like_markup_survives_anywhere(kind, text):
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


def test_times_have_milliseconds_even_beyond_a_day():
    late = Cue(100 * 3600 + 61.0015, 100 * 3600 + 62, "late")
    assert "100:01:01,002 --> 100:01:02,000" in write_subtitles([late], "srt")
    assert "100:01:01.002 --> 100:01:02.000" in write_subtitles([late], "webvtt")
    assert "00:00:59,999 --> 00:01:00,000" in write_subtitles([Cue(59.9994, 59.9996, "a")], "srt")


@pytest.mark.parametrize("kind", READERS, ids=ids)
def test_a_read_only_format_says_so(kind):
    with pytest.raises(SubtitleError, match="only read; choose srt or webvtt"):
        write_subtitles(CUES, kind.name)


def test_an_unknown_format_lists_the_known_ones():
    with pytest.raises(SubtitleError, match="srt or webvtt"):
        write_subtitles(CUES, "ttml")
