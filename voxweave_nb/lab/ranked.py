"""One line of a ranking."""

from __future__ import annotations

from dataclasses import dataclass, field

from .ratings import Opinion
from .records import Variant

__all__ = ["RankedVariant"]


@dataclass(frozen=True, slots=True)
class RankedVariant:
    """One line of a ranking.

    Attributes:
        variant: The variant.
        best: Its chance to be the best, from 0 to 1.
        lowest: The better end of its 95 % rank interval, from 1.
        highest: The worse end.
        wins: The chance that the next vote between it and another variant, drawn at random, goes to it.
        votes: The number of votes on it.
        usd: Its price in US dollars, or None if unknown or not made.
        flags: What the checks found, in words.
        opinion: Everybody's thumbs and stars.
    """

    variant: Variant
    best: float
    lowest: int
    highest: int
    wins: float
    votes: int
    usd: float | None = None
    flags: tuple[str, ...] = ()
    opinion: Opinion = field(default_factory=Opinion)
