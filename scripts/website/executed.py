"""Execute the notebooks of the checkout."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import nbformat
from cache import ROOT, cached
from media import poster, web_copy
from nbclient import NotebookClient

NOTEBOOKS = ROOT / "notebooks"
HERE = Path(__file__).resolve()
CELL_SECONDS = 300
"""The longest that a cell may take."""

VIDEO = re.compile(r'"voxweave_out/((?:[^"/]+\.board/)?[^"/]+\.(?:mp4|mov|webm))"')


def executed(name: str) -> Path:
    """Return a folder with a notebook's executed copy, `notebook.ipynb`, and the videos that it shows.

    The videos are small copies, `1.mp4`, `2.mp4` and so on in the order in which they are shown, each with a poster.
    A cell that fails raises nbclient's `CellExecutionError`.
    """
    source = NOTEBOOKS / f"{name}.ipynb"
    return cached(name, [HERE, source, ROOT / "voxweave_nb"], partial(_execute, source))


def _execute(source: Path, folder: Path) -> None:
    notebook = nbformat.read(source, as_version=4)
    work = folder / "work"
    work.mkdir()
    resources = {"metadata": {"path": str(work)}}
    client = NotebookClient(notebook, timeout=CELL_SECONDS, kernel_name="python3", resources=resources)
    client.execute(env=_environment(folder))
    numbers: dict[str, int] = {}
    for data in _outputs(notebook):
        if "text/html" in data:
            data["text/html"] = VIDEO.sub(partial(_numbered, numbers), data["text/html"])
    for video, number in numbers.items():
        web_copy(work / "voxweave_out" / video, folder / f"{number}.mp4")
        poster(folder / f"{number}.mp4", at=3.0)
    (folder / "notebook.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
    shutil.rmtree(work)
    shutil.rmtree(folder / "home", ignore_errors=True)


def _environment(folder: Path) -> dict[str, str]:
    """Return the kernel's environment: no key, a journal of its own, videos beside the notebook."""
    hidden = ("_API_KEY", "_BASE_URL", "FAL_KEY")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("VOXWEAVE_") and not name.endswith(hidden)
    }
    paths = os.pathsep.join(filter(None, [str(ROOT), kept.get("PYTHONPATH")]))
    settings = {"VOXWEAVE_HOME": str(folder / "home"), "VOXWEAVE_EMBED_LIMIT": "0"}
    return {**kept, "PYTHONPATH": paths, **settings}


def _outputs(notebook: nbformat.NotebookNode) -> Iterator[nbformat.NotebookNode]:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "data" in output:
                yield output.data


def _numbered(numbers: dict[str, int], match: re.Match[str]) -> str:
    number = numbers.setdefault(match[1], len(numbers) + 1)
    return f'"{{videos}}/{number}.mp4"'
