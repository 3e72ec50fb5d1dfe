"""What the panel says when its kernel or its server is gone, and how it waits for what its page still has to send."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anywidget
import traitlets

from .assets import module

__all__ = ["Connection"]


class Connection(anywidget.AnyWidget):  # type: ignore[misc,unused-ignore]  # traitlets are untyped
    """Shows nothing while all is well; the page alone can see that there is no kernel. The panel's look comes along.

    A page sends the first change of a control at once, and the last when that was heard; a click goes at once. So a
    click that a busy kernel hears late comes before the last changes; they have come when the page has answered.
    """

    _esm = traitlets.Unicode().tag(sync=True)

    def __init__(self) -> None:
        super().__init__(_esm=module("connection", "job", "panel"))
        self._turn = 0
        self._shown = False
        self._then: Callable[[], object] | None = None
        self.on_msg(lambda _, message, __: self._hear(message))

    def settled(self, then: Callable[[], object]) -> None:
        """Calls when all has come that a person had chosen in the page; at once where no page shows it.

        A later call takes the place of one that still waits.
        """
        if not self._shown:
            then()
            return
        self._turn += 1
        self._then = then
        self.send({"kind": "settle", "turn": self._turn})

    def _hear(self, message: dict[str, Any]) -> None:
        if message.get("kind") == "shown":
            self._shown = True
        elif message.get("kind") == "settled" and message.get("turn") == self._turn and self._then:
            then, self._then = self._then, None
            then()
