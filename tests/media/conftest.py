"""Clips that several tests of media use."""

from __future__ import annotations

from pathlib import Path

import pytest

from .files import write_clip


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with clips of several lengths and sizes: short, long, square."""
    folder = tmp_path_factory.mktemp("clips")
    for name, size, seconds in (("short", "640x360", 0.8), ("long", "1280x720", 3), ("square", "480x480", 3)):
        write_clip(folder / f"{name}.mp4", size=size, seconds=seconds)
    return folder
