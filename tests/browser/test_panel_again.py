"""A panel's cell is run again, and its kernel restarted, while a video is being made, in a real JupyterLab."""

from __future__ import annotations

import pytest

from tests.browser.lab import plays, write_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PANEL = (
    "from voxweave_nb import VideoPanel\n"
    "panel = VideoPanel(narration='talk.wav', subtitles='talk.srt', resolution={size!r}, prompt={prompt!r})\npanel"
)
JOB = (
    "from voxweave_nb import VideoGenerationService\n"
    "VideoGenerationService.local().submit('talk.wav', resolution='4k', quality='fine')"
)
BAR = "() => parseFloat(document.querySelector('.voxweave-job .progress-bar')?.style.width || '0')"


def generate(lab, index: int = 0):
    """Press Generate and wait until the clip is being made."""
    lab.run(index)
    panel = lab.cell(index)
    panel.get_by_role("button", name="Generate").click()
    lab.page.wait_for_function(f"() => ({BAR})() > 20")
    return panel


def test_a_cell_run_again_adopts_the_job(lab, folder):
    runs = "[run.config.prompt for run in panel.service.history(9)].count('run again'), panel.narration.name"
    write_notebook(folder / "rerun.ipynb", [PANEL.format(size="1080p", prompt="run again"), runs])
    panel = generate(lab.open("rerun.ipynb"))
    panel.get_by_label("Prompt", exact=True).fill("what comes next")
    lab.run(0)
    lab.page.wait_for_function(f"() => ({BAR})() > 20")
    assert panel.get_by_role("button", name="Generate").is_disabled()
    assert panel.get_by_label("Prompt", exact=True).input_value() == "what comes next"
    panel.get_by_text("Done in").wait_for()
    plays(panel)
    assert panel.locator("video:visible").count() == 1
    assert panel.get_by_role("button", name="Generate").is_enabled()
    lab.run(1)
    assert "(1, 'talk.wav')" in lab.cell(1).inner_text()


@pytest.mark.everywhere
def test_an_adopted_job_can_be_cancelled(lab, folder):
    write_notebook(folder / "adopted.ipynb", [PANEL.format(size="4k", prompt="never ready")])
    panel = generate(lab.open("adopted.ipynb"))
    lab.run(0)
    lab.page.wait_for_function(f"() => ({BAR})() > 20")
    panel.get_by_role("button", name="Cancel").first.click()
    panel.get_by_text("Canceled after").wait_for()


def test_a_restart_leaves_nothing_dead(lab, folder):
    write_notebook(folder / "killed.ipynb", [PANEL.format(size="4k", prompt="killed on the way")])
    panel = generate(lab.open("killed.ipynb"))
    lab.restart()
    panel.get_by_text("Free jobs were interrupted").wait_for()
    for name in ("Cancel", "Generate", "Draft"):
        assert panel.get_by_role("button", name=name, exact=True).locator("visible=true").count() == 0
    assert panel.locator(".progress-bar:visible, .vx-stages:visible").count() == 0

    panel.get_by_role("button", name="Run this cell again").click()
    panel.get_by_role("button", name="History").click()
    row = panel.locator(".vx-run", has_text="killed on the way")
    row.get_by_text("interrupted").wait_for()
    assert panel.locator(".progress-bar:visible").count() == 0
    assert panel.get_by_role("button", name="Resume").locator("visible=true").count() == 0
    assert panel.get_by_role("button", name="Generate").is_enabled()


@pytest.mark.everywhere
def test_a_restart_leaves_no_dead_job(lab, folder):
    write_notebook(folder / "job-killed.ipynb", [JOB])
    lab.open("job-killed.ipynb").run(0)
    cell = lab.cell(0)
    lab.page.wait_for_function(f"() => ({BAR})() > 20")
    lab.restart()
    cell.get_by_text("A free job was interrupted").wait_for()
    assert cell.locator(".progress-bar:visible").count() == 0
    assert cell.get_by_role("button", name="Cancel").locator("visible=true").count() == 0
    assert cell.get_by_role("button", name="Run this cell again").count() == 0
