"""The front end that shows a cell's output, as far as a kernel can tell.

A kernel serves any number of pages and is not told about them, so this looks at the traces that each front end leaves.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

__all__ = ["FrontEnd", "front_end", "notebook_folder"]


class FrontEnd(StrEnum):
    """Where a notebook is open."""

    LAB = "lab"
    NOTEBOOK = "notebook"
    VSCODE = "vscode"
    COLAB = "colab"
    VOILA = "voila"
    MARIMO = "marimo"
    TERMINAL = "terminal"
    NBCONVERT = "nbconvert"

    @property
    def serves_files(self) -> bool:
        """Whether a page there can load a file that lies beside the notebook."""
        return self in (FrontEnd.LAB, FrontEnd.NOTEBOOK, FrontEnd.NBCONVERT)

    @property
    def trusts_buffers(self) -> bool:
        """Whether binary parts of a widget's message arrive unharmed."""
        return self is not FrontEnd.COLAB


def front_end() -> FrontEnd:
    """Return the front end of this process.

    `lab` stands for every page of a Jupyter server that is not Notebook's: a kernel cannot tell them apart, and they
    behave alike. `nbconvert` stands for every program that runs a notebook without a page, and `terminal` for a process
    without a notebook.
    """
    if _runs_in_marimo():
        return FrontEnd.MARIMO
    shell = _shell()
    if "google.colab" in sys.modules and "COLAB_RELEASE_TAG" in os.environ:
        return FrontEnd.COLAB
    if shell is None or not hasattr(shell, "kernel"):
        return FrontEnd.TERMINAL
    # VS Code defines this name in the kernel. A kernel that is started in VS Code's terminal has VSCODE_PID as well.
    if "__vsc_ipynb_file__" in _names(shell):
        return FrontEnd.VSCODE
    if "VOILA_REQUEST_URL" in os.environ or "VOILA_BASE_URL" in os.environ:
        return FrontEnd.VOILA
    if "JPY_SESSION_NAME" not in os.environ:  # a Jupyter server tells its kernels the notebook's path
        return FrontEnd.NBCONVERT
    return FrontEnd.NOTEBOOK if _server_is_notebook() else FrontEnd.LAB


def notebook_folder() -> Path:
    """Return the folder of the open notebook; the working folder if the front end does not tell."""
    shell = _shell()
    told = _names(shell).get("__vsc_ipynb_file__") if shell is not None else None
    session = Path(str(told or os.environ.get("JPY_SESSION_NAME", "")))
    return session.parent if session.is_absolute() else Path.cwd()


def _shell() -> Any:
    module = sys.modules.get("IPython")
    return module.get_ipython() if module is not None and hasattr(module, "get_ipython") else None


def _names(shell: Any) -> Mapping[str, Any]:
    names = getattr(shell, "user_ns", None)
    return names if isinstance(names, Mapping) else {}


def _runs_in_marimo() -> bool:
    module = sys.modules.get("marimo")
    running = getattr(module, "running_in_notebook", None)
    return bool(running and running())


def _server_is_notebook() -> bool:
    """Return whether the server was started as `jupyter notebook`."""
    try:
        import psutil  # ipykernel depends on it
    except ImportError:
        return False
    try:
        words = psutil.Process(int(os.environ["JPY_PARENT_PID"])).cmdline()
    except (KeyError, ValueError, psutil.Error):
        return False
    return any(
        Path(word).name in ("jupyter-notebook", "jupyter-notebook.exe", "notebook") for word in words[:4]
    )
