"""A contact sheet in a cell: sent once, late enough for the view above it, and never lost without a word."""

from __future__ import annotations

import pytest

from tests.widgets.actions import wait_for
from tests.widgets.test_saved_output import DisplayHandle
from voxweave_nb.environment import FrontEnd
from voxweave_nb.widgets import contact_sheet, saved_output
from voxweave_nb.widgets.contact_sheet import ContactSheet


class Shown:
    """What a sheet is of; it tells its changes."""

    def __init__(self) -> None:
        self.listeners: list = []

    def listen(self, listener):
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)


class Sheet(ContactSheet):
    """A sheet that counts how often it is made, once it has an output."""

    def __init__(self, shown: Shown | None = None) -> None:
        super().__init__(shown or Shown())
        self.content, self.made, self.sent = "two videos", 0, []

    def send(self, content, buffers=None):
        self.sent.append(content)

    def _make(self) -> str:
        self.made += 1
        if self.content == "":
            raise OSError("<gone>")
        return self.content


@pytest.fixture
def sheet() -> Sheet:
    sheet = Sheet()
    sheet._handle = DisplayHandle()
    return sheet


@pytest.fixture
def displayed(monkeypatch) -> list:
    """What is displayed, instead of displaying it."""
    shown: list = []
    monkeypatch.setattr(saved_output, "display", lambda content, **_: shown.append(content))
    return shown


def in_front_end(monkeypatch, front_end: FrontEnd) -> None:
    monkeypatch.setattr(contact_sheet, "front_end", lambda: front_end)


def test_an_unchanged_sheet_is_not_sent_again(sheet):
    sheet.refresh()
    sent = len(sheet.sent)
    sheet.refresh()
    assert len(sheet.sent) == sent


def test_it_is_hidden_beside_the_view(sheet):
    sheet.refresh()
    hidden = sheet.sent[0]["hidden"]
    assert f'class="{hidden}"' in sheet._handle.data["text/html"]


def test_requests_are_joined(sheet, monkeypatch):
    monkeypatch.setattr(contact_sheet, "_PAUSE", 1.0)  # longer than a busy machine takes for 50 requests
    for _ in range(50):
        sheet.request()
    wait_for(lambda: sheet.made and not sheet._requested and sheet._due_at)
    assert sheet.made <= 2
    sheet.content = "three videos"
    sheet.request()
    wait_for(lambda: "three videos" in sheet._handle.data["text/html"] and not sheet._requested)


def test_a_notebook_without_a_page_has_it(displayed, monkeypatch):
    in_front_end(monkeypatch, FrontEnd.NBCONVERT)
    sheet = Sheet()
    sheet.create()
    data, _ = displayed[0]._repr_mimebundle_()
    assert "two videos" in data["text/html"]
    assert not sheet._requested


def test_a_page_draws_the_view_first(displayed, monkeypatch):
    in_front_end(monkeypatch, FrontEnd.LAB)
    monkeypatch.setattr(contact_sheet, "_FIRST", 3600.0)
    sheet = Sheet()
    sheet.create()
    assert "two videos" not in displayed[0]._repr_mimebundle_()[0]["text/html"]
    assert sheet._requested


def test_a_failure_is_shown(sheet):
    sheet.content = ""
    sheet.refresh()
    assert "could not be made: " in sheet._handle.data["text/html"]
    assert "&lt;gone&gt;" in sheet._handle.data["text/html"]


def test_without_an_output_it_is_missing():
    sheet = Sheet()
    sheet.refresh()
    assert sheet.missing


def test_the_newest_sheet_follows(sheet):
    shown = sheet._shown
    sheet.follow(shown.listen)
    other = Sheet(shown)
    other.follow(shown.listen)
    assert shown.listeners == [other.request]
