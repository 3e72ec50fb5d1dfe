"""Times as text: what is formatted parses back, in every form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxweave_nb.timecode import ass_time, clock, parse_range, parse_time, srt_time, webvtt_time

milliseconds = st.integers(0, 9_999 * 3_600_000)
hundredths = st.integers(0, 9_999 * 360_000)


@given(milliseconds)
def test_subrip_and_webvtt_times_read_back(thousandths):
    for stamp in (srt_time(thousandths / 1000), webvtt_time(thousandths / 1000)):
        assert round(parse_time(stamp) * 1000) == thousandths


@given(hundredths)
def test_substation_times_read_back(count):
    assert round(parse_time(ass_time(count / 100)) * 100) == count


@given(st.integers(0, 9_999 * 3600))
def test_a_clock_reads_back(seconds):
    assert parse_time(clock(seconds)) == seconds


@given(milliseconds, milliseconds, st.sampled_from(["-->", " --> ", "\t-->\t"]))
def test_ranges_read_back(start, end, arrow):
    for form in (srt_time, webvtt_time):
        times = parse_range(f"{form(start / 1000)}{arrow}{form(end / 1000)} align:start")
        assert times is not None
        assert [round(time * 1000) for time in times] == [start, end]


@given(st.floats(0, 1e6))
def test_formatting_keeps_the_milliseconds(seconds):
    assert parse_time(webvtt_time(seconds)) == pytest.approx(seconds, abs=0.000501)


@given(st.text(max_size=40))
def test_any_text_is_parsed_without_error(text):
    assert parse_time(text) is None or isinstance(parse_time(text), float)
    assert parse_range(text) is None
    parse_range(text, loose=True)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1:02", 62.0),
        ("1:02.5", 62.5),
        ("1:00:02", 3602.0),
        ("62.5", 62.5),
        (" 7 ", 7.0),
        ("00:00:01,200", 1.2),
        ("00:00:01.200", 1.2),
        ("0:00:01.20", 1.2),
        ("00: 00: 01, 200", 1.2),
        ("00:00:10.500000000", 10.5),
        ("-0:01.5", -1.5),
        ("90:00", 5400.0),
    ],
)
def test_every_way_to_write_a_time(text, seconds):
    assert parse_time(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "soon", "1:", ":30", "1:2:3:4:5", "1:02 pm", "1e5", "nan", "--5"])
def test_other_text_is_not_a_time(text):
    assert parse_time(text) is None


@pytest.mark.parametrize("arrow", ["->", "-- >", "–>", "→", "--&gt;"])
def test_broken_arrows_need_the_loose_mode(arrow):
    line = f"0:01 {arrow} 0:02"
    assert parse_range(line) is None
    assert parse_range(line, loose=True) == (1.0, 2.0)


@pytest.mark.parametrize(
    ("seconds", "srt", "webvtt", "ass", "people"),
    [
        (0, "00:00:00,000", "00:00:00.000", "0:00:00.00", "0:00"),
        (62.25, "00:01:02,250", "00:01:02.250", "0:01:02.25", "1:02"),
        (3599.9996, "01:00:00,000", "01:00:00.000", "1:00:00.00", "59:59"),
        (36_000, "10:00:00,000", "10:00:00.000", "10:00:00.00", "10:00:00"),
        (-1, "00:00:00,000", "00:00:00.000", "0:00:00.00", "0:00"),
    ],
)
def test_times_as_formats_want_them(seconds, srt, webvtt, ass, people):
    assert srt_time(seconds) == srt
    assert webvtt_time(seconds) == webvtt
    assert ass_time(seconds) == ass
    assert clock(seconds) == people
