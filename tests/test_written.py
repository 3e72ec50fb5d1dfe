"""`Script`: a narration that is still a text."""

from __future__ import annotations

import pytest

from voxweave_nb import ConfigError, Script


def test_equal_scripts_have_one_file():
    assert Script("Nobody waves.").file_name == Script("Nobody waves.").file_name
    assert Script("Nobody waves.").file_name.startswith("nobody-waves-")
    others = {
        Script("Nobody waves.", **each).file_name for each in ({"rate": 1.1}, {"voice": "x"}, {"pause": 0})
    }
    assert len(others | {Script("Nobody waves.").file_name}) == 4


@pytest.mark.parametrize("text", [None, 7, b"hello"])
def test_a_text_is_a_string(text):
    with pytest.raises(ConfigError, match="give the words to speak"):
        Script(text)
