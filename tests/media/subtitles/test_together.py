"""Two speakers at once: while both speak, both are shown, and nobody is cut off."""

from __future__ import annotations

from .test_rolling import srt, texts

A, B, C = "- Wait!", "- I cannot.", "- Why not?"


def test_two_speakers_are_shown_together():
    assert texts(srt((0, 4, A), (2, 6, B))) == [(0, 2, A), (2, 4, f"{A}\n{B}"), (4, 6, B)]


def test_the_longer_speaker_comes_back():
    assert texts(srt((0, 6, A), (2, 4, B))) == [(0, 2, A), (2, 4, f"{A}\n{B}"), (4, 6, A)]
    assert texts(srt((0, 6, A), (1, 1.3, B))) == [(0, 1, A), (1, 1.3, f"{A}\n{B}"), (1.3, 6, A)]


def test_three_speakers_are_shown_together():
    both = f"{A}\n{B}"
    assert texts(srt((0, 5, A), (1, 5, B), (2, 4, C))) == [
        (0, 1, A),
        (1, 2, both),
        (2, 4, f"{both}\n{C}"),
        (4, 5, both),
    ]


def test_a_careless_end_is_cut():
    assert texts(srt((0, 2.3, A), (2, 4, B))) == [(0, 2, A), (2, 4, B)]


def test_captions_that_always_overlap_follow_one_another():
    cues = [(at * 2.0, at * 2.0 + 4, f"line {at}") for at in range(10)]
    assert [text for _, _, text in texts(srt(*cues))] == [f"line {at}" for at in range(10)]
