"""Words of a recogniser, moved to the pauses of the sound."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.speech.voices import STORY, say
from voxweave_nb import Word
from voxweave_nb.speech.hearing import listen
from voxweave_nb.speech.snapping import snapped
from voxweave_nb.speech.text import tokens_of


def stamped(speech, early: float, late: float) -> list[Word]:
    """The words as recognisers stamp them: the first one of a sentence too early, the last one too late."""
    words = []
    for sentence, times in zip(STORY, speech.words, strict=True):
        for number, (token, (start, end)) in enumerate(zip(tokens_of(sentence), times, strict=True)):
            begin = start - early if not number else start
            stop = end + late if number == len(times) - 1 else end
            words.append(Word(token.text, max(0.0, begin), stop, 0.9))
    return words


def errors(words: list[Word], speech) -> list[float]:
    ends = np.cumsum([len(times) for times in speech.words])
    firsts = [0, *ends[:-1]]
    return [
        abs(words[number].start - start) for number, (start, _) in zip(firsts, speech.sentences, strict=True)
    ]


def test_sentences_begin_with_their_sound():
    speech = say(STORY, pause=(0.4, 0.7))
    words = stamped(speech, 0.3, 0.15)
    found = snapped(words, listen(speech.samples))
    assert np.mean(errors(words, speech)) > 0.25
    assert np.mean(errors(found, speech)) < 0.03


def test_good_stamps_stay_where_they_are():
    speech = say(STORY, pause=(0.4, 0.7))
    words = stamped(speech, 0.0, 0.0)
    found = snapped(words, listen(speech.samples))
    assert max(abs(a.start - b.start) for a, b in zip(words, found, strict=True)) < 0.08


@given(
    st.lists(st.tuples(st.floats(0, 12), st.floats(0, 3)), max_size=12),
    st.integers(0, 3),
)
def test_words_never_overlap(times, count):
    heard = listen(say(STORY[:count]).samples) if count else listen(np.zeros(16_000, np.int16))
    words = [Word(f"w{k}", start, start + length) for k, (start, length) in enumerate(sorted(times))]
    found = snapped(words, heard)
    assert [word.text for word in found] == [word.text for word in words]
    for before, after in itertools.pairwise(found):
        assert before.start <= before.end <= after.start + 1e-9
