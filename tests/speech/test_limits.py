"""The script of a text tells how long its captions may be."""

from __future__ import annotations

import pytest

from voxweave_nb.speech.limits import LIMITS, limits_for, units_of


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("The sea is far below.", None, "alphabet"),
        ("深海里没有阳光", None, "zh"),
        ("深海の光は消える", None, "ja"),
        ("깊은 바다", None, "ko"),
        ("海", "ja-JP", "ja"),
        ("في البحر", "ar", "alphabet"),
        ("", None, "alphabet"),
        ("He wrote 海 on the wall.", None, "alphabet"),
    ],
)
def test_limits_follow_the_script(text, language, name):
    assert limits_for(text, language) is LIMITS[name]


def test_width_counts_ideographs_twice():
    assert units_of("ab海") == 4
    assert units_of("e\u0301") == 1
