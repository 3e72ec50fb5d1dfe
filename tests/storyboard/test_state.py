"""A board is read back as it was written; a damaged one is told."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.storyboard.boards import state, take
from voxweave_nb.errors import ConfigError
from voxweave_nb.models import Cue
from voxweave_nb.storyboard.state import BoardState


def test_a_board_is_read_back_whole():
    board = state(absorbed={"s9": "s1"}, transition="dissolve", warnings=("smaller",), revision=3)
    board = board.with_take("s2", take())
    assert BoardState.from_values(json.loads(json.dumps(board.as_values()))) == board


@pytest.mark.parametrize(
    "damage",
    [
        lambda values: values.pop("board"),
        lambda values: values.pop("cues"),
        lambda values: values["scenes"].pop(1),
        lambda values: values["scenes"].append(values["scenes"][-1]),
        lambda values: values["board"].update(chain=[]),
        lambda values: values["board"].update(seconds=0),
        lambda values: values["board"].update(config={"style": "unheard"}),
        lambda values: values["board"].update(group=7),
        lambda values: values.update(boundaries=[[1.0]]),
        lambda values: values.update(absorbed=[]),
        lambda values: values.update(scenes=None),
    ],
)
def test_a_damaged_board_is_refused(damage):
    values = json.loads(json.dumps(state().as_values()))
    damage(values)
    with pytest.raises((ValueError, ConfigError)):
        BoardState.from_values(values)


def test_scenes_are_counted_from_one():
    assert [state().number(f"s{number}") for number in (1, 4, 9)] == [1, 4, 0]


def test_a_merged_scene_is_found_by_either_id():
    board = state(absorbed={"s8": "s9", "s9": "s1"})
    assert board.scene("s8") == board.scene("s1") == board.scenes[0]
    assert board.scene("gone") is None


def test_a_take_goes_to_the_merged_scene():
    board = state(absorbed={"s9": "s1"}).with_take("s9", take())
    assert board.scenes[0].takes == (take(),)


def test_each_scene_has_its_own_words():
    board = state()
    assert board.words_of(board.scenes[2]) == "A lamp swings over the wet boards."
    assert [len(board.cues_of(each)) for each in board.scenes] == [1] * 4


def test_estimated_words_stay_on_their_side():
    """A pause was heard late in the caption, and the cut lies there."""
    board = state(2, cues=(Cue(0.0, 10.0, "One two three, four five six."),), boundaries=((6.5, "clause"),))
    first, second = (replace(board.scenes[0], end=6.5), replace(board.scenes[1], start=6.5))
    assert (board.words_of(first), board.words_of(second)) == ("One two three,", "four five six.")


def test_captions_after_the_end_belong_to_the_last():
    board = state()
    late = replace(board, cues=(*board.cues, replace(board.cues[-1], start=20.5, end=21.0)))
    assert len(late.cues_of(late.scenes[-1])) == 2
