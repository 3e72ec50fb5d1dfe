"""The command that opens the quickstart notebook: `lab`."""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ConfigError
from .output import show

if TYPE_CHECKING:
    from .options import Commands

__all__ = ["add_commands"]


_ROOT = (
    "voxweave-nb: JupyterLab starts as root, which you are in most containers, only with --allow-root: "
    "voxweave-nb lab {folder} --allow-root. From outside a container it is reached with --ip=0.0.0.0, too."
)


def add_commands(commands: Commands) -> None:
    """Add `lab`."""
    lab = commands.add_parser(
        "lab",
        help="open the quickstart notebook in JupyterLab",
        description="Copy the quickstart notebook to a folder, unless it is there, and open it in JupyterLab. All "
        "options are JupyterLab's, such as --no-browser, --port=8889, and --allow-root for root.",
        usage="%(prog)s [folder] [options of JupyterLab]",
    )
    lab.add_argument(
        "folder", nargs="?", default=".", help="folder for the notebook (default: the current one)"
    )
    lab.set_defaults(run=_lab)
    lab.rest = "options"


def _lab(args: argparse.Namespace) -> int:
    if importlib.util.find_spec("jupyterlab") is None:
        raise ConfigError("JupyterLab is not installed. Install it with: pip install jupyterlab")
    folder = Path(args.folder).expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    notebook = folder / "voxweave_quickstart.ipynb"
    if not notebook.exists():
        shutil.copyfile(_quickstart(), notebook)
    command = [sys.executable, "-m", "jupyterlab", str(notebook), *args.options]
    code = subprocess.run(command, check=False).returncode
    if code and _is_root() and not any(option.startswith("--allow-root") for option in args.options):
        show(_ROOT.format(folder=args.folder), to=sys.stderr)
    return code


def _is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


def _quickstart() -> Path:
    package = Path(__file__).parents[1]
    for folder in (package / "notebooks", package.parent / "notebooks"):  # in the wheel, in a checkout
        if (notebook := folder / "01_quickstart.ipynb").is_file():
            return notebook
    raise ConfigError("This installation has no quickstart notebook; install voxweave-nb from its wheel.")
