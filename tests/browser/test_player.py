"""The player as a person uses it: streamed by the server, sent by the kernel, read, searched, looped."""

from __future__ import annotations

import shutil

import pytest

from tests.browser.axe import serious
from tests.browser.lab import THEMES, active_caption, plays, write_notebook
from tests.browser.sound import heard

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SERVER, KERNEL = "streamed from the notebook server", "sent through the kernel"
SHOW = (
    "from voxweave_nb import Player\n"
    "player = Player({path!r}, captions='talk.srt', settings='VideoConfig()')\nplayer"
)
OTHER = (
    "from voxweave_nb import Cue\n"
    "player.show('film.mp4', captions=[Cue(0, 1, 'Anders'), Cue(1, 2, 'gesagt')], settings='VideoConfig()')"
)
AT = "at => { const v = document.querySelector('.voxweave-player video'); return Math.abs(v.currentTime - at) < 0.06; }"


@pytest.fixture
def player(lab, folder, film):
    """The player, at rest."""
    write_notebook(folder / "player.ipynb", [SHOW.format(path="film.mp4"), "print('way', player.way)"])
    lab.open("player.ipynb").run(0)
    lab.page.get_by_text(SERVER).wait_for()
    yield lab.cell(0)
    lab.stop_kernel()


def test_a_video_streams_with_captions_and_transcript(lab, player):
    page = lab.page
    plays(player)
    assert heard(player)
    assert active_caption(player, 0.5) == "Far below the waves"
    assert active_caption(player, 1.5) == "it <glows>"
    player.get_by_role("button", name="Far below the waves").click()
    page.wait_for_function(AT, arg=0.1)
    page.wait_for_function(
        "() => document.querySelector('.vp-cue[aria-current]')?.textContent.includes('Far below')"
    )
    player.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function(
        "() => document.querySelector('.vp-cue[aria-current]')?.textContent.includes('glows')"
    )
    lab.run(1)
    assert "way server" in lab.cell(1).inner_text()


@pytest.mark.everywhere
def test_other_captions_of_the_video_are_shown(lab, folder, film):
    write_notebook(folder / "other.ipynb", [SHOW.format(path="film.mp4"), OTHER])
    lab.open("other.ipynb").run(0)
    lab.cell(0).get_by_role("button", name="it <glows>").wait_for()
    lab.run(1)
    lab.cell(0).get_by_role("button", name="gesagt").wait_for()
    assert active_caption(lab.cell(0), 0.5) == "Anders"
    lab.stop_kernel()


def test_the_transcript_is_searched(lab, player):
    player.get_by_label("Search the transcript").fill("GLOW")
    player.get_by_text("1 of 2 lines").wait_for()
    assert player.locator("mark").inner_text() == "glow"
    player.get_by_label("Search the transcript").press("Enter")
    lab.page.wait_for_function(AT, arg=1.0)
    player.get_by_label("Search the transcript").fill("submarine")
    player.get_by_text("No line matches").wait_for()


def test_the_keyboard_controls_everything_but_the_notebook(lab, player):
    page = lab.page
    line = player.get_by_role("slider", name="Position in the video")
    line.focus()
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_function(AT, arg=1.0)
    page.keyboard.press(".")
    page.wait_for_function(AT, arg=31.5 / 30)
    page.keyboard.press("[")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("]")
    player.get_by_role("button", name="Stop looping").wait_for()
    page.keyboard.press(" ")
    seen = (
        "() => { const at = document.querySelector('.voxweave-player video').currentTime;"
        " window.far ||= at > 1.9; return window.far && at < 1.5; }"
    )
    page.wait_for_function(seen)
    page.keyboard.press("k")
    page.keyboard.press("c")
    assert player.get_by_role("button", name="Captions", exact=True).get_attribute("aria-pressed") == "false"
    page.keyboard.press(">")
    page.wait_for_function("() => document.querySelector('.vp-speed')?.value === '1.25'")
    assert page.locator(".jp-Notebook .jp-Cell").count() == 2


def test_captions_are_styled_and_files_downloaded(lab, player, film):
    page = lab.page
    player.get_by_role("button", name="Caption style").click()
    player.get_by_label("Size").select_option("Very large")
    player.get_by_label("Background").select_option("Solid")
    page.keyboard.press("Escape")
    root = page.locator(".voxweave-player")
    assert (root.get_attribute("data-size"), root.get_attribute("data-background")) == ("xl", "solid")
    player.get_by_role("button", name="Copy settings").click()
    player.get_by_role("status").get_by_text("Copied: VideoConfig()").wait_for(state="attached")
    for label, name in [("Video", "film.mp4"), ("Captions (WebVTT)", "talk.srt")]:
        player.get_by_role("button", name="Download").click()
        with page.expect_download() as download:
            player.get_by_role("button", name=label, exact=True).click()
        assert download.value.suggested_filename == name
    assert download.value.path().read_bytes() == film.with_name("talk.srt").read_bytes()


def test_the_kernel_sends_files_elsewhere(lab, folder, film, tmp_path):
    path = shutil.copy(film, tmp_path / "elsewhere.mp4")
    write_notebook(folder / "elsewhere.ipynb", [SHOW.format(path=str(path))])
    lab.open("elsewhere.ipynb").run(0)
    lab.page.get_by_text(KERNEL).wait_for()
    plays(lab.cell(0))
    assert active_caption(lab.cell(0), 1.5) == "it <glows>"
    lab.stop_kernel()


@pytest.mark.everywhere
def test_the_kernel_replaces_a_failing_server(lab, player):
    lab.page.route("**/files/**", lambda route: route.abort())
    video = lab.page.locator(".voxweave-player video")
    video.evaluate("video => { video.src = video.src + '&again'; }")
    lab.page.get_by_text(KERNEL).wait_for()
    plays(player)


def test_a_silent_server_is_reported(lab, player):
    lab.page.route("**/api*", lambda route: route.abort())
    said = player.get_by_role("alert").get_by_text("The notebook server does not answer.")
    said.wait_for()
    plays(player)
    lab.page.unroute("**/api*")
    said.wait_for(state="detached")


def test_the_video_plays_after_a_kernel_restart(lab, player):
    lab.restart()
    player.get_by_role("alert").get_by_text(
        "The kernel was restarted or closed. The video still plays"
    ).wait_for()
    plays(player)
    player.get_by_role("button", name="Run this cell again").click()
    player.get_by_text("The kernel was restarted").wait_for(state="detached")
    player.get_by_text(SERVER).wait_for()


def test_a_deleted_video_is_reported(lab, folder, film):
    shutil.copy(film, folder / "brief.mp4")
    make = SHOW.format(path="brief.mp4").removesuffix("player")
    write_notebook(folder / "gone.ipynb", [f"{make}import os\nos.remove('brief.mp4')\nplayer"])
    lab.open("gone.ipynb").run(0)
    lab.page.get_by_role("alert").get_by_text("brief.mp4 was deleted or moved").wait_for()
    lab.stop_kernel()


def test_axe_finds_nothing_serious(lab, player):
    player.get_by_role("button", name="Far below the waves").click()
    player.get_by_label("Search the transcript").fill("below")
    player.get_by_role("button", name="Caption style").click()
    for theme in THEMES:
        lab.theme(theme)
        assert serious(lab.page, ".voxweave-player") == []
