"""Make the screenshots of the panel and of the lab in docs/images: `python scripts/make_images.py`.

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
    from voxweave_nb.lab.prompt_lab import PromptLab

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


LAB = """from voxweave_nb import VideoConfig
from voxweave_nb.lab.prompt_lab import PromptLab
from voxweave_nb.widgets.lab_view import LabView
lab = PromptLab("{name}")
"""
LAB_SHOTS = [
    # theme, cell, width in pixels
    ("light", LAB.format(name="harbour") + "lab", 1240),
    ("dark", LAB.format(name="harbour") + "lab", 1240),
    ("narrow", LAB.format(name="harbour") + "lab", 560),
    ("24", LAB.format(name="night") + "LabView(lab, columns=4)", 1240),
    ("200", LAB.format(name="evening") + "LabView(lab, columns=6)", 1240),
    ("duel", LAB.format(name="harbour") + "lab.duel()", 1240),
    ("ranking", LAB.format(name="harbour") + "lab.ranking()", 1240),
]
POSTERS = "() => document.querySelectorAll('.vl-still[src]').length > 3"
PLAYED = "() => [...document.querySelectorAll('.voxweave-lab video')].some(each => each.currentTime > 3)"


def lab_views() -> None:
    """Take screenshots of a lab: in both themes, narrow, with 24 and 200 tiles, a duel, the ranking, and an export."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "served"
        root.mkdir()
        page = _make_labs(root).export(root / "harbour.html", embed=100_000_000)
        _take_labs(root)
        _take_export(Path(page))


def _take_labs(root: Path) -> None:
    from tests.browser.lab import browser_lab, lab_server, write_notebook

    with lab_server(root) as address:
        for theme, cell, width in LAB_SHOTS:
            write_notebook(root / f"{theme}.ipynb", [cell])
            with browser_lab(address, width, 1500) as lab:
                _lab_screenshot(lab, theme)


def _take_export(page: Path) -> None:
    from tests.browser.lab import browser_page

    with browser_page(1240, 1500) as shown:
        shown.goto(page.as_uri())
        shown.wait_for_function("window.voxweaveLabPage?.alive.size > 0")
        shown.get_by_role("button", name="Play").click()
        shown.wait_for_function("[...document.querySelectorAll('video')].every(each => each.currentTime > 3)")
        shown.get_by_role("button", name="Pause").click()
        # The bar stays at the window's lower edge, which an image of the whole page has in its middle.
        shown.add_style_tag(content=".lp-bar { position: static; margin: 18px auto 0; transform: none }")
        shown.screenshot(path=IMAGES / "lab-export.jpg", type="jpeg", quality=70, full_page=True)


def _make_labs(root: Path) -> PromptLab:
    """Make a lab of eight local drafts with votes, and two of 24 and 200 variants that share its videos."""
    from tests.conftest import write_narration
    from voxweave_nb import Settings, VideoConfig, VideoGenerationService
    from voxweave_nb.lab.prompt_lab import PromptLab

    talk, words = root / "talk.wav", root / "talk.srt"
    write_narration(talk, 6.0)
    words.write_text("1\n00:00:00,100 --> 00:00:06,000\nFar below the waves it glows\n", encoding="utf-8")
    service = VideoGenerationService.local(settings=Settings(home=root.parent / "home"))
    base = VideoConfig(quality="draft", provider="local")
    labs = [
        PromptLab(
            name, talk, subtitles=words, base=base, service=service, folder=root / "voxweave_lab", rater="ada"
        )
        for name in ("harbour", "night", "evening")
    ]
    for lab, seeds in zip(labs, ([1], [1, 2, 3], list(range(25))), strict=True):
        more = {"seed": seeds} if len(seeds) > 1 else {}
        lab.grid("a {place: harbour|forest} at {time: dawn|dusk}", style=["anime", "realistic"], **more)
    labs[0].run(at_once=2).result()
    _opinions(labs[0])
    for many in labs[1:]:
        _share_videos(labs[0], many)
    return labs[0]


def _opinions(lab: PromptLab) -> None:
    made = lab.variants
    for place, thumb, stars, note in [
        (0, True, 5, "the light"),
        (1, None, 3, None),
        (2, False, 2, "too dark"),
        (4, True, 4, None),
    ]:
        lab.rate(made[place], thumb=thumb, stars=stars, note=note)
    for number in range(30):
        one, other = number % 8, (number * 3 + 1) % 8
        if one != other:
            lab.vote(made[one], made[other], "left" if one < other else "right", blind=True, shown=4.0)


def _share_videos(lab: PromptLab, many: PromptLab) -> None:
    from voxweave_nb.lab.records import Made
    from voxweave_nb.lab.videos import stored

    videos = [stored(each.video, many.path) for each in lab.variants if each.video is not None]
    for number, each in enumerate(many.variants):
        many._folder.record(Made(each.id, "run", videos[number % len(videos)], usd=0.0))


def _lab_screenshot(lab: Lab, theme: str) -> None:
    page = lab.open(f"{theme}.ipynb").page
    lab.theme("JupyterLab Dark" if theme == "dark" else "JupyterLab Light")
    page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    page.add_style_tag(content=".Toastify { display: none }")
    lab.run(0)
    page.evaluate("() => document.querySelector('.jp-Cell-inputWrapper').style.display = 'none'")
    view = lab.cell(0).locator(".voxweave-ranking" if theme == "ranking" else ".voxweave-lab")
    if theme == "ranking":
        view.locator("summary").first.click()
    elif theme == "duel":
        page.wait_for_function(PLAYED)
        view.focus()
        page.keyboard.press("ArrowLeft")
        view.get_by_role("button", name="Next pair").wait_for()
    else:
        page.wait_for_function(POSTERS)
    if theme in ("light", "dark", "narrow"):
        view.get_by_role("button", name="Play all").click()
        page.wait_for_function(PLAYED)
        view.get_by_role("button", name="Pause all").click()
    page.mouse.move(5, 5)
    page.wait_for_timeout(800)
    view.screenshot(path=IMAGES / f"lab-{theme}.jpg", type="jpeg", quality=70)


if __name__ == "__main__":
    panel()
    lab_views()
