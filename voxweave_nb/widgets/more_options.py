"""The controls of which most videos need none, folded: seed, quality, title, frame rate, first frame, calm motion."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from ..config import VideoConfig
from ..images import ImageFile
from ..models import VideoQuality
from . import texts
from .elements import dropdown, note_html, set_visible, visible_overflow
from .typed import FoundLine, find_image

__all__ = ["MoreOptions"]

_DERIVED, _NO_TITLE, _OWN_TITLE = "derived", "none", "own"


class MoreOptions(widgets.VBox):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """Chooses seed, quality, title, frame rate, first frame and motion; a line tells what differs while it is folded.

    Args:
        on_change: Called when something else is chosen.
    """

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._shown_image: ImageFile | None = None
        self._toggle = widgets.ToggleButton(description=texts.MORE, icon="angle-right")
        self._toggle.add_class("vx-open")
        self._summary = widgets.HTML()
        self._build()
        head = widgets.HBox([self._toggle, self._summary], layout=visible_overflow())
        head.add_class("vx-more")
        self._controls = widgets.VBox([self._choices, self._found], layout=visible_overflow())
        super().__init__([head, self._controls], layout=visible_overflow())
        set_visible(self._controls, False)
        self._toggle.observe(lambda _: self._fold(), "value")
        self._another.on_click(lambda _: self.another_take())
        self._image.observe(lambda _: self._found.look(find_image, self._image.value), "value")
        for control in self._choices.children:
            if control is not self._another:
                control.observe(lambda _: self._on_value(), "value")

    def _build(self) -> None:
        qualities = [(texts.QUALITIES[each.value], each.value) for each in VideoQuality]
        titles = [(texts.TITLES[each], each) for each in (_DERIVED, _NO_TITLE, _OWN_TITLE)]
        self._seed = widgets.Text(description=texts.SEED, placeholder=texts.NO_SEED)
        self._another = widgets.Button(
            description=texts.ANOTHER_TAKE, tooltip=texts.ANOTHER_TAKE_TIP, icon="random"
        )
        self._quality = dropdown(texts.QUALITY, qualities)
        self._quality.value = VideoQuality.STANDARD.value
        self._title = dropdown(texts.VIDEO_TITLE, titles)
        self._own_title = widgets.Text(description=texts.OWN_TITLE)
        self._fps = widgets.BoundedIntText(description=texts.FPS, value=30, min=1, max=60)
        self._calm = widgets.Checkbox(
            description=texts.CALM_MOTION, tooltip=texts.CALM_MOTION_TIP, indent=False
        )
        self._image = widgets.Text(
            description=texts.IMAGE,
            placeholder=texts.NO_IMAGE,
            continuous_update=False,
            # Across the whole grid: a path is long. ipywidgets resets grid_column with an empty grid_area.
            layout=widgets.Layout(grid_area="auto / 1 / auto / -1"),
        )
        self._found = FoundLine()
        self._choices = widgets.Box(
            [
                self._seed,
                self._another,
                self._quality,
                self._title,
                self._own_title,
                self._fps,
                self._calm,
                self._image,
            ]
        )
        self._choices.add_class("vx-choices")
        set_visible(self._own_title, False)

    @property
    def unfolded(self) -> bool:
        """True while the controls are shown; can be set."""
        return bool(self._toggle.value)

    @unfolded.setter
    def unfolded(self, value: bool) -> None:
        self._toggle.value = value

    @property
    def fields(self) -> dict[str, Any]:
        """The choice as fields of `VideoConfig`; a seed that is not a number stays text, which the config refuses."""
        seed = self._seed.value.strip()
        title = {_DERIVED: None, _NO_TITLE: "", _OWN_TITLE: self._own_title.value}[self._title.value]
        return {
            "seed": int(seed) if seed.isdecimal() else seed or None,
            "quality": self._quality.value,
            "title": title,
            "fps": self._fps.value,
            "image": self._chosen_image(),
            "reduce_motion": self._calm.value,
        }

    def _chosen_image(self) -> ImageFile | str | None:
        """Return the image of the config that was shown, else the path that was typed, which the config looks at."""
        typed = self._image.value.strip()
        if self._shown_image is not None and typed == str(self._shown_image.path):
            return self._shown_image
        return typed or None

    def show_config(self, config: VideoConfig) -> None:
        """Show the values of a config."""
        self._seed.value = "" if config.seed is None else str(config.seed)
        self._quality.value = config.quality.value
        self._own_title.value = config.title or ""
        self._title.value = _DERIVED if config.title is None else _OWN_TITLE if config.title else _NO_TITLE
        self._fps.value = config.fps
        self._shown_image = config.image
        self._image.value = "" if config.image is None else str(config.image.path)
        self._calm.value = config.reduce_motion

    def another_take(self) -> None:
        """Choose the next seed, as the button does."""
        seed = self.fields["seed"]
        self._seed.value = str(seed + 1 if isinstance(seed, int) else 1)

    def _fold(self) -> None:
        self._toggle.icon = "angle-down" if self.unfolded else "angle-right"
        set_visible(self._controls, self.unfolded)
        self._summarize()

    def _on_value(self) -> None:
        set_visible(self._own_title, self._title.value == _OWN_TITLE)
        self._summarize()
        self._on_change()

    def _summarize(self) -> None:
        """Tell in a line what differs from the defaults, which nobody would see while the controls are folded."""
        fields, default = self.fields, VideoConfig()
        parts = [
            texts.SEED_IS.format(seed=fields["seed"]) if fields["seed"] is not None else "",
            "" if fields["quality"] == default.quality else texts.QUALITIES[fields["quality"]].lower(),
            _title_text(fields["title"]),
            "" if fields["fps"] == default.fps else texts.FPS_IS.format(fps=fields["fps"]),
            "" if fields["image"] is None else texts.IMAGE_IS.format(name=Path(self._image.value).name),
            texts.CALM_MOTION.lower() if fields["reduce_motion"] else "",
        ]  # fmt: skip
        told = ", ".join(filter(None, parts))
        self._summary.value = note_html(told) if told and not self.unfolded else ""


def _title_text(title: str | None) -> str:
    if title is None:
        return ""
    return texts.TITLED.format(title=title) if title else texts.UNTITLED
