"""A kernel is restarted under a paid job, and the panel resumes it, in a real JupyterLab."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.lab import active_caption, plays, write_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PANEL = """import os
from pathlib import Path
from voxweave_nb import VideoGenerationService, VideoPanel
os.environ.update(line.split("=", 1) for line in Path({env!r}).read_text().splitlines())
os.environ["VOXWEAVE_HOME"] = {home!r}
panel = VideoPanel(VideoGenerationService("zai"), narration="talk.wav", subtitles="talk.srt", prompt="a quiet sea",
                   resolution="720p", seconds=5)
panel"""


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Path]:
    """Run a sandbox that outlives every kernel, and yield the file with its variables."""
    variables = tmp_path / "sandbox.env"
    command = [
        sys.executable,
        "-m",
        "voxweave_nb",
        "sandbox",
        "--seconds",
        "15",
        "--env-file",
        str(variables),
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        deadline = time.monotonic() + 30
        while not variables.exists():
            assert time.monotonic() < deadline
            assert server.poll() is None
            time.sleep(0.05)
        yield variables
        server.terminate()


def test_the_panel_resumes_a_job_after_a_restart(lab, folder, sandbox, tmp_path):
    write_notebook(folder / "left.ipynb", [PANEL.format(env=str(sandbox), home=str(tmp_path / "home"))])
    lab.open("left.ipynb").run(0)
    panel = lab.cell(0)
    panel.get_by_role("button", name="Generate").click()
    panel.get_by_role("button", name="Log").click()
    panel.locator(".vx-log").get_by_text("zai has accepted the job").wait_for()
    lab.restart()

    lab.run(0)
    panel.get_by_text("“a quiet sea” (zai) is unfinished").wait_for()
    panel.get_by_role("button", name="Resume").click()
    panel.get_by_text("Resuming job").first.wait_for()
    plays(panel)
    assert active_caption(panel, 0.5) == "Far below the waves"
    panel.get_by_text("(zai) is unfinished").wait_for(state="hidden")

    panel.get_by_role("button", name="Generate").click()
    panel.get_by_text("This video was already generated on").wait_for()
    panel.get_by_text("($0.20).").wait_for()
    panel.get_by_role("button", name="Show video").click()
    plays(panel)

    panel.get_by_role("button", name="History").click()
    panel.get_by_role("button", name="Show", exact=True).wait_for()
    assert panel.locator(".vx-past-run img").count() == 1
    lab.save()
    lab.stop_kernel()
    lab.open("left.ipynb")
    lab.stop_kernel()
    plays(panel)
    assert active_caption(panel, 0.5) == "Far below the waves"
