"""The matcher of IPython: which calls are ours, and that it is added once."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

import voxweave_nb
from voxweave_nb import VideoConfig
from voxweave_nb.completion import complete, register_matcher


def test_the_matcher_is_added_once():
    shell = SimpleNamespace(Completer=SimpleNamespace(custom_matchers=[]), user_ns={})
    register_matcher(shell)
    register_matcher(shell)
    assert len(shell.Completer.custom_matchers) == 1


def test_a_shell_without_matchers_is_left_alone():
    register_matcher(SimpleNamespace())


def test_the_first_use_offers_completion(monkeypatch):
    shell = SimpleNamespace(Completer=SimpleNamespace(custom_matchers=[]), user_ns={})
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    voxweave_nb.__getattr__("VideoConfig")
    assert [each.matcher_identifier for each in shell.Completer.custom_matchers] == ["voxweave_nb"]


@pytest.mark.parametrize(
    "before",
    [
        "VideoConfig(style='",
        "VideoConfig(fps=4, style='",
        "c.replace(style='",
        "f(VideoConfig(style='",
        "VideoConfig(prompt=f('a)'), style='",
    ],
)
def test_calls_of_this_package_are_completed(before):
    assert "anime" in complete(before, {"c": VideoConfig(), "f": print})[1]


@pytest.mark.parametrize(
    "before",
    [
        "",
        "style='",
        "print(style='",
        "VideoConfig(), print(style='",
        "[style='",
        "VideoConfig(prompt='",
        "f(style='" * 9_000,
    ],
)
def test_other_texts_are_not_completed(before):
    assert complete(before, {"print": print, "f": print})[1] == []
