"""A saved notebook with a panel's video, as a reader sees it."""

from __future__ import annotations

import shutil

import nbformat
import pytest

from tests.browser.lab import active_caption, browser_lab, plays, write_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PANEL = (
    "from voxweave_nb import VideoPanel\n"
    "panel = VideoPanel(narration='talk.wav', subtitles='talk.srt', resolution='720p', prompt={prompt!r})\npanel"
)
SAVE_STATE = "() => window.jupyterapp.commands.execute('@jupyter-widgets/jupyterlab-manager:saveWidgetState')"
BAR = "() => parseFloat(document.querySelector('.voxweave-job .progress-bar')?.style.width || '0') > 0"
RESULT = "() => document.querySelector('.voxweave-video video')"


@pytest.fixture(scope="module")
def saved(folder, address):
    """A notebook with a panel and its video, saved without its widgets' state and with it."""
    write_notebook(folder / "without.ipynb", [PANEL.format(prompt="for a reader")])
    with browser_lab(address) as lab:
        lab.open("without.ipynb").run(0)
        lab.cell(0).get_by_role("button", name="Draft").click()
        lab.cell(0).locator(".voxweave-player video").wait_for()
        lab.page.wait_for_function(RESULT)
        lab.save()
        shutil.copy(folder / "without.ipynb", folder / "whole.ipynb")
        lab.page.evaluate(SAVE_STATE)
        lab.save()
        lab.page.evaluate(SAVE_STATE)
        lab.stop_kernel()
    (folder / "without.ipynb").rename(folder / "with.ipynb")
    (folder / "whole.ipynb").rename(folder / "without.ipynb")
    return folder


def state(path) -> dict:
    return nbformat.read(path, as_version=4).metadata.get("widgets", {})


def test_widget_state_is_saved_only_on_request(saved):
    assert state(saved / "with.ipynb")
    assert not state(saved / "without.ipynb")


@pytest.mark.parametrize(
    ("name", "trusted"),
    [("without", True), pytest.param("with", True, marks=pytest.mark.everywhere), ("with", False)],
)
def test_a_reader_sees_the_video_and_transcript(lab, saved, name, trusted):
    if not trusted:
        notebook = nbformat.read(saved / f"{name}.ipynb", as_version=4)
        notebook.cells[0].source += "\n# somebody else's"
        name = f"untrusted-{name}"
        nbformat.write(notebook, saved / f"{name}.ipynb")
    lab.open(f"{name}.ipynb")
    for kernel in (True, False):
        result = lab.cell(0).locator(".voxweave-video")
        plays(result)
        if trusted:
            assert active_caption(result, 0.5) == "Far below the waves"
        if kernel:
            result.get_by_text("Transcript (2 lines)").click()
            lab.stop_kernel()
        result.get_by_text("it <glows>").wait_for()


def test_a_video_finished_without_a_page_is_saved(lab, folder):
    write_notebook(
        folder / "away.ipynb", [PANEL.format(prompt="while nobody looks"), "panel.job.result().path.name"]
    )
    lab.open("away.ipynb").run(0)
    lab.cell(0).get_by_role("button", name="Generate").click()
    lab.page.wait_for_function(BAR)
    lab.save()
    address = lab.page.url.replace("&reset", "")
    lab.page.goto("about:blank")
    lab.page.goto(address)
    plays(lab.cell(0).locator(".voxweave-player"))
    lab.page.wait_for_function(RESULT)
    assert lab.cell(0).locator("video:visible").count() == 1

    lab.save()
    lab.stop_kernel()
    lab.open("away.ipynb")
    lab.stop_kernel()
    plays(lab.cell(0))
    assert active_caption(lab.cell(0), 1.5) == "it <glows>"
