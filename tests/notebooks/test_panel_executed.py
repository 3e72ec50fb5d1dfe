"""A notebook with a panel is executed by a program, as `jupyter execute` and papermill do."""

from __future__ import annotations

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # jupyter_client leaves a socket to the collector
    pytest.mark.filterwarnings(
        "ignore::DeprecationWarning"
    ),  # nbclient asks for an event loop in the old way
]


def test_a_notebook_with_a_panel_does_not_hang_and_keeps_words_and_video(tmp_path, narration_file):
    panel = f"VideoPanel(narration={str(narration_file)!r}, resolution='720p', fps=10)"
    sources = [
        f"from voxweave_nb import VideoPanel\npanel = {panel}\npanel",
        "panel.draft().result(60).path.name",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    NotebookClient(notebook, timeout=90, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [output["data"] for output in notebook.cells[0].outputs if "data" in output]
    assert "run this cell in a notebook to use the panel" in shown[0]["text/html"]
    assert "<video " in shown[1]["text/html"]
    assert ".mp4" in notebook.cells[1].outputs[0]["data"]["text/plain"]
