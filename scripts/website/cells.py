"""Turn an executed notebook into a page: `<!-- notebook 01_quickstart -->` on a line of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

import nbformat
from executed import executed

DIRECTIVE = re.compile(r"^<!-- notebook (?P<name>\w+) -->$", re.MULTILINE)
ANSI = re.compile(r"\x1b\[[0-9;]*m")
WIDGET = "application/vnd.jupyter.widget-view+json"
OUTPUT = "{ .text .vx-output }"
PANEL = """![The panel in JupyterLab, in the light theme](../images/panel-light.png#only-light)
![The panel in JupyterLab, in the dark theme](../images/panel-dark.jpg#only-dark)
{ .vx-shot }"""


def page_of(name: str, videos: str) -> str:
    """Return an executed notebook as Markdown, without its title.

    Args:
        name: The notebook's name without its ending.
        videos: The folder of its videos, as seen from the page.
    """
    notebook = nbformat.read(executed(name) / "notebook.ipynb", as_version=4)
    parts = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(re.sub(r"^# .+\n", "", cell.source))
        else:
            parts += [_fenced(cell.source, "python"), *_shown(cell, videos)]
    return "\n\n".join(parts)


def _shown(cell: nbformat.NotebookNode, videos: str) -> Iterator[str]:
    """Yield a code cell's outputs as Markdown; lines that were printed one after the other are one block."""
    printed = ""
    for output in cell.outputs:
        if output.output_type == "stream":
            printed += ANSI.sub("", output.text)
            continue
        if printed.strip():
            yield _fenced(printed, OUTPUT)
        printed = ""
        yield _rich(output.data, videos)
    if printed.strip():
        yield _fenced(printed, OUTPUT)


def _rich(data: nbformat.NotebookNode, videos: str) -> str:
    html = data.get("text/html", "")
    if "<video" in html:
        return f'<div class="vx-result">{html.replace("{videos}", videos)}</div>'
    if WIDGET in data:
        # A widget's saved form asks to run the cell. A page shows the panel, and skips a job's progress.
        return PANEL if "run this cell" in html else ""
    text = data.get("text/plain", "")
    return data.get("text/markdown") or (_fenced(text, OUTPUT) if text.strip() else "")


def _fenced(text: str, kind: str) -> str:
    return f"```{kind}\n{text.strip(chr(10))}\n```"
