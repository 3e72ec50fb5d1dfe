"""The panel as a person uses it, in a real JupyterLab."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest

from tests.browser.axe import serious
from tests.browser.lab import THEMES, active_caption, plays, write_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUICKSTART = Path(__file__).parents[2] / "notebooks" / "01_quickstart.ipynb"
PANEL = "from voxweave_nb import VideoPanel\npanel = VideoPanel({})\npanel"
SANDBOX = """import os
from voxweave_nb import VideoGenerationService, VideoPanel
from voxweave_nb.sandbox import Fault, Sandbox
sandbox = Sandbox().start()
os.environ.update({name: value for name, value in sandbox.env.items() if name.startswith(("OPENAI", "ZAI"))})
sandbox.fault("create", Fault.status(503), provider="openai_sora")
service = VideoGenerationService(["openai_sora", "zai"])
panel = VideoPanel(service, narration="talk.wav", subtitles="talk.srt", resolution="720p")
panel"""
BUSY = "() => [...document.querySelectorAll('.jp-InputPrompt')].some(prompt => prompt.textContent === '[*]:')"
BAR = "() => parseFloat(document.querySelector('.voxweave-job .progress-bar')?.style.width || '0')"


def test_the_quickstarts_video_plays_without_a_kernel(lab, folder):
    name = shutil.copy(QUICKSTART, folder / "quickstart.ipynb").name
    cells = nbformat.read(folder / name, as_version=4).cells
    index = next(place for place, cell in enumerate(cells) if cell.source.endswith("VideoPanel()"))
    lab.open(name).run(index)
    page, panel = lab.page, lab.cell(index)
    panel.get_by_role("button", name="Generate").click()
    page.wait_for_function(f"() => ({BAR})() > 20")
    page.wait_for_function(f"() => ({BAR})() > 40")

    plays(panel)
    assert active_caption(panel, 4.0) == "Yet the deep sea is not dark."
    assert "Done in" in panel.inner_text()

    lab.save()
    lab.stop_kernel()
    lab.open(name)
    lab.stop_kernel()
    plays(lab.cell(index))
    assert active_caption(lab.cell(index), 4.0) == "Yet the deep sea is not dark."


def test_the_bar_moves_while_the_kernel_is_busy(lab, folder):
    write_notebook(
        folder / "busy.ipynb",
        [PANEL.format("prompt='while it is busy', resolution='720p'"), "import time; time.sleep(8)"],
    )
    lab.open("busy.ipynb").run(0)
    page, panel = lab.page, lab.cell(0)
    panel.get_by_role("button", name="Generate").click()
    page.wait_for_function(f"() => ({BAR})() > 20")
    lab.start(1)
    page.wait_for_function(BUSY)
    before = page.evaluate(BAR)
    page.wait_for_function(f"before => ({BAR})() > before + 5", arg=before)
    assert page.evaluate(BUSY)
    panel.locator("video:visible").wait_for()


def test_cancel_stops_the_job_and_says_so(lab, folder):
    write_notebook(
        folder / "cancel.ipynb",
        [PANEL.format("resolution='4k'")],
    )
    lab.open("cancel.ipynb").run(0)
    panel = lab.cell(0)
    panel.get_by_role("button", name="Generate").click()
    lab.page.wait_for_function(f"() => ({BAR})() > 20")
    panel.get_by_role("button", name="Cancel").first.click()
    panel.get_by_text("Canceled after").wait_for()
    assert panel.get_by_role("button", name="Generate").is_enabled()


def test_an_error_is_shown_in_the_panel(lab, folder):
    write_notebook(
        folder / "wrong.ipynb",
        [PANEL.format("narration='nowhere.mp3'")],
    )
    lab.open("wrong.ipynb").run(0)
    panel = lab.cell(0)
    panel.get_by_role("button", name="Generate").click()
    panel.get_by_role("alert").get_by_text("There is no narration 'nowhere.mp3'").wait_for()


def test_a_provider_has_a_price_and_a_fallback(lab, folder):
    write_notebook(folder / "providers.ipynb", [SANDBOX, "sandbox.stop()"])
    lab.open("providers.ipynb").run(0)
    panel = lab.cell(0)
    panel.get_by_text("Automatic tries openai_sora, then zai.").wait_for()
    provider = panel.get_by_label("Provider", exact=True)
    provider.select_option("fal (not ready)")
    panel.get_by_text("fal is not ready: it has no key: set FAL_KEY.").wait_for()
    provider.select_option("zai")
    panel.get_by_text("about $0.20").wait_for()
    panel.get_by_label("Model").fill("viduq1-text")
    panel.get_by_text("about $0.40").wait_for()
    panel.get_by_text("zai does not offer 720x1280").wait_for(state="hidden")
    panel.get_by_label("Aspect ratio").select_option("9:16 tall")
    panel.get_by_text("zai does not offer 720x1280: the clip is generated at 1080x1920").wait_for()

    provider.select_option("Automatic")
    panel.get_by_role("button", name="Generate").click()
    panel.get_by_role("button", name="Log").click()
    panel.locator(".vx-log").get_by_text("Trying zai next.").wait_for()
    panel.get_by_text(
        "Provider: zai (cogvideox-3), about $0.20; openai_sora declined: 127.0.0.1:"
    ).first.wait_for()
    plays(panel)
    lab.run(1)


def test_an_uploaded_narration_is_used(lab, folder):
    write_notebook(folder / "own.ipynb", [PANEL.format(""), "panel.narration.name, panel.subtitles"])
    lab.open("own.ipynb").run(0)
    panel = lab.cell(0)
    panel.get_by_role("button", name="Record or upload", exact=True).click()
    panel.locator(".voxweave-audio input[type=file]").first.set_input_files(folder / "talk.wav")
    panel.locator(".voxweave-audio").get_by_text("talk.wav").first.wait_for()
    panel.get_by_text("about").first.wait_for(state="hidden")
    lab.page.wait_for_function("() => document.querySelector('.voxweave-audio.va-filled') !== null")
    lab.run(1)
    assert "('talk.wav', None)" in lab.cell(1).inner_text()


def test_arrow_keys_and_examples_write_the_prompt(lab, folder):
    write_notebook(
        folder / "prompt.ipynb", [PANEL.format("prompt='what was written'"), "panel.config.prompt"]
    )
    lab.open("prompt.ipynb").run(0)
    panel = lab.cell(0)
    panel.get_by_role("button", name="Draft").click()
    plays(panel)
    assert (
        panel.locator("video:visible").count() == 1
    )  # what is saved is hidden while the player shows the same
    field = panel.get_by_label("Prompt", exact=True)
    panel.get_by_role("button", name="a pink midnight").click()
    panel.get_by_text("15 characters").wait_for()
    panel.get_by_title("Arrow up brings back earlier prompts").wait_for()
    field.press("ArrowUp")
    lab.page.wait_for_function("field => field.value === 'what was written'", arg=field.element_handle())
    panel.get_by_text("16 characters").wait_for()
    field.press("ArrowDown")
    lab.page.wait_for_function("field => field.value === 'a pink midnight'", arg=field.element_handle())
    panel.get_by_text("15 characters").wait_for()
    lab.run(1)
    assert "a pink midnight" in lab.cell(1).inner_text()


def test_a_reloaded_page_shows_job_and_video(lab, folder):
    write_notebook(folder / "again.ipynb", [PANEL.format("prompt='loaded again', resolution='1080p'")])
    lab.open("again.ipynb").run(0)
    lab.cell(0).get_by_role("button", name="Generate").click()
    lab.page.wait_for_function(f"() => ({BAR})() > 22")
    lab.save()
    lab.page.reload()
    lab.page.wait_for_function(f"() => ({BAR})() > 30")
    plays(lab.cell(0))


def test_a_panel_reports_its_kernels_restart(lab, folder):
    write_notebook(folder / "restarted.ipynb", [PANEL.format("prompt='after the restart'")])
    lab.open("restarted.ipynb").run(0)
    panel = lab.cell(0)
    panel.get_by_role("button", name="Record or upload", exact=True).click()
    panel.get_by_role("button", name="Choose files").wait_for()
    said = panel.get_by_text("The kernel was restarted or closed, so this panel is disconnected.")
    assert said.count() == 0
    lab.restart()
    said.wait_for()
    assert panel.get_by_role("button", name="Run this cell again").count() == 1
    panel.get_by_role("button", name="Run this cell again").click()
    said.wait_for(state="detached")
    panel.get_by_role("button", name="Draft").click()
    plays(panel)


def test_a_panel_reports_that_its_server_is_gone(lab, folder):
    write_notebook(folder / "stepped-away.ipynb", [PANEL.format("")])
    lab.open("stepped-away.ipynb").run(0)
    panel = lab.cell(0)
    panel.get_by_role("button", name="Generate").wait_for()
    lab.page.route("**/api*", lambda route: route.abort())
    said = panel.get_by_role("alert").get_by_text("The notebook server does not answer.")
    said.wait_for()
    lab.page.unroute("**/api*")
    said.wait_for(state="detached")


def test_axe_finds_nothing_serious_in_the_panel(lab, folder):
    write_notebook(folder / "axe.ipynb", [PANEL.format("prompt='for axe'")])
    lab.open("axe.ipynb").run(0)
    panel = lab.cell(0)
    panel.get_by_role("button", name="Draft").click()
    panel.locator("video:visible").wait_for()
    panel.get_by_role("button", name="History").click()
    panel.get_by_role("button", name="Show", exact=True).first.wait_for()
    for theme in THEMES:
        lab.theme(theme)
        assert serious(lab.page, ".voxweave-panel") == []


def test_a_job_shows_progress_then_its_video(lab, folder):
    write_notebook(
        folder / "job.ipynb",
        [
            "from voxweave_nb import VideoGenerationService\nservice = VideoGenerationService.default()\n"
            "job = service.submit('talk.wav', subtitles='talk.srt', resolution='720p')\njob"
        ],
    )
    lab.open("job.ipynb").run(0)
    plays(lab.cell(0))
    assert active_caption(lab.cell(0), 0.5) == "Far below the waves"


def test_the_magic_waits_shows_and_keeps_the_video(lab, folder):
    write_notebook(
        folder / "magic.ipynb",
        [
            "%load_ext voxweave_nb",
            "%%voxweave --audio talk.wav --subtitles talk.srt --style cyberpunk --resolution 720p --into film\n"
            "rain on neon glass",
            "film.provenance.config.prompt",
        ],
    )
    lab.open("magic.ipynb")
    for index in range(3):
        lab.run(index)
    plays(lab.cell(1))
    assert "rain on neon glass" in lab.cell(2).inner_text()
