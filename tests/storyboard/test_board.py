"""A board in a notebook: edits by number, two programs, opening again."""

from __future__ import annotations

import pytest

from tests.storyboard.conftest import SENTENCES
from voxweave_nb import ConfigError, Settings
from voxweave_nb.storyboard.board import Storyboard


@pytest.fixture
def other(board, service):
    """The same board in another program."""
    return Storyboard.open(board.path, service=service)


def test_scenes_are_counted_from_one(board):
    assert board.scenes[1].start == 0
    assert board.scenes[1].words.startswith(SENTENCES[0])
    assert board.scenes[len(board.scenes)].end == 30
    assert board.scenes[-1] == board.scenes[len(board.scenes)]
    assert [scene.number for scene in board.scenes] == [1, 2, 3]
    assert [scene.number for scene in board.scenes[2:]] == [2, 3]


@pytest.mark.parametrize("number", [0, 99, -99, "1", True])
def test_other_numbers_are_told(board, number):
    with pytest.raises(ConfigError, match=r"counted from 1|not the number of a scene"):
        board.scenes[number]


def test_numbers_mean_the_same_everywhere(board):
    board.scenes[1].prompt = "first"
    before = board.scenes[1].id
    board.split(1, at="Nets are")
    assert board.scenes[1].id == before
    assert board.scenes[1].words == SENTENCES[0]
    assert board.scenes[2].words == SENTENCES[1]
    third = board.scenes[3].id
    board.merge(1, 2)
    assert board.scenes[2].id == third


def test_edits_outlive_the_program(board, other):
    board.scenes[3].prompt = "a lamp"
    board.transition = "dissolve"
    board.move(1, end=9.4, snap=False)
    again = Storyboard.open(board.path / "board.json", service=None, settings=board._studio.settings)
    assert again.scenes[3].prompt == "a lamp"
    assert again.transition == "dissolve"
    assert again.scenes[1].end == again.scenes[2].start == 9.4


def test_edits_of_two_programs_both_stay(board, other):
    board.scenes[1].prompt = "mine"
    other.scenes[2].prompt = "theirs"
    again = Storyboard.open(board.path, service=None, settings=board._studio.settings)
    assert [again.scenes[number].prompt for number in (1, 2)] == ["mine", "theirs"]


def test_an_edit_of_another_is_not_overwritten(board, other):
    board.scenes[2].prompt = "theirs"
    with pytest.raises(ConfigError, match=r"Scene 2 was changed by another program: its prompt is 'theirs'"):
        other.scenes[2].prompt = "mine"
    board.refresh()
    assert board.scenes[2].prompt == "theirs"
    other.scenes[2].prompt = "mine"  # said, and meant all the same
    board.refresh()
    assert board.scenes[2].prompt == "mine"


def test_a_pulled_in_edit_is_not_overwritten_either(board, other):
    board.scenes[2].prompt = "theirs"
    other.scenes[1].prompt = "mine"
    with pytest.raises(ConfigError, match="Scene 2 was changed"):
        other.scenes[2].prompt = "mine"


def test_numbers_are_those_that_were_shown(board, service):
    board.split(1, at="Nets are")
    other = Storyboard.open(board.path, service=service)
    board.merge(1, 2)
    with pytest.raises(ConfigError, match="merged into another one"):
        other.scenes[2].prompt = "mine"
    other.refresh()
    assert len(other.scenes) == 3


def test_a_board_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ConfigError, match="none holds no board"):
        Storyboard.open(tmp_path / "none", settings=Settings(home=tmp_path))
    (tmp_path / "talk.wav").write_bytes(b"sound")
    with pytest.raises(ConfigError, match=r"talk\.wav holds no board; give the folder that ends in"):
        Storyboard.open(tmp_path / "talk.wav", settings=Settings(home=tmp_path))
    with pytest.raises(ConfigError, match="The board is 3; give a path"):
        Storyboard.open(3)
    with pytest.raises(ConfigError, match="The board is an address"):
        Storyboard.open("https://example.org/talk.board")


def test_a_missing_narration_is_told(board, service):
    values = board.folder.read()
    missing = values.purpose.__class__(
        **{
            **{n: getattr(values.purpose, n) for n in values.purpose.__slots__},
            "narration": "/gone.wav",
            "nearby": "",
        }
    )
    board.folder.change(
        lambda now: type(now)(**{**{n: getattr(now, n) for n in now.__slots__}, "purpose": missing})
    )
    again = Storyboard.open(board.path, service=service)
    assert len(again.scenes) == 3
    with pytest.raises(ConfigError, match=r"Storyboard\.open\(.*narration="):
        again.make()


def test_the_table_shows_all(board):
    text = str(board)
    assert "3 scenes, 30.0 s" in text
    assert text.count("to make") >= 3
    assert repr(board) == "<Storyboard 'talk': 3 scenes, 30.0 s>"


def test_wrong_options_are_told(board):
    for call in (
        lambda: board.make(at_once=0),
        lambda: board.make(budget=-1),
        lambda: board.make(anew=[99]),
        lambda: board.redo(99),
        lambda: board.split(1, at="never said"),
        lambda: board.split(1, at=" "),
        lambda: board.merge(1, 3),
        lambda: setattr(board, "transition", "wipe"),
    ):
        with pytest.raises(ConfigError):
            call()
