"""The widgets outside JupyterLab: in Notebook 7 and in Voila."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.lab import TOKEN, active_caption, browser_page, drop, plays, voila_server, write_notebook
from tests.conftest import write_narration

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CELLS = [
    "import hashlib, ipywidgets\nfrom voxweave_nb import AudioInput, Player, VideoPanel\n"
    "audio, said = AudioInput(), ipywidgets.Label()\n"
    "digest = lambda: hashlib.sha256(audio.path.read_bytes()).hexdigest()\n"
    "audio.observe(lambda _: setattr(said, 'value', digest()), 'path')\nipywidgets.VBox([audio, said])",
    "Player('film.mp4', captions='talk.srt')",
    "VideoPanel(narration='talk.wav', subtitles='talk.srt', prompt='in {front}')",
]


def notebook_7(page: Page, address: str, name: str) -> None:
    """Opens a notebook in Notebook 7, which the same server has, and runs its cells as a person does."""
    page.goto(f"{address}/notebooks/{name}?token={TOKEN}")
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


@pytest.fixture(params=["notebook", "voila"])
def page(request, folder, film, address) -> Iterator[Page]:
    """A page that shows an audio input, a player and a panel."""
    front = request.param
    write_notebook(folder / f"{front}.ipynb", [cell.replace("{front}", front) for cell in CELLS])
    with browser_page() as page:
        if front == "notebook":
            notebook_7(page, address, f"{front}.ipynb")
            yield page
        else:
            with voila_server(folder) as voila:
                page.goto(f"{voila}/voila/render/{front}.ipynb")
                yield page


def test_a_file_arrives_a_video_plays_and_the_panel_makes_one(page, folder, request):
    talk = write_narration(folder / "twelve.wav", 3.0, rate=2_000_000)
    page.locator(".voxweave-audio").first.wait_for()
    drop(page, talk)
    page.get_by_text(hashlib.sha256(talk.read_bytes()).hexdigest()).wait_for()

    way = "sent through the kernel" if "voila" in request.node.name else "streamed from the notebook server"
    page.get_by_text(way).wait_for()
    plays(page.locator(".voxweave-player").first)
    assert active_caption(page.locator(".voxweave-player").first, 1.5) == "it <glows>"

    panel = page.locator(".voxweave-panel")
    panel.get_by_role("button", name="Draft").click()
    panel.get_by_text("Done in").wait_for()
    plays(panel)
    assert active_caption(panel, 0.5) == "Far below the waves"
