"""What a video would cost and what would not be as asked, said before anything is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from html import escape
from pathlib import Path

import ipywidgets as widgets

from .. import runtime
from ..config import VideoConfig
from ..errors import VoxweaveError
from ..providers.describe import price
from ..providers.types import Model, Plan
from ..sample import SAMPLE_SECONDS, sample_narration
from ..service import VideoGenerationService
from . import texts
from .parts import warnings

__all__ = ["Estimate"]

_ANY_LENGTH = 60.0
"""Seconds to plan with while nobody knows the narration's length: only what does not depend on it is said then."""


class Estimate:
    """The price in words and the plan's warnings, for the narration's length.

    A narration is looked at on a thread of its own, once; while that takes, and when it cannot be read, the price is
    said as far as it is known.

    Args:
        service: Whose providers make the plan.

    Attributes:
        price: The price, in a widget.
        remarks: What would be mapped, in a widget.
    """

    def __init__(self, service: VideoGenerationService) -> None:
        self._service = service
        self.price, self.remarks = widgets.HTML(), widgets.HTML()
        self._lengths: dict[tuple[Path, float, int], float | None] = {}
        self._known: dict[Path, float | None] = {}
        self._turn = 0

    def show(self, narration: Path | None, config: VideoConfig, provider: str) -> None:
        """Says what a video would cost; returns at once."""
        self._turn += 1
        if narration is None or narration == sample_narration():
            self._say(SAMPLE_SECONDS if narration else None, config, provider)
            return
        self._say(self._known.get(narration), config, provider)
        runtime.submit(self._measured(self._turn, narration, config, provider))

    def fail(self, why: str) -> None:
        """Says why there is nothing to estimate."""
        self._turn += 1
        self.price.value, self.remarks.value = "", warnings([why])

    def hush(self) -> None:
        """Takes the remarks away: the job says them itself."""
        self.remarks.value = ""

    def model(self, config: VideoConfig, provider: str) -> Model | None:
        """The model that would be asked, or None where there is none."""
        try:
            return self._service.plan(_ANY_LENGTH, config, provider=provider).model
        except Exception:  # noqa: BLE001  whatever a plug-in raises; `show` says it
            return None

    def _measured(
        self, turn: int, narration: Path, config: VideoConfig, provider: str
    ) -> Coroutine[None, None, None]:
        async def measure() -> None:
            length = self._known[narration] = await asyncio.to_thread(self._length, narration)
            if turn == self._turn:
                self._say(length, config, provider)

        return measure()

    def _length(self, narration: Path) -> float | None:
        """A narration's length in seconds, or None where its headers do not say; a bad path is not an error here."""
        from ..media.probe import probe

        try:
            facts = narration.expanduser().stat()
            key = (narration, facts.st_mtime, facts.st_size)
            if key not in self._lengths:
                self._lengths[key] = probe(narration.expanduser()).duration or None
            return self._lengths[key]
        except (OSError, ValueError, VoxweaveError):
            return None

    def _say(self, length: float | None, config: VideoConfig, provider: str) -> None:
        try:
            plan = self._service.plan(length or _ANY_LENGTH, config, provider=provider)
        except VoxweaveError as error:
            self.price.value, self.remarks.value = "", warnings([str(error)])
        except Exception as error:  # noqa: BLE001  whatever a plug-in raises
            why = texts.CANNOT_SAY.format(name=provider, kind=type(error).__name__, what=error)
            self.price.value, self.remarks.value = "", warnings([why])
        else:
            among = config.provider is None and len(self._service.chain) > 1
            self.price.value = _html(
                _price(plan, length), texts.ASKED_FIRST.format(name=provider) if among else ""
            )
            self.remarks.value = warnings(plan.warnings) if length else ""


def _price(plan: Plan, length: float | None) -> str:
    text = price(plan)
    depends = length is None and ":" in text
    return texts.PRICE_FOLLOWS if depends else text


def _html(text: str, more: str = "") -> str:
    amount, _, how = text.partition(": ")
    details = ", ".join(filter(None, (how, more)))
    return f'<div class="vx-price" role="status">{escape(amount)} <span>{escape(details)}</span></div>'
