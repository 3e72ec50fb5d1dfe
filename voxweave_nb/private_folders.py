"""Private folders for intermediate files: each names its owner, so that those of killed processes are removed."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path

from .processes import is_alive, this_process

__all__ = ["new_private_folder", "remove_left_folders"]

_OWNER = "owner.txt"


def new_private_folder(prefix: str, parent: Path | None = None) -> Path:
    """Create a folder that only this user can read, and name this process in it.

    Args:
        prefix: The beginning of its name.
        parent: The folder that contains it; None for the system's temporary folder.

    Raises:
        OSError: The folder cannot be created.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent)).resolve()
    try:
        (folder / _OWNER).write_text(this_process(), encoding="utf-8", newline="\n")
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def remove_left_folders(prefix: str, parent: Path | None = None) -> None:
    """Delete the folders of processes that have certainly ended; the arguments are those of `new_private_folder`."""
    for folder in Path(parent or tempfile.gettempdir()).glob(f"{prefix}*"):
        if _owner_has_ended(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _owner_has_ended(folder: Path) -> bool:
    """Return True if the process that made a private folder has certainly ended."""
    with contextlib.suppress(OSError, ValueError):
        return is_alive((folder / _OWNER).read_text(encoding="utf-8")) is False
    return False
