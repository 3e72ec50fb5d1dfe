"""Makes the screenshots of the panel that are kept in the repository: `python scripts/make_images.py`.

They are taken in a real JupyterLab, which needs the `dev` extra and Chromium; the styles' pictures are made by
`scripts/styles`. Look at them before committing.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

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
    """The panel before, during and after, in both themes."""
    from tests.browser.lab import Lab, browser_page, lab_server, write_notebook

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "notebooks"
        root.mkdir()
        with lab_server(root) as address:
            for theme in ("light", "dark"):
                for cell, show in ((PANEL, _three_moments), (PROVIDERS, _providers)):
                    name = f"{theme}.ipynb"
                    write_notebook(root / name, [cell])
                    with browser_page(1180, 1700) as page:
                        lab = Lab(page, address).open(name)
                        lab.theme(f"JupyterLab {theme.capitalize()}")
                        page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
                        page.add_style_tag(content=".Toastify { display: none }")
                        show(lab, theme)


def _providers(lab: object, theme: str) -> None:
    """Before and after a video that the second provider made, its price and its story."""
    from tests.browser.lab import Lab

    assert isinstance(lab, Lab)
    page, cell = lab.page, lab.cell(0)
    lab.run(0)
    page.evaluate("() => document.querySelector('.jp-Cell-inputWrapper').style.display = 'none'")
    cell.get_by_label("Provider", exact=True).select_option("zai")
    cell.get_by_text("about $0.20").wait_for()
    cell.get_by_text("All providers").click()
    page.mouse.move(5, 5)
    cell.locator(".voxweave-panel").screenshot(path=IMAGES / f"panel-{theme}-price.png")
    cell.get_by_label("Provider", exact=True).select_option("automatic")
    cell.get_by_role("button", name="Generate").click()
    cell.get_by_role("button", name="Log").click()
    cell.locator("video").wait_for()
    page.mouse.move(5, 5)
    cell.locator(".voxweave-panel").screenshot(path=IMAGES / f"panel-{theme}-story.png")


def _three_moments(lab: object, theme: str) -> None:
    from tests.browser.lab import Lab

    assert isinstance(lab, Lab)
    page, cell = lab.page, lab.cell(0)
    lab.run(0)
    cell.get_by_role("button", name="Generate").wait_for()
    page.mouse.move(5, 5)
    page.screenshot(path=IMAGES / f"panel-{theme}.png", clip={"x": 0, "y": 0, "width": 1180, "height": 1000})
    cell.get_by_role("button", name="Generate").click()
    page.wait_for_function(
        "() => parseFloat(document.querySelector('.voxweave-job .progress-bar')?.style.width || '0') > 48"
    )
    page.screenshot(
        path=IMAGES / f"panel-{theme}-running.png", clip={"x": 0, "y": 0, "width": 1180, "height": 1160}
    )
    cell.locator("video").wait_for()
    cell.locator("video").evaluate(
        "video => new Promise(done => { video.oncanplaythrough = done; video.currentTime = 7; })"
    )
    cell.get_by_text("Transcript").click()
    page.mouse.move(5, 5)
    page.screenshot(path=IMAGES / f"panel-{theme}-done.png")


if __name__ == "__main__":
    panel()
