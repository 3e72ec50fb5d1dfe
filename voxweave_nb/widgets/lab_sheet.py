"""The cell output that keeps a lab's contact sheet, for readers of the saved notebook who have no kernel."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any
from weakref import ReferenceType, WeakKeyDictionary, ref

import ipywidgets as widgets
from IPython.display import display

from .. import runtime
from ..environment import FrontEnd, front_end
from ..lab.contact_sheet import lab_html
from ..lab.prompt_lab import PromptLab
from . import texts
from .elements import error_text, visible_overflow
from .fallback import with_fallback
from .saved_output import KeptOutput

__all__ = ["LabSheet", "display_with_sheet"]

_FIRST = 2.5  # s before the first one: ranking and posters would hold up the view that is being drawn
_PAUSE = 3.0  # s between two sheets; each is sent to the page as a whole
_SHARE = 10  # of the time; a ranking of hundreds of variants takes seconds

# The sheet that follows each lab: that of its newest view.
_following: WeakKeyDictionary[PromptLab, ReferenceType[LabSheet]] = WeakKeyDictionary()


class LabSheet(KeptOutput):
    """Keeps a lab's contact sheet in the notebook, hidden while a live view beside it shows the lab.

    Args:
        lab: The lab.
    """

    def __init__(self, lab: PromptLab) -> None:
        self._lab = lab
        self._html = ""
        self._lock = threading.Lock()
        self._requested = False
        self._due_at = 0.0
        self._stop: Callable[[], None] = lambda: None
        super().__init__()

    def create(self) -> None:
        """Create the output in the cell that runs now, and fill it soon; at once where no page shows a view."""
        if front_end() is FrontEnd.NBCONVERT:
            self._html = self._made()
        self._due_at = time.monotonic() + _FIRST
        super().create()
        if not self._html:
            self.request()

    def request(self) -> None:
        """Bring the sheet up to date soon, on the background thread; several requests make one sheet."""
        with self._lock:
            if self._requested:
                return
            self._requested = True
        runtime.submit(self._refresh_soon())

    def refresh(self) -> None:
        """Bring the sheet up to date; a sheet that has not changed is not sent again."""
        html = self._made()
        if self._is_open() and html != self._html:
            self._html = html
            self._publish()

    def _made(self) -> str:
        try:
            return lab_html(self._lab)
        except Exception as error:  # noqa: BLE001  shown in the notebook: nobody would see the traceback
            return f"<p>{escape(texts.NO_SHEET.format(reason=error_text(error)))}</p>"

    def follow(self) -> None:
        """Follow the lab's changes in place of the sheet that did so before; that one stays as it is."""
        earlier = _following.get(self._lab)
        if earlier is not None and (sheet := earlier()) is not None:
            sheet._stop()
        self._stop = self._lab.listen(self.request)
        _following[self._lab] = ref(self)

    async def _refresh_soon(self) -> None:
        await asyncio.sleep(max(0.0, self._due_at - time.monotonic()))
        with self._lock:
            self._requested = False
        began = time.monotonic()
        await asyncio.to_thread(self.refresh)
        ended = time.monotonic()
        self._due_at = ended + max(_PAUSE, _SHARE * (ended - began))

    def _bundles(self) -> Sequence[Mapping[str, Any]]:
        return [{"text/html": self._html, "text/plain": repr(self._lab)}] if self._html else []


def display_with_sheet(view: Any, lab: PromptLab, shown: Mapping[str, str]) -> LabSheet:
    """Display a lab's live view in a cell, and below it the contact sheet that stays in the notebook.

    Args:
        view: The widget that shows the lab.
        lab: The lab.
        shown: The text that stands in for the view, as plain text and HTML; see `fallback`.

    Returns:
        The sheet, which follows the lab's changes until the lab is displayed anew.
    """
    sheet = LabSheet(lab)
    box = widgets.VBox([sheet, view], layout=visible_overflow())
    display(with_fallback(box._repr_mimebundle_(), shown), raw=True)
    sheet.create()
    sheet.follow()
    return sheet
