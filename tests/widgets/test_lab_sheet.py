"""The contact sheet below a lab's view: up to date, sent once, and never lost without a word."""

from __future__ import annotations

import pytest

from tests.widgets.actions import wait_for
from tests.widgets.test_saved_output import DisplayHandle
from voxweave_nb import Settings, VideoGenerationService
from voxweave_nb.environment import FrontEnd
from voxweave_nb.lab.prompt_lab import PromptLab
from voxweave_nb.widgets import contact_sheet, lab_sheet, saved_output
from voxweave_nb.widgets.lab_sheet import LabSheet


@pytest.fixture
def lab(tmp_path, narration_file) -> PromptLab:
    settings = Settings(home=tmp_path / "home", output_dir=tmp_path / "out")
    service = VideoGenerationService(["local"], settings=settings)
    lab = PromptLab("harbour", narration_file, service=service, folder=tmp_path / "labs")
    lab.grid("a {harbour|forest}")
    return lab


@pytest.fixture
def sheet(lab) -> LabSheet:
    sheet = LabSheet(lab)
    sheet._handle = DisplayHandle()
    sheet.sent = []
    sheet.send = lambda content, buffers=None: sheet.sent.append(content)
    return sheet


def test_the_sheet_is_up_to_date(sheet, lab):
    sheet.refresh()
    assert "2 variants" in sheet._handle.data["text/html"]
    lab.add(prompt="rain")
    sheet.refresh()
    assert "3 variants" in sheet._handle.data["text/html"]
    assert sheet._handle.metadata["voxweave"]["count"] == 2


def test_an_unchanged_sheet_is_not_sent_again(sheet):
    sheet.refresh()
    sent = len(sheet.sent)
    sheet.refresh()
    assert len(sheet.sent) == sent


def test_it_is_hidden_beside_the_view(sheet):
    sheet.refresh()
    hidden = sheet.sent[0]["hidden"]
    assert f'class="{hidden}"' in sheet._handle.data["text/html"]


def test_requests_are_joined(sheet, lab, monkeypatch):
    made = []

    def make(lab: PromptLab) -> str:
        made.append(lab)
        return f"sheet {len(made)}"

    monkeypatch.setattr(lab_sheet, "lab_html", make)
    monkeypatch.setattr(contact_sheet, "_PAUSE", 1.0)  # longer than a busy machine takes for 50 requests
    for _ in range(50):
        sheet.request()
    wait_for(lambda: made and not sheet._requested and sheet._due_at)
    assert len(made) <= 2
    sheet.request()
    wait_for(lambda: "sheet" in sheet._handle.data["text/html"] and not sheet._requested)


def test_a_notebook_without_a_page_has_it(sheet, monkeypatch):
    shown = []
    monkeypatch.setattr(contact_sheet, "front_end", lambda: FrontEnd.NBCONVERT)
    monkeypatch.setattr(saved_output, "display", lambda content, **_: shown.append(content))
    sheet.create()
    data, _ = shown[0]._repr_mimebundle_()
    assert "2 variants" in data["text/html"]
    assert not sheet._requested


def test_a_page_draws_the_view_first(sheet, monkeypatch):
    shown = []
    monkeypatch.setattr(contact_sheet, "front_end", lambda: FrontEnd.LAB)
    monkeypatch.setattr(contact_sheet, "_FIRST", 3600.0)
    monkeypatch.setattr(saved_output, "display", lambda content, **_: shown.append(content))
    sheet.create()
    assert "2 variants" not in shown[0]._repr_mimebundle_()[0]["text/html"]
    assert sheet._requested


def test_the_newest_sheet_follows_the_lab(sheet, lab):
    earlier = LabSheet(lab)
    asked = []
    for name, each in (("earlier", earlier), ("newest", sheet)):
        each.request = lambda name=name: asked.append(name)
        each.follow(lab.listen)
    lab.add(prompt="rain")
    assert set(asked) == {"newest"}


def test_a_failure_is_shown(sheet, monkeypatch):
    def fail(_: PromptLab) -> str:
        raise OSError("<gone>")

    monkeypatch.setattr(lab_sheet, "lab_html", fail)
    sheet.refresh()
    assert "could not be made: " in sheet._handle.data["text/html"]
    assert "&lt;gone&gt;" in sheet._handle.data["text/html"]


def test_without_an_output_it_is_missing(lab):
    sheet = LabSheet(lab)
    sheet.refresh()
    assert sheet.missing
