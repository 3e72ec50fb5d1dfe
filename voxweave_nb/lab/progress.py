"""The progress of a lab's run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..run_view import RunProgress
from .records import Variant

__all__ = ["LabProgress", "name_of"]


@dataclass(frozen=True, slots=True, repr=False)
class LabProgress(RunProgress):
    """The state of a lab's run: of its variants, made ones have a video.

    The fraction counts a variant by the seconds that its video takes, as long videos, large ones and slow models take
    more.
    """

    noun: ClassVar[str] = "variants"


def name_of(variant: Variant) -> str:
    """Return the choices that tell a variant from others, else its id."""
    return ", ".join(str(value) for value in variant.axes.values()) or variant.id
