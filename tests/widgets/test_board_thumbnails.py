"""Small thumbnails of a board on their way to a page."""

from __future__ import annotations

import pytest

from tests.pictures import picture
from tests.widgets.actions import wait_for
from voxweave_nb.widgets.board_thumbnails import BoardThumbnails

pytestmark = pytest.mark.slow


def test_takes_and_own_images_are_sent(board, tmp_path):
    board.redo(1).result(60)
    board.scenes[2].still = picture(tmp_path / "map.png")
    thumbnails, sent = BoardThumbnails(board), []
    names = [
        f"take:{board.scenes[1].take.run}",
        f"scene:{board.scenes[2].id}@still",
        f"scene:{board.scenes[3].id}",
        "x",
    ]
    for name in names:
        thumbnails.send(name, sent.append)
    wait_for(lambda: len(sent) == 4)
    urls = {each["of"]: each["url"] for each in sent}
    assert [bool(urls[name]) for name in names] == [True, True, False, False]
    rows = board.rows()
    assert [bool(thumbnails.of_row(row, 112)) for row in rows[:3]] == [True, True, False]
