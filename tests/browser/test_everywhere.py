"""The widgets in other front ends, at a hub's address, and with older releases of ipykernel."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.kernels import add_kernel
from tests.browser.lab import (
    BUSY,
    TOKEN,
    active_caption,
    browser_lab,
    browser_page,
    data_folder,
    drop,
    lab_server,
    made_draft,
    plays,
    voila_server,
    write_notebook,
)
from tests.browser.sound import heard

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CELLS = [
    "import hashlib, ipykernel, ipywidgets, threading\nfrom voxweave_nb import AudioInput, Player, VideoPanel\n"
    "audio, digest, thread = AudioInput(), ipywidgets.Label(), ipywidgets.Label()\n"
    "sha = lambda: hashlib.sha256(audio.path.read_bytes()).hexdigest()\n"
    "audio.observe(lambda _: setattr(digest, 'value', sha()), 'path')\n"
    "audio.on_msg(lambda *_: setattr(thread, 'value', f'heard on {threading.current_thread().name}'))\n"
    "ipywidgets.VBox([ipywidgets.Label(f'ipykernel {ipykernel.__version__}'), audio, digest, thread])",
    "Player('film.mp4', captions='talk.srt')",
    "VideoPanel(narration='talk.wav', subtitles='talk.srt', prompt='made {where}')",
]
CONNECTED = ".jp-NotebookKernelStatus-fade:not(.jp-NotebookKernelStatus-info)"  # it says so, and fades
SERVER, KERNEL = "streamed from the notebook server", "sent through the kernel"


@dataclass(frozen=True)
class Place:
    """A page with an audio input, a player and a panel, and the traits of its front end and kernel."""

    page: Page
    way: str = SERVER
    release: str = ""
    thread: str = ""


def written(folder: Path, name: str, *more: str, kernel: str = "python3") -> str:
    cells = [cell.replace("{where}", f"in {name}") for cell in CELLS]
    return write_notebook(folder / f"{name}.ipynb", [*cells, *more], kernel).name


@contextlib.contextmanager
def notebook_7(folder: Path, address: str) -> Iterator[Place]:
    """Notebook 7, which the same server has, with its cells run as a person does it."""
    name = written(folder, "seven")
    with browser_page() as page:
        page.goto(f"{address}/notebooks/{name}?token={TOKEN}")
        page.locator(CONNECTED).wait_for(state="attached")
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        yield Place(page)


@contextlib.contextmanager
def voila(folder: Path, address: str) -> Iterator[Place]:
    """Voila, which shows a notebook without its code."""
    name = written(folder, "voila")
    with voila_server(folder) as served, browser_page() as page:
        page.goto(f"{served}/voila/render/{name}")
        yield Place(page, way=KERNEL)


@contextlib.contextmanager
def hub(folder: Path, address: str) -> Iterator[Place]:
    """JupyterLab at an address as JupyterHub gives it, with a notebook in a folder whose name has a space."""
    talks = folder / "my talks"
    talks.mkdir(exist_ok=True)
    for name in ("film.mp4", "talk.wav", "talk.srt"):
        shutil.copy(folder / name, talks)
    name = written(talks, "hub")
    with lab_server(folder, "--ServerApp.base_url=/user/me@x/") as served, browser_lab(served) as lab:
        lab.open(f"my talks/{name}")
        for index in range(len(CELLS)):
            lab.run(index)
        yield Place(lab.page)
        assert "/user/me" in lab.page.url
        lab.stop_kernel()


@contextlib.contextmanager
def older(requirement: str, release: str, thread: str, folder: Path, address: str) -> Iterator[Place]:
    """JupyterLab with an older ipykernel, kept busy by a cell while a person goes on."""
    kernel = f"ipykernel-{release.partition('.')[0]}"
    add_kernel(kernel, requirement, data_folder(folder) / "kernels")
    name = written(folder, kernel, "import time; time.sleep(3)", kernel=kernel)
    with browser_lab(address) as lab:
        lab.open(name)
        for index in range(len(CELLS)):
            lab.run(index)
        lab.start(len(CELLS))
        lab.page.wait_for_function(BUSY)
        yield Place(lab.page, release=release, thread=thread)
        lab.stop_kernel()


PLACES = {
    "Notebook 7": notebook_7,
    "Voila": voila,
    "JupyterHub's address": hub,
    "ipykernel 6": partial(older, "ipykernel<7", "6.", "MainThread"),
    "ipykernel 7.0": partial(older, "ipykernel==7.0.1", "7.0.1", "subshell-"),  # what Binder's image has
}


@pytest.mark.parametrize(
    "where",
    [
        pytest.param(name, marks=[pytest.mark.everywhere] if name.startswith("ipykernel") else [])
        for name in PLACES
    ],
)
def test_upload_player_and_panel_work_everywhere(folder, twelve, film, address, where):
    with PLACES[where](folder, address) as place:
        page = place.page
        says = page.locator(".widget-label")
        page.locator(".voxweave-audio").first.wait_for()
        drop(page, twelve)
        says.filter(has_text=hashlib.sha256(twelve.read_bytes()).hexdigest()).wait_for()
        says.filter(has_text=f"ipykernel {place.release}").wait_for()
        says.filter(has_text=f"heard on {place.thread}").wait_for()

        player, panel = page.locator(".voxweave-player").first, page.locator(".voxweave-panel")
        page.get_by_text(place.way).wait_for()
        plays(player)
        assert heard(player)
        assert active_caption(player, 1.5) == "it <glows>"

        player = made_draft(panel)
        assert heard(player)
        assert active_caption(player, 0.5) == "Far below the waves"


HOLD = (
    "import pathlib, time\nend = time.monotonic() + 60\n"
    "while not pathlib.Path('let go').exists() and time.monotonic() < end:\n    time.sleep(0.05)"
)


@pytest.mark.everywhere
def test_changes_made_to_a_busy_kernel_are_used(folder, address):
    """A page sends a busy kernel the first change of a control, and the last one only after that was processed."""
    add_kernel("ipykernel-busy", "ipykernel<7", data_folder(folder) / "kernels")
    panel = (
        "from voxweave_nb import VideoPanel\npanel = VideoPanel(narration='talk.wav', prompt='old')\npanel"
    )
    made = "panel.service.history()[0].config.prompt, panel.video.path.suffix"
    name = write_notebook(folder / "chosen.ipynb", [panel, HOLD, made], "ipykernel-busy").name
    with browser_lab(address) as lab:
        lab.open(name).run(0)
        shown = lab.cell(0)
        shown.get_by_role("button", name="Generate").wait_for()
        lab.start(1)
        lab.page.wait_for_function(BUSY)
        for prompt in ("a red dusk", "a pink midnight", "a slow dawn"):
            shown.get_by_label("Prompt", exact=True).fill(prompt)
        for kind in ("webm", "mov"):
            shown.get_by_label("Format").select_option(label=kind.upper())
        shown.get_by_role("button", name="Generate").click()
        (folder / "let go").touch()
        shown.get_by_text("Done in").wait_for()
        lab.run(2)
        assert "('a slow dawn', '.mov')" in lab.cell(2).inner_text()
        lab.stop_kernel()
