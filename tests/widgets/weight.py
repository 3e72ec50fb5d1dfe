"""The size of what the widgets send to a page."""

from __future__ import annotations

import re
from pathlib import Path

import voxweave_nb.widgets
from voxweave_nb.widgets.assets import module

WIDGETS = Path(voxweave_nb.widgets.__path__[0])
MOST_PACKED = 70_000
"""Bytes of the panel's widgets together."""

MOST_LAB = 40_000
"""Bytes of the lab's widgets, which share one module."""

MOST_BOARD = 48_000
"""Bytes of the storyboard's widget, which has the player in it."""

CALL = re.compile(r'\bmodule\(((?:"\w+"(?:, )?)+)\)')


def packed_sizes() -> dict[str, int]:
    """Bytes of each widget's module as it is sent: packed, with its style sheets and all that it imports."""
    calls = (CALL.findall(path.read_text("utf-8")) for path in sorted(WIDGETS.glob("*.py")))
    names = [re.findall(r"\w+", arguments) for found in calls for arguments in found]
    return {name: len(module(name, *styles).encode()) for name, *styles in names}


def panel_sizes() -> dict[str, int]:
    """Bytes of the modules of the panel's widgets."""
    return {name: size for name, size in packed_sizes().items() if name not in ("lab", "board")}
