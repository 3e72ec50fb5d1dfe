"""The command that opens the quickstart notebook: `lab`."""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ConfigError

if TYPE_CHECKING:
    from .options import Commands

__all__ = ["add_commands"]


def add_commands(commands: Commands) -> None:
    """Add `lab`."""
    lab = commands.add_parser(
        "lab",
        help="open the quickstart notebook in JupyterLab",
        description="Copy the quickstart notebook to a folder, unless it is there, and open it in JupyterLab.",
    )
    lab.add_argument(
        "folder", nargs="?", default=".", help="folder for the notebook (default: the current one)"
    )
    lab.add_argument(
        "options", nargs="*", metavar="-- OPTION", help="options for JupyterLab, such as --no-browser"
    )
    lab.set_defaults(run=_lab)


def _lab(args: argparse.Namespace) -> int:
    if importlib.util.find_spec("jupyterlab") is None:
        raise ConfigError("JupyterLab is not installed. Install it with: pip install jupyterlab")
    folder = Path(args.folder).expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    notebook = folder / "voxweave_quickstart.ipynb"
    if not notebook.exists():
        shutil.copyfile(_quickstart(), notebook)
    command = [sys.executable, "-m", "jupyterlab", str(notebook), *args.options]
    return subprocess.run(command, check=False).returncode


def _quickstart() -> Path:
    package = Path(__file__).parents[1]
    for folder in (package / "notebooks", package.parent / "notebooks"):  # in the wheel, in a checkout
        if (notebook := folder / "01_quickstart.ipynb").is_file():
            return notebook
    raise ConfigError("This installation has no quickstart notebook; install voxweave-nb from its wheel.")
