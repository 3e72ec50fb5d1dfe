"""The view of a lab as a person uses it: tiles in step, votes, filters, the comparison, runs, reload and restart."""

from __future__ import annotations

import re

import pytest

from tests.browser.axe import serious
from tests.browser.lab import THEMES, TOKEN, browser_page, voila_server, write_notebook
from tests.browser.sound import heard
from tests.lab.stock import stock
from voxweave_nb import Settings, VideoGenerationService
from voxweave_nb.lab.prompt_lab import PromptLab

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OPEN = (
    "from voxweave_nb.lab.prompt_lab import PromptLab\n"
    "lab = PromptLab({name!r}, 'talk.wav', subtitles='talk.srt', rater='me')\nlab"
)
RATED = "print([(r.thumb, r.stars, r.note) for r in lab.ratings])"
VIDEOS = "[...document.querySelectorAll('.voxweave-lab video')]"
IN_STEP = (
    f"count => {{ const times = {VIDEOS}.map(each => each.currentTime); return times.length === count"
    " && Math.min(...times) > 0.6 && Math.max(...times) - Math.min(...times) < 0.25; }"
)
HEARD = (
    "() => [...document.querySelectorAll('.vl-tile')]"
    ".findIndex(tile => tile.querySelector('video')?.muted === false)"
)
CONNECTED = ".jp-NotebookKernelStatus-fade:not(.jp-NotebookKernelStatus-info)"
TEMPLATE = "a {place: harbour|forest} at {time: dawn|dusk}"


def make_lab(folder, name: str, made: int = 8, **more) -> PromptLab:
    """A lab beside the notebooks, with clips of four seconds."""
    service = VideoGenerationService.local(settings=Settings(home=folder.parent / "lab-home"))
    lab = PromptLab(
        name,
        folder / "talk.wav",
        subtitles=folder / "talk.srt",
        service=service,
        folder=folder / "voxweave_lab",
        rater="me",
    )
    lab.grid(TEMPLATE, **{"style": ["anime", "cinematic"], **more})
    stock(lab, lab.variants[:made], real=True)
    return lab


@pytest.fixture
def shown(lab, folder, request):
    """A lab of eight in JupyterLab; the cells after it print its ratings and rate in Python."""
    name = request.node.name.partition("[")[0].removeprefix("test_")
    make_lab(folder, name)
    rate = "lab.rate(lab.variants[2], stars=5, note='from Python')"
    write_notebook(folder / f"{name}.ipynb", [OPEN.format(name=name), RATED, rate])
    lab.open(f"{name}.ipynb").run(0)
    view = lab.cell(0).locator(".voxweave-lab")
    view.locator(".vl-still:visible").nth(7).wait_for()
    yield view
    lab.stop_kernel()


def tile(view, number):
    return view.locator(".vl-tile").nth(number - 1)


def test_all_videos_play_in_step(lab, shown):
    page = lab.page
    assert shown.locator(".vl-tile").count() == 8
    assert "harbour" in tile(shown, 1).inner_text()
    assert page.evaluate(f"() => {VIDEOS}.length") == 0
    shown.get_by_role("button", name="Play all").click()
    page.wait_for_function(IN_STEP, arg=8)
    assert page.evaluate(f"() => {VIDEOS}.filter(each => !each.muted).length") == 1
    assert heard(shown)
    tile(shown, 1).get_by_text("Far below the waves").wait_for()
    shown.get_by_role("button", name="Pause all").click()
    page.wait_for_function(f"() => {VIDEOS}.every(each => each.paused)")
    shown.get_by_role("slider", name="Position in all videos").fill("3")
    page.wait_for_function(f"() => {VIDEOS}.every(each => Math.abs(each.currentTime - 3) < 0.06)")
    tile(shown, 8).get_by_text("it <glows>").wait_for()


@pytest.mark.everywhere
def test_one_is_heard_by_pointer_click_key(lab, shown):
    page = lab.page
    shown.get_by_role("button", name="Play all").click()
    page.wait_for_function(IN_STEP, arg=8)
    tile(shown, 5).locator(".vl-media").hover()
    page.wait_for_function(f"() => ({HEARD})() === 4")
    tile(shown, 2).locator(".vl-media").click()
    page.wait_for_function(f"() => ({HEARD})() === 1")
    tile(shown, 6).locator(".vl-media").hover()
    page.keyboard.press("Shift+Digit4")
    page.wait_for_function(f"() => ({HEARD})() === 3")
    page.keyboard.press("s")
    page.wait_for_function(f"() => ({HEARD})() === -1")


def test_the_mouse_votes(lab, shown):
    tile(shown, 1).get_by_role("button", name="Thumb up").click()
    tile(shown, 1).get_by_role("button", name="4 of 5 stars").click()
    tile(shown, 1).get_by_label("Note").fill("the light")
    tile(shown, 2).get_by_role("button", name="Thumb down").click()
    lab.run_until(1, "[(True, 4, 'the light'), (False, None, None)]")
    tile(shown, 1).get_by_role("button", name="4 of 5 stars").click()
    lab.run_until(1, "[(True, None, 'the light'), (False, None, None)]")


def test_keys_move_and_vote(lab, shown):
    page = lab.page
    tile(shown, 1).focus()
    for key in ("ArrowRight", "ArrowDown", "4", "+", "n"):
        page.keyboard.press(key)
    page.keyboard.type("calm")
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.dataset.id") == tile(shown, 5).get_attribute("data-id")
    page.wait_for_function(
        "said => document.activeElement.ariaLabel.includes(said)", arg="4 of 5 stars. Thumb up"
    )
    lab.run_until(1, "[(True, 4, 'calm')]")
    assert page.locator(".jp-Notebook .jp-Cell").count() == 3


@pytest.mark.everywhere
def test_marked_ones_stand_side_by_side(lab, shown):
    page = lab.page
    tile(shown, 1).focus()
    for key in ("ArrowRight", "m", "ArrowRight", "ArrowRight", "m", "Enter"):
        page.keyboard.press(key)
    shown.get_by_role("button", name="Back to all").wait_for()
    assert shown.locator(".vl-tile").count() == 2
    boxes = [tile(shown, number).bounding_box() for number in (1, 2)]
    assert boxes[0]["y"] == boxes[1]["y"]
    assert boxes[0]["width"] > 350
    page.keyboard.press(" ")
    page.wait_for_function(IN_STEP, arg=2)
    page.keyboard.press("2")
    page.wait_for_function(f"() => ({HEARD})() === 1")
    page.keyboard.press("Shift+Digit5")
    page.keyboard.press("Escape")
    page.wait_for_function("() => document.querySelectorAll('.vl-tile').length === 8")
    lab.run_until(1, "[(None, 5, None)]")


def test_tiles_are_filtered_sorted_and_spread(lab, shown):
    tile(shown, 3).get_by_role("button", name="5 of 5 stars").click()
    shown.get_by_role("button", name="Filter").click()
    for axis, value in (("time", "dusk"), ("style", "anime")):
        label = shown.locator("label", has_text=re.compile(f"^{axis}"))
        label.locator("select").select_option(value)
    shown.get_by_text("2 of 8 shown").wait_for()
    shown.get_by_role("button", name="Clear filters").click()
    shown.get_by_label("Sort by").select_option("Opinion")
    assert "harbour" in tile(shown, 1).inner_text()
    assert "dusk" in tile(shown, 1).inner_text()
    shown.get_by_label("Columns").select_option("2")
    assert tile(shown, 3).bounding_box()["y"] > tile(shown, 1).bounding_box()["y"]
    shown.get_by_label("Columns").select_option("6")
    assert tile(shown, 6).bounding_box()["y"] == tile(shown, 1).bounding_box()["y"]


@pytest.mark.everywhere
def test_a_rating_in_python_appears(lab, shown):
    lab.run(2)
    assert tile(shown, 3).get_by_label("Note").input_value() in ("", "from Python")
    lab.page.wait_for_function(
        "() => document.querySelectorAll('.vl-tile .vl-note')[2].value === 'from Python'"
    )
    assert tile(shown, 3).get_by_role("button", name="5 of 5 stars").get_attribute("aria-pressed") == "true"


def test_reload_and_restart_keep_the_votes(lab, shown, folder):
    page = lab.page
    tile(shown, 1).get_by_role("button", name="Thumb up").click()
    lab.run(1)
    lab.save()
    page.reload()
    pressed = ".vl-tile .vl-up[aria-pressed='true']"
    lab.cell(0).locator(pressed).wait_for()
    lab.cell(0).locator(".voxweave-lab").get_by_role("button", name="Play all").click()
    page.wait_for_function(IN_STEP, arg=8)
    lab.restart()
    said = lab.cell(0).locator(".voxweave-lab").get_by_role("alert").get_by_text("The kernel was restarted")
    said.wait_for()
    assert page.evaluate(f"() => {VIDEOS}.every(each => each.currentTime > 0)")
    lab.cell(0).get_by_role("button", name="Run this cell again").click()
    said.wait_for(state="detached")
    lab.cell(0).locator(pressed).wait_for()


RUN = """from voxweave_nb import VideoConfig
from voxweave_nb.lab.prompt_lab import PromptLab
lab = PromptLab("evening", "talk.wav", base=VideoConfig(quality="draft", provider="local"), rater="me")
lab.grid("a {place: harbour|forest}", style=["anime", "cinematic", "biotech"])
lab"""


def test_a_run_shows_progress_and_is_cancelled(lab, folder):
    write_notebook(folder / "evening.ipynb", [RUN, "run = lab.run(at_once=1)"])
    lab.open("evening.ipynb").run(0)
    view = lab.cell(0).locator(".voxweave-lab")
    view.get_by_text("To make").nth(5).wait_for()
    lab.run(1)
    view.get_by_role("progressbar", name="Progress of the run").wait_for()
    view.get_by_role("progressbar", name="Progress of variant").first.wait_for()
    view.locator(".vl-still:visible").first.wait_for()
    view.get_by_role("button", name="Cancel").click()
    view.get_by_role("button", name="Cancel").wait_for(state="hidden")
    view.locator(".vl-tile[data-state='running']").first.wait_for(state="detached")
    assert view.locator(".vl-tile[data-state='to make']").count() > 0
    lab.stop_kernel()


@pytest.mark.everywhere
def test_many_tiles_load_what_is_seen(lab, folder):
    make_lab(folder, "many", made=0, seed=list(range(25)), sure=True)
    many = make_lab(folder, "many", made=200, seed=list(range(25)), sure=True)
    assert many.size == 200
    write_notebook(folder / "many.ipynb", [OPEN.format(name="many")])
    lab.open("many.ipynb").run(0)
    view, page = lab.cell(0).locator(".voxweave-lab"), lab.page
    view.locator(".vl-still:visible").nth(5).wait_for()
    filled = "() => document.querySelectorAll('.vl-tile .vl-row').length"
    assert page.evaluate(filled) < 60
    assert page.evaluate("() => document.querySelectorAll('.vl-tile img[src]').length") < 30
    view.get_by_role("button", name="Play all").click()
    page.wait_for_function(IN_STEP, arg=9)
    page.evaluate(
        "() => { const grid = document.querySelector('.vl-grid'); grid.scrollTop = grid.scrollHeight; }"
    )
    view.locator(".vl-tile:nth-last-child(-n+12) video").first.wait_for(state="attached")
    page.wait_for_function(f"() => {VIDEOS}.length <= 9")
    assert tile(view, 1).locator("video").count() == 0
    lab.stop_kernel()


def test_axe_finds_nothing_serious(lab, folder):
    one = make_lab(folder, "axe", made=7)
    one.rate(one.variants[0], thumb=True, stars=4, note="the light")
    one.rate(one.variants[1], thumb=False)
    write_notebook(folder / "lab_axe.ipynb", [OPEN.format(name="axe")])
    lab.open("lab_axe.ipynb").run(0)
    view = lab.cell(0).locator(".voxweave-lab")
    view.locator(".vl-still:visible").nth(6).wait_for()
    for theme in THEMES:
        lab.theme(theme)
        assert serious(lab.page, ".voxweave-lab") == []
    view.get_by_role("button", name="Filter").click()
    tile(view, 1).locator(".vl-mark").click()
    for theme in reversed(THEMES):
        lab.theme(theme)
        assert serious(lab.page, ".voxweave-lab") == []
    lab.stop_kernel()


@pytest.mark.everywhere
def test_notebook_7_shows_the_tiles(folder, address):
    make_lab(folder, "seven")
    write_notebook(folder / "lab seven.ipynb", [OPEN.format(name="seven")])
    with browser_page() as page:
        page.goto(f"{address}/notebooks/lab seven.ipynb?token={TOKEN}")
        page.locator(CONNECTED).wait_for(state="attached")
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.get_by_role("button", name="Play all").click()
        page.wait_for_function(IN_STEP, arg=8)


@pytest.mark.everywhere
def test_voila_shows_the_tiles(folder):
    make_lab(folder, "voila")
    write_notebook(folder / "lab voila.ipynb", [OPEN.format(name="voila")])
    with voila_server(folder) as served, browser_page() as page:
        page.goto(f"{served}/voila/render/lab voila.ipynb")
        page.locator(".vl-still:visible").nth(7).wait_for()
        page.get_by_role("button", name="Play all").click()
        page.wait_for_function(IN_STEP, arg=8)
