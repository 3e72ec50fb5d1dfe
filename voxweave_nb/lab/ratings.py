"""Thumbs and stars for the ranking: thumbs as votes against a threshold, and both in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .posterior import Thumbs
from .records import Rating

__all__ = ["Opinion", "opinions_of", "thumbs_of"]


@dataclass(frozen=True, slots=True)
class Opinion:
    """Everybody's ratings of one variant.

    Attributes:
        stars: The mean number of stars, 1 to 5, or None without any.
        up: The number of thumbs up.
        down: The number of thumbs down.
    """

    stars: float | None = None
    up: int = 0
    down: int = 0

    def __str__(self) -> str:
        stars = f"{self.stars:.1f} stars" if self.stars is not None else ""
        up, down = f"{self.up} up" if self.up else "", f"{self.down} down" if self.down else ""
        return ", ".join(part for part in (stars, up, down) if part)


def thumbs_of(ratings: Iterable[Rating], places: Mapping[str, int]) -> list[Thumbs]:
    """Return the thumbs of each person that has given any.

    Args:
        ratings: The ratings.
        places: The places of the variants; ratings of others are left out.
    """
    found: dict[str, list[tuple[int, bool]]] = {}
    for each in ratings:
        if each.thumb is not None and each.variant in places:
            found.setdefault(each.rater, []).append((places[each.variant], each.thumb))
    return [Thumbs([place for place, _ in rows], [up for _, up in rows]) for rows in found.values()]


def opinions_of(ratings: Iterable[Rating]) -> dict[str, Opinion]:
    """Return everybody's ratings of each variant that has any."""
    by_variant: dict[str, list[Rating]] = {}
    for each in ratings:
        if each.stars is not None or each.thumb is not None:
            by_variant.setdefault(each.variant, []).append(each)
    found = {}
    for variant, rows in by_variant.items():
        stars = [each.stars for each in rows if each.stars is not None]
        found[variant] = Opinion(
            sum(stars) / len(stars) if stars else None,
            sum(each.thumb is True for each in rows),
            sum(each.thumb is False for each in rows),
        )
    return found
