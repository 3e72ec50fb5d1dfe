"""The cell output that keeps a contact sheet, for readers of the saved notebook who have no kernel."""

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
from . import texts
from .elements import error_text, visible_overflow
from .fallback import with_fallback
from .saved_output import KeptOutput

__all__ = ["ContactSheet", "display_sheet"]

_FIRST = 2.5  # s before the first one: ranking and posters would hold up the view that is being drawn
_PAUSE = 3.0  # s between two sheets; each is sent to the page as a whole
_SHARE = 10  # of the time; a ranking of hundreds of variants takes seconds

# The sheet that follows each lab or board: that of its newest view.
_following: WeakKeyDictionary[Any, ReferenceType[ContactSheet]] = WeakKeyDictionary()


class ContactSheet(KeptOutput):
    """Keeps the contact sheet of a lab or a board in the notebook, hidden while a live view beside it shows the same.

    A subclass makes the sheet in `_make`.

    Args:
        shown: What the sheet is of.
    """

    def __init__(self, shown: Any) -> None:
        self._shown = shown
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

    def follow(self, listen: Callable[[Callable[[], None]], Callable[[], None]]) -> None:
        """Follow changes in place of the sheet that did so before; that one stays as it is.

        Args:
            listen: Calls a function with each change, and returns a function that ends this.
        """
        earlier = _following.get(self._shown)
        if earlier is not None and (sheet := earlier()) is not None:
            sheet._stop()
        self._stop = listen(self.request)
        _following[self._shown] = ref(self)

    def _make(self) -> str:
        """Return the sheet as HTML."""
        raise NotImplementedError

    def _made(self) -> str:
        try:
            return self._make()
        except Exception as error:  # noqa: BLE001  shown in the notebook: nobody would see the traceback
            return f"<p>{escape(texts.NO_SHEET.format(reason=error_text(error)))}</p>"

    async def _refresh_soon(self) -> None:
        await asyncio.sleep(max(0.0, self._due_at - time.monotonic()))
        began = time.monotonic()
        with self._lock:
            self._requested, self._due_at = False, began + _PAUSE
        await asyncio.to_thread(self.refresh)
        ended = time.monotonic()
        self._due_at = ended + max(_PAUSE, _SHARE * (ended - began))

    def _bundles(self) -> Sequence[Mapping[str, Any]]:
        return [{"text/html": self._html, "text/plain": repr(self._shown)}] if self._html else []


def display_sheet(sheet: ContactSheet, view: Any, shown: Mapping[str, str]) -> None:
    """Display a live view in a cell, and below it the contact sheet that stays in the notebook.

    Args:
        sheet: The sheet.
        view: The widget that shows the same.
        shown: The text that stands in for the view, as plain text and HTML; see `fallback`.
    """
    box = widgets.VBox([sheet, view], layout=visible_overflow())
    display(with_fallback(box._repr_mimebundle_(), shown), raw=True)
    sheet.create()
