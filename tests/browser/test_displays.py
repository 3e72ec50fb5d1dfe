"""Four displays of a result: live, saved and trusted, saved and untrusted, exported."""

from __future__ import annotations

import base64
import subprocess
import sys

import nbformat
import pytest

from tests.browser.lab import active_caption, browser_lab, browser_page, plays, write_notebook
from tests.browser.sound import heard

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MAKE = (
    "from voxweave_nb import VideoGenerationService\nservice = VideoGenerationService.default({options})\n"
    "video = await service.generate_video('talk.wav', subtitles='talk.srt', resolution='720p', prompt='<b>neon</b>')\n"
    "video"
)
EMBEDDED, BESIDE = MAKE.format(options=""), MAKE.format(options="settings=Settings(embed_limit=0)")
BESIDE = f"from voxweave_nb import Settings\n{BESIDE}"


@pytest.fixture(scope="module")
def made(folder, address):
    """A notebook with a video of each kind, run and saved, its kernel gone."""
    write_notebook(folder / "made.ipynb", [EMBEDDED, BESIDE])
    with browser_lab(address) as lab:
        lab.open("made.ipynb")
        for index in range(2):
            lab.run(index)
            plays(lab.cell(index))
            assert active_caption(lab.cell(index), 0.5) == "Far below the waves"
            assert active_caption(lab.cell(index), 1.5) == "it <glows>"
        lab.save()
        lab.stop_kernel()
    return folder / "made.ipynb"


@pytest.mark.parametrize("index", [0, 1], ids=["embedded", "beside the notebook"])
def test_a_saved_notebook_plays_without_a_kernel(lab, made, index):
    lab.open(made.name)
    lab.stop_kernel()
    cell = lab.cell(index)
    plays(cell)
    assert heard(cell)
    assert active_caption(cell, 0.5) == "Far below the waves"
    assert "model not found" not in cell.inner_text()


@pytest.mark.parametrize(
    "index", [0, pytest.param(1, marks=pytest.mark.everywhere)], ids=["embedded", "beside the notebook"]
)
def test_an_untrusted_notebook_plays_and_shows_the_transcript(lab, made, index):
    notebook = nbformat.read(made, as_version=4)
    notebook.cells[0].source += "\n# somebody else's"
    nbformat.write(notebook, made.with_name("untrusted.ipynb"))
    lab.open("untrusted.ipynb")
    cell = lab.cell(index)
    plays(cell)
    assert heard(cell)
    cell.get_by_text("Transcript (2 lines)").click()
    cell.get_by_text("it <glows>").wait_for()
    assert "<b>neon</b>" in cell.inner_text()


def test_an_export_to_html_plays_with_captions(made):
    subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", "html", str(made)], check=True, capture_output=True
    )
    # So that the sound of a video beside the page can be measured; a person hears it without.
    with browser_page(args=["--allow-file-access-from-files"]) as page:
        page.goto(made.with_suffix(".html").as_uri())
        for index in range(2):
            cell = page.locator(".jp-Cell").nth(index)
            plays(cell)
            assert heard(cell)
            assert active_caption(cell, 0.5) == "Far below the waves"


def downloaded(cell) -> bytes:
    with cell.page.expect_download() as download:
        cell.get_by_role("link", name="Download MP4").click()
    return download.value.path().read_bytes()


def test_a_saved_notebooks_link_saves_the_video(lab, made):
    lab.open(made.name)
    cell = lab.cell(0)
    plays(cell)
    film = cell.locator("video").evaluate("video => video.src")
    assert downloaded(cell) == base64.b64decode(film.partition(",")[2])


def test_an_untrusted_notebooks_link_opens_the_file(lab, made):
    """JupyterLab takes a link's script and its `download` away."""
    notebook = nbformat.read(made, as_version=4)
    notebook.cells[0].source += "\n# somebody else's link"
    nbformat.write(notebook, made.with_name("untrusted-link.ipynb"))
    lab.open("untrusted-link.ipynb")
    link = lab.cell(0).get_by_role("link", name="Download MP4")
    name = link.get_attribute("href").rpartition("/")[2].partition("?")[0]
    link.click()
    lab.page.locator(".lm-TabBar-tabLabel", has_text=name).first.wait_for()


def test_an_export_sent_away_saves_its_video(made, tmp_path):
    export = ["-m", "nbconvert", "--to", "html", str(made), "--output-dir", str(tmp_path)]
    subprocess.run([sys.executable, *export], check=True, capture_output=True)
    with browser_page() as page:
        page.goto((tmp_path / "made.html").as_uri())
        assert downloaded(page.locator(".jp-Cell").nth(0))[4:8] == b"ftyp"
