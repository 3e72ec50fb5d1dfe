"""The panel's way into the prompt lab: which variants to compare, their price, and the lab's view."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from .. import runtime
from ..config import VideoConfig
from ..errors import ConfigError, VoxweaveError
from ..lab.estimate import LabEstimate
from ..lab.grid import variants_of
from ..lab.prompt_lab import PromptLab
from ..lab.records import Source
from ..models import VideoStyle, dollars
from ..service import VideoGenerationService
from . import texts
from .elements import error_html, error_text, heading, note_html, set_visible, visible_overflow, warnings_html

__all__ = ["CompareDialog", "PanelValues"]

_MOST_TAKES = 20
_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class PanelValues:
    """The panel's values that a lab starts from.

    Attributes:
        narration: The audio file, or None.
        subtitles: The subtitles as a path or as text, or None.
        config: The config that the controls show.
        seconds: The narration's length in seconds, or None if it is unknown.
    """

    narration: Path | None
    subtitles: Path | str | None
    config: VideoConfig
    seconds: float | None


class CompareDialog(widgets.VBox):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """Adds variants of the panel's video to a prompt lab, and shows the lab.

    Args:
        service: The service that makes the videos.
        values: Returns the panel's values.
    """

    def __init__(self, service: VideoGenerationService, values: Callable[[], PanelValues]) -> None:
        self._service, self._values = service, values
        self._lab: PromptLab | None = None
        super().__init__(layout=visible_overflow())
        self.add_class("vx-compare")
        set_visible(self, False)

    def _build(self) -> None:
        """Make the controls, which a panel that compares nothing does not need."""
        self._name = widgets.Text(description=texts.LAB_NAME, placeholder=texts.LAB_NAME_HINT)
        self._prompt = widgets.Textarea(description=texts.LAB_PROMPT, rows=2)
        self._styles = widgets.SelectMultiple(
            description=texts.LAB_STYLES, options=[each.value for each in VideoStyle], rows=len(VideoStyle)
        )
        self._takes = widgets.BoundedIntText(description=texts.LAB_TAKES, value=1, min=1, max=_MOST_TAKES)
        self._summary, self._opened = widgets.HTML(), widgets.HTML()
        self._add_button = widgets.Button(description=texts.LAB_ADD, button_style="primary")
        self._make_button = widgets.Button()
        self._view = widgets.VBox(layout=visible_overflow())
        for control in (self._prompt, self._styles, self._takes):
            control.observe(lambda _: self._preview(), "value")
        self._add_button.on_click(lambda _: self._guard(self.add))
        self._make_button.on_click(lambda _: self._guard(self.make))
        set_visible(self._make_button, False)
        self.children = self._rows()

    def _rows(self) -> list[widgets.Widget]:
        choices = widgets.VBox([self._name, self._prompt, self._styles, self._takes])
        choices.add_class("vx-choices")
        for button in (self._add_button, self._make_button):
            button.add_class("vx-go")
        actions = widgets.HBox([self._add_button, self._make_button, self._summary])
        actions.add_class("vx-actions")
        note = widgets.HTML(note_html(texts.LAB_NOTE))
        return [heading(texts.COMPARE), note, choices, actions, self._opened, self._view]

    @property
    def lab(self) -> PromptLab | None:
        """The lab that is shown, or None."""
        return self._lab

    @property
    def shown(self) -> bool:
        """True while the dialog is shown."""
        return bool(self.layout.display != "none")

    def toggle(self) -> None:
        """Show the dialog with the panel's values, or hide it."""
        if self.shown:
            set_visible(self, False)
            return
        values = self._values()
        if not self.children:
            self._build()
        if not self._name.value:
            self._name.value = _name_of(values.narration)
        self._prompt.value = values.config.prompt
        if not self._styles.value:
            self._styles.value = (values.config.style.value,)
        set_visible(self, True)
        self._preview()

    def add(self) -> None:
        """Add the variants to the lab of this name and show it; nothing is sent.

        Raises:
            ConfigError: The narration is missing, or a value is invalid.
        """
        values = self._values()
        if values.narration is None:
            raise ConfigError(texts.NO_NARRATION)
        self._add_button.disabled = True
        runtime.submit(self._add(values, self._name.value.strip(), self._axes()))

    def make(self) -> None:
        """Make the lab's missing videos for the price on the button.

        Raises:
            ConfigError: No lab is shown.
        """
        if self._lab is None:
            raise ConfigError(texts.LAB_CLOSED)
        set_visible(self._make_button, False)
        runtime.submit(self._make(self._lab))

    async def _make(self, lab: PromptLab) -> None:
        try:
            await asyncio.to_thread(_start_run, lab)
        except Exception as error:  # noqa: BLE001  shown in the panel: nobody would see the traceback
            self._opened.value = error_html(error_text(error))

    async def _add(self, values: PanelValues, name: str, axes: dict[str, Any]) -> None:
        prompt = self._prompt.value
        try:
            lab, new, estimate = await asyncio.to_thread(self._fill, values, name, prompt, axes)
            self._show(lab, new, estimate)
        except Exception as error:  # noqa: BLE001  shown in the panel: nobody would see the traceback
            self._opened.value = error_html(error_text(error))
        finally:
            self._add_button.disabled = False

    def _fill(
        self, values: PanelValues, name: str, prompt: str, axes: dict[str, Any]
    ) -> tuple[PromptLab, int, LabEstimate]:
        """Open the lab and add the variants; reads and hashes the narration."""
        lab = PromptLab(
            name, values.narration, subtitles=values.subtitles, base=values.config, service=self._service
        )
        new = lab.grid(prompt, **axes)
        return lab, len(new), lab.estimate()

    def _show(self, lab: PromptLab, new: int, estimate: LabEstimate) -> None:
        from .lab_view import LabView

        for each in self._view.children:
            each.close()
        self._lab, self._view.children = lab, (LabView(lab),)
        said = texts.LAB_OPENED.format(
            new=new, plural="s" * (new != 1), size=lab.size, code=f"PromptLab({lab.name!r})"
        )
        self._opened.value = note_html(said) + warnings_html((*lab.warnings, *estimate.warnings))
        missing = sum(each.to_make for each in estimate)
        self._make_button.description = texts.LAB_MAKE.format(
            count=missing, plural="s" * (missing != 1), price=_price(estimate.usd, estimate.unknown)
        )
        set_visible(self._make_button, missing > 0)

    def _axes(self) -> dict[str, Any]:
        """Return the axes of the grid that have several values, and the style."""
        axes: dict[str, Any] = {"style": self._styles.value or (self._values().config.style,)}
        if self._takes.value > 1:
            axes["seed"] = range(1, self._takes.value + 1)
        return axes

    def _preview(self) -> None:
        """Show the number of variants and their price; nothing is written."""
        if not self.shown:
            return
        try:
            self._summary.value = self._preview_html()
        except VoxweaveError as error:
            self._summary.value = error_html(str(error))

    def _preview_html(self) -> str:
        values = self._values()
        variants = variants_of(
            self._prompt.value, self._axes(), base=values.config, source=Source(""), seeds=lambda _: True
        )
        prices = {}
        for config in {each.config.replace(prompt="", seed=None) for each in variants}:
            prices[config] = self._service.plan(values.seconds or 60.0, config).usd
        usd = [prices[each.config.replace(prompt="", seed=None)] for each in variants]
        known = sum(each or 0.0 for each in usd)
        price = _price(known, usd.count(None)) if values.seconds or not known else texts.PRICE_BY_LENGTH
        count = texts.LAB_COUNT.format(count=len(variants), plural="s" * (len(variants) != 1))
        return f'<div class="vx-price" role="status">{escape(count)} <span>{escape(price)}</span></div>'

    def _guard(self, action: Callable[[], object]) -> None:
        try:
            action()
        except Exception as error:  # noqa: BLE001  a callback's traceback is invisible
            self._opened.value = error_html(error_text(error))


def _name_of(narration: Path | None) -> str:
    """Return a name for a lab of this narration."""
    stem = re.sub(r'[<>:"/\\|?*\x00-\x1f.]+', " ", narration.stem if narration else "").strip()
    return stem[:_LONGEST_NAME] or texts.LAB_NAME_HINT


def _price(usd: float, unknown: int) -> str:
    known = dollars(usd) if usd else "" if unknown else texts.LAB_FREE
    return ", ".join(filter(None, (known, texts.LAB_UNKNOWN.format(count=unknown) if unknown else "")))


def _start_run(lab: PromptLab) -> None:
    """Make what is missing, for no more than what it is estimated to cost."""
    estimate = lab.estimate()
    budget = lab.spent + estimate.usd if estimate.usd else None
    lab.run(budget=budget, unknown_prices=estimate.unknown > 0)
