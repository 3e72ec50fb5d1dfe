"""The one way up: how an object of a lower room asks a higher one for a widget, a page's files, or a rendition.

`voxweave_nb/__init__.py` knows every room and registers here what displays a job, has a page's script, and so on.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Protocol

__all__ = [
    "board_widget",
    "job_widget",
    "lab_widget",
    "make_rendition",
    "page_files",
    "register_board_view",
    "register_job_view",
    "register_lab_view",
    "register_page_files",
    "register_rendition_maker",
    "show_board",
    "show_duel",
    "show_job",
    "show_lab",
    "waiting_for",
]


class _RenditionMaker(Protocol):
    def __call__(self, video: Path, format: Any, *, quick: bool) -> Path | None:
        """See `make_rendition`."""


_job_view: Callable[[Any], None] | None = None
_job_widget: Callable[[Any], object] | None = None
_job_wait: Callable[[Any], AbstractContextManager[object]] | None = None
_page_files: Callable[[str], tuple[str, str]] | None = None
_lab_view: Callable[[Any], None] | None = None
_lab_widget: Callable[[Any], object] | None = None
_lab_duel: Callable[[Any, Any, str, Any], object] | None = None
_board_view: Callable[[Any], None] | None = None
_board_widget: Callable[[Any], object] | None = None
_rendition_maker: _RenditionMaker | None = None


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


def register_lab_view(
    view: Callable[[Any], None],
    *,
    widget: Callable[[Any], object] | None = None,
    duel: Callable[[Any, Any, str, Any], object] | None = None,
) -> None:
    """Register the views of a lab.

    Args:
        view: Displays a lab in the cell that runs.
        widget: Returns the widget to display a lab with, for a front end that asks for an object.
        duel: Returns the view of a lab's duels; its arguments are the lab, the first duel, the goal, and the raters.
    """
    global _lab_view, _lab_widget, _lab_duel
    _lab_view, _lab_widget, _lab_duel = view, widget, duel


def show_lab(lab: Any) -> None:
    """Display a lab with the registered view; print it if there is none."""
    if _lab_view is None:
        print(lab)
    else:
        _lab_view(lab)


def lab_widget(lab: Any) -> object:
    """Return the registered widget for a lab; its text if there is none."""
    return str(lab) if _lab_widget is None else _lab_widget(lab)


def show_duel(lab: Any, duel: Any, goal: str, by: Any) -> object:
    """Return the registered view of a lab's duels; the duel itself if there is none."""
    return duel if _lab_duel is None else _lab_duel(lab, duel, goal, by)


def register_board_view(
    view: Callable[[Any], None], *, widget: Callable[[Any], object] | None = None
) -> None:
    """Register the views of a storyboard.

    Args:
        view: Displays a board in the cell that runs.
        widget: Returns the widget to display a board with, for a front end that asks for an object.
    """
    global _board_view, _board_widget
    _board_view, _board_widget = view, widget


def show_board(board: Any) -> None:
    """Display a board with the registered view; print it if there is none."""
    if _board_view is None:
        print(board)
    else:
        _board_view(board)


def board_widget(board: Any) -> object:
    """Return the registered widget for a board; its text if there is none."""
    return str(board) if _board_widget is None else _board_widget(board)


def register_rendition_maker(maker: _RenditionMaker) -> None:
    """Register the function that makes the rendition of a video."""
    global _rendition_maker
    _rendition_maker = maker


def make_rendition(video: Path, format: Any, *, quick: bool = False) -> Path | None:
    """Return a video's rendition, which is made if need be; blocks until it is there.

    Args:
        video: The video.
        format: A `VideoFormat`.
        quick: Return None where it would have to wait for long: for frames to be encoded, or on the background thread.
    """
    assert _rendition_maker is not None  # the package registers one when it is imported
    return _rendition_maker(video, format, quick=quick)


def register_page_files(files: Callable[[str], tuple[str, str]]) -> None:
    """Register the function that returns the script and the style sheet of a page, by the page's name."""
    global _page_files
    _page_files = files


def page_files(name: str) -> tuple[str, str]:
    """Return the script and the style sheet of a page that is shown without a kernel, such as `"lab_page"`."""
    assert _page_files is not None  # the package registers it when it is imported
    return _page_files(name)
