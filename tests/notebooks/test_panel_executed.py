"""A notebook with a panel, executed by `jupyter execute` (nbclient) and by papermill."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

pytestmark = pytest.mark.slow

PANEL = "VideoPanel(narration={!r}, resolution='720p', fps=10)"
COMMANDS = {
    "jupyter execute": ["jupyter", "execute", "panel.ipynb", "--output=done"],
    "papermill": ["papermill", "panel.ipynb", "done.ipynb", "--no-progress-bar"],
}


def executed(notebook: nbformat.NotebookNode, command: str, folder: Path) -> nbformat.NotebookNode:
    """Execute a notebook with one of the programs and return the result."""
    nbformat.write(notebook, folder / "panel.ipynb")
    subprocess.run([sys.executable, "-m", *COMMANDS[command]], cwd=folder, check=True, timeout=90)
    return nbformat.read(folder / "done.ipynb", as_version=4)


@pytest.mark.parametrize("command", COMMANDS)
def test_an_executed_panel_leaves_text_and_video(tmp_path, narration_file, command):
    sources = [
        f"from voxweave_nb import VideoPanel\npanel = {PANEL.format(str(narration_file))}\npanel",
        "panel.draft().result(60).path.name",
    ]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(
        cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": ""}}
    )
    panel, name = executed(notebook, command, tmp_path).cells
    shown = [output["data"] for output in panel.outputs if "data" in output]
    assert "run this cell in a notebook to use the panel" in shown[0]["text/html"]
    assert "<video " in shown[1]["text/html"]
    assert ".mp4" in name.outputs[0]["data"]["text/plain"]


def test_an_unused_panel_does_not_block_execution(tmp_path):
    cells = [nbformat.v4.new_code_cell("from voxweave_nb import VideoPanel\nVideoPanel()")]
    metadata = {"kernelspec": {"name": "python3", "display_name": ""}}
    done = executed(nbformat.v4.new_notebook(cells=cells, metadata=metadata), "papermill", tmp_path)
    assert "run this cell in a notebook" in done.cells[0].outputs[0]["data"]["text/html"]
