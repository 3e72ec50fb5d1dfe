"""A lab's run in a cell of a real JupyterLab: its bar, its money, its errors, its button."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.browser.lab import write_notebook

# Its lab was another module's too, so that the cell counted more variants; not yet seen to pass ten times in a row.
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.everywhere]

OPEN = """
import os
from voxweave_nb.sandbox import Fault, Sandbox
sandbox = Sandbox(seconds=2.0)
sandbox.__enter__()
os.environ.update(sandbox.env)
sandbox.fault("create", Fault.refuse_content())
from voxweave_nb import PromptLab, VideoGenerationService
lab = PromptLab("on the way", "talk.wav", base={"provider": "zai", "quality": "draft"},
                service=VideoGenerationService(["zai"]))
lab.grid("a {harbour|forest} at {dawn|dusk}")
lab.run(budget=2.0, at_once=1)
"""
STOP = """
sandbox.next_job("zai", seconds=600.0)
lab.add(prompt="a city")
lab.run()
"""


def shot(cell, name: str) -> None:
    """Keep a picture of a cell for a person, if one asks for it."""
    if folder := os.environ.get("VOXWEAVE_SHOTS"):
        cell.screenshot(path=str(Path(folder) / f"{name}.png"))


def test_a_run_shows_its_progress_and_stops(lab, folder):
    write_notebook(folder / "run.ipynb", [OPEN, STOP])
    lab.open("run.ipynb")
    lab.run(0)
    cell = lab.cell(0)
    cell.get_by_text("of 4 made").wait_for(timeout=90_000)
    shot(cell, "running")
    assert "Upload" not in cell.inner_text()
    cell.get_by_text("Done in").wait_for(timeout=90_000)
    shot(cell, "done")
    words = cell.inner_text()
    assert "3 of 4 made" in words
    assert "$0.60" in words
    assert words.count("The prompt is 'a harbour at dawn'.") == 1
    assert words.count("zai does not offer 640x360") == 1
    lab.run(1)
    cell = lab.cell(1)
    cell.get_by_role("button", name="Cancel").click(timeout=30_000)
    cell.get_by_text("Canceled after").wait_for(timeout=60_000)
    shot(cell, "canceled")
