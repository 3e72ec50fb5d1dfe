"""Each word belongs to one scene, by its own time or by an estimate between pauses."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxweave_nb.models import Cue, Word
from voxweave_nb.storyboard.cutting import boundaries
from voxweave_nb.storyboard.spoken import Transcript, silences


def timed(text: str, start: float = 0.0, each: float = 0.5) -> Cue:
    words = [Word(word, start + n * each, start + (n + 1) * each) for n, word in enumerate(text.split())]
    return Cue(start, words[-1].end, text, tuple(words))


def test_words_are_split_by_their_times():
    cue = timed("The ferry leaves at six, and the gulls follow it.")
    transcript = Transcript([cue])
    assert transcript.between(0, 2.5) == "The ferry leaves at six,"
    assert transcript.between(2.5, 5) == "and the gulls follow it."


def test_a_pause_is_taken_for_the_comma():
    cue = Cue(0, 10, "A rather long beginning of it, and the rest.")
    # By its letters alone, the comma would come 1.6 s later than the pause.
    transcript = Transcript([cue], [(5.0, 5.4)])
    assert transcript.between(0, 5.2) == "A rather long beginning of it,"
    assert transcript.between(5.2, 10) == "and the rest."


def test_captions_that_linger_are_shortened():
    cue = Cue(0, 10, "one two three four")
    words = Transcript([cue], [(0, 1), (5, 10)]).words(0)
    assert (words[0].start, words[-1].end) == (1, 5)


@pytest.mark.parametrize("pause", [(4.3, 4.8), (4.55, 4.55)])
def test_the_last_word_stays_before_the_cut(pause):
    cues = [Cue(0, 5, "This stays on for too long."), Cue(5, 9, "And this follows.")]
    transcript = Transcript(cues, [pause])
    assert transcript.between(0, 4.55) == "This stays on for too long."
    assert transcript.between(4.55, 9) == "And this follows."


def test_the_first_word_stays_behind_the_cut():
    cues = [Cue(0, 5, "This goes on a little."), Cue(5, 9, "And this comes too early.")]
    transcript = Transcript(cues, [(5.3, 5.5)])
    assert transcript.between(0, 5.4) == "This goes on a little."
    assert transcript.between(5.4, 9) == "And this comes too early."


def test_writing_without_spaces_is_split():
    transcript = Transcript([Cue(0, 8, "港は朝の光の中。船が出ていく。")], [(4.0, 4.5)])
    assert transcript.between(0, 4.2) == "港は朝の光の中。"
    assert transcript.between(4.2, 8) == "船が出ていく。"


def test_incomplete_words_are_estimated():
    cue = Cue(0, 4, "carried over\nnew line", (Word("new", 2, 3), Word("line", 3, 4)))
    words = Transcript([cue]).words(0)
    assert not any(word.known for word in words)
    assert "".join(word.text for word in words) == cue.text
    assert Transcript([cue]).intervals() == [(2, 3), (3, 4)]


def test_one_marked_word_says_nothing():
    cue = Cue(0, 4, "one marked word", (Word("marked", 0, 4),))
    assert Transcript([cue]).intervals() == []
    assert Transcript([cue]).span(0) == (0, 4, False)


def test_a_phrase_has_its_time():
    transcript = Transcript(
        [timed("One sentence here."), timed("And then, the other one. And then?", start=2)]
    )
    assert transcript.time_of("and then", 0, 10) == 2
    assert transcript.time_of("AND THEN the", 0, 10) == 2
    assert transcript.time_of("and then", 2.5, 10) == 4.5
    assert transcript.time_of("here and", 0, 10) == 1
    assert transcript.time_of("he other", 0, 10) is None
    assert transcript.time_of("nowhere", 0, 10) is None
    assert transcript.time_of("...", 0, 10) is None


def test_silences_are_joined_and_kept_within():
    assert silences([(5, 6), (-1, 0.5), (0.4, 1), (9, 20), (30, 40)], 10) == [(0, 1), (5, 6), (9, 10)]


TEXTS = st.lists(st.text("abc ,.中文\n'", min_size=1, max_size=40), max_size=6)


@given(TEXTS, st.lists(st.tuples(st.floats(0, 40), st.floats(0, 3))), st.lists(st.floats(0, 60), max_size=4))
def test_every_word_is_in_one_scene(texts, pauses, cuts):
    cues = [Cue(7.0 * n, 7.0 * n + 8, text) for n, text in enumerate(texts)]
    transcript = Transcript(cues, [(start, start + long) for start, long in pauses])
    edges = [0.0, *sorted(cuts), 100.0]
    parts = [transcript.between(start, end) for start, end in itertools.pairwise(edges)]
    letters = sorted("".join("".join(parts).split()))
    assert letters == sorted("".join("".join(texts).split()))
    for number, cue in enumerate(cues):
        words = transcript.words(number)
        times = [time for word in words for time in (word.start, word.end)]
        assert times == sorted(times)
        assert all(cue.start <= time <= cue.end for time in times)


def test_boundaries_serve_as_pauses():
    text = "A rather long beginning of it, and the rest. Then it goes on for a little while, and ends."
    cues = [Cue(0, 20, text)]
    places = boundaries(cues, [(6.2, 6.6), (10.3, 11.1), (16.0, 16.3)], 20)
    transcript = Transcript(cues, [(each.time, each.time) for each in places[1:-1]])
    edges = [each.time for each in places]
    assert [transcript.between(start, end) for start, end in itertools.pairwise(edges)] == [
        "A rather long beginning of it,",
        "and the rest.",
        "Then it goes on for a little while,",
        "and ends.",
    ]
