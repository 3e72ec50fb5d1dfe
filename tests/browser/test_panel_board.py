"""The panel offers a storyboard for a long narration, and opens it below itself, in a real JupyterLab."""

from __future__ import annotations

import pytest

from tests.browser.axe import serious
from tests.browser.lab import THEMES, write_notebook
from tests.conftest import write_narration
from tests.storyboard.conftest import srt

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PANEL = """import os
from voxweave_nb import VideoGenerationService, VideoPanel
os.environ.update(ZAI_API_KEY="not-a-key", ZAI_BASE_URL="http://127.0.0.1:1")  # planning asks nobody
VideoPanel(VideoGenerationService("zai"), narration="long.wav", subtitles="long.srt", prompt="a harbour")"""


def test_the_panel_opens_a_storyboard_again(lab, folder):
    write_narration(folder / "long.wav", 30.0)
    (folder / "long.srt").write_text(srt(), encoding="utf-8")
    write_notebook(folder / "panel_board.ipynb", [PANEL])
    lab.open("panel_board.ipynb").run(0)
    panel = lab.cell(0)
    panel.get_by_role("button", name="Repeat one clip ($0.20)").wait_for()
    panel.get_by_role("button", name="Storyboard (3 scenes, $0.60)").click()
    panel.get_by_text("In code, this storyboard is Storyboard.open('voxweave_out/long.board')").wait_for()
    panel.get_by_text("The harbour wakes before the town.").first.wait_for()
    for theme in THEMES:
        lab.theme(theme)
        assert serious(lab.page, ".vx-actions") == []
    lab.restart()

    lab.run(0)
    panel.get_by_role("button", name="Open storyboard (0 of 3 made)").click()
    panel.get_by_text("The harbour wakes before the town.").first.wait_for()
    assert [path.name for path in (folder / "voxweave_out").glob("*.board")] == ["long.board"]
