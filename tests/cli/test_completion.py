"""Completion of a line of options."""

from __future__ import annotations

import pytest

from voxweave_nb import VideoStyle
from voxweave_nb.cli.completion import complete_options, values_of
from voxweave_nb.cli.options import Parser, add_video_options


@pytest.fixture
def parser():
    parser = Parser(prog="video")
    parser.add_argument("--audio")
    add_video_options(parser)
    return parser


def test_options_without_a_value_are_followed_by_options(parser):
    assert "--style" in complete_options("--reduce-motion ", parser)[1]
    assert complete_options("--style anime --qua", parser) == ("--qua", ["--quality"])


def test_free_text_offers_nothing(parser):
    assert complete_options("--prompt ", parser)[1] == []
    assert complete_options("--prompt 'rain and", parser) == ("'rain and", [])
    assert complete_options("anime", parser)[1] == []


def test_every_style_is_offered(parser):
    assert values_of("style") == [style.value for style in VideoStyle]
    assert complete_options("--style ", parser) == ("", values_of("style"))


def test_models_are_those_of_the_provider(parser):
    own = complete_options("--provider zai --model ", parser)[1]
    assert "cogvideox-3" in own
    assert "sora-2" not in own
    assert {*own, "sora-2"} <= set(complete_options("--model ", parser)[1])


def test_hidden_files_are_offered_when_asked_for(parser, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in (".hidden.mp3", "talk.mp3", "it's.mp3"):
        (tmp_path / name).touch()
    assert complete_options("--audio ", parser)[1] == ["it\\'s.mp3", "talk.mp3"]
    assert complete_options("--audio .", parser)[1] == [".hidden.mp3"]
    assert complete_options("--audio it\\'", parser) == ("it\\'", ["it\\'s.mp3"])
    assert complete_options("--audio nowhere/", parser) == ("nowhere/", [])
