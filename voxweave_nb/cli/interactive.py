"""A job in IPython in a terminal: a bar while somebody waits for it, and its state in words."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .bar import ProgressBar, bar_text
from .output import show

if TYPE_CHECKING:
    from ..job import Job

__all__ = ["bar_of", "print_job"]

_WAIT = "Wait for it with `await job` or `job.result()`; `job.cancel()` stops it."
_drawing = threading.Lock()


@contextmanager
def bar_of(job: Job) -> Iterator[None]:
    """Show the progress of a job on the standard error stream inside a `with` block.

    Of several waits at a time only the first one has a bar; a stream to a file or a pipe has none.
    """
    if job.done() or not sys.stderr.isatty() or not _drawing.acquire(blocking=False):
        yield
        return
    bar = ProgressBar(sys.stderr)
    stop = job.listen(bar.show)
    try:
        yield
    finally:
        stop()
        bar.close()
        _drawing.release()


def print_job(job: Job) -> None:
    """Print a job: its bar and how to wait for it; once it has ended, its video or its error."""
    if job.video is not None:
        show(job.video.description)
    elif job.done():
        show(f"{job.state}: {job.message}")
    else:
        show(f"{bar_text(job.last_event)}\n{job.message}\n{_WAIT}".replace("\n\n", "\n"))
