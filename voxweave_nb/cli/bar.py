"""The progress of a job in a terminal."""

from __future__ import annotations

import math
import shutil
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

from ..errors import JobCanceled
from ..timecode import clock
from .console import clears_lines
from .output import writable

if TYPE_CHECKING:
    from ..job import Job
    from ..models import JobEvent
    from ..result import GeneratedVideo

__all__ = ["ProgressBar", "bar_text", "watch"]

_CLEAR_LINE = "\r\x1b[K"

_MOST_A_SECOND = 10
"""Lines that are written to a terminal in a second: messages, and the bar in what is left."""


def watch(job: Job, *, quiet: bool = False) -> GeneratedVideo:
    """Wait for a job and show its progress on the standard error stream.

    Args:
        job: The job.
        quiet: Show nothing.

    Raises:
        JobCanceled: The wait was interrupted; the message says whether a paid job goes on at its provider.
        VoxweaveError: The job failed.
    """
    if not quiet:
        job.listen(ProgressBar(sys.stderr).show)
    try:
        return job.result()
    except KeyboardInterrupt:
        raise JobCanceled(str(job.exception() or "The job is being stopped.")) from None


class ProgressBar:
    """A bar that is redrawn in place on a terminal; in a file or a pipe, only the messages, one per line.

    At most ten lines a second are written; the last state of a quick series is drawn a moment later. If the reader of
    the stream has gone, nothing is written any more.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._interactive = out.isatty()
        self._clears = clears_lines(out)
        self._length = 0  # of the bar that is on the screen
        self._signs = "█░" if writable("█░", out) == "█░" else "#-"
        self._drawn = -1
        self._written: deque[float] = deque([-math.inf] * _MOST_A_SECOND, _MOST_A_SECOND)
        self._late: threading.Timer | None = None
        self._event: JobEvent | None = None
        self._closed = False
        self._lock = threading.Lock()

    def show(self, event: JobEvent) -> None:
        """Print the event's message, if it has one, and redraw the bar."""
        self._write(lambda: self._show(event))

    def close(self) -> None:
        """Remove the bar and ignore later events."""
        self._write(self._remove)
        with self._lock:
            self._closed = True

    def _write(self, act: Callable[[], None]) -> None:
        """Write to the stream, unless the bar is closed; close it if the reader of the stream has gone."""
        with self._lock:
            if self._closed:
                return
            try:
                act()
            except (OSError, ValueError):  # a pipe without a reader, a closed stream
                self._closed = True

    def _show(self, event: JobEvent) -> None:
        self._event = event
        if event.message and not event.state.final:
            prefix = "warning: " if event.kind == "warning" else ""
            self._print_line(f"{prefix}{event.message}")
        if self._interactive:
            self._draw(event)

    def _remove(self) -> None:
        if self._interactive:
            self._out.write(self._cleared())
            self._out.flush()

    def _print_line(self, line: str) -> None:
        line = writable(line, self._out)
        self._out.write(f"{self._cleared()}{line}\n" if self._interactive else f"{line}\n")
        self._out.flush()
        self._drawn = -1  # the bar is gone from the screen
        self._written.append(time.monotonic())

    def _draw(self, event: JobEvent) -> None:
        step = round(event.progress * 2)  # half per cents: finer steps would only make it flicker
        if event.state.final:
            self._remove()
        elif step != self._drawn:
            wait = self._written[0] + 1.0 - time.monotonic()
            if wait > 0:
                self._draw_later(wait)
                return
            self._drawn = step
            self._written.append(time.monotonic())
            bar = writable(bar_text(event, self._signs), self._out)
            self._out.write(f"{self._cleared()}{bar}")
            self._length = len(bar)
        self._out.flush()

    def _draw_later(self, wait: float) -> None:
        if self._late is None:
            self._late = threading.Timer(wait, self._write, [self._draw_last])
            self._late.daemon = True
            self._late.start()

    def _draw_last(self) -> None:
        self._late = None
        if self._event is not None and not self._event.state.final:
            self._draw(self._event)

    def _cleared(self) -> str:
        """Return what clears the line of the bar: an escape sequence, or spaces for a terminal without them."""
        blank, self._length = "\r" + " " * self._length + "\r", 0
        return _CLEAR_LINE if self._clears else blank


def bar_text(event: JobEvent, signs: str = "█░") -> str:
    """Return a bar of two signs with the percentage, the stage and the time left, in one line."""
    width = max(10, min(40, shutil.get_terminal_size().columns - 40))
    filled = round(event.progress / 100 * width)
    left = "" if event.remaining is None else f", {clock(event.remaining)} left"
    return (
        f"{signs[0] * filled}{signs[1] * (width - filled)} {event.progress:3.0f} % {event.stage or ''}{left}"
    )
