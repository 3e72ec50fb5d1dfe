"""Terminals that take escape sequences, and those that do not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from voxweave_nb.cli import console as cli_console
from voxweave_nb.cli.bar import ProgressBar

from .test_bar import Terminal, event


class Console:
    """Windows' functions for consoles; an old one takes no escape sequences."""

    def __init__(self, *, old: bool, console: bool = True) -> None:
        self.old, self.console, self.mode = old, console, 0
        self.GetStdHandle = lambda number: 7  # ctypes sets an attribute of the function
        self.GetConsoleMode, self.SetConsoleMode = self.read_mode, self.set_mode

    def read_mode(self, handle: Any, mode: Any) -> int:
        mode._obj.value = 3
        return int(self.console)

    def set_mode(self, handle: Any, mode: int) -> int:
        self.mode = mode
        return int(not self.old)


@pytest.mark.parametrize(
    ("console", "escapes"),
    [(Console(old=False), True), (Console(old=True), False), (Console(old=True, console=False), True)],
    ids=["new", "old", "none"],
)
def test_an_old_console_gets_no_escapes(console, escapes, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(cli_console, "sys", SimpleNamespace(platform="win32", stderr=None))
    monkeypatch.setattr(cli_console, "_kernel32", lambda: console)
    out = Terminal()
    bar = ProgressBar(out)
    bar.show(event(50))
    bar.show(event(50, kind="log", message="zai has accepted the job."))
    assert ("\x1b" in out.getvalue()) is escapes
    assert on_screen(out.getvalue()) == [
        "zai has accepted the job.",
        "████████████████████░░░░░░░░░░░░░░░░░░░░  50 % generate",
    ]
    assert console.mode == (3 | 4 if console.console else 0)


def on_screen(text: str) -> list[str]:
    """Return the lines that a terminal shows in the end."""
    shown = []
    for line in text.split("\n"):
        cells: list[str] = []
        for part in line.split("\r"):
            kept = [] if "\x1b[K" in part else cells[len(part) :]
            cells = [*part.replace("\x1b[K", ""), *kept]
        shown.append("".join(cells).rstrip())
    return shown


def test_a_dumb_terminal_gets_no_escapes(monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    out = Terminal()
    ProgressBar(out).show(event(50))
    assert "\x1b" not in out.getvalue()
