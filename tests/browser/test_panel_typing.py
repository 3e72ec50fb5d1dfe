"""What is typed for a file is looked at while it is typed, in a real JupyterLab."""

from __future__ import annotations

import pytest

from tests.browser.lab import write_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PANEL = "from voxweave_nb import VideoPanel\npanel = VideoPanel(prompt='typed')\npanel"
PASTED = "1\n00:00:00,000 --> 00:00:01,500\nFar below the waves"


def test_a_narration_is_looked_at_while_typed(lab, folder):
    write_notebook(folder / "typed.ipynb", [PANEL])
    lab.open("typed.ipynb").run(0)
    panel = lab.cell(0)
    panel.get_by_role("button", name="File path", exact=True).first.click()
    field = panel.get_by_placeholder("talk.mp3")
    field.click()  # waits until the field is shown; typing alone does not
    field.press_sequentially('"talk.wav"')
    panel.get_by_text("0:02, WAV").wait_for()
    field.fill("https://example.org/talk.mp3")
    panel.get_by_text("A URL is not fetched.").wait_for()
    field.fill("nowhere.mp3")
    panel.get_by_text("No such file in").wait_for()

    panel.get_by_role("button", name="Generate").click()
    alert = panel.get_by_role("alert").get_by_text("There is no narration 'nowhere.mp3'")
    alert.wait_for()
    field.fill("talk.wav")
    alert.wait_for(state="hidden")
    panel.get_by_text("0:02, WAV").wait_for()


def test_subtitles_are_looked_at_while_typed(lab, folder):
    write_notebook(folder / "typed-too.ipynb", [PANEL])
    lab.open("typed-too.ipynb").run(0)
    panel = lab.cell(0)
    panel.get_by_role("button", name="Paste", exact=True).click()
    panel.get_by_placeholder("The first caption").fill(PASTED)
    panel.get_by_text("1 caption, SRT, until 0:01").wait_for()
    panel.get_by_role("button", name="File path", exact=True).last.click()
    field = panel.get_by_placeholder("talk.srt")
    field.click()
    field.press_sequentially("'talk.srt'")
    panel.get_by_text("2 captions, SRT, until 0:01").wait_for()
