"""A page that is too busy to load the widgets' modules within anywidget's 2 s."""

from __future__ import annotations

import pytest

from tests.browser.lab import active_caption, browser_lab, made_draft, write_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# The 2 s are over at once, before a module is loaded.
IMPATIENT = """
const timeout = AbortSignal.timeout;
AbortSignal.timeout = (time) => timeout.call(AbortSignal, time === 2000 ? 0 : time);
"""
PANEL = (
    "from voxweave_nb import VideoPanel\n"
    "panel = VideoPanel(narration='talk.wav', subtitles='talk.srt', prompt='in a busy page')\npanel"
)


@pytest.fixture
def lab(address):
    """JupyterLab in such a page."""
    with browser_lab(address, script=IMPATIENT) as lab:
        yield lab
        lab.stop_kernel()


@pytest.mark.everywhere
def test_a_panel_that_starts_late_works(lab, folder):
    errors = []
    lab.page.on("pageerror", lambda error: errors.append(str(error)))
    lab.open(write_notebook(folder / "late.ipynb", [PANEL]).name).run(0)
    player = made_draft(lab.cell(0))
    assert active_caption(player, 0.5) == "Far below the waves"
    assert any("Failed to initialize model" in error for error in errors), "no widget was late"
