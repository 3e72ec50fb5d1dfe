"""The panel's thumbnails and its folded controls, in a real JupyterLab."""

from __future__ import annotations

import pytest

from tests.browser.axe import serious
from tests.browser.lab import THEMES, made_draft, write_notebook
from tests.pictures import picture

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PANEL = "from voxweave_nb import VideoPanel\npanel = VideoPanel(narration='talk.wav', prompt='rain')\npanel"


def test_a_thumbnail_is_chosen_and_drawn(lab, folder):
    made = "config = panel.video.provenance\nconfig.config.variation, config.understood['scene']"
    write_notebook(folder / "thumbs.ipynb", [PANEL, made, "panel.config.variation, panel.config.style.value"])
    lab.open("thumbs.ipynb").run(0)
    panel = lab.cell(0)
    thumbnails = panel.get_by_role("group", name="Backdrop")
    harbour = thumbnails.get_by_role("button", name="harbour")
    harbour.focus()
    lab.page.keyboard.press("Enter")
    thumbnails.locator("[aria-pressed=true]").get_by_text("harbour").wait_for()
    assert harbour.evaluate("button => button === document.activeElement")
    made_draft(panel)
    lab.run(1)
    assert "('harbour', 'harbour')" in lab.cell(1).inner_text()

    thumbnails.get_by_role("button", name="grid").click()
    thumbnails.locator("[aria-pressed=true]").get_by_text("grid").wait_for()
    panel.get_by_role("radio", name="Anime").click()
    thumbnails.get_by_role("button", name="coast").wait_for()
    assert thumbnails.locator("[aria-pressed=true]").count() == 0
    thumbnails.get_by_role("button", name="coast").click()
    thumbnails.locator("[aria-pressed=true]").click()
    panel.get_by_text("The prompt picks a backdrop").wait_for()
    lab.run(2)
    assert "(None, 'anime')" in lab.cell(2).inner_text()


def test_more_controls_are_folded(lab, folder):
    write_notebook(folder / "more.ipynb", [PANEL, "panel.config"])
    lab.open("more.ipynb").run(0)
    panel = lab.cell(0)
    more = panel.get_by_role("button", name="More")
    more.wait_for()
    assert not panel.get_by_label("Frames per second").is_visible()
    more.click()
    for _ in range(2):
        panel.get_by_role("button", name="Another take").click()
    panel.get_by_label("Quality").select_option("Fine")
    panel.get_by_label("Title", exact=True).select_option("Custom")
    panel.get_by_label("Title text").fill("By the sea")
    panel.get_by_label("Calm motion").check()
    boxes = [
        panel.get_by_label("Calm motion").bounding_box(),
        panel.locator(".widget-checkbox span").get_by_text("Calm motion").bounding_box(),
    ]
    middles = [each["y"] + each["height"] / 2 for each in boxes]
    assert abs(middles[0] - middles[1]) < 3
    for theme in THEMES:
        lab.theme(theme)
        assert serious(lab.page, ".voxweave-panel") == []
    more.click()
    panel.get_by_text("seed 2, fine, title “By the sea”, calm motion").wait_for()
    lab.run(1)
    shown = lab.cell(1).inner_text()
    assert "quality='fine'" in shown
    assert "seed=2, title='By the sea', reduce_motion=True" in shown


@pytest.mark.everywhere
def test_the_upload_tells_the_panels_limit(lab, folder):
    write_notebook(folder / "limit.ipynb", [PANEL])
    lab.open("limit.ipynb").run(0)
    panel = lab.cell(0)
    panel.get_by_role("button", name="Record or upload", exact=True).click()
    panel.get_by_text("up to 512 MB").wait_for()


def test_an_image_is_typed_and_priced(lab, folder):
    picture(folder / "map.png")
    cells = [PANEL.replace("prompt=", "provider='zai', prompt="), "panel.config.image.path.name"]
    write_notebook(folder / "image.ipynb", cells)
    lab.open("image.ipynb").run(0)
    panel = lab.cell(0)
    panel.get_by_role("button", name="More").click()
    field = panel.get_by_label("Starts from an image")
    field.fill("nowhere.png")
    field.press("Enter")
    panel.get_by_text("No such file in").wait_for()
    field.fill("map.png")
    field.press("Enter")
    panel.get_by_text("400x300, PNG").wait_for()
    panel.get_by_text("zai starts from the image cropped from 400x300").wait_for()
    assert serious(lab.page, ".voxweave-panel") == []
    panel.get_by_role("button", name="More").click()
    panel.get_by_text("starts from map.png").wait_for()
    lab.run(1)
    assert "'map.png'" in lab.cell(1).inner_text()
