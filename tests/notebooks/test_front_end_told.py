"""Real programs that run a notebook or a script, each told from the others by the kernel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from jupyter_client.blocking.client import BlockingKernelClient

from tests.browser.lab import TOKEN, data_folder, lab_server, served, voila_server, write_notebook

pytestmark = pytest.mark.slow

TELL = (
    "from voxweave_nb.environment import front_end, notebook_folder\n"
    "print(f'({front_end()} in {notebook_folder()})')"
)
NESTED = (
    "import subprocess, sys\n"
    "subprocess.run([sys.executable, '-m', 'jupyter', 'execute', '--inplace', 'talks/inner.ipynb'], check=True)"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a notebook in a folder of its own, and a script."""
    root = tmp_path / "root"
    (root / "talks").mkdir(parents=True)
    write_notebook(root / "talks" / "one.ipynb", [TELL])
    write_notebook(root / "talks" / "inner.ipynb", [TELL])
    (root / "talks" / "one.py").write_text(TELL, encoding="utf-8")
    (root / "talks" / "marimo_one.py").write_text(
        "import marimo\napp = marimo.App()\n\n@app.cell\ndef _():\n"
        + "".join(f"    {line}\n" for line in TELL.splitlines())
        + "    return\n\nif __name__ == '__main__':\n    app.run()\n",
        encoding="utf-8",
    )
    return root


@contextmanager
def notebook_server(root: Path) -> Iterator[str]:
    """Run Notebook 7 in a folder and yield its address."""
    command = [
        sys.executable, "-m", "notebook", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0",
        f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={root}",
    ]  # fmt: skip
    with served(command, root, "http://127.0.0.1") as address:
        yield address.removesuffix("/tree")


def ask(address: str, path: str, content: dict | None = None) -> str:
    """Return a server's answer to a GET, or to a POST of a content."""
    body = json.dumps(content).encode() if content else None
    request = urllib.request.Request(f"{address}/{path}", body, {"Authorization": f"token {TOKEN}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read().decode()


def in_session(address: str, root: Path, code: str = TELL) -> str:
    """Start a kernel for the notebook as its page does, run code in it, and return what it printed."""
    session = {
        "path": "talks/one.ipynb",
        "name": "one.ipynb",
        "type": "notebook",
        "kernel": {"name": "python3"},
    }
    kernel = json.loads(ask(address, "api/sessions", session))["kernel"]["id"]
    client = BlockingKernelClient(
        connection_file=str(data_folder(root).parent / "runtime" / f"kernel-{kernel}.json")
    )
    client.load_connection_file()
    client.start_channels(hb=False)  # a busy machine misses beats
    printed: list[str] = []
    try:
        client.wait_for_ready(timeout=60)
        client.execute_interactive(
            code, timeout=60, output_hook=lambda message: printed.append(str(message["content"]))
        )
    finally:
        client.stop_channels()
    return "".join(printed)


def jupyterlab(root: Path) -> str:
    with lab_server(root) as address:
        return in_session(address, root)


def notebook(root: Path) -> str:
    with notebook_server(root) as address:
        return in_session(address, root)


def nested(root: Path) -> str:
    """A notebook that is executed from a cell of one in JupyterLab."""
    with lab_server(root) as address:
        in_session(address, root, f"import os; os.chdir({str(root)!r})\n{NESTED}")
    return (root / "talks" / "inner.ipynb").read_text(encoding="utf-8")


def voila(root: Path) -> str:
    with voila_server(root) as address:
        return ask(address, "voila/render/talks/one.ipynb")


def command(*words: str) -> Callable[[Path], str]:
    """Return a way to run a command in the notebook's folder; it prints, or writes `done.*`."""

    def run(root: Path) -> str:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("JPY_")}
        done = subprocess.run(
            [sys.executable, *words],
            cwd=root / "talks",
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout + "".join(path.read_text("utf-8") for path in (root / "talks").glob("done.*"))

    return run


WAYS = {
    "JupyterLab": (jupyterlab, "lab"),
    "Notebook": (notebook, "notebook"),
    "a notebook within a notebook": (nested, "nbconvert"),
    "Voila": (voila, "voila"),
    "jupyter execute": (command("-m", "jupyter", "execute", "one.ipynb", "--output=done"), "nbconvert"),
    "papermill": (command("-m", "papermill", "one.ipynb", "done.ipynb", "--no-progress-bar"), "nbconvert"),
    "marimo": (command("-m", "marimo", "export", "html", "marimo_one.py", "-o", "done.html"), "marimo"),
    "a script of marimo": (command("marimo_one.py"), "terminal"),
    "IPython": (command("-m", "IPython", "one.py"), "terminal"),
    "Python": (command("one.py"), "terminal"),
}  # fmt: skip


@pytest.mark.parametrize("name", WAYS)
def test_a_kernel_tells_its_front_end(folder, name):
    way, front = WAYS[name]
    assert f"({front} in {folder / 'talks'})" in way(folder)


def test_a_cell_is_known_when_run_again(tmp_path):
    code = (
        "from voxweave_nb.environment import running_cell\ncell = running_cell()\nprint(len({cell.run} - seen))\n"
        "seen.add(cell.run), cell.name == cell.code == cell.code.strip()"
    )
    path = write_notebook(tmp_path / "cells.ipynb", ["seen = set()", code, code])
    command = [sys.executable, "-m", "jupyter", "execute", "--inplace", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    outputs = [cell.outputs for cell in nbformat.read(path, as_version=4).cells[1:]]
    assert [out.get("text", "") for shown in outputs for out in shown if "text" in out] == ["1\n", "1\n"]
    assert ["True" in str(shown[-1].data) for shown in outputs] == [True, True]
