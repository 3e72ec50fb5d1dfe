"""A storyboard as a person uses it: plan, edit, make, redo, choose, reload, restart, reopen."""

from __future__ import annotations

import json

import pytest

from tests.browser.axe import serious
from tests.browser.lab import THEMES, plays, write_notebook
from tests.conftest import write_narration
from tests.storyboard.conftest import SECONDS, SENTENCES, srt

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PLAN = """import os
os.environ.update({env!r}, VOXWEAVE_POLL_INTERVAL="0.05")
from voxweave_nb import VideoGenerationService
service = VideoGenerationService(["zai"])
board = await service.storyboard("board.wav", subtitles="board.srt", provider="zai", resolution="720p", target=5.0)"""
OPEN = """import os
os.environ.update({env!r})
from voxweave_nb import Storyboard
board = Storyboard.open("voxweave_out/board.board")
board"""
TOLD = "print([scene.state for scene in board.scenes], [scene.prompt[:6] for scene in board.scenes][1])"
PLACES = """scene = board.scenes[1]
print(scene.takes.index(scene.take) if scene.take else "none", "is chosen, end", f"{scene.end:.1f}")"""


@pytest.fixture
def shown(lab, folder, sandbox):
    """A board of six scenes in JupyterLab, planned at the sandbox."""
    write_narration(folder / "board.wav", SECONDS * len(SENTENCES))
    (folder / "board.srt").write_text(srt(), encoding="utf-8")
    cells = [PLAN.format(env=sandbox.env), "board", TOLD, PLACES, OPEN.format(env=sandbox.env)]
    write_notebook(folder / "board.ipynb", cells)
    lab.open("board.ipynb").run(0)
    lab.run(1)
    view = lab.cell(1).locator(".voxweave-board")
    view.locator(".vb-row").first.wait_for()
    yield view
    lab.stop_kernel()


def row(view, number):
    return view.locator(".vb-row").nth(number - 1)


def rows_are(view, count):
    view.page.wait_for_function("count => document.querySelectorAll('.vb-row').length === count", arg=count)


def test_a_board_is_planned_edited_made_reopened(lab, shown, sandbox, folder):
    page = lab.page
    count = shown.locator(".vb-row").count()
    price = f"${0.2 * count:.2f}"
    make = shown.get_by_role("button", name=f"Make {count} scenes ({price})")
    make.wait_for()
    assert sandbox.submissions("zai") == 0

    # The animatic, in the place where nothing was.
    shown.get_by_text("Nothing to watch yet").wait_for()
    shown.locator(".vb-empty").get_by_role("button", name="Animatic (free)").click()
    shown.locator(".voxweave-player video").wait_for()
    plays(shown)
    assert shown.locator(".vp-chapters > div").count() == count - 1
    shown.locator(".vb-thumbnail img:visible").nth(1).wait_for()  # of the draft

    # A prompt, by the keyboard.
    row(shown, 1).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("p")
    page.keyboard.type("a lamp at sea")
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.ariaLabel").startswith("Scene 2, ")
    lab.run_until(2, "a lamp")

    # Split before a word, and merged again.
    row(shown, 2).focus()
    for key in ("s", "ArrowRight", "ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    rows_are(shown, count + 1)
    row(shown, 2).focus()
    page.keyboard.press("m")
    rows_are(shown, count)

    # A boundary: dragged with Alt it lies freely; a key leads it to the end of the sentence.
    edge = shown.get_by_role("slider", name="End of scene 1")
    before = float(edge.get_attribute("aria-valuenow"))
    box, track = edge.bounding_box(), shown.locator(".vb-track").bounding_box()
    per_second = track["width"] / (SECONDS * len(SENTENCES))
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.keyboard.down("Alt")
    page.mouse.move(middle[0] - 0.6 * per_second, middle[1], steps=4)
    page.mouse.up()
    page.keyboard.up("Alt")
    lab.run_until(3, f"end {before - 0.6:.1f}")
    edge.focus()
    page.keyboard.press("ArrowRight")
    lab.run_until(3, f"end {before:.1f}")

    # Two clicks pay once.
    shown.get_by_role("button", name=f"Make {count} scenes ({price})").dblclick()
    shown.get_by_role("button", name="All scenes are made").wait_for()
    assert sandbox.submissions("zai") == count
    lab.run_until(2, str(["made"] * count))

    # One more take of the first scene, for its price; then the one before is chosen.
    row(shown, 1).get_by_role("button", name="Redo ($0.20)").dblclick()
    row(shown, 1).locator(".vb-take").nth(1).wait_for()
    shown.get_by_role("button", name="All scenes are made").wait_for()
    assert sandbox.submissions("zai") == count + 1
    row(shown, 1).get_by_role("button", name="Choose take 1 of scene 1").click()
    row(shown, 1).get_by_role("button", name="Take 1 of scene 1 is chosen").wait_for()
    row(shown, 1).locator(".vb-thumbnail img:visible").wait_for()

    for theme in reversed(THEMES):
        lab.theme(theme)
        page.wait_for_function("() => document.getAnimations().every(each => each.playState !== 'running')")
        assert serious(page, ".voxweave-board") == []

    # The page is loaded anew while the kernel lives.
    lab.save()
    page.reload()
    page.wait_for_selector(".voxweave-board .vb-row")
    view = lab.cell(1).locator(".voxweave-board")
    row(view, 1).get_by_role("button", name="Take 1 of scene 1 is chosen").wait_for()

    # The kernel is restarted; the same board is opened again.
    lab.restart()
    view.get_by_text("The kernel was restarted or closed").wait_for()
    lab.run(4)
    again = lab.cell(4).locator(".voxweave-board")
    again.get_by_role("button", name="All scenes are made").wait_for()
    row(again, 1).get_by_role("button", name="Take 1 of scene 1 is chosen").wait_for()
    again.locator(".voxweave-player video").wait_for()
    lab.run_until(3, "0 is chosen")

    # Without a kernel the contact sheet is there.
    lab.cell(4).locator(".voxweave-board-sheet img").first.wait_for(state="attached")
    lab.save()
    page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    saved = json.loads((folder / "board.ipynb").read_text("utf-8"))
    html = "".join(
        "".join(output["data"].get("text/html", ""))
        for output in saved["cells"][4]["outputs"]
        if "data" in output
    )
    assert "voxweave-board-sheet" in html
    assert f"{count} made; ${0.2 * (count + 1):.2f} spent, nothing to make" in html
    assert sandbox.submissions("zai") == count + 1
