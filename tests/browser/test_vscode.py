"""The widgets in the page of VS Code: its widget manager, a real kernel, no server, no microphone, and no AAC."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.axe import serious
from tests.browser.lab import active_caption, drop, plays
from tests.browser.sound import heard
from tests.browser.vscode import VSCode, kernel_server, page_server, vscode_page
from voxweave_nb.media.ffmpeg import find_ffmpeg

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PANEL = (
    "from voxweave_nb import VideoPanel\n"
    "panel = VideoPanel(narration='talk.wav', subtitles='talk.srt', resolution='720p', prompt='a reef at night')\npanel"
)
AUDIO = (
    "import hashlib, ipywidgets\nfrom voxweave_nb import AudioInput\n"
    "audio, digest = AudioInput(), ipywidgets.Label()\n"
    "sha = lambda: hashlib.sha256(audio.path.read_bytes()).hexdigest()\n"
    "audio.observe(lambda _: setattr(digest, 'value', sha()), 'path')\n"
    "ipywidgets.VBox([audio, digest])"
)
PLAYER = "from voxweave_nb import Player\nplayer = Player('film.mp4', captions='talk.srt')\nplayer"
SHOW = (
    "from IPython.display import HTML\nHTML('<video controls src=\"data:video/mp4;base64,{data}\"></video>')"
)
DECODES = """async data => {
    const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
    return new OfflineAudioContext(1, 1, 48000).decodeAudioData(bytes.buffer).then(() => true, () => false);
}"""
RECORDS = "() => navigator.mediaDevices.getUserMedia({audio: true}).then(() => true, error => error.name)"


@pytest.fixture(scope="module")
def addresses(folder: Path) -> Iterator[tuple[str, str]]:
    """The addresses of the page and of the server that starts its kernels."""
    with page_server() as origin, kernel_server(folder, origin) as server:
        yield origin, server


@pytest.fixture
def vscode(addresses: tuple[str, str], folder: Path) -> Iterator[VSCode]:
    """An open notebook, which requests nothing but its own scripts."""
    with vscode_page(*addresses) as vscode:
        yield vscode.connect(folder / "vscode.ipynb")
        vscode.shutdown()
        assert vscode.strays == []
        assert vscode.errors == []


def encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode("ascii")


def converted(film: Path, name: str, *options: str) -> Path:
    """The film with other sound."""
    to = film.with_name(name)
    command = [find_ffmpeg().path, "-v", "error", "-y", "-i", str(film), *options, str(to)]
    subprocess.run(command, check=True)
    return to


def test_the_page_lacks_what_vscode_lacks(vscode, film):
    mp3 = converted(film, "mp3.mp4", "-c:v", "copy", "-c:a", "libmp3lame")
    opus = converted(film, "opus.ogg", "-vn", "-c:a", "libopus")
    adts = converted(film, "sound.aac", "-vn", "-c:a", "copy")
    decodes = {path.name: vscode.page.evaluate(DECODES, encoded(path)) for path in (film, mp3, opus, adts)}
    assert decodes == {"film.mp4": False, "mp3.mp4": True, "opus.ogg": False, "sound.aac": False}
    for index, (path, audible) in enumerate([(film, False), (mp3, True)]):
        vscode.run(SHOW.format(data=encoded(path)))
        plays(vscode.cell(index))
        assert heard(vscode.cell(index)) is audible
    assert vscode.page.evaluate(RECORDS) == "NotAllowedError"


def test_twelve_megabytes_are_uploaded_in_small_pieces(vscode, twelve):
    vscode.run(AUDIO)
    vscode.cell(0).get_by_role("button", name="Choose files").wait_for()
    vscode.cell(0).get_by_text("VS Code does not let notebooks use the microphone").wait_for()
    assert vscode.cell(0).get_by_role("button", name="Record").count() == 0
    drop(vscode.page, twelve)
    vscode.page.get_by_text(hashlib.sha256(twelve.read_bytes()).hexdigest()).wait_for()
    assert max(vscode.sent) < 1_100_000 < sum(vscode.sent)


def test_a_players_narration_is_heard(vscode, film):
    vscode.run(PLAYER)
    player = vscode.cell(0).locator(".voxweave-player")
    player.get_by_text("sent through the kernel").wait_for()
    plays(player)
    assert heard(player)
    assert active_caption(player, 1.5) == "it <glows>"


def test_a_draft_is_heard_and_outlives_its_kernel(addresses, folder):
    with vscode_page(*addresses) as vscode:
        vscode.connect(folder / "draft.ipynb")
        vscode.run(PANEL)
        panel = vscode.cell(0).locator(".voxweave-panel")
        panel.get_by_role("button", name="Draft").click()
        panel.get_by_text("Done in").wait_for()
        plays(panel)
        assert heard(panel)
        assert active_caption(panel, 0.5) == "Far below the waves"
        vscode.page.wait_for_function("() => document.querySelector('.voxweave-video video')")
        assert not panel.get_by_text("the saved notebook does not include it").is_visible()
        saved = vscode.save()
        vscode.shutdown()
    with vscode_page(*addresses) as vscode:
        vscode.restore(saved)
        result = vscode.cell(0).locator(".voxweave-video")
        plays(result)
        assert heard(result)
        assert active_caption(result, 1.5) == "it <glows>"
        result.get_by_text("Transcript (2 lines)").click()
        result.get_by_text("Far below the waves").wait_for()
        assert vscode.cell(0).get_by_text("Run this cell").count() == 1
        assert vscode.strays == []


def test_the_panel_is_readable_in_both_themes(vscode):
    vscode.run("from voxweave_nb import VideoPanel\nVideoPanel()")
    vscode.cell(0).get_by_role("button", name="Draft").wait_for()
    vscode.page.emulate_media(reduced_motion="reduce")  # so that colours change at once
    for theme in ("vscode-dark", "vscode-light"):
        vscode.page.evaluate("theme => { document.body.className = theme; }", theme)
        assert serious(vscode.page, ".voxweave-panel") == []
