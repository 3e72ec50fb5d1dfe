"""A board as its page gets it."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from tests.storyboard.boards import state, take
from voxweave_nb.models import JobState
from voxweave_nb.storyboard.making import BoardProgress
from voxweave_nb.storyboard.rows import SceneRow
from voxweave_nb.widgets.board_page import cost_of, places_for_page, row_for_page, run_for_page


def row(number: int = 1, **values) -> SceneRow:
    scene = state(number).scenes[number - 1]
    given = {"state": "to make", "words": ("Nets ",), "prompt": "a boat", "provider": "zai", "usd": 0.2}
    given |= {"problem": "", "missing": True, **values}
    return SceneRow(number, given.pop("record", scene), **given)


def test_the_cost_counts_what_is_paid():
    rows = [row(), row(2, usd=None), row(3, left="paid"), row(4, left="doubt"), row(1, missing=False)]
    assert cost_of(rows) == {"count": 4, "usd": 0.2, "unknown": 1, "left": 1, "doubt": 1}


def test_a_row_is_plain_and_short():
    values = row_for_page(row())
    assert json.loads(json.dumps(values)) == values
    assert values["id"] == "s1"
    assert (values["start"], values["end"]) == (0.0, 5.0)
    assert not values.keys() & {"error", "takes", "own", "follows", "left"}
    assert row_for_page(row(usd=None))["usd"] is None


def test_a_row_says_which_take_is_chosen():
    record = replace(state(1).scenes[0], takes=(take(), take("run-2", seed=8)), chosen="run-1")
    values = row_for_page(row(record=record))
    assert values["takes"] == [["run-1", "zai", 0.2, None], ["run-2", "zai", 0.2, 8]]
    assert values["take"] == 0


def test_places_have_their_kinds():
    board = replace(
        state(2), boundaries=((1.0, "paragraph"), (2.0, "sentence"), (3.0, "clause"), (4.0, "pause"))
    )
    assert places_for_page(board) == [[1.0, 0], [2.0, 1], [3.0, 2], [4.0, 3]]


@pytest.mark.parametrize("done", [True, False])
def test_runs_side_by_side_are_one(done):
    ended = SimpleNamespace(progress=BoardProgress(6, 6, fraction=1.0, state=JobState.SUCCEEDED), warnings=())
    ended.done = lambda: True
    going = SimpleNamespace(progress=BoardProgress(1, fraction=0.5), warnings=("Scene 1: slow",))
    going.done = lambda: done
    shown = run_for_page([ended, going])
    assert (shown["fraction"], shown["notes"]) == (0.5, ["Scene 1: slow"])
    assert run_for_page([]) == {}
    assert run_for_page([ended])["running"] is False
