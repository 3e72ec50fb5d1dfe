"""The contact sheet of a lab, below its view."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..lab.contact_sheet import lab_html
from ..lab.prompt_lab import PromptLab
from .contact_sheet import ContactSheet, display_sheet

__all__ = ["LabSheet", "display_with_sheet"]


class LabSheet(ContactSheet):
    """Keeps a lab's contact sheet in the notebook.

    Args:
        lab: The lab.
    """

    def __init__(self, lab: PromptLab) -> None:
        self._lab = lab
        super().__init__(lab)

    def _make(self) -> str:
        return lab_html(self._lab)


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
    display_sheet(sheet, view, shown)
    sheet.follow(lab.listen)
    return sheet
