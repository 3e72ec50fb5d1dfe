"""Make the screenshots of the panel in docs/images: `python scripts/make_images.py`.

They are taken in a real JupyterLab, which needs the `dev` extra and Chromium. The styles' images are made by
`scripts/styles`. Look at every image before committing.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.browser.lab import Lab

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
sys.path.insert(0, str(ROOT))  # for tests.browser

PANEL = "from voxweave_nb import VideoPanel\n\nVideoPanel()"
PROVIDERS = """import os
from voxweave_nb import VideoGenerationService, VideoPanel
from voxweave_nb.sandbox import Fault, Sandbox

sandbox = Sandbox().start()
os.environ.update({name: value for name, value in sandbox.env.items() if name.startswith(("OPENAI", "ZAI"))})
sandbox.fault("create", Fault.status(503), provider="openai_sora")
sandbox.fault("create", Fault.status(429, retry_after=2), provider="zai")
VideoPanel(VideoGenerationService(["openai_sora", "zai", "local"]))
"""


def panel() -> None:
    """Take screenshots of the panel in both themes and narrow: before, during and after a job, failed, with history."""
    from tests.browser.lab import browser_lab, lab_server, write_notebook

    with tempfile.TemporaryDirectory() as folder:
        for theme in ("light", "dark", "narrow"):
            root = Path(folder) / theme  # a journal of its own, without earlier runs
            root.mkdir()
            (root / "talk.mp3").write_text("No sound at all.\n")
            with lab_server(root) as address:
                for cell, show in ((PANEL, _moments), (PROVIDERS, _providers)):
                    write_notebook(root / "panel.ipynb", [cell])
                    with browser_lab(address, 640 if theme == "narrow" else 1240, 2400) as lab:
                        page = lab.open("panel.ipynb").page
                        lab.theme("JupyterLab Dark" if theme == "dark" else "JupyterLab Light")
                        page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
                        page.add_style_tag(content=".Toastify { display: none }")
                        lab.run(0)
                        page.evaluate(
                            "() => document.querySelector('.jp-Cell-inputWrapper').style.display = 'none'"
                        )
                        lab.cell(0).get_by_role("button", name="Generate").wait_for()
                        show(lab, theme)


def _screenshot(lab: Lab, name: str) -> None:
    """Take a screenshot of the panel."""
    lab.page.mouse.move(5, 5)
    target = IMAGES / name
    kind = {"type": "jpeg", "quality": 82} if target.suffix == ".jpg" else {}
    lab.cell(0).locator(".voxweave-panel").screenshot(path=target, **kind)


def _providers(lab: Lab, theme: str) -> None:
    """Show the price, then the log of a job that fell back to the second provider."""
    if theme == "narrow":
        return
    cell = lab.cell(0)
    cell.get_by_label("Provider", exact=True).select_option("zai")
    cell.get_by_text("about $0.20").wait_for()
    cell.get_by_text("All providers").click()
    _screenshot(lab, f"panel-{theme}-price.jpg")
    cell.get_by_label("Provider", exact=True).select_option("Automatic")
    cell.get_by_role("button", name="Generate").click()
    cell.get_by_role("button", name="Log").click()
    cell.locator("video:visible").wait_for()
    _screenshot(lab, f"panel-{theme}-story.jpg")


def _moments(lab: Lab, theme: str) -> None:
    """Show the panel idle, running, done, with the history, and failed."""
    page, cell = lab.page, lab.cell(0)
    _screenshot(lab, f"panel-{theme}.{'png' if theme == 'light' else 'jpg'}")
    cell.get_by_role("button", name="Generate").click()
    page.wait_for_function(
        "() => parseFloat(document.querySelector('.voxweave-job .progress-bar')?.style.width || '0') > 48"
    )
    _screenshot(lab, f"panel-{theme}-running.jpg")
    cell.locator("video:visible").wait_for()
    cell.locator("video:visible").evaluate(
        "video => new Promise(done => { video.oncanplaythrough = done; video.currentTime = 7; })"
    )
    _screenshot(lab, f"panel-{theme}-done.jpg")
    if theme == "light":
        cell.get_by_role("button", name="History").click()
        cell.get_by_role("button", name="Show", exact=True).first.wait_for()
        _screenshot(lab, "panel-light-history.jpg")
        cell.get_by_role("button", name="History").click()
        cell.get_by_role("button", name="File path", exact=True).first.click()
        cell.get_by_placeholder("talk.mp3").fill("talk.mp3")
        cell.get_by_role("button", name="Generate").click()
        cell.get_by_role("alert").get_by_text("talk.mp3").wait_for()
        _screenshot(lab, "panel-light-failed.jpg")


if __name__ == "__main__":
    panel()
