"""A panel's or a job's link to its page: notices when kernel or server are gone, the order of clicks and changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anywidget
import traitlets

from .assets import module

__all__ = ["Connection"]


class Connection(anywidget.AnyWidget):  # type: ignore[misc,unused-ignore]  # traitlets are untyped
    """Shows a notice when the kernel or the server is gone; empty otherwise.

    Only the page can see that the kernel is gone, so the notice is drawn by `static/connection.js`. This widget also
    carries the style sheets.
    """

    _esm = traitlets.Unicode().tag(sync=True)

    def __init__(self) -> None:
        super().__init__(_esm=module("connection", "job", "panel"))
        self._turn = 0
        self._displayed = False
        self._pending: Callable[[], object] | None = None
        self.on_msg(lambda _, message, __: self._on_message(message))

    # A page sends the first change of a control at once, and the latest one only after the first was processed. A click
    # is sent at once, too. A busy kernel therefore receives a click before the changes that the person made earlier.
    # The page answers "settle" after those changes, so its answer proves that they have arrived.
    def after_pending_changes(self, action: Callable[[], object]) -> None:
        """Call `action` once all changes that the person made in the page have arrived.

        Without a page it is called at once. A later call replaces an action that still waits.
        """
        if not self._displayed:
            action()
            return
        self._turn += 1
        self._pending = action
        self.send({"kind": "settle", "turn": self._turn})

    def _on_message(self, message: dict[str, Any]) -> None:
        if message.get("kind") == "shown":
            self._displayed = True
        elif message.get("kind") == "settled" and message.get("turn") == self._turn and self._pending:
            action, self._pending = self._pending, None
            action()
