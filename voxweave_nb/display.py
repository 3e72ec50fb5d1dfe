"""The one way up: how an object of a lower room asks to be displayed by a widget.

`voxweave_nb/__init__.py` knows every room and registers the widget here; a job displays itself through it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["register_job_view", "show_job"]

_job_view: Callable[[Any], None] | None = None


def register_job_view(view: Callable[[Any], None]) -> None:
    """Register the function that displays a job in a notebook."""
    global _job_view
    _job_view = view


def show_job(job: Any) -> None:
    """Display a job with the registered view; print it if there is none."""
    if _job_view is None:
        print(job)
    else:
        _job_view(job)
