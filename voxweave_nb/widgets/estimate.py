"""The price and the warnings of the planned video, shown before anything is sent."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from html import escape
from pathlib import Path

import ipywidgets as widgets

from .. import runtime
from ..config import VideoConfig
from ..errors import VoxweaveError
from ..media.fonts import find_fonts, fonts_known
from ..media.subtitles import read_subtitles
from ..models import SubtitleMode
from ..pipeline.script import burn_warnings
from ..providers.describe import price
from ..providers.fit import INSTEAD_OF_ONE_CLIP
from ..providers.types import Model, Plan
from ..sample import SAMPLE_SECONDS, sample_narration
from ..service import VideoGenerationService
from . import texts
from .elements import warnings_html

__all__ = ["EstimateView"]

_FALLBACK_LENGTH = 60.0
"""Seconds to plan with while the narration's length is unknown; only what does not depend on it is shown then."""


class EstimateView:
    """Shows what a video would cost and what would differ from the request.

    A narration's length is read on another thread and cached. Until it is known, and if it cannot be read, only the
    part of the price that does not depend on it is shown.

    Args:
        service: The service that plans the video.
        on_plan: Called with each plan that is shown; with None if there is none, or the narration's length is unknown.

    Attributes:
        price: The widget with the price.
        warnings: The widget with the plan's warnings.
    """

    def __init__(
        self, service: VideoGenerationService, on_plan: Callable[[Plan | None], None] = lambda _: None
    ) -> None:
        self._service, self._on_plan = service, on_plan
        self._shown: tuple[Path | None, Plan] | None = None
        self.price, self.warnings = widgets.HTML(), widgets.HTML()
        self._length_by_file: dict[tuple[Path, float, int], float | None] = {}
        self._last_length: dict[Path, float | None] = {}
        self._turn = 0
        self._captions: tuple[str, ...] = ()

    def show(
        self,
        narration: Path | None,
        config: VideoConfig,
        provider: str,
        subtitles: Path | str | None = None,
    ) -> None:
        """Show the estimate for a request and the provider that is tried first; returns at once."""
        self._turn += 1
        self._captions = ()
        length = self.length_of(narration)
        # What takes time, on another thread: the length, whether a font has the letters, captions that are drawn.
        burnt = subtitles if config.subtitle_mode is SubtitleMode.BURN else None
        known = fonts_known(f"{config.prompt}{config.title or ''}")
        if known:
            self._show_plan(narration, length, config, provider)
        if not known or burnt is not None or narration not in (None, sample_narration()):
            runtime.submit(self._look_and_show(self._turn, narration, config, provider, burnt))

    def show_error(self, message: str) -> None:
        """Show why the estimate is missing."""
        self._turn += 1
        self._refuse(message)

    def hide_error(self, message: str) -> None:
        """Remove an error that another part of the panel shows too."""
        if self.warnings.value == warnings_html([message]):
            self.clear_warnings()

    def clear_warnings(self) -> None:
        """Remove the warnings, which a started job shows itself."""
        self.warnings.value = ""

    def model(self, config: VideoConfig, provider: str) -> Model | None:
        """Return the model that a provider would use, or None if it cannot plan the video."""
        try:
            untitled = config.replace(prompt="", title="")
            return self._service.plan(_FALLBACK_LENGTH, untitled, provider=provider).model
        except Exception:  # noqa: BLE001  a plug-in may raise anything; `show` reports it
            return None

    def _look_and_show(
        self, turn: int, narration: Path | None, config: VideoConfig, provider: str, burnt: Path | str | None
    ) -> Coroutine[None, None, None]:
        async def look() -> None:
            if narration is not None and narration != sample_narration():
                self._last_length[narration] = await asyncio.to_thread(self._read_length, narration)
            await asyncio.to_thread(find_fonts, f"{config.prompt}{config.title or ''}")
            said = () if burnt is None else await asyncio.to_thread(_caption_warnings, burnt, config)
            if turn == self._turn:  # else a newer request is on its way
                self._captions = said
                self._show_plan(narration, self.length_of(narration), config, provider)

        return look()

    def _read_length(self, narration: Path) -> float | None:
        """Return a narration's length in seconds, or None if it is unknown or the file cannot be read."""
        from ..media.probe import probe

        try:
            facts = narration.expanduser().stat()
            key = (narration, facts.st_mtime, facts.st_size)
            if key not in self._length_by_file:
                self._length_by_file[key] = probe(narration.expanduser()).duration or None
            return self._length_by_file[key]
        except (OSError, ValueError, VoxweaveError):
            return None  # submitting reports a bad path; somebody who is still typing one should not see an error

    def length_of(self, narration: Path | None) -> float | None:
        """Return the length in seconds of a narration that was shown, or None if it is unknown."""
        if narration == sample_narration():
            return SAMPLE_SECONDS
        return None if narration is None else self._last_length.get(narration)

    def plan_for(self, narration: Path, config: VideoConfig) -> Plan | None:
        """Return the plan that is shown, if it is one for this narration and config with a known length, or None."""
        if self._shown is None:
            return None
        shown_narration, plan = self._shown
        return plan if shown_narration == narration and plan.is_of(config) else None

    def _show_plan(
        self, narration: Path | None, length: float | None, config: VideoConfig, provider: str
    ) -> None:
        self._shown = None
        try:
            plan = self._service.plan(length or _FALLBACK_LENGTH, config, provider=provider)
        except VoxweaveError as error:
            self._refuse(str(error))
        except Exception as error:  # noqa: BLE001  a plug-in may raise anything
            self._refuse(texts.PLAN_FAILED.format(name=provider, kind=type(error).__name__, what=error))
        else:
            self._shown = (narration, plan) if length else None
            has_fallback = config.provider is None and len(self._service.chain) > 1
            note = texts.TRIED_FIRST.format(name=provider) if has_fallback else ""
            if plan.usd == 0 and has_fallback and (names := self._billing(plan, config)):
                note += texts.MAY_BILL.format(names=", ".join(names))
            self.price.value = _price_html(_price(plan, length), note)
            said = [each.replace(INSTEAD_OF_ONE_CLIP, texts.BOARD_INSTEAD) for each in plan.warnings]
            self.warnings.value = warnings_html([*said, *self._captions]) if length else ""
            self._on_plan(plan if length else None)

    def _refuse(self, message: str) -> None:
        self.price.value, self.warnings.value = "", warnings_html([message])
        self._on_plan(None)

    def _billing(self, plan: Plan, config: VideoConfig) -> list[str]:
        """Return the providers that may be asked after a free one and are not free."""
        with contextlib.suppress(Exception):  # a plug-in may raise anything
            prices = self._service.estimate(plan.duration, config).prices
            return [name for name, usd in prices.items() if name != plan.provider and usd != 0]
        return []


def _caption_warnings(subtitles: Path | str, config: VideoConfig) -> tuple[str, ...]:
    """Return what will be amiss with captions that are drawn; nothing for subtitles that cannot be read."""
    try:
        return burn_warnings(read_subtitles(subtitles).cues, config)
    except VoxweaveError:  # submitting reports them
        return ()


def _price(plan: Plan, length: float | None) -> str:
    text = price(plan)
    per_second = ":" in text
    return texts.PRICE_BY_LENGTH if length is None and per_second else text


def _price_html(text: str, note: str) -> str:
    amount, _, calculation = text.partition(": ")
    details = ", ".join(filter(None, (calculation, note)))
    amount = amount[:1].upper() + amount[1:]
    return f'<div class="vx-price" role="status">{escape(amount)} <span>{escape(details)}</span></div>'
