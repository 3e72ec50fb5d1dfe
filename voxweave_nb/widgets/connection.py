"""What the panel says when its kernel or its server is gone."""

from __future__ import annotations

import anywidget
import traitlets

from .assets import module

__all__ = ["Connection"]


class Connection(anywidget.AnyWidget):  # type: ignore[misc,unused-ignore]  # traitlets are untyped
    """Shows nothing while all is well; the page alone can see that there is no kernel. The panel's look comes along."""

    _esm = traitlets.Unicode().tag(sync=True)

    def __init__(self) -> None:
        super().__init__(_esm=module("connection", "job", "panel"))
