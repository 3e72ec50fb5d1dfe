"""The contact sheet below a lab's view: up to date, sent once, and never lost without a word."""

from __future__ import annotations

import pytest

from tests.widgets.test_saved_output import DisplayHandle
from voxweave_nb import Settings, VideoGenerationService
from voxweave_nb.lab.prompt_lab import PromptLab
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


def test_the_newest_sheet_follows_the_lab(sheet, lab):
    earlier = LabSheet(lab)
    asked = []
    for name, each in (("earlier", earlier), ("newest", sheet)):
        each.request = lambda name=name: asked.append(name)
        each.follow(lab.listen)
    lab.add(prompt="rain")
    assert set(asked) == {"newest"}
