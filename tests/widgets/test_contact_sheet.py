"""A contact sheet in a notebook, whatever it is of."""

from __future__ import annotations

import pytest

from tests.widgets.test_saved_output import DisplayHandle
from voxweave_nb.widgets.contact_sheet import ContactSheet


class Sheet(ContactSheet):
    html = "<b>one</b>"

    def _make(self) -> str:
        return self.html


class Shown:
    """What the sheet is of; it tells its changes."""

    def __init__(self) -> None:
        self.listeners = []

    def listen(self, listener):
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)


@pytest.fixture
def sheet() -> Sheet:
    sheet = Sheet(Shown())
    sheet._handle = DisplayHandle()
    return sheet


def test_a_sheet_is_written_once(sheet):
    sheet.refresh()
    sheet.refresh()
    assert "<b>one</b>" in sheet._handle.data["text/html"]
    assert sheet._handle.metadata["voxweave"]["count"] == 1
    sheet.html = "<b>two</b>"
    sheet.refresh()
    assert "<b>two</b>" in sheet._handle.data["text/html"]


def test_the_newest_sheet_follows(sheet):
    shown = sheet._shown
    sheet.follow(shown.listen)
    other = Sheet(shown)
    other.follow(shown.listen)
    assert shown.listeners == [other.request]
