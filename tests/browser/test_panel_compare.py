"""The panel's button "Compare", in a real JupyterLab."""

from __future__ import annotations

import pytest

from tests.browser.axe import serious
from tests.browser.lab import THEMES, write_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PANEL = (
    "from voxweave_nb import VideoPanel\n"
    "VideoPanel(narration='talk.wav', style='anime', prompt='a {harbour|forest} at dusk')"
)


def test_the_panel_compares_variants(lab, folder):
    write_notebook(folder / "compare.ipynb", [PANEL])
    lab.open("compare.ipynb").run(0)
    panel = lab.cell(0)
    panel.get_by_role("button", name="Compare").click()
    styles = panel.get_by_label("Styles")
    assert styles.evaluate("list => list.scrollHeight - list.clientHeight") <= 1, "a style is out of sight"
    styles.select_option(["anime", "realistic"])
    panel.get_by_text("4 variants").wait_for()
    panel.get_by_role("button", name="Add to the lab").click()
    panel.get_by_role("button", name="Make 4 videos (free)").wait_for()
    assert panel.locator(".vl-tile").count() == 4
    for theme in THEMES:
        lab.theme(theme)
        assert serious(lab.page, ".voxweave-panel") == []
