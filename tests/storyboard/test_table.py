"""A board as text for a terminal."""

from __future__ import annotations

from dataclasses import replace

from tests.storyboard.boards import state
from voxweave_nb.storyboard.folder import BoardFolder
from voxweave_nb.storyboard.orders import Orders
from voxweave_nb.storyboard.table import table_of


def test_a_line_for_each_scene(service, tmp_path):
    board = state(warnings=("The captions end early.",))
    board = board.changed(replace(board.scenes[1], still="map.png"))
    text = table_of(board, Orders(service._studio, board, BoardFolder(tmp_path)), 0.4, most=3)
    lines = text.splitlines()
    assert lines[1].split()[:6] == ["1", "0.0", "5.0", "s", "5", "s"]
    assert "own" in lines[2]
    assert "'The harbour wakes before the town.'" in lines[1]
    assert lines[4] == "and 1 more; board.scenes has them all"
    assert "4 scenes, 20.0 s; $0.40 spent, 3 to make: $0.60" in text
    assert "warning: The captions end early." in text


def test_words_are_cut_at_the_terminal(service, tmp_path):
    board = state()
    orders = Orders(service._studio, board, BoardFolder(tmp_path))
    lines = table_of(board, orders, 0, most=9, width=80, hint="").splitlines()
    assert max(map(len, lines[:5])) <= 80
    assert "'The harbour wakes befo…'" in lines[1]
    assert lines[-1].startswith("4 scenes, 20.0 s")
