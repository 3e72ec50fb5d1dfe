"""The contact sheet below a board's view."""

from __future__ import annotations

import pytest

from tests.widgets.actions import wait_for
from tests.widgets.test_saved_output import DisplayHandle
from voxweave_nb.widgets.board_sheet import BoardSheet
from voxweave_nb.widgets.board_view import BoardView

pytestmark = pytest.mark.slow


@pytest.fixture
def sheet(board) -> BoardSheet:
    sheet = BoardSheet(board)
    sheet._handle = DisplayHandle()
    return sheet


def test_the_sheet_has_scenes_and_takes(sheet, board):
    sheet.refresh()
    assert "6 scenes, 0:30, 0 made; $0.00 spent, $1.20 to make 6" in sheet._handle.data["text/html"]
    board.redo(1).result(60)
    sheet.refresh()
    html = sheet._handle.data["text/html"]
    assert "1 made; $0.20 spent" in html
    assert html.count("<img") == 1


def test_it_follows_the_view(sheet, board):
    view = BoardView(board)
    sheet.follow(view.listen)
    board.scenes[1].prompt = "a lamp at sea"
    wait_for(lambda: "a lamp at sea" in getattr(sheet._handle, "data", {}).get("text/html", ""))
    view.close()
