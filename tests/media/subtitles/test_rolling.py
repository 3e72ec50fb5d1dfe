"""Captions that say a line several times: each line is shown once, with the times of its words."""

from __future__ import annotations

import re

import pytest

from voxweave_nb.media.subtitles import read_subtitles

from .samples import FIELD

LINES = ["the sea is far", "below us and the", "waves come and go", "until the evening"]
SEA = [("the", 0.08, 0.28), ("sea", 0.28, 0.48), ("is", 0.48, 0.68), ("far", 0.68, 1.2)]
WIND = [("we", 0.5, 0.9), ("listen", 0.9, 1.3), ("to", 1.3, 1.7), ("the", 1.7, 2.1), ("wind", 2.1, 2.5)]


def timed(cue) -> list[tuple[str, float, float]]:
    return [(word.text, word.start, word.end) for word in cue.words]


def srt(*cues: tuple[float, float, str]) -> str:
    return "\n".join(f"00:{start:06.3f} --> 00:{end:06.3f}\n{text}\n" for start, end, text in cues)


def texts(text: str) -> list[tuple[float, float, str]]:
    return [(cue.start, cue.end, cue.text) for cue in read_subtitles(text).cues]


def test_automatic_captions_show_each_line_once():
    read = read_subtitles(FIELD / "youtube_auto.vtt")
    assert [cue.text for cue in read.cues] == LINES
    assert timed(read.cues[0]) == SEA
    assert [len(cue.words) for cue in read.cues] == [4, 4, 4, 3]
    assert "7 cues that repeated a line of the one before" in read.warnings[0]


@pytest.mark.parametrize("tags", [True, False])
def test_automatic_captions_may_be_subrip(tags):
    vtt = (FIELD / "youtube_auto.vtt").read_text(encoding="utf-8").partition("\n\n")[2]
    text = re.sub(r" align.*", "", vtt) if tags else re.sub(r" align.*|<[^>]*>", "", vtt)
    read = read_subtitles(re.sub(r"(\d)\.(\d{3} |\d{3}\n)", r"\1,\2", text))
    assert (read.format, [cue.text for cue in read.cues]) == ("srt", LINES)
    assert timed(read.cues[0]) == (SEA if tags else [])


def test_lines_may_roll_without_short_cues():
    rolling = srt((0, 1, "one"), (1, 2, "one\ntwo"), (2, 3, "two\nthree"), (3, 4, "three\nfour"))
    assert [text for _, _, text in texts(rolling)] == ["one", "two", "three", "four"]


@pytest.mark.parametrize(
    "lines", [["la la"] * 4, ["la la\nla"] * 4, ["hello", "hello\nyou", "and me", "bye"]]
)
def test_a_refrain_is_not_rolling(lines):
    cues = [(float(at), at + 1.0, line) for at, line in enumerate(lines)]
    assert texts(srt(*cues)) == cues


def test_a_sentence_for_each_word_is_shown_once():
    read = read_subtitles(FIELD / "words_underlined.srt")
    assert [(cue.start, cue.end, cue.text) for cue in read.cues] == [
        (0.5, 2.5, "we listen to the wind"),
        (3.0, 4.0, "until the evening"),
    ]
    assert timed(read.cues[0]) == WIND


@pytest.mark.parametrize("between", ["nothing", "the sentence without a mark"])
@pytest.mark.parametrize("mark", ["u", "b", "i", 'font color="#00ff00"'])
def test_words_may_have_gaps_between_them(between, mark):
    words = ["the", "sea", "the", "sea"]
    cues = []
    for place in range(4):
        marked = [
            f"<{mark}>{word}</{mark.split()[0]}>" if at == place else word for at, word in enumerate(words)
        ]
        cues.append((place * 0.5, place * 0.5 + 0.4, " ".join(marked)))
        if between != "nothing" and place < 3:
            cues.append((place * 0.5 + 0.4, place * 0.5 + 0.5, " ".join(words)))
    read = read_subtitles(srt(*cues))
    assert [(cue.start, cue.end, cue.text) for cue in read.cues] == [(0.0, 1.9, "the sea the sea")]
    assert timed(read.cues[0]) == [(word, at * 0.5, at * 0.5 + 0.4) for at, word in enumerate(words)]


def test_a_sentence_may_grow_word_by_word():
    read = read_subtitles(srt((0, 0.4, "we"), (0.4, 0.8, "we hear"), (0.8, 1.5, "we hear it"), (2, 3, "now")))
    assert [(cue.start, cue.end, cue.text) for cue in read.cues] == [(0, 1.5, "we hear it"), (2, 3, "now")]
    assert timed(read.cues[0]) == [("we", 0, 0.4), ("hear", 0.4, 0.8), ("it", 0.8, 1.5)]


def test_a_stressed_word_is_not_timed():
    read = read_subtitles(
        srt((0, 1, "we <i>really</i> mean it"), (1, 2, "do <i>you</i> hear"), (2, 3, "yes"))
    )
    assert [cue.text for cue in read.cues] == ["we really mean it", "do you hear", "yes"]
    assert not any(cue.words for cue in read.cues)
    assert read.warnings == ()
