"""The front end that shows a cell's output, as far as a kernel can tell.

A kernel serves any number of pages and is not told about them, so this looks at the traces that each front end leaves.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

__all__ = ["FrontEnd", "RunningCell", "front_end", "in_ipython_terminal", "notebook_folder", "running_cell"]

_T = TypeVar("_T")

_seen_in_marimo = False


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
        """False if a page there certainly cannot load a file that lies beside the notebook."""
        return self not in (FrontEnd.VSCODE, FrontEnd.COLAB, FrontEnd.VOILA, FrontEnd.MARIMO)

    @property
    def trusts_buffers(self) -> bool:
        """True if binary parts of a widget's message arrive unharmed, in both directions."""
        return self is not FrontEnd.COLAB


@dataclass(frozen=True)
class RunningCell:
    """The cell that runs.

    Attributes:
        name: The same each time that the cell is run: its id, or its code where the front end does not tell the id.
        run: The id of this run of the cell.
        code: The cell's code.
    """

    name: str
    run: str
    code: str


def front_end() -> FrontEnd:
    """Return the front end of this process.

    `lab` stands for every page of a Jupyter server that is not Notebook's: a kernel cannot tell them apart, and they
    behave alike. `nbconvert` stands for every program that runs a notebook without a page, and `terminal` for a process
    without a notebook.
    """
    if _runs_in_marimo():
        return FrontEnd.MARIMO
    shell = _shell()
    if shell is None or not hasattr(shell, "kernel"):
        return FrontEnd.TERMINAL
    if type(shell).__module__.startswith("google.colab"):  # Colab's kernel has a shell of its own
        return FrontEnd.COLAB
    # VS Code defines this name in the kernel. A kernel that is started in VS Code's terminal has VSCODE_PID as well.
    if "__vsc_ipynb_file__" in _names(shell):
        return FrontEnd.VSCODE
    if _told_by_starter("VOILA_BASE_URL"):
        return FrontEnd.VOILA
    if not _told_by_starter("JPY_SESSION_NAME"):  # a Jupyter server tells its kernels the notebook's path
        return FrontEnd.NBCONVERT
    return FrontEnd.NOTEBOOK if _server_is_notebook() else FrontEnd.LAB


def in_ipython_terminal() -> bool:
    """Return whether a person works in IPython in a terminal."""
    return front_end() is FrontEnd.TERMINAL and _shell() is not None


def notebook_folder() -> Path:
    """Return the folder of the open notebook; the working folder if the front end does not tell."""
    if _runs_in_marimo():
        return Path(sys.modules["marimo"].notebook_dir() or Path.cwd())
    shell = _shell()
    named = _names(shell).get("__vsc_ipynb_file__") if shell is not None else None
    told = Path(str(named or _told_by_starter("JPY_SESSION_NAME") or ""))
    return told.parent if told.is_absolute() else Path.cwd()


def running_cell() -> RunningCell | None:
    """Return the cell that runs, or None in a process without a notebook."""
    ask = getattr(_shell(), "get_parent", None)
    request = ask() if ask is not None else None
    if not request or "code" not in request.get("content", {}):
        return None
    code = str(request["content"]["code"])
    return RunningCell(str(request["metadata"].get("cellId") or code), request["header"]["msg_id"], code)


def _shell() -> Any:
    module = sys.modules.get("IPython")
    return module.get_ipython() if module is not None and hasattr(module, "get_ipython") else None


def _names(shell: Any) -> Mapping[str, Any]:
    names = getattr(shell, "user_ns", None)
    return names if isinstance(names, Mapping) else {}


def _runs_in_marimo() -> bool:
    """Return whether this process runs a notebook of marimo; marimo itself knows it only on the notebook's thread."""
    global _seen_in_marimo
    running = getattr(sys.modules.get("marimo"), "running_in_notebook", None)
    _seen_in_marimo = _seen_in_marimo or bool(running and running())
    return _seen_in_marimo


def _told_by_starter(name: str) -> str | None:
    """Return an environment variable that the program which started this kernel has set for it.

    A kernel that is started from a cell of another notebook inherits that notebook's variables, which say nothing.
    """
    value = os.environ.get(name)
    nothing: Mapping[str, str] = {}
    if value is None or value == _ask_starter(lambda process: process.environ(), nothing).get(name):
        return None
    return value


def _server_is_notebook() -> bool:
    """Return whether the server was started as `jupyter notebook`."""
    nothing: list[str] = []
    words = _ask_starter(lambda process: process.cmdline(), nothing)
    return words[1:3] == ["-m", "notebook"] or any(
        Path(word).stem == "jupyter-notebook" for word in words[:2]
    )


def _ask_starter(ask: Callable[[Any], _T], unknown: _T) -> _T:
    """Ask the process that started this kernel, a `psutil.Process`; return `unknown` if it cannot be asked."""
    try:
        import psutil  # ipykernel depends on it
    except ImportError:
        return unknown
    try:
        # On Windows this variable is a handle, and a kernel's parent is the program that started it.
        number = os.environ["JPY_PARENT_PID"] if os.name == "posix" else os.getppid()
        return ask(psutil.Process(int(number)))
    except (KeyError, ValueError, OSError, psutil.Error):
        return unknown
