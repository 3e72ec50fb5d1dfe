"""Neon city."""

from __future__ import annotations

from ..canvas import Light, disc, gradient
from ..scene import Moment, Planes, Scene


class CyberpunkScene(Scene):
    """Placeholder."""

    name = "cyberpunk"

    def prepare(self) -> None:
        self._sky = gradient(self.stage.height, self.stage.palette.sky)
        self._sun = Light(disc(self.stage.height, self.stage.width, 320, 150, 80))

    def paint(self, planes: Planes, moment: Moment) -> None:
        planes[...] = self._sky
        self._sun.over(planes, self.stage.palette.light)
