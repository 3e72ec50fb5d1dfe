"""Broken cues are repaired, and every kind of repair is said once, with its count."""

from __future__ import annotations

import time

import pytest

from voxweave_nb import SubtitleError
from voxweave_nb.media.subtitles import MOST_CUES, Subtitles, read_subtitles


def cues_of(read: Subtitles) -> list[tuple[float, float, str]]:
    return [(cue.start, cue.end, cue.text) for cue in read.cues]


def clock(second: int) -> str:
    return f"{second // 60}:{second % 60:02d}"


REPAIRS = {
    "the end before the beginning": (
        "00:00:02,0 --> 00:00:01,0\nback\n",
        [(1, 2, "back")],
        "The subtitles (1 cue) were repaired: 1 cue with the end before the start was reversed.",
    ),
    "no time at all": (
        "00:00:01,0 --> 00:00:01,0\nblink\n",
        [(1, 1.2, "blink")],
        "The subtitles (1 cue) were repaired: 1 cue shorter than 0.2 s was lengthened.",
    ),
    "less than a fifth of a second": (
        "0:01 --> 0:01.199\nblink\n\n0:02 --> 0:02.2\nseen\n",
        [(1, 1.2, "blink"), (2, 2.2, "seen")],
        "The subtitles (2 cues) were repaired: 1 cue shorter than 0.2 s was lengthened.",
    ),
    "an overlap": (
        "00:00:00,0 --> 00:00:02,4\na\n\n00:00:02,0 --> 00:00:04,0\nb\n",
        [(0, 2, "a"), (2, 4, "b")],
        "The subtitles (2 cues) were repaired: 1 cue that overlapped the next one was shortened.",
    ),
    "out of order": (
        "00:00:03,0 --> 00:00:04,0\nb\n\n00:00:01,0 --> 00:00:02,0\na\n",
        [(1, 2, "a"), (3, 4, "b")],
        "The subtitles (2 cues) were repaired: 1 cue out of order was sorted.",
    ),
    "no text": (
        "00:00:01,0 --> 00:00:02,0\na\n\n00:00:03,0 --> 00:00:04,0\n \n",
        [(1, 2, "a")],
        "The subtitles (2 cues) were repaired: 1 cue without text was left out.",
    ),
    "only markup": (
        "0:01 --> 0:02\na\n\n0:03 --> 0:04\n<b></b>\n\n0:05 --> 0:06\n\x07\t\n",
        [(1, 2, "a")],
        "The subtitles (3 cues) were repaired: 2 cues without text were left out.",
    ),
    "two at once": (
        "0:01 --> 0:02\na\n\n0:01 --> 0:03\nb\n",
        [(1, 2, "a\nb"), (2, 3, "b")],
        "The subtitles (2 cues) were repaired: 1 cue at the same time as another was shown together with it.",
    ),
    "two nearly at once": (
        "0:01 --> 0:05\na\n\n0:01.199 --> 0:03\nb\n\n0:01.2 --> 0:03\nc\n",
        [(1, 1.2, "a\nb"), (1.2, 3, "a\nb\nc"), (3, 5, "a")],
        "The subtitles (3 cues) were repaired: 2 cues at the same time as another were shown together with it.",
    ),
    "one twice": (
        "0:01 --> 0:02\nsame\n\n0:01 --> 0:02\nsame\n",
        [(1, 2, "same")],
        "The subtitles (2 cues) were repaired: 1 cue at the same time as another was shown together with it.",
    ),
    "a line in both": (
        "0:01 --> 0:02\nla\nla\n\n0:01 --> 0:02\nla\nlo\nlo\n",
        [(1, 2, "la\nla\nlo\nlo")],
        "The subtitles (2 cues) were repaired: 1 cue at the same time as another was shown together with it.",
    ),
    "a novel": (
        f"0:01 --> 0:02\n{'a' * 1001}\n\n0:03 --> 0:04\n{'b' * 1000}\n",
        [(1, 2, "a" * 999 + "…"), (3, 4, "b" * 1000)],
        "The subtitles (2 cues) were repaired: 1 cue longer than 1,000 characters was cut.",
    ),
    "after the end": (
        "0:01 --> 0:02\na\n\n0:20 --> 0:21\nb\n",
        [(1, 2, "a")],
        "The subtitles (2 cues) were repaired: 1 cue after the end of the narration was left out.",
    ),
    "a moment before the end": (
        "0:01 --> 0:02\na\n\n0:09.801 --> 0:11\nb\n",
        [(1, 2, "a")],
        "The subtitles (2 cues) were repaired: 1 cue after the end of the narration was left out.",
    ),
    "before the beginning": (
        "-0:05 --> -0:03\nearly\n\n-0:02 --> 0:00\nearly\n\n-0:01 --> 0:02\na\n",
        [(0, 2, "a")],
        "The subtitles (3 cues) were repaired: 2 cues before the start of the narration were left out.",
    ),
    "several kinds, in the order of the work": (
        "0:04 --> 0:03\nc\n\n0:01 --> 0:01\na\n\n0:02 --> 0:02\nb\n",
        [(1, 1.2, "a"), (2, 2.2, "b"), (3, 4, "c")],
        "The subtitles (3 cues) were repaired: 1 cue with the end before the start was reversed; 1 cue out of "
        "order was sorted; 2 cues shorter than 0.2 s were lengthened.",
    ),
}


@pytest.mark.parametrize("fault", REPAIRS)
def test_every_fault_is_repaired_and_reported_once(fault):
    text, expected, says = REPAIRS[fault]
    read = read_subtitles(text, duration=10.0)
    assert cues_of(read) == expected
    assert read.warnings == (says,)


def test_cues_end_with_the_narration():
    text = "00:00:01,0 --> 00:00:09,0\na\n\n00:00:20,0 --> 00:00:21,0\nb\n"
    assert cues_of(read_subtitles(text, duration=5.0)) == [(1, 5, "a")]
    assert cues_of(read_subtitles(text)) == [(1, 9, "a"), (20, 21, "b")]


def test_outlasting_the_narration_is_not_a_fault():
    read = read_subtitles("0:01 --> 0:09\na\n\n0:04.8 --> 0:09\nb\n", duration=5.0)
    assert [(cue.start, cue.end) for cue in read.cues] == [(1, 4.8), (4.8, 5)]
    assert "overlapped" in read.warnings[0]
    assert read_subtitles("0:01 --> 0:09\na\n", duration=5.0).warnings == ()


def test_subtitles_of_another_narration_are_refused():
    with pytest.raises(SubtitleError, match="1 cue after the end of the narration was left out") as caught:
        read_subtitles("0:20 --> 0:21\na\n", duration=5.0)
    assert "within the narration, were expected" in str(caught.value)


def test_control_characters_and_repeated_spaces_are_removed():
    read = read_subtitles("0:01 --> 0:02\n\x07a \t  b\x1b[31m\u2028c\u3000d\u00a0!\n  \x85e\u200f\x9f\n")
    assert [cue.text for cue in read.cues] == ["a b [31m\nc\u3000d\u00a0!\ne\u200f"]


def test_a_guess_is_reported_before_the_repairs(tmp_path):
    path = tmp_path / "talk.srt"
    path.write_bytes("0:02 --> 0:01\nDéjà là, garçon.\n".encode("cp1252"))
    read = read_subtitles(path)
    assert "were read as cp1252" in read.warnings[0]
    assert "reversed" in read.warnings[1]


def test_too_many_cues_are_cut_and_counted():
    text = "".join(f"{clock(second)},000 --> {clock(second)},900\nx\n\n" for second in range(MOST_CUES + 5))
    read = read_subtitles(text)
    assert len(read.cues) == MOST_CUES
    assert read.warnings == (
        "The subtitles (20,005 cues) were repaired: 5 cues over the limit of 20,000 were left out.",
    )


@pytest.mark.slow
def test_the_largest_number_of_cues_is_accepted():
    text = "".join(f"{clock(second)} --> {clock(second)}.9\nx\n" for second in range(MOST_CUES))
    assert read_subtitles(text).warnings == ()


@pytest.mark.slow
@pytest.mark.parametrize("apart", [0, 1], ids=["at one moment", "one after another"])
def test_a_hundred_thousand_cues_take_seconds(apart):
    moments = (clock(index * apart) for index in range(100_000))
    text = "".join(f"{moment} --> {moment}.9\nwords {place}\n" for place, moment in enumerate(moments))
    begin = time.process_time()
    read_subtitles(text)
    assert time.process_time() - begin < 5
