"""A pytest plug-in that hides what Windows or macOS does not have, so that Linux can collect the tests as they would.

Usage: VOXWEAVE_TEST_SYSTEM=win32 pytest -p tests.another_system --collect-only (or darwin, which runs tests, too)
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
import time
import types
from pathlib import Path

import pytest

SYSTEM = os.environ["VOXWEAVE_TEST_SYSTEM"]

# Libraries look at the system when they are imported, so they see the real one.
LIBRARIES = """
    asyncio ctypes multiprocessing subprocess shutil tempfile uuid av numpy httpx uvicorn starlette.routing IPython
    ipywidgets anywidget hypothesis ipykernel.kernelapp jupyter_client nbclient nbconvert papermill psutil xdist
    pexpect distributed pandas playwright.sync_api openai google.genai fal_client zai trustme imageio_ffmpeg
    platformdirs
"""

LINUX_ONLY = """
    memfd_create sched_getaffinity sched_setaffinity waitid P_PID WEXITED WNOWAIT pipe2 posix_fadvise
"""
"""Names of `os` that macOS does not have with Python 3.11."""

POSIX_ONLY = """
    fork forkpty killpg getpgrp getpgid setsid getuid geteuid getgid getegid mkfifo sched_yield wait3 wait4 WNOHANG
    WIFSIGNALED WTERMSIG register_at_fork statvfs
"""
"""Names of `os` that Windows does not have either."""

POSIX_SIGNALS = """
    SIGKILL SIGSTOP SIGCONT SIGALRM SIGXFSZ SIGIO SIGHUP SIGUSR1 SIGCHLD SIGPIPE alarm setitimer pthread_sigmask
"""

POSIX_MODULES = "resource fcntl pwd grp termios pty"


def pytest_configure() -> None:
    """Import what looks at the system."""
    for name in LIBRARIES.split():
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    """Hide the rest from the tests and the package."""
    from voxweave_nb import processes

    hide(os, LINUX_ONLY)
    processes._PROC = Path("/no/proc")
    if SYSTEM == "win32":
        hide(os, POSIX_ONLY)
        hide(signal, POSIX_SIGNALS)
        hide(time, "tzset")
        for name in POSIX_MODULES.split():
            sys.modules[name] = None  # type: ignore[assignment]
        sys.modules["msvcrt"] = types.ModuleType("msvcrt")
    sys.platform = SYSTEM


def hide(module: types.ModuleType, names: str) -> None:
    """Remove attributes of a module."""
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
