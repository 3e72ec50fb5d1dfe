"""The times of words are read from every format that has them, and survive being written."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxweave_nb import Cue, GeneratedVideo, Word
from voxweave_nb.media.subtitles import read_subtitles, write_subtitles

from .samples import SCRIPT_HEAD, as_read, dialogue


def words(text: str) -> list[tuple[str, float, float, float]]:
    return [(word.text, word.start, word.end, word.sure) for word in read_subtitles(text).cues[0].words]


def vtt(body: str) -> str:
    return f"WEBVTT\n\n00:01.000 --> 00:02.000\n{body}\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("far<00:01.400> below", [("far", 1, 1.4, 1), ("below", 1.4, 2, 1)]),
        ("far<00:00:01.400><c> below</c>", [("far", 1, 1.4, 1), ("below", 1.4, 2, 1)]),
        (
            "<00:01.100>far<00:01.300> <00:01.500>below<00:01.9>",
            [("far", 1.1, 1.3, 1), ("below", 1.5, 1.9, 1)],
        ),
        ("ka<00:01.200>ra<00:01.400>oke<00:01.700> now", [("karaoke", 1, 1.7, 1), ("now", 1.7, 2, 1)]),
        ("深<00:01.500>海", [("深", 1, 1.5, 1), ("海", 1.5, 2, 1)]),
        ("ab<00:01.500> abc a", [("ab", 1, 1.5, 1), ("abc", 1.5, 1.875, 0.5), ("a", 1.875, 2, 0.5)]),
        ("<c.sure80>far</c><00:01.500> below", [("far", 1, 1.5, 0.8), ("below", 1.5, 2, 1)]),
        ("far<00:03.000> below", []),
        ("far<00:01.500> be<00:01.200>low", []),
        ("far below", []),
    ],
)
def test_words_of_webvtt_have_their_times(body, expected):
    assert words(vtt(body)) == expected


def test_syllables_of_a_song_are_words():
    text = SCRIPT_HEAD + dialogue(r"{\k20}far {\kf30}be{\K10}low {\k20}{\ko20}us")
    assert words(text) == [("far", 1, 1.2, 1), ("below", 1.2, 1.6, 1), ("us", 1.8, 2, 1)]
    assert read_subtitles(text).cues[0].text == "far below us"


WORDS = (Word("the", 1.0, 1.2), Word("sea,", 1.25, 1.5, 0.5), Word("the", 1.5, 1.75), Word("<b>", 1.75, 2.0))
TIMED = (Cue(1.0, 2.5, "the sea,\nthe <b>", WORDS), Cue(3.0, 4.0, "plain"))


def test_words_survive_webvtt():
    written = write_subtitles(TIMED, "webvtt")
    assert "the<00:00:01.200> <00:00:01.250><c.sure50>sea,</c>\n<00:00:01.500>the" in written
    assert read_subtitles(written).cues == TIMED


def test_subrip_shows_no_times_of_words():
    assert [cue.text for cue in read_subtitles(write_subtitles(TIMED, "srt")).cues] == [
        cue.text for cue in TIMED
    ]
    assert "<0" not in write_subtitles(TIMED, "srt")


@given(
    st.lists(st.tuples(st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=6)
                       .map(as_read).filter(bool), st.integers(1, 400)), min_size=1, max_size=6)
)  # fmt: skip
def test_any_words_survive_webvtt(parts):
    timed, at = [], 0
    for text, length in parts:
        timed.append(Word(text, at / 1000, (at + length) / 1000))
        at += length
    cue = Cue(0.0, max(0.2, at / 1000), " ".join(word.text for word in timed), tuple(timed))
    assert read_subtitles(write_subtitles([cue], "webvtt")).cues == (cue,)


def test_words_survive_json_and_pickle(tmp_path):
    from tests.samples import finished_video

    video = finished_video(tmp_path / "made")
    object.__setattr__(video, "cues", TIMED)
    assert GeneratedVideo.from_dict(json.loads(json.dumps(video.as_dict()))).cues == TIMED
    assert pickle.loads(pickle.dumps(TIMED)) == TIMED
