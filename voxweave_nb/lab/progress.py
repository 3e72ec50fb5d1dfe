"""The progress of a lab's run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..run_view import RunProgress

__all__ = ["LabProgress"]


@dataclass(frozen=True, slots=True)
class LabProgress(RunProgress):
    """The state of a lab's run: of its variants, made ones have a video.

    The fraction counts a variant by the seconds that its video takes, as long videos, large ones and slow models take
    more.
    """

    noun: ClassVar[str] = "variants"
