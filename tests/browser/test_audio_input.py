"""The audio input as a person uses it, in a real JupyterLab."""

from __future__ import annotations

import hashlib
import os
import wave

import pytest

from tests.browser.axe import serious
from tests.browser.lab import THEMES, browser_lab, write_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FAKE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
CELLS = [
    "from voxweave_nb import AudioInput\naudio = AudioInput()\naudio",
    "import hashlib\nprint(audio.name, audio.size, round(audio.duration, 1), audio.selection, audio.error)\n"
    "print(hashlib.sha256(audio.path.read_bytes()).hexdigest())",
    "import pathlib, time\nend = time.monotonic() + 80\n"
    "while not pathlib.Path('go on').exists() and time.monotonic() < end:\n    time.sleep(0.05)",
    "print('part', audio.narration().name)",
]
BUSY = "() => [...document.querySelectorAll('.jp-InputPrompt')].some(prompt => prompt.textContent === '[*]:')"
DROP = """async ([name, type, size]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(size).fill(65)], name, {type}));
    const zone = document.querySelector('.voxweave-audio');
    for (const kind of ['dragenter', 'dragover', 'drop']) {
        zone.dispatchEvent(new DragEvent(kind, {dataTransfer: transfer, bubbles: true, cancelable: true}));
    }
}"""
SOCKET = """() => {
    const Own = window.WebSocket;
    window.sockets = [];
    window.WebSocket = class extends Own { constructor(...args) { super(...args); window.sockets.push(this); } };
}"""

SPOKEN = "() => parseFloat(document.querySelector('.va-recorder:not([hidden]) .va-time')?.textContent?.slice(2)) > 1"
DEAF = "() => Object.defineProperty(MediaRecorder.prototype, 'ondataavailable', {set() {}})"


@pytest.fixture
def lab(address, folder):
    """A page with a simulated microphone, open at a notebook with an audio input."""
    write_notebook(folder / "audio.ipynb", CELLS)
    with browser_lab(address, height=1200, args=FAKE, script=f"({SOCKET})()") as lab:
        lab.open("audio.ipynb").run(0)
        lab.page.locator(".voxweave-audio").wait_for()
        yield lab
        lab.stop_kernel()


@pytest.fixture
def large(folder):
    """A WAV of 120 MB of noise."""
    path = folder / "large.wav"
    with wave.open(str(path), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(44_100)
        for _ in range(30):
            out.writeframes(os.urandom(4_000_000))
    yield path
    path.unlink()


def choose(lab, *paths) -> None:
    with lab.page.expect_file_chooser() as chooser:
        lab.page.get_by_role("button", name="Choose files").click()
    chooser.value.set_files([str(path) for path in paths])


def facts(lab) -> str:
    lab.run(1)
    return lab.cell(1).inner_text()


def hold(lab, folder) -> None:
    """Keep the kernel busy with a cell."""
    (folder / "go on").unlink(missing_ok=True)
    lab.start(2)
    lab.page.wait_for_function(BUSY)


def release(lab, folder) -> None:
    (folder / "go on").touch()
    lab.page.wait_for_function(f"() => !({BUSY})()")


def here(lab, name: str) -> None:
    lab.page.locator(".va-files").get_by_text(name).wait_for(timeout=60_000)


def test_the_keyboard_selects_a_part(lab, folder):
    page = lab.page
    choose(lab, folder / "talk.wav")
    here(lab, "talk.wav")
    assert hashlib.sha256((folder / "talk.wav").read_bytes()).hexdigest() in facts(lab)
    start = page.get_by_role("slider", name="Start of the part")
    start.focus()
    for _ in range(5):
        start.press("ArrowRight")
    page.get_by_text("0:00.5 to 0:02.0 will be used").wait_for()
    page.get_by_role("button", name="Play the selected part").press("Enter")
    page.wait_for_function("() => +document.querySelector('.va-needle')?.getAttribute('aria-valuenow') > 0.8")
    lab.run(3)
    assert "talk-0.50-2.00.wav" in lab.cell(3).inner_text()
    page.get_by_role("button", name="Use all").click()
    page.get_by_text("All 0:02.0 will be used").wait_for()


@pytest.mark.everywhere
def test_a_dropped_text_is_refused_at_once(lab):
    lab.page.evaluate(DROP, ["notes.txt", "text/plain", 2000])
    lab.page.get_by_role("alert").get_by_text("notes.txt is not an audio file").wait_for()
    lab.page.evaluate(DROP, ["silent.mp3", "audio/mpeg", 0])
    lab.page.get_by_role("alert").get_by_text("silent.mp3 is empty").wait_for()


def test_the_kernel_refuses_noise_named_mp3(lab):
    lab.page.evaluate(DROP, ["noise.mp3", "audio/mpeg", 200_000])
    lab.page.get_by_role("alert").get_by_text("of noise.mp3 could be decoded").wait_for()
    lab.page.get_by_role("button", name="Dismiss").click()
    lab.page.get_by_role("button", name="Choose files").wait_for()


def test_a_large_file_waits_for_a_busy_kernel(lab, large, folder):
    page = lab.page
    hold(lab, folder)
    choose(lab, large)
    page.get_by_text("the kernel is busy").wait_for()
    release(lab, folder)
    here(lab, "large.wav")
    text = facts(lab)
    assert f"large.wav {large.stat().st_size} 680.3 None" in text
    assert hashlib.sha256(large.read_bytes()).hexdigest() in text


def test_an_upload_survives_a_broken_connection(lab, large):
    page = lab.page
    choose(lab, large)
    page.wait_for_function(
        "() => +document.querySelector('.va-queue [role=progressbar]')?.getAttribute('aria-valuenow') > 10"
    )
    page.evaluate(
        "() => window.sockets.filter(each => each.url.includes('/channels')).forEach(each => each.close())"
    )
    here(lab, "large.wav")
    assert hashlib.sha256(large.read_bytes()).hexdigest() in facts(lab)


def test_an_upload_is_paused_and_canceled(lab, large, folder):
    page = lab.page
    hold(lab, folder)  # so that it cannot be through before it is paused
    choose(lab, large)
    page.get_by_text("the kernel is busy").wait_for()
    page.get_by_role("button", name="Pause", exact=True).click()
    page.get_by_text("paused at").wait_for()
    release(lab, folder)
    page.get_by_text("paused at").wait_for()
    hold(lab, folder)
    page.get_by_role("button", name="Resume").click()
    page.get_by_role("button", name="Cancel", exact=True).click()
    release(lab, folder)
    page.get_by_role("status").get_by_text("was canceled; nothing was kept").wait_for(state="attached")
    page.wait_for_function("() => !document.querySelector('.va-row')")


def test_the_microphone_is_recorded_twice(lab):
    page = lab.page
    page.get_by_role("button", name="Record", exact=True).click()
    page.wait_for_function(
        "() => +document.querySelector('[role=meter]')?.getAttribute('aria-valuenow') > 30"
    )
    page.get_by_text("Recording", exact=True).wait_for()
    page.wait_for_function("() => document.activeElement?.textContent === 'Finish'")
    assert serious(page, ".voxweave-audio") == []
    page.get_by_role("button", name="Pause", exact=True).click()
    page.get_by_text("Recording paused").wait_for()
    page.get_by_role("button", name="Resume").click()
    page.wait_for_function(SPOKEN)
    page.get_by_role("button", name="Finish").click()
    here(lab, "recording-")
    first = facts(lab)
    assert ".webm" in first
    page.get_by_role("button", name="Record again").click()
    page.wait_for_function(SPOKEN)
    page.get_by_role("button", name="Finish").click()
    page.wait_for_function(
        "name => { const all = [...document.querySelectorAll('.va-files li .va-name')];"
        " return all.length === 1 && all[0].textContent !== name; }",
        arg=first.split()[0],
    )


@pytest.mark.everywhere
def test_an_empty_recording_is_reported(lab):
    lab.page.evaluate(DEAF)
    lab.page.get_by_role("button", name="Record", exact=True).click()
    lab.page.get_by_role("button", name="Finish").click()
    lab.page.get_by_text("Nothing was recorded").wait_for()
    lab.page.get_by_role("button", name="Record", exact=True).wait_for()


@pytest.mark.everywhere
def test_a_silent_server_is_reported(lab):
    lab.page.route("**/api*", lambda route: route.abort())
    said = lab.page.get_by_role("alert").get_by_text("The notebook server does not answer.")
    said.wait_for()
    lab.page.unroute("**/api*")
    said.wait_for(state="detached")


def test_a_restarted_kernel_is_reported(lab):
    lab.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    lab.page.get_by_role("alert").get_by_text("The kernel was restarted or closed").wait_for()
    lab.page.get_by_role("button", name="Run this cell again").click()
    lab.page.get_by_role("alert").get_by_text("The kernel was restarted").wait_for(state="detached")
    lab.page.get_by_role("button", name="Choose files").wait_for()


def test_axe_finds_nothing_serious(lab, folder):
    assert_accessible(lab)
    choose(lab, folder / "talk.wav", folder / "talk.srt")
    here(lab, "talk.wav")
    lab.page.get_by_role("alert").get_by_text("talk.srt").wait_for()
    assert_accessible(lab)


def assert_accessible(lab):
    for theme in THEMES:
        lab.theme(theme)
        assert serious(lab.page, ".voxweave-audio") == []
