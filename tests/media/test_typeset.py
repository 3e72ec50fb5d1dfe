"""Lines that fit: broken where the script allows it, without losing a letter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxweave_nb.media.typeset import broken, fits_by_spaces, pieces, width_of

CHINESE = "海洋深处的光线几乎完全消失只有少数生物能够在黑暗中发出自己的光芒照亮周围的世界"
THAI = "ในทะเลลึกแสงแดดแทบจะหายไปหมดมีเพียงสิ่งมีชีวิตไม่กี่ชนิดที่ส่องแสงได้เองในความมืด"
URL = "https://example.org/a/very/long/path/that-never-ends/and_goes_on?with=parameters"


@pytest.mark.parametrize("text", [CHINESE, THAI, URL, "See " + URL, "x" * 90, "深海 and 光 of the 世界" * 4])
@pytest.mark.parametrize("widest", [8.0, 12.0, 30.0])
def test_no_line_is_too_wide(text, widest):
    rows = broken(text, widest)
    assert max(map(width_of, rows)) <= widest
    assert "".join(rows).replace(" ", "") == text.replace(" ", "")


def test_lines_are_of_similar_length():
    rows = [len(row) for row in broken(CHINESE, 30.0)]
    assert len(rows) == 2
    assert abs(rows[0] - rows[1]) <= 2


def test_signs_stay_with_their_letters():
    rows = broken(
        "深海では、太陽の光がほとんど届かないため、生き物たちは「自分の光」で周りを照らしています。" * 2, 9.0
    )
    assert not any(row[0] in "、。」ゃっ" or row[-1] == "「" for row in rows)


def test_thai_is_broken_between_syllables():
    assert all(row[0] in "เแโใไ" for row in broken(THAI, 20.0))
    assert pieces("ทะเลลึก") == ["ทะ", "เลลึก"]


def test_an_address_is_broken_after_a_sign():
    assert all(row[-1] in "/-_.?&=" for row in broken(URL, 12.0)[:-1])


def test_spaces_are_left_to_libass():
    assert fits_by_spaces("the sea is far below us", 9.0)
    assert not fits_by_spaces(CHINESE, 9.0)
    assert not fits_by_spaces(URL, 9.0)
    assert fits_by_spaces("深海", 9.0)


@given(st.text(min_size=1, max_size=60), st.floats(1.5, 30))
def test_no_letter_is_lost(text, widest):
    rows = broken(text, widest)
    assert "".join(rows).replace(" ", "") == text.replace(" ", "")
