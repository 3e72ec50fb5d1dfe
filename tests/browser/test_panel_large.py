"""Narrations larger than one message of the connection, or than the kernel's disk."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.lab import BUSY, drop, plays, write_notebook
from tests.conftest import write_narration

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SIZE = 300_000_000
CELLS = [
    "from voxweave_nb import VideoPanel\npanel = VideoPanel(prompt='from a very long talk')\npanel",
    "import time; time.sleep(5)",
    "print(panel.narration.stat().st_size, round(panel.video.duration, 1), panel.video.provenance.provider)",
]
FULL = """import resource
from voxweave_nb import AudioInput
def room(size): resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
room(6_000_000)
AudioInput()"""


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Path]:
    """A WAV of 300 MB, 28 minutes long."""
    with wave.open(str(write_narration(tmp_path / "syllables.wav", 2.0, rate=88_200))) as short:
        syllables = short.readframes(short.getnframes())
    path = tmp_path / "long talk.wav"
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, 88_200, 0, "NONE", ""))
        for _ in range(SIZE // len(syllables) + 1):
            out.writeframesraw(syllables)
    assert path.stat().st_size > SIZE
    yield path
    path.unlink()


@pytest.mark.everywhere
def test_a_300_mb_narration_becomes_a_video(lab, folder, talk):
    write_notebook(folder / "long.ipynb", CELLS)
    lab.open("long.ipynb").run(0)
    page, panel = lab.page, lab.cell(0)
    panel.get_by_role("button", name="Record or upload", exact=True).click()
    panel.locator(".voxweave-audio").wait_for()
    lab.start(1)
    page.wait_for_function(BUSY)
    drop(page, talk)
    panel.locator(".va-queue").get_by_text(talk.name).wait_for()
    assert page.evaluate(BUSY)
    panel.locator(".va-files").get_by_text(talk.name).wait_for()

    start, end = (panel.get_by_role("slider", name=f"{name} of the part") for name in ("Start", "End"))
    start.press("PageUp")
    end.press("Home")
    end.press("Shift+ArrowRight")
    end.press("Shift+ArrowRight")
    panel.get_by_text("0:05.0 to 0:07.1 will be used").wait_for()
    panel.get_by_role("button", name="Generate").click()
    panel.get_by_text("Done in").wait_for()
    plays(panel.locator(".voxweave-player"))
    lab.run(2)
    assert lab.cell(2).inner_text().strip() == f"{talk.stat().st_size} 2.1 local"

    lab.save()
    lab.stop_kernel()
    lab.open("long.ipynb")
    lab.stop_kernel()
    plays(lab.cell(0))
    assert lab.cell(0).locator("video:visible").count() == 1


def test_a_full_disk_is_reported_during_an_upload(lab, folder, twelve):
    write_notebook(folder / "full.ipynb", [FULL, "room(resource.getrlimit(resource.RLIMIT_FSIZE)[1])"])
    lab.open("full.ipynb").run(0)
    audio = lab.cell(0).locator(".voxweave-audio")
    audio.wait_for()
    drop(lab.page, twelve)
    said = audio.get_by_role("alert")
    said.get_by_text("twelve.wav could not be written to").wait_for()
    said.get_by_text("Nothing was kept; try again.").wait_for()
    assert audio.locator(".va-files li").count() == 0
    lab.run(1)
    drop(lab.page, twelve)
    audio.locator(".va-files").get_by_text("twelve.wav").wait_for()
    lab.stop_kernel()
