"""The options of the magics."""

from __future__ import annotations

import pytest

from voxweave_nb import ConfigError
from voxweave_nb.cli.magic import magic_parser


def test_help_needs_no_narration():
    assert "--subtitle-mode" in magic_parser().format_help()


@pytest.mark.parametrize("word", ["2fast", "a-b", ""])
def test_a_variable_has_a_valid_name(word):
    with pytest.raises(ConfigError, match="not a valid name"):
        magic_parser().parse_args(["--sample", "--into", word])


def test_a_bare_narration_is_told_its_option():
    with pytest.raises(
        ConfigError, match=r"arguments: talk\.wav\. The narration is given with --audio FILE\."
    ):
        magic_parser().parse_args(["talk.wav"])


def test_a_wrong_option_points_to_the_help():
    with pytest.raises(ConfigError, match=r"Did you mean '--style'\? `%%voxweave --help` lists the options"):
        magic_parser().parse_args(["--sample", "--styel", "anime"])
