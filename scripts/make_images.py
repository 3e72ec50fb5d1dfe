"""Make the images of the panel, the lab, the storyboard and a film in docs/images: `python scripts/make_images.py`.

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


BOARD = """from voxweave_nb import Storyboard
board = Storyboard.open("voxweave_out/{name}.board")
board"""
RUNNING = """import os
from voxweave_nb.sandbox import Sandbox
sandbox = Sandbox().start()
os.environ.update(sandbox.env)
for number in range(8):
    sandbox.next_job("zai", polls=400, progress=[10 + number * 9] * 399)
"""
BOARD_SHOTS = [
    # name, cell, width in pixels
    ("light", BOARD.format(name="harbour"), 1240),
    ("dark", BOARD.format(name="harbour"), 1240),
    ("narrow", BOARD.format(name="harbour"), 600),
    ("long", BOARD.format(name="evening"), 1240),
    ("new", BOARD.format(name="morning"), 1240),
    ("running", RUNNING + BOARD.format(name="morning"), 1240),
]
STORY = (
    "The harbour wakes before the town.",
    "Nets are carried down, and then the rain begins.",
    "A lamp swings over the wet boards.",
    "Nobody speaks until the boats are out.",
    "Far below, the water glows.",
    "By noon the gulls have found them.",
    "In the forest above, fog lies between the pines.",
    "At dusk the lights of the city come on, one after the other.",
)
THUMBNAILS = "() => document.querySelectorAll('.vb-thumbnail img[src]').length > 2"


def board_views() -> None:
    """Take screenshots of a storyboard: in both themes, narrow, with many scenes, new, and while it is made."""
    from tests.browser.lab import browser_lab, lab_server, write_notebook

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "served"
        root.mkdir()
        _make_boards(root)
        with lab_server(root) as address:
            for name, cell, width in BOARD_SHOTS:
                write_notebook(root / f"{name}.ipynb", [cell])
                with browser_lab(address, width, 2600) as lab:
                    _board_screenshot(lab, name)


def _make_boards(root: Path) -> None:
    """Make a board with takes and a film, a long one, and one without any take. Takes are cut from an animatic."""
    from tests.conftest import write_narration
    from tests.storyboard.conftest import SECONDS, srt
    from tests.storyboard.stock import cut, stock
    from voxweave_nb import Settings, VideoGenerationService

    settings = Settings(home=root.parent / "home", output_dir=root / "voxweave_out")
    service = VideoGenerationService(["zai"], settings=settings)
    made: list[Path] = []
    for name, times in (("harbour", 1), ("morning", 1), ("evening", 8)):
        story = STORY * times
        talk = write_narration(root / f"{name}.wav", SECONDS * len(story))
        options = {"provider": "zai", "style": "cinematic", "resolution": "720p", "target": SECONDS}
        bible = "teal dusk, 35 mm, no people"
        board = service.storyboard(talk, subtitles=srt(story), bible=bible, **options).result(300)
        count = len(board.scenes)
        if not made:
            film = board.animatic().result(300)
            made = cut(film.path, [scene.start for scene in board.scenes], root.parent / "clips")
        if name == "harbour":
            stock(board, range(1, count), made=made)
            stock(board, [2], takes=3, made=made[3:])
            board.scenes[4].prompt = "a long quiet shot of the pier, no one in sight"
            board.assemble().result(300)
        if name == "evening":
            stock(board, [each for each in range(1, count + 1) if each % 7], made=made)


def _board_screenshot(lab: Lab, name: str) -> None:
    page = lab.open(f"{name}.ipynb").page
    lab.theme("JupyterLab Dark" if name == "dark" else "JupyterLab Light")
    page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    page.add_style_tag(content=".Toastify { display: none }")
    lab.run(0)
    page.evaluate("() => document.querySelector('.jp-Cell-inputWrapper').style.display = 'none'")
    view = lab.cell(0).locator(".voxweave-board")
    view.locator(".vb-row").first.wait_for()
    if name == "running":
        view.get_by_role("button", name="Make ").click()
        view.locator(".vb-stateline progress:visible").nth(3).wait_for()
    elif name != "new":
        page.wait_for_function(THUMBNAILS)
    if name in ("light", "dark", "narrow"):
        view.locator("video").evaluate(
            "video => new Promise(done => { video.onseeked = done; video.currentTime = 12; })"
        )
    page.mouse.move(5, 5)
    page.wait_for_timeout(1500)
    view.screenshot(path=IMAGES / f"board-{name}.jpg", type="jpeg", quality=74)


FILM_STORY = (
    "The letter was posted in a small town.",
    "A bus took it over the hills at noon.",
    "By evening it was in the forest.",
    "There was snow on the mountains.",
    "On the far side there is a desert.",
    "Nobody slept while the dunes went by.",
    "At dawn the city appeared in the haze.",
    "And in the rain a hand took it out.",
)


def film() -> None:
    """Show the middle of each scene of a film that was made from a storyboard on this machine."""
    from tests.conftest import write_narration
    from voxweave_nb import Settings, VideoGenerationService
    from voxweave_nb.media.sheet import make_sheet

    with tempfile.TemporaryDirectory() as folder:
        root, seconds = Path(folder), 5.0 * len(FILM_STORY)
        talk = write_narration(root / "talk.wav", seconds)
        spoken = [
            (5.0 * number + 0.2, 5.0 * number + 4.7, sentence) for number, sentence in enumerate(FILM_STORY)
        ]
        settings = Settings(home=root / "home", output_dir=root / "out")
        with VideoGenerationService.local(settings=settings) as service:
            board = service.storyboard(
                talk,
                subtitles=spoken,
                style="cinematic",
                title="",
                quality="draft",
                subtitle_mode="burn",
                target=5.0,
            ).result()
            board.make().result()
            sheet = make_sheet(board.assemble().result().path, seconds=seconds, width=400)
    (IMAGES / "storyboard-film.jpg").write_bytes(sheet)


if __name__ == "__main__":
    panel()
    lab_views()
    board_views()
    film()
