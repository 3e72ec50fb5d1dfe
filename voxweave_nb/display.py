"""The one way up: how an object of a lower room is displayed by a widget, or by the command line's bar.

`voxweave_nb/__init__.py` knows every room and registers the views here; a job displays itself through them.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

__all__ = ["job_widget", "register_job_view", "show_job", "waiting_for"]

_job_view: Callable[[Any], None] | None = None
_job_widget: Callable[[Any], object] | None = None
_job_wait: Callable[[Any], AbstractContextManager[object]] | None = None


def register_job_view(
    view: Callable[[Any], None],
    *,
    widget: Callable[[Any], object] | None = None,
    wait: Callable[[Any], AbstractContextManager[object]] | None = None,
) -> None:
    """Register the views of a job.

    Args:
        view: Displays a job in the cell that runs.
        widget: Returns the widget to display a job with, for a front end that asks for an object.
        wait: Shows a job's progress inside a `with` block, while somebody waits for it.
    """
    global _job_view, _job_widget, _job_wait
    _job_view, _job_widget, _job_wait = view, widget, wait


def show_job(job: Any) -> None:
    """Display a job with the registered view; print it if there is none."""
    if _job_view is None:
        print(job)
    else:
        _job_view(job)


def job_widget(job: Any) -> object:
    """Return the registered widget for a job; its text if there is none."""
    return str(job) if _job_widget is None else _job_widget(job)


def waiting_for(job: Any) -> AbstractContextManager[object]:
    """Return the `with` block in which a job is waited for; the registered one shows its progress."""
    return nullcontext() if _job_wait is None else _job_wait(job)
