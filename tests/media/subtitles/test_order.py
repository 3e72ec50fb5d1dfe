"""Times that contradict each other are put right by the order of the file, and a warning tells of it."""

from __future__ import annotations

from voxweave_nb.media.subtitles import read_subtitles

from .samples import FIELD
from .test_rolling import srt, texts


def test_one_end_far_too_late_moves_nothing():
    read = read_subtitles(FIELD / "jump_ahead.srt", duration=5.4)
    assert [cue.text for cue in read.cues] == [
        "music",
        "The show was made",
        "by one person.",
        "Thanks to all.",
    ]
    assert [(cue.start, cue.end) for cue in read.cues[::3]] == [(0.5, 1.5), (2.6, 3.6)]
    assert all(1.5 <= cue.start < cue.end <= 2.6 for cue in read.cues[1:3])
    assert "2 cues with times that contradict the next ones were given times" in read.warnings[0]


def test_a_wrong_end_takes_the_next_start():
    assert texts(srt((0, 2, "a"), (2, 1, "b"), (4, 5, "c"))) == [(0, 2, "a"), (2, 4, "b"), (4, 5, "c")]


def test_a_wrong_start_takes_the_end_before():
    assert texts(srt((0, 2, "a"), (9, 3, "b"), (3, 5, "c"))) == [(0, 2, "a"), (2, 3, "b"), (3, 5, "c")]


def test_an_end_after_many_cues_is_cut():
    cues = [(0.0, 1.0, "a"), (1.0, 59.0, "b"), *((at, at + 1.0, f"c{at}") for at in range(2, 9))]
    assert texts(srt(*cues))[:3] == [(0, 1, "a"), (1, 2, "b"), (2, 3, "c2")]


def test_a_broadcasters_hour_is_taken_off():
    text = "1\n01:00:00,500 --> 01:00:02,000\na\n\n2\n01:00:02,000 --> 01:00:04,000\nb\n"
    read = read_subtitles(text, duration=5.0)
    assert [(cue.start, cue.end, cue.text) for cue in read.cues] == [(0.5, 2, "a"), (2, 4, "b")]
    assert read.warnings == (
        "The subtitles' timeline begins at 1:00:00; all times were moved back by as much.",
    )
    assert read_subtitles(text, duration=3700.0).cues[0].start == 3600.5


def test_words_move_with_their_cue():
    text = "WEBVTT\n\n10:00:00.000 --> 10:00:01.000\nfar<10:00:00.400> below\n"
    words = read_subtitles(text, duration=5.0).cues[0].words
    assert [(word.text, word.start, word.end) for word in words] == [("far", 0, 0.4), ("below", 0.4, 1)]
