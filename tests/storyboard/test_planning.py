"""A board is planned once: the same call opens the same board, and pays a chat model only once."""

from __future__ import annotations

import pytest

from tests.storyboard.conftest import srt
from voxweave_nb import ConfigError, PromptWriter, VideoGenerationService, runtime
from voxweave_nb.storyboard.planning import Wish, find_board, preview_board


def test_the_same_call_opens_the_same_board(plan):
    board = plan()
    board.scenes[2].prompt = "a lamp"
    assert plan().path == board.path
    assert plan().scenes[2].prompt == "a lamp"


def test_other_keys_open_a_named_providers_board(plan, talk, service):
    board = plan()
    options = {"subtitles": srt(), "provider": "zai", "resolution": "720p", "target": 5.0}
    with VideoGenerationService(["fal", "local"], settings=service.settings) as other:
        assert other.storyboard(talk, **options).result(60).path == board.path


def test_another_call_touches_no_board(plan):
    board = plan()
    before = board.folder.read()
    other = plan(bible="teal dusk")
    assert (board.path.name, other.path.name) == ("talk.board", "talk-2.board")
    assert board.folder.read() == before


def test_a_preview_is_the_board_and_writes_nothing(plan, service, talk, tmp_path):
    options = {"subtitles": srt(), "provider": "zai", "resolution": "720p"}
    wish = Wish.of(service.request(talk, **options), target=5.0)
    before = runtime.submit(preview_board(service._studio, wish)).result(60)
    assert not (tmp_path / "out").exists()
    assert find_board(service._studio, wish) is None
    board = plan()
    found = find_board(service._studio, wish)
    assert (found.folder.path, found.scenes) == (board.path, len(board.scenes))
    assert (before.scenes, before.usd) == (found.scenes, found.usd) == (3, pytest.approx(0.6))


@pytest.mark.parametrize(
    "options", [{"transition": "wipe"}, {"target": -1}, {"name": "a/b"}, {"write": "gpt"}]
)
def test_wrong_options_are_told(plan, options):
    with pytest.raises(ConfigError):
        plan(**options)


def test_a_failed_writer_leaves_a_board(plan, sandbox):
    board = plan(write=PromptWriter(base_url=sandbox.closed_url(), model="m", usd=0.01))
    assert len(board.scenes) == 3
    assert any("were not written by m" in each for each in board.warnings)
