"""What child processes are started with: the environment variables that a program needs, no key, and Windows' flags."""

from __future__ import annotations

import os
import sys

__all__ = ["child_environment", "creation_flags"]

# These are listed, since nobody can list all names of variables that hold keys and passwords.
_NAMES = """
    PATH HOME USER LOGNAME SHELL TZ LANG LANGUAGE TMPDIR TEMP TMP
    LD_LIBRARY_PATH LD_PRELOAD DYLD_LIBRARY_PATH DYLD_FALLBACK_LIBRARY_PATH NIX_LD NIX_LD_LIBRARY_PATH
    GLIBC_TUNABLES MALLOC_ARENA_MAX OMP_NUM_THREADS OPENBLAS_NUM_THREADS MKL_NUM_THREADS
    XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_RUNTIME_DIR FONTCONFIG_FILE FONTCONFIG_PATH
    PYTHONPATH PYTHONHOME PYTHONUSERBASE PYTHONNOUSERSITE PYTHONSAFEPATH PYTHONUTF8 PYTHONWARNINGS
    PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX PYTHONMALLOC PYTHONFAULTHANDLER
    VIRTUAL_ENV CONDA_PREFIX COVERAGE_PROCESS_START
    SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT USERPROFILE APPDATA LOCALAPPDATA PROGRAMDATA PROGRAMFILES
    NUMBER_OF_PROCESSORS
    VOXWEAVE_FFMPEG IMAGEIO_FFMPEG_EXE
"""
_PASSED_ON = frozenset(_NAMES.split())


def child_environment(**more: str) -> dict[str, str]:
    """Return the environment for a child process: the variables of this process that hold no secret, and more."""
    kept = {name: value for name, value in os.environ.items() if name in _PASSED_ON or name.startswith("LC_")}
    return {**kept, **more}


def creation_flags() -> int:
    """Return the flags with which Windows keeps a child out of the console; 0 on other systems.

    The child opens no window, and Ctrl+C reaches this process alone, which then ends its children in order.
    """
    # CREATE_NO_WINDOW and CREATE_NEW_PROCESS_GROUP of winbase.h; `subprocess` names them on Windows only.
    return 0x0800_0000 | 0x0000_0200 if sys.platform == "win32" else 0
