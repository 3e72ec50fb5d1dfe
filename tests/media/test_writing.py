"""Writing systems, as far as captions and titles have to know them."""

from __future__ import annotations

import pytest

from voxweave_nb.media.writing import joined_letters, right_to_left, spaceless


@pytest.mark.parametrize("text", ["深海", "うみ", "カタカナ", "ทะเล", "ទន្លេ", "ພາສາ", "ﾊﾝｶｸ"])
def test_these_put_no_space_between_words(text):
    assert all(spaceless(character) for character in text)


@pytest.mark.parametrize("text", ["sea", "море", "바다", "θάλασσα", "البحر", "ים", "समुद्र"])
def test_these_put_space_between_words(text):
    assert not any(spaceless(character) for character in text)


@pytest.mark.parametrize(
    ("text", "backwards"),
    [
        ("שלום", True),
        ("… 12 שלום abc", True),
        ("البحر", True),
        ("abc שלום", False),
        ("深海", False),
        ("123", False),
    ],
)
def test_the_first_letter_gives_the_direction(text, backwards):
    assert right_to_left(text) is backwards


@pytest.mark.parametrize(
    ("text", "joined"),
    [("البحر", True), ("שלום", True), ("समुद्र", True), ("ทะเล", True), ("sea ים", True), ("Deep sea", False),
     ("深海", False), ("바다", False)],
)  # fmt: skip
def test_some_letters_bear_no_spacing(text, joined):
    assert joined_letters(text) is joined
