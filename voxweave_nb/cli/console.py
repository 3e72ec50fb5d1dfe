"""What a terminal can do: the escape sequences that redraw a line."""

from __future__ import annotations

import os
import sys
from typing import Any, TextIO

__all__ = ["clears_lines"]

_STANDARD_OUTPUT, _STANDARD_ERROR = -11, -12
_ENABLE_VIRTUAL_TERMINAL_PROCESSING = 0x0004


def clears_lines(out: TextIO) -> bool:
    """Return True if a stream is a terminal that clears a line on `ESC [ K`; switch that on in a Windows console.

    Consoles before Windows 10 show such a sequence as characters.
    """
    if not out.isatty() or os.environ.get("TERM") == "dumb":
        return False
    return sys.platform != "win32" or _switch_on(_kernel32(), out)


def _kernel32() -> Any:
    import ctypes

    return ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]


def _switch_on(kernel32: Any, out: TextIO) -> bool:
    """Let a console take escape sequences; return False if it cannot."""
    import ctypes

    kernel32.GetStdHandle.restype = ctypes.c_void_p
    handle = ctypes.c_void_p(
        kernel32.GetStdHandle(_STANDARD_ERROR if out is sys.stderr else _STANDARD_OUTPUT)
    )
    mode = ctypes.c_ulong()
    if not kernel32.GetConsoleMode(handle, ctypes.byref(mode)):
        return True  # a terminal that is not a console, such as Git Bash's
    return bool(kernel32.SetConsoleMode(handle, mode.value | _ENABLE_VIRTUAL_TERMINAL_PROCESSING))
