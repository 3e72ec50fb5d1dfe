"""marimo: the notebook for it, run as an application and used as a person does; and a panel, which cannot be shown."""

from __future__ import annotations

import contextlib
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.lab import active_caption, browser_page, plays, served
from tests.browser.sound import heard

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "quickstart_marimo.py"
APP = "import marimo\napp = marimo.App()\n\n{cells}\n\nif __name__ == '__main__':\n    app.run()\n"
# marimo lets one cell alone define a name that has no underscore.
CELL = "@app.cell\nasync def _():\n    import voxweave_nb as _nb\n    {code}\n    return\n\n"
SHOWN = [
    "_nb.VideoPanel(prompt='rain on neon', style='anime')",
    "_nb.Player('film.mp4', captions='talk.srt')",
    "await _nb.VideoGenerationService.local().submit('talk.wav', subtitles='talk.srt', quality='draft')",
]
STYLED = "player => getComputedStyle(player.querySelector('.vp-stage')).backgroundColor"


@contextlib.contextmanager
def marimo(folder: Path, name: str) -> Iterator[Page]:
    """Run a notebook of a folder as an application and yield its page."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "marimo", "run", name, "--headless", "--no-token", "--host=127.0.0.1", f"--port={port}",
    ]  # fmt: skip
    with served(command, folder, "http://localhost") as address, browser_page() as page:
        page.goto(address)
        yield page


def test_the_notebook_makes_and_plays_a_video(folder):
    shutil.copy(NOTEBOOK, folder / "making.py")
    with marimo(folder, "making.py") as page:
        audio = page.locator(".voxweave-audio")
        audio.locator("input[type=file]").set_input_files(folder / "talk.wav")
        audio.get_by_text("talk.wav").first.wait_for()
        audio.locator(".va-files .vx-icon-check").wait_for()  # the kernel has it
        page.get_by_role("button", name="Generate").click()
        page.locator(".voxweave-job progress").wait_for()
        player = page.locator(".voxweave-player")
        player.locator("video").wait_for()
        plays(player)
        assert heard(player)
        page.locator(".voxweave-job").get_by_text("Done in").wait_for()
        assert page.get_by_role("button", name="Cancel").count() == 0


def test_panel_shows_cells_player_and_video_play(folder, film):
    cells = "".join(CELL.format(code=code) for code in SHOWN)
    (folder / "showing.py").write_text(APP.format(cells=cells), encoding="utf-8")
    with marimo(folder, "showing.py") as page:
        page.get_by_text("audio = AudioInput()").wait_for()
        page.get_by_text("service.submit(audio.narration(), config=VideoConfig(style='anime'").wait_for()
        player = page.locator(".voxweave-player")
        page.get_by_text("sent through the kernel").wait_for()
        plays(player)
        assert heard(player)
        assert active_caption(player, 1.5) == "it <glows>"
        player.get_by_role("button", name="Far below the waves").wait_for()
        # Styles of the page do not reach into marimo's shadow roots.
        assert player.evaluate(STYLED) == "rgb(11, 12, 16)"
        result = page.locator(".voxweave-video")
        plays(result)
        assert heard(result)
        assert active_caption(result, 0.5) == "Far below the waves"
