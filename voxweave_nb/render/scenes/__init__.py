"""The scenes, one file each; `scene` has the recipe."""

from __future__ import annotations

import importlib

from ..scene import Scene

__all__ = ["scene_class", "scene_names"]

_REGISTRY = {
    "anime": "anime:Meadow",
    "biotech": "biotech:Helix",
    "cinematic": "cinematic:Ridges",
    "cyberpunk": "cyberpunk:NeonCity",
    "educational": "educational:Lesson",
    "realistic": "realistic:Ocean",
    "three_d": "three_d:Spheres",
}


def scene_names() -> tuple[str, ...]:
    """The names of all scenes."""
    return tuple(_REGISTRY)


def scene_class(name: str) -> type[Scene]:
    """The class behind a scene's name."""
    module, _, attribute = _REGISTRY[name].partition(":")
    found: type[Scene] = getattr(importlib.import_module(f".{module}", __name__), attribute)
    return found
