"""The way through the notebook in Firefox: upload, record, draft, hear, read, save and open again.

Playwright drives Firefox over WebDriver BiDi, which has no media features: dark mode and reduced motion are tested in
Chromium only.
"""

from __future__ import annotations

import hashlib

import pytest

from tests.browser.firefox import firefox_lab
from tests.browser.lab import active_caption, drop, made_draft, write_notebook
from tests.browser.sound import heard

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AUDIO = (
    "from voxweave_nb import AudioInput\naudio = AudioInput()\naudio",
    "import hashlib\nprint(audio.name, round(audio.duration, 1), audio.selection, audio.error)\n"
    "print(hashlib.sha256(audio.path.read_bytes()).hexdigest())",
)
PANEL = (
    "from voxweave_nb import VideoPanel\n"
    "panel = VideoPanel(narration='talk.wav', subtitles='talk.srt', prompt='seen in Firefox')\npanel"
)
AT = "at => { const v = document.querySelector('.voxweave-player video'); return Math.abs(v.currentTime - at) < 0.06; }"
LOUD = "() => +document.querySelector('[role=meter]')?.getAttribute('aria-valuenow') > 30"
SPOKEN = "() => parseFloat(document.querySelector('.va-recorder:not([hidden]) .va-time')?.textContent?.slice(2)) > 4"


@pytest.fixture(scope="module")
def lab(address):
    """JupyterLab in one Firefox for all tests of this module."""
    with firefox_lab(address) as lab:
        yield lab


@pytest.fixture
def audio(lab, folder):
    """An audio input, without a narration."""
    write_notebook(folder / "firefox-audio.ipynb", AUDIO)
    lab.open("firefox-audio.ipynb").run(0)
    lab.page.locator(".voxweave-audio").wait_for()
    yield lab.page
    lab.stop_kernel()


def facts(lab) -> str:
    lab.run(1)
    return lab.cell(1).inner_text()


def test_a_12_mb_narration_is_uploaded(lab, audio, twelve):
    drop(audio, twelve)
    audio.locator(".va-files").get_by_text("twelve.wav").wait_for()
    assert hashlib.sha256(twelve.read_bytes()).hexdigest() in facts(lab)
    start = audio.get_by_role("slider", name="Start of the part")
    start.press("PageUp")
    audio.get_by_text("will be used,").wait_for()
    audio.get_by_role("button", name="Play the selected part").press("Enter")
    needle = "at => +document.querySelector('.va-needle')?.getAttribute('aria-valuenow') > at"
    audio.wait_for_function(needle, arg=float(start.get_attribute("aria-valuenow")) + 0.3)


def test_the_microphone_is_recorded(lab, audio):
    audio.get_by_role("button", name="Record", exact=True).click()
    audio.wait_for_function(LOUD)
    audio.wait_for_function(SPOKEN)
    audio.get_by_role("button", name="Finish").click()
    audio.locator(".va-files").get_by_text("recording-").wait_for()
    name, seconds, *rest = facts(lab).split()
    assert name.endswith((".webm", ".ogg"))
    assert float(seconds) > 1
    assert rest[0] == "None"  # all of it is selected


def test_a_draft_is_heard_read_and_saved(lab, folder):
    write_notebook(folder / "firefox.ipynb", [PANEL])
    lab.open("firefox.ipynb").run(0)
    panel = lab.cell(0)
    player = made_draft(panel)
    assert heard(player)
    assert active_caption(player, 1.5) == "it <glows>"
    assert player.locator(".vp-captions").inner_text() == "it <glows>"

    lab.page.wait_for_function("() => document.querySelector('.voxweave-video video')")
    lab.save()
    lab.stop_kernel()
    lab.open("firefox.ipynb")
    lab.stop_kernel()
    assert heard(panel)
    assert active_caption(panel, 0.5) == "Far below the waves"


def test_keyboard_and_downloads_work_in_the_player(lab, folder, film):
    show = "from voxweave_nb import Player\nPlayer('film.mp4', captions='talk.srt')"
    write_notebook(folder / "firefox-player.ipynb", [show])
    lab.open("firefox-player.ipynb").run(0)
    page, player = lab.page, lab.cell(0)
    page.get_by_text("streamed from the notebook server").wait_for()
    player.get_by_role("slider", name="Position in the video").focus()
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_function(AT, arg=1.0)
    page.keyboard.press(".")
    page.wait_for_function(AT, arg=31.5 / 30)
    page.keyboard.press("c")
    assert player.get_by_role("button", name="Captions", exact=True).get_attribute("aria-pressed") == "false"
    for label, source in [("Video", film), ("Captions (WebVTT)", film.with_name("talk.srt"))]:
        player.get_by_role("button", name="Download").click()
        with page.expect_download() as download:
            player.get_by_role("button", name=label, exact=True).click()
        assert download.value.suggested_filename == source.name
        assert download.value.path().read_bytes() == source.read_bytes()
    assert page.locator(".jp-Notebook .jp-Cell").count() == 1  # the notebook took no key for a command
    lab.stop_kernel()
