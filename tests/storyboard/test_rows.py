"""A board's scenes as a view shows them: state, price, words, and what is paid and left."""

from __future__ import annotations

import pytest

from tests.pictures import picture
from tests.storyboard.boards import state
from voxweave_nb import JobCanceled
from voxweave_nb.sandbox import Fault
from voxweave_nb.storyboard.edits import spoken_in


def test_a_new_board_is_to_make(board):
    rows = board.rows()
    assert [row.number for row in rows] == list(range(1, len(board.scenes) + 1))
    assert {row.state for row in rows} == {"to make"}
    assert all(row.missing and row.usd == pytest.approx(0.2) and row.provider == "zai" for row in rows)
    assert [row.text for row in rows] == [scene.words for scene in board.scenes]
    assert [row.prompt for row in rows] == [scene.prompt for scene in board.scenes]


def test_words_keep_their_spaces():
    board = state(2)
    words = [word.text for word in spoken_in(board.transcript, board.scenes[1])]
    assert "".join(words).strip() == board.words_of(board.scenes[1])
    assert words[:2] == ["Nets ", "are "]


def test_own_images_cost_nothing(board, tmp_path):
    board.scenes[1].still = picture(tmp_path / "map.png")
    row = board.rows()[0]
    assert (row.state, row.usd, row.provider, row.missing) == ("own", 0.0, "", False)


@pytest.mark.slow
def test_a_scene_in_doubt_is_told(board, sandbox):
    sandbox.fault("create", Fault.reset_after(accept=True))
    board.redo(1).result(60)
    row = board.rows()[0]
    assert (row.state, row.left) == ("failed", "doubt")
    assert "accepted" in row.record.error


@pytest.mark.slow
def test_what_was_paid_is_only_fetched(board, sandbox):
    sandbox.next_job("zai", seconds=30.0)
    run = board.redo(1)
    while not sandbox.accepted("zai"):
        assert not run.done()
    run.cancel()
    with pytest.raises(JobCanceled):
        run.result(60)
    assert board.rows()[0].left == "paid"


@pytest.mark.slow
def test_a_waiting_scene_is_no_longer_missing(board):
    run = board.make(at_once=1)
    states = [row.state for row in board.rows()]
    assert set(states) <= {"running", "waiting", "made"}
    assert not any(row.missing for row in board.rows() if row.state == "waiting")
    run.result(120)
    assert {row.state for row in board.rows()} == {"made"}
