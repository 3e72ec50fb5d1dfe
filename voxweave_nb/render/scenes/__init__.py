"""The scenes by name. A scene's module is imported when it is first asked for."""

from __future__ import annotations

import importlib

from ..scene import Scene

__all__ = ["SCENES", "load_scene"]

SCENES = {
    "anime": "anime:AnimeScene",
    "biotech": "biotech:BiotechScene",
    "cinematic": "cinematic:CinematicScene",
    "cyberpunk": "cyberpunk:CyberpunkScene",
    "educational": "educational:EducationalScene",
    "realistic": "realistic:RealisticScene",
    "three_d": "three_d:ThreeDScene",
}
"""Each scene's name, its module here, and its class."""


def load_scene(name: str) -> type[Scene]:
    """The class of a scene.

    Raises:
        KeyError: No scene has that name.
    """
    module, _, attribute = SCENES[name].partition(":")
    scene: type[Scene] = getattr(importlib.import_module(f".{module}", __name__), attribute)
    return scene
