"""The options that name a board: which are for what, and what a folder is."""

from __future__ import annotations

import argparse

import pytest

from voxweave_nb.cli.board_options import (
    BOARD_OPTIONS,
    MAKE_OPTIONS,
    add_board_options,
    add_make_options,
    given,
)
from voxweave_nb.cli.completion import complete_options
from voxweave_nb.cli.options import Parser


@pytest.fixture
def parser() -> Parser:
    parser = Parser(prog="board")
    add_board_options(parser)
    add_make_options(parser)
    return parser


def test_every_option_is_listed(parser):
    named = {action.dest for action in parser._actions} - {"help"}
    assert named == {*BOARD_OPTIONS, *MAKE_OPTIONS}


def test_options_that_were_given_are_named(parser):
    args = parser.parse_args(["--write-usd", "0", "--anew", "3", "--name", ""])
    assert given(args, (*BOARD_OPTIONS, *MAKE_OPTIONS)) == ["--name", "--write-usd", "--anew"]
    assert given(argparse.Namespace(flag=False, other=None), ("flag", "other", "missing")) == []


def test_transitions_are_completed(parser):
    assert complete_options("--transition ", parser)[1] == ["cut", "dissolve"]
    assert complete_options("--tra", parser) == ("--tra", ["--transition"])
