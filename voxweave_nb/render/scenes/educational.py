"""x."""

from __future__ import annotations
from ..canvas import gradient
from ..scene import Moment, Planes, Scene


class EducationalScene(Scene):
    name = "educational"

    def prepare(self) -> None:
        self._sky = gradient(self.stage.height, self.stage.palette.sky)

    def paint(self, planes: Planes, moment: Moment) -> None:
        planes[...] = self._sky
