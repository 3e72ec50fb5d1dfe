"""Pauses are matched with places in the text; what fits nowhere is left out on either side."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from voxweave_nb.speech.matching import Stretch, match
from voxweave_nb.speech.text import KnownText

TEXT = KnownText.of(
    "The first one is of a middling length. Short. And this one, which is the longest of them all, goes on for a "
    "while. Here is one more. It ends."
)
RATE = 15.0


def sound_of(sentences: list[int], gap: float = 0.3) -> tuple[np.ndarray, np.ndarray]:
    """The segments and pauses of some sentences that are read at exactly the expected pace."""
    lengths = [sum(t.length for t in TEXT.tokens if t.sentence == number) / RATE for number in sentences]
    return np.array(lengths), np.full(len(lengths) - 1, gap)


def kinds(found: list[Stretch]) -> list[str]:
    return [each.kind for each in found]


def check(found: list[Stretch], segments: int) -> None:
    """The stretches cover all segments and all words, in order."""
    assert found[0].segments[0] == 0
    assert found[-1].segments[1] == segments
    assert found[0].tokens[0] == 0
    assert found[-1].tokens[1] == len(TEXT.tokens)
    for before, after in itertools.pairwise(found):
        assert before.segments[1] == after.segments[0]
        assert before.tokens[1] == after.tokens[0]


def test_each_sentence_has_its_segment():
    lengths, gaps = sound_of([0, 1, 2, 3, 4])
    found = match(lengths, gaps, TEXT.tokens, RATE)
    check(found, 5)
    assert kinds(found) == ["said"] * 5
    assert [TEXT.tokens[each.tokens[0]].sentence for each in found] == [0, 1, 2, 3, 4]


def test_a_sentence_nobody_says_is_left_out():
    lengths, gaps = sound_of([0, 1, 3, 4])
    found = match(lengths, gaps, TEXT.tokens, RATE)
    check(found, 4)
    left_out = [each for each in found if each.kind == "unspoken"]
    assert [TEXT.tokens[each.tokens[0]].sentence for each in left_out] == [2]


def test_sound_that_is_not_written_is_passed_over():
    lengths, gaps = sound_of([0, 1, 2, 2, 2, 3, 4])
    found = match(lengths, gaps, TEXT.tokens, RATE)
    check(found, 7)
    passed = [each for each in found if each.kind == "unwritten"]
    assert sum(each.segments[1] - each.segments[0] for each in passed) == 2


def test_a_cough_is_dropped():
    lengths, gaps = sound_of([0, 1, 2, 3, 4])
    found = match(np.insert(lengths, 3, 0.1), np.insert(gaps, 3, 0.3), TEXT.tokens, RATE)
    check(found, 6)
    assert "dropped" in kinds(found)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.floats(0.05, 9.0), st.floats(0.05, 2.0)), min_size=1, max_size=25), st.floats(5, 30)
)
def test_any_sound_is_covered(drawn, rate):
    lengths, gaps = np.array([each[0] for each in drawn]), np.array([each[1] for each in drawn])[1:]
    check(match(lengths, gaps, TEXT.tokens, rate), len(lengths))


def test_nothing_matches_nothing():
    assert match(np.empty(0), np.empty(0), TEXT.tokens, RATE) == []
    assert match(np.array([1.0]), np.empty(0), [], RATE) == []
