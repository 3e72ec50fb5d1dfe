"""The backdrops by name. A backdrop's module is imported on first use."""

from __future__ import annotations

import importlib

from ..backdrop import Backdrop

__all__ = ["BACKDROPS", "load_backdrop"]

BACKDROPS = {
    "anime": "anime:AnimeBackdrop",
    "biotech": "biotech:BiotechBackdrop",
    "cinematic": "cinematic:CinematicBackdrop",
    "cyberpunk": "cyberpunk:CyberpunkBackdrop",
    "educational": "educational:EducationalBackdrop",
    "realistic": "realistic:RealisticBackdrop",
    "three_d": "three_d:ThreeDBackdrop",
}
"""Each backdrop's name, module and class."""


def load_backdrop(name: str) -> type[Backdrop]:
    """Return the class of a backdrop.

    Raises:
        KeyError: The name is not registered.
    """
    module, _, attribute = BACKDROPS[name].partition(":")
    backdrop: type[Backdrop] = getattr(importlib.import_module(f".{module}", __name__), attribute)
    return backdrop
