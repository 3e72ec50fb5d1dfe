"""Runs the command line as a person does: in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "voxweave_nb"]
"""What `voxweave-nb` runs."""


@pytest.fixture
def voxweave(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `voxweave-nb` with the given words in an empty folder."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*COMMAND, *words], capture_output=True, text=True, cwd=tmp_path, timeout=120)

    return run
