"""Helpers: a video's frames, a renderer's processes, and a fake encoder."""

from __future__ import annotations

import os
from pathlib import Path

import av
import numpy as np
import pytest


def decoded(path: Path) -> tuple[list[np.ndarray], av.VideoStream]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)], stream


def processes_in(folder: Path) -> dict[int, str]:
    """Return the ids and command lines of the processes with a working directory (Linux only)."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").resolve() == folder.resolve():
                found[int(process.name)] = (process / "cmdline").read_text()
        except OSError:
            continue
    return found


def assert_no_child() -> None:
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def fake_ffmpeg(folder: Path, encode: str) -> Path:
    """Write an FFmpeg that answers queries and runs a shell command instead of encoding."""
    fake = folder / "ffmpeg"
    fake.write_text(
        "#!/bin/sh\ncase \"$*\" in *-version*) echo 'ffmpeg version 7.0';; *-filters*|*-encoders*) ;;"
        f" *) {encode};; esac\n"
    )
    fake.chmod(0o755)
    return fake
