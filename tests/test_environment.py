"""The front end is told by the traces that it leaves in a kernel."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from voxweave_nb import environment
from voxweave_nb.environment import FrontEnd, front_end, notebook_folder


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A shell as in a kernel that nbconvert started."""
    for name in (
        "JPY_SESSION_NAME",
        "JPY_PARENT_PID",
        "COLAB_RELEASE_TAG",
        "VOILA_BASE_URL",
        "VSCODE_PID",
    ):
        monkeypatch.delenv(name, raising=False)
    shell = SimpleNamespace(kernel=object(), user_ns={})
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.delitem(sys.modules, "google.colab", raising=False)
    monkeypatch.delitem(sys.modules, "marimo", raising=False)
    monkeypatch.setattr(environment, "_seen_in_marimo", False)
    return shell


def test_a_script_is_a_terminal(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
    assert front_end() is FrontEnd.TERMINAL


def test_plain_ipython_is_a_terminal(kernel):
    del kernel.kernel
    assert front_end() is FrontEnd.TERMINAL


def test_a_kernel_without_server_is_nbconverts(kernel):
    assert front_end() is FrontEnd.NBCONVERT


def test_a_server_is_lab(kernel, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/me/a.ipynb")
    assert front_end() is FrontEnd.LAB


def test_vscode_names_itself_in_the_kernel(kernel):
    kernel.user_ns["__vsc_ipynb_file__"] = "/home/me/talks/a.ipynb"
    assert front_end() is FrontEnd.VSCODE
    assert notebook_folder() == Path("/home/me/talks")


def test_a_terminal_of_vscode_is_not_vscode(kernel, monkeypatch):
    monkeypatch.setenv("VSCODE_PID", "12")
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/me/a.ipynb")
    assert front_end() is FrontEnd.LAB


def test_colab_has_a_shell_of_its_own(kernel, monkeypatch):
    shell = type("Shell", (SimpleNamespace,), {"__module__": "google.colab._shell"})(
        kernel=object(), user_ns={}
    )
    monkeypatch.setattr(sys.modules["IPython"], "get_ipython", lambda: shell)
    assert front_end() is FrontEnd.COLAB
    assert not front_end().trusts_buffers
    assert not front_end().serves_files


def test_importing_colabs_package_changes_nothing(kernel, monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", SimpleNamespace())
    assert front_end() is FrontEnd.NBCONVERT


def test_voila_tells_its_address(kernel, monkeypatch):
    monkeypatch.setenv("VOILA_BASE_URL", "/")
    assert front_end() is FrontEnd.VOILA


def test_inherited_variables_say_nothing(kernel, monkeypatch):
    """A notebook that is executed from a cell of another one inherits that one's variables."""
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/me/outer.ipynb")
    told = "import os; from voxweave_nb.environment import *; print(os.getcwd() == str(notebook_folder()))"
    starter = f"import os, subprocess, sys; subprocess.run([sys.executable, '-c', {told!r}], check=True)"
    starter = starter.replace(
        "check=True", "check=True, env={**os.environ, 'JPY_PARENT_PID': str(os.getpid())}"
    )
    done = subprocess.run([sys.executable, "-c", starter], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


@pytest.mark.parametrize(
    ("command", "front"),
    [
        ("python -m notebook", FrontEnd.NOTEBOOK),
        ("python /usr/bin/jupyter-notebook --no-browser", FrontEnd.NOTEBOOK),
        ("/usr/bin/jupyter-notebook.exe", FrontEnd.NOTEBOOK),
        ("python -m jupyterlab notebook", FrontEnd.LAB),
        ("python /usr/bin/jupyter-lab /home/me/notebook", FrontEnd.LAB),
        ("python /usr/bin/jupyterhub-singleuser", FrontEnd.LAB),
    ],
)
def test_the_servers_command_tells_notebook_from_lab(kernel, monkeypatch, command, front):
    server = SimpleNamespace(cmdline=command.split, environ=dict)
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/me/a.ipynb")
    monkeypatch.setenv("JPY_PARENT_PID", "1")
    monkeypatch.setattr("psutil.Process", lambda pid: server)
    assert front_end() is front


def test_without_psutil_a_server_is_lab(kernel, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/me/a.ipynb")
    monkeypatch.setitem(sys.modules, "psutil", None)
    assert front_end() is FrontEnd.LAB


@pytest.mark.parametrize("running", [True, False])
def test_marimo_counts_only_while_its_notebook_runs(kernel, monkeypatch, running):
    monkeypatch.setitem(sys.modules, "marimo", SimpleNamespace(running_in_notebook=lambda: running))
    assert (front_end() is FrontEnd.MARIMO) == running


def test_other_threads_know_marimo_too(kernel, monkeypatch):
    notebooks = threading.current_thread()
    running = lambda: threading.current_thread() is notebooks  # noqa: E731  as marimo tells it
    monkeypatch.setitem(sys.modules, "marimo", SimpleNamespace(running_in_notebook=running))
    found = [front_end()]
    thread = threading.Thread(target=lambda: found.append(front_end()))
    thread.start()
    thread.join()
    assert found == [FrontEnd.MARIMO] * 2


def test_the_notebooks_folder_is_the_sessions(kernel, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert notebook_folder() == tmp_path
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/me/talks/a.ipynb")
    assert notebook_folder() == Path("/home/me/talks")
