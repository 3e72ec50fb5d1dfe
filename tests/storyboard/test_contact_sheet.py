"""A board's contact sheet: what it shows, and how small it stays."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.storyboard.boards import state, take
from voxweave_nb.storyboard.contact_sheet import board_html
from voxweave_nb.storyboard.rows import SceneRow

URL = "data:image/webp;base64," + "A" * 4000


class Sheet:
    """A board of so many scenes, each with words and a prompt."""

    name = "talk <b>"
    spent = 0.4

    def __init__(self, count: int, **values) -> None:
        self.state = state(count)
        self._rows = [
            replace(
                SceneRow(
                    number, scene, "made", ("Nets ", "& ", "boats. "), "a <wide> shot", "zai", 0.2, "", False
                ),
                **values,
            )
            for number, scene in enumerate(self.state.scenes, 1)
        ]

    def rows(self) -> list[SceneRow]:
        return self._rows


def thumbnails(row: SceneRow, width: int) -> str:
    return URL


def test_each_scene_has_its_row():
    html = board_html(Sheet(4), thumbnails)
    assert html.count("<tr") == html.count("<img") == 4
    assert "talk &lt;b&gt;</b>: 4 scenes, 0:20, 4 made; $0.40 spent, nothing to make" in html
    assert "Nets &amp; boats." in html
    assert "a &lt;wide&gt; shot" in html
    assert "zai, $0.20" in html


def test_what_is_missing_has_its_price():
    html = board_html(Sheet(4, state="to make", missing=True), thumbnails)
    assert "$0.80 to make 4" in html
    assert "0 made" in html
    unknown = board_html(Sheet(2, state="to make", missing=True, usd=None), thumbnails)
    assert "$0.00 to make 2 and 2 of unknown price" in unknown
    assert "price not known" in unknown


def test_failures_and_takes_are_told():
    sheet = Sheet(1, state="failed")
    record = replace(sheet.state.scenes[0], takes=(take(), take("run-2")), error="The <content> was refused.")
    sheet._rows = [replace(sheet._rows[0], record=record)]
    html = board_html(sheet, lambda row, width: "")
    assert "The &lt;content&gt; was refused." in html
    assert "2 takes" in html
    assert "<img" not in html


@pytest.mark.parametrize("count", [60, 600])
def test_the_sheet_stays_small(count):
    html = board_html(Sheet(count), thumbnails, limit=100_000)
    assert len(html.encode()) <= 100_000
    shown, images = html.count("<tr"), html.count("<img")
    if shown < count:
        assert f"{count - shown} more scenes are not shown" in html
    else:
        assert f"{count - images} are shown without a thumbnail" in html
    assert not re.search(r"<(script|style)", html)
