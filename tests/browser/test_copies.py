"""A page that cannot decode AAC, as in VS Code: the film and the narration are heard all the same."""

from __future__ import annotations

import subprocess

import pytest

from tests.browser.lab import browser_lab, drop, write_notebook
from tests.browser.sound import METER, SILENCE, heard
from voxweave_nb.media.ffmpeg import find_ffmpeg

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# As there: `canPlayType` and the media element know nothing of it, only decoding fails.
WITHOUT_AAC = """
const decode = BaseAudioContext.prototype.decodeAudioData;
BaseAudioContext.prototype.decodeAudioData = function (buffer, ...rest) {
    const [first, second] = new Uint8Array(buffer);
    const name = String.fromCharCode(...new Uint8Array(buffer, 4, 4));
    if (name === 'ftyp' || (first === 0xff && (second & 0xf6) === 0xf0)) {
        return Promise.reject(new DOMException('no decoder for AAC', 'EncodingError'));
    }
    return decode.call(this, buffer, ...rest);
};
"""
PLAY = "from voxweave_nb import Player\nplayer = Player({path!r}, captions='talk.srt')\nplayer"
# The element that plays a narration is in no document.
WATCH_SOUND = """() => {
    const create = document.createElement;
    document.createElement = function (name, ...rest) {
        const made = create.call(this, name, ...rest);
        if (name === 'audio') window.played = made;
        return made;
    };
}"""
UPLOAD = "from voxweave_nb import AudioInput\naudio = AudioInput()\naudio"


@pytest.fixture
def lab(address):
    """JupyterLab in a page without AAC."""
    with browser_lab(address, script=WITHOUT_AAC) as lab:
        yield lab
        lab.stop_kernel()


def shown_copy(lab):
    return lab.page.get_by_text("as a copy with MP3 sound")


def codec_of(path) -> str:
    said = subprocess.run([find_ffmpeg().path, "-i", str(path)], capture_output=True, text=True).stderr
    return said.partition("Audio: ")[2].split()[0]


def test_a_film_with_aac_is_heard_as_mp3(lab, folder, film):
    write_notebook(
        folder / "copy.ipynb", [PLAY.format(path="film.mp4"), "print(player.way, player.rendition)"]
    )
    lab.open("copy.ipynb").run(0)
    shown_copy(lab).wait_for()
    video = lab.cell(0).locator("video")
    assert "/files/film.mp4.rendition-" in video.evaluate("video => video.src")
    (copy,) = folder.glob("film.mp4.rendition-*.mp4")
    assert codec_of(copy) == "mp3"
    assert heard(lab.cell(0))
    assert video.evaluate("video => video.videoWidth") == 1280
    assert lab.cell(0).get_by_role("button", name="Far below the waves").is_visible()
    lab.run(1)
    assert "server mp4" in lab.cell(1).inner_text()


@pytest.mark.everywhere
def test_the_kernel_sends_a_copy_from_elsewhere(lab, folder, film, tmp_path):
    path = tmp_path / "elsewhere.mp4"
    path.write_bytes(film.read_bytes())
    write_notebook(folder / "sent.ipynb", [PLAY.format(path=str(path))])
    lab.open("sent.ipynb").run(0)
    lab.page.get_by_text("sent through the kernel, as a copy with MP3 sound").wait_for()
    assert heard(lab.cell(0))
    lab.cell(0).get_by_role("button", name="Download").click()
    with lab.page.expect_download() as download:
        lab.cell(0).get_by_role("button", name="Video", exact=True).click()
    assert download.value.path().read_bytes() == film.read_bytes()  # the video itself


def test_a_film_that_cannot_be_decoded_is_copied(lab, folder, film):
    """HEVC is a codec that Chromium does not have either."""
    path = folder / "hevc.mp4"
    encode = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", "-c:a", "copy"]
    subprocess.run([find_ffmpeg().path, "-v", "error", "-y", "-i", str(film), *encode, str(path)], check=True)
    write_notebook(folder / "hevc.ipynb", [PLAY.format(path="hevc.mp4")])
    lab.open("hevc.ipynb").run(0)
    shown_copy(lab).wait_for()
    video = lab.cell(0).locator("video")
    assert heard(lab.cell(0))
    assert video.evaluate("video => video.videoWidth") == 1280


@pytest.mark.everywhere
def test_without_a_copy_the_reason_is_shown(lab, folder, film):
    broken = "import os\nos.environ['VOXWEAVE_FFMPEG'] = '/nowhere/ffmpeg'\n"
    for old in folder.glob("film.mp4.rendition-*"):
        old.unlink()
    write_notebook(folder / "soundless.ipynb", [broken + PLAY.format(path="film.mp4")])
    lab.open("soundless.ipynb").run(0)
    said = lab.cell(0).get_by_role("alert")
    said.get_by_text("This page cannot decode the video's sound").wait_for()
    assert "/nowhere/ffmpeg" in said.inner_text()
    video = lab.cell(0).locator("video")
    assert video.evaluate("video => video.src").split("?")[0].endswith("/files/film.mp4")


def test_a_narration_in_aac_is_heard(lab, folder, film, tmp_path):
    talk = tmp_path / "talk.m4a"
    sound = ["-vn", "-c:a", "copy"]
    subprocess.run([find_ffmpeg().path, "-v", "error", "-i", str(film), *sound, str(talk)], check=True)
    write_notebook(folder / "aac.ipynb", [UPLOAD])
    lab.open("aac.ipynb")
    lab.page.evaluate(WATCH_SOUND)
    lab.run(0)
    lab.cell(0).get_by_role("button", name="Choose files").wait_for()
    drop(lab.page, talk)
    lab.cell(0).get_by_text("All 0:03.0 will be used").wait_for()
    lab.cell(0).get_by_role("button", name="Play", exact=True).click()
    lab.page.wait_for_function("() => window.played.currentTime > 0.2")
    head = (
        "async () => [...new Uint8Array(await (await fetch(window.played.src)).arrayBuffer()).subarray(0, 3)]"
    )
    assert bytes(lab.page.evaluate(head)) == b"ID3"
    audio = lab.page.evaluate_handle("() => window.played").as_element()
    found = audio.evaluate(METER, SILENCE)
    assert found["decoded"] > 0
    assert found["level"] > SILENCE
