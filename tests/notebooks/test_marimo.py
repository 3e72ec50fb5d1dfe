"""The marimo notebook without a page: as a script, and exported to HTML. `tests/browser/test_marimo.py` uses it."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "quickstart_marimo.py"
SOURCE = NOTEBOOK.read_text(encoding="utf-8")
SHOWING = """
import marimo
app = marimo.App()

@app.cell
def _():
    from voxweave_nb import VideoPanel
    VideoPanel(style="anime")
    return

@app.cell
async def _():
    from voxweave_nb import VideoGenerationService
    job = VideoGenerationService.local(output_dir="out").submit("talk.wav", quality="draft")
    video = await job
    video
    return

@app.cell
def _():
    from voxweave_nb.environment import notebook_folder
    print(f"folder: {notebook_folder()}")
    return
"""


def run(folder: Path, *words: str) -> str:
    """Run Python in a folder, without API keys, and return what it printed."""
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    environment["VOXWEAVE_HOME"] = f"{folder}-home"
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def unescaped(page: str) -> str:
    """Return an exported page with its outputs, which it holds as JSON, readable."""
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), page).replace('\\"', '"')


def test_it_is_committed_as_marimo_writes_it():
    calls = [node.func for node in ast.walk(ast.parse(SOURCE)) if isinstance(node, ast.Call)]
    assert SOURCE.startswith("import marimo\n")
    assert SOURCE.endswith('if __name__ == "__main__":\n    app.run()\n')
    assert "pip" not in {getattr(call, "id", "") for call in calls}
    assert not re.search(r"/(home|root|Users|tmp)/", SOURCE)


@pytest.mark.slow
def test_it_runs_as_a_script_without_a_video(tmp_path):
    shutil.copy(NOTEBOOK, tmp_path)
    run(tmp_path, NOTEBOOK.name)
    assert [path.name for path in tmp_path.iterdir()] == [NOTEBOOK.name]


@pytest.mark.slow
def test_its_export_waits_for_the_button(tmp_path):
    shutil.copy(NOTEBOOK, tmp_path)
    run(tmp_path, "-m", "marimo", "export", "html", NOTEBOOK.name, "-o", "page.html")
    page = unescaped((tmp_path / "page.html").read_text(encoding="utf-8"))
    assert "Press <strong>Generate</strong>" in page
    assert "Traceback" not in page
    assert not (tmp_path / "voxweave_out").exists()


@pytest.mark.slow
def test_an_export_has_panel_cells_and_video(tmp_path, narration_file):
    shutil.copy(narration_file, tmp_path / "talk.wav")
    (tmp_path / "showing.py").write_text(SHOWING, encoding="utf-8")
    run(tmp_path, "-m", "marimo", "export", "html", "showing.py", "-o", "page.html")
    page = unescaped((tmp_path / "page.html").read_text(encoding="utf-8"))
    assert "VideoPanel is made of controls of ipywidgets, which marimo does not show" in page
    assert "job = service.submit(audio.narration(), config=VideoConfig(style='anime'" in page.replace(
        "&#x27;", "'"
    )
    assert '<video controls preload="metadata"' in page
    assert "embedded in this notebook" in page
    assert f"folder: {tmp_path}" in page
