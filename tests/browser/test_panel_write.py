"""A paragraph typed into the panel becomes a captioned film without any file, in a real JupyterLab."""

from __future__ import annotations

import pytest

from tests.browser.axe import serious
from tests.browser.lab import THEMES, made_draft, write_notebook
from tests.speech.engines import install

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATHS = "import os, sys\nsys.path.insert(0, {0!r})\nos.environ['PYTHONPATH'] = {0!r}"
PANEL = "from voxweave_nb import VideoPanel\npanel = VideoPanel(prompt='rain')\npanel"
WORDS = "[word.text for cue in panel.video.cues for word in cue.words]"


def test_a_paragraph_becomes_a_film(lab, folder):
    site = install(folder / "aviary")
    write_notebook(folder / "write.ipynb", [PATHS.format(str(site)), PANEL, WORDS])
    page = lab.open("write.ipynb").page
    lab.run(0)
    lab.run(1)
    panel = lab.cell(1)
    panel.get_by_role("button", name="Write", exact=True).focus()
    page.keyboard.press("Enter")
    field = panel.get_by_placeholder("The words that a voice speaks")
    field.wait_for()
    panel.get_by_text("A voice speaks it on this machine").wait_for()
    panel.locator("button.mod-active").get_by_text("From my text").wait_for()
    field.focus()
    page.keyboard.type("Nobody waves. It rains.")
    panel.get_by_text("About 0:01 long.").wait_for()

    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.tagName") == "SELECT"
    listen = panel.get_by_role("button", name="Listen").first
    listen.focus()
    page.keyboard.press("Enter")
    panel.locator("audio").wait_for()
    panel.get_by_text("2 captions.").wait_for()
    assert panel.locator("audio").evaluate("async sound => { await sound.play(); return sound.duration }") > 1
    for theme in reversed(THEMES):
        lab.theme(theme)
        assert serious(page, ".voxweave-panel") == []

    # What is written is spoken on the way.
    field.fill("Nobody waves at all. It rains.")
    made_draft(panel)
    lab.run(2)
    assert "['Nobody', 'waves', 'at', 'all.', 'It', 'rains.']" in lab.cell(2).inner_text()

    # The page is loaded anew: what was written is still there.
    lab.save()
    page.reload()
    field = lab.cell(1).get_by_placeholder("The words that a voice speaks")
    field.wait_for()
    assert field.input_value() == "Nobody waves at all. It rains."
