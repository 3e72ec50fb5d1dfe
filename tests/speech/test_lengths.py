"""The estimated length of a word follows how it is read, not how it is written."""

from __future__ import annotations

import pytest

from voxweave_nb.speech.lengths import length_of


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1,250", "onethousandtwohundredfifty"),
        ("1971", "nineteenseventyone"),
        ("3.5", "threepointfive"),
        ("12%", "twelvepercent"),
        ("BBC", "beebeesee"),
        ("Dr.", "doctor"),
        ("2,000,000", "twomillion"),
        ("٣٥", "thirtyfive"),
    ],
)
def test_numbers_and_short_forms_count_as_read(written, read):
    assert length_of(written) == pytest.approx(length_of(read), rel=0.35)


def test_units_are_said_whole_after_a_number():
    assert length_of("km", after_number=True) > 2 * length_of("km")


def test_signs_alone_are_not_said():
    assert [length_of(text) for text in ("—", "🎉", "***", "", "“")] == [0] * 5


def test_ideographs_take_longer_than_letters():
    assert length_of("海") > 2 * (length_of("ab") - length_of("a"))
    assert length_of("0" * 40) > 100  # read digit by digit
