"""Actions on a panel, shared by the tests of its parts."""

from __future__ import annotations

import time
from collections.abc import Callable

import ipywidgets

from voxweave_nb import Job, VideoPanel


def wait_for(condition: Callable[[], object]) -> None:
    """Wait up to 20 seconds for a condition."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def press(panel: VideoPanel) -> Job:
    """Press Generate and return the job that it starts."""
    before = panel.job
    panel._generate_button.click()
    wait_for(lambda: panel.job is not None and panel.job is not before)
    return panel.job


def text(widget: ipywidgets.Widget) -> str:
    """Return all text of a widget and its children as HTML."""
    own = getattr(widget, "value", "")
    parts = [own] if isinstance(own, str) and "<style" not in own else []
    return "\n".join([*parts, *(text(child) for child in getattr(widget, "children", ()))])


def visible_text(widget: ipywidgets.Widget) -> str:
    """Return the text of a widget and its children that is not hidden, as HTML."""
    if getattr(widget, "layout", None) is None or widget.layout.display == "none":
        return ""
    return str(getattr(widget, "value", "")) + "".join(map(visible_text, getattr(widget, "children", ())))
