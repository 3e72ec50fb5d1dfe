"""Helpers: a video's frames, a renderer's processes, a process with one thread, and a fake encoder."""

from __future__ import annotations

import functools
import importlib
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.systems import kill_group, shell_program
from voxweave_nb.render.renderer import _environment

ROOT = Path(__file__).parents[2]


def alone(test: Callable[..., None]) -> Callable[..., None]:
    """Run a test in a new process with a worker's environment, so that it has only one thread.

    Pytest's own process may have more: plug-ins, numpy and other tests start them.
    """

    @functools.wraps(test)
    def start(*args: Any, **arguments: Any) -> None:
        made_anew = {name: value for name, value in arguments.items() if name != "monkeypatch"}
        code = (
            "import pickle, sys\n"
            "from tests.render.rendering import run_here\n"
            "run_here(*pickle.load(sys.stdin.buffer))\n"
        )
        order = pickle.dumps((test.__module__, test.__name__, args, made_anew, "monkeypatch" in arguments))
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, **_environment()},
            start_new_session=True,
        )
        try:
            _, errors = process.communicate(order, timeout=50)
        except subprocess.TimeoutExpired:
            kill_group(process)  # with its children, which may hang too
            _, errors = process.communicate()
        if process.returncode:
            pytest.fail(f"status {process.returncode}\n{errors.decode(errors='replace')}", pytrace=False)

    return start


def run_here(
    module: str, name: str, args: Sequence[Any], arguments: Mapping[str, Any], patching: bool
) -> None:
    """Call a test that `alone` wraps."""
    test = getattr(importlib.import_module(module), name).__wrapped__
    with pytest.MonkeyPatch.context() as patch:
        test(*args, **arguments, **({"monkeypatch": patch} if patching else {}))


def decoded(path: Path) -> tuple[list[np.ndarray], av.VideoStream]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)], stream


def assert_no_child() -> None:
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def fake_ffmpeg(folder: Path, encode: str) -> Path:
    """Write an FFmpeg that answers queries and runs a shell command instead of encoding."""
    answers = "*-version*) echo 'ffmpeg version 7.0';; *-filters*|*-encoders*) ;;"
    return shell_program(folder / "ffmpeg", f'case "$*" in {answers} *) {encode};; esac')
