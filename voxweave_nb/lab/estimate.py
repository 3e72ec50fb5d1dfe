"""What a run would make and what it costs, before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..errors import VoxweaveError
from ..models import dollars
from ..run_view import sentences
from .progress import LabProgress, name_of
from .records import Variant
from .runner import Workshop

__all__ = ["LabEstimate", "ProviderEstimate", "estimated"]


@dataclass(frozen=True, slots=True)
class ProviderEstimate:
    """What a run would cost at one provider.

    Attributes:
        provider: The provider's name.
        variants: The number of its variants.
        made: Those that have a video, or whose identical request has one.
        to_make: Those that a run would make.
        usd: The price of those in US dollars, as far as it is known.
        unknown: The number of those without a known price.
        impossible: The reasons for which variants cannot be made, one each.
        warnings: What would differ from the request, each sentence once, with the variants that it is about.
    """

    provider: str
    variants: int
    made: int
    to_make: int
    usd: float
    unknown: int
    impossible: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def __str__(self) -> str:
        price = dollars(self.usd) if self.usd else "free" if not self.unknown else ""
        unknown = f"{self.unknown} of unknown price" if self.unknown else ""
        known = ", ".join(part for part in (price, unknown) if part)
        cannot = f", {len(self.impossible)} cannot be made: {self.impossible[0]}" if self.impossible else ""
        return f"{self.provider}: {self.variants} variants, {self.made} made, {self.to_make} to make ({known}){cannot}"


class LabEstimate(tuple[ProviderEstimate, ...]):
    """The price of a run, a row per provider."""

    __slots__ = ()

    @property
    def usd(self) -> float:
        """The price of all that is to be made, in US dollars, as far as it is known."""
        return sum(each.usd for each in self)

    @property
    def unknown(self) -> int:
        """The number of variants without a known price."""
        return sum(each.unknown for each in self)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What would differ from the request, such as a place that a style cannot draw, in sentences."""
        return tuple(text for each in self for text in each.warnings)

    def __str__(self) -> str:
        if not self:
            return "No variants yet: add some with grid() or add()."
        total = f"in all {dollars(self.usd)}" if self.usd else "in all free"
        return "\n".join([*map(str, self), total, *self.warnings])

    def __repr__(self) -> str:
        return str(self)


@dataclass(slots=True)
class _Row:
    variants: int = 0
    made: int = 0
    to_make: int = 0
    usd: float = 0.0
    unknown: int = 0
    impossible: list[str] = field(default_factory=list)
    notes: dict[str, list[str]] = field(default_factory=dict)

    def result(self, provider: str) -> ProviderEstimate:
        told = tuple(self.impossible), sentences(self.notes, LabProgress.noun)
        return ProviderEstimate(
            provider, self.variants, self.made, self.to_make, self.usd, self.unknown, *told
        )


def estimated(shop: Workshop, variants: Sequence[Variant], states: Mapping[str, str]) -> LabEstimate:
    """Return the price of making variants.

    Args:
        shop: What the making needs.
        variants: The variants.
        states: Their states by id.
    """
    rows: dict[str, _Row] = {}
    for variant in variants:
        row = rows.setdefault(variant.config.provider or shop.service.provider_name, _Row())
        row.variants += 1
        if states[variant.id] == "made" or _made_elsewhere(shop, variant):
            row.made += 1
            continue
        try:
            plan = shop.service.plan(shop.seconds, variant.config)
        except VoxweaveError as error:
            row.impossible.append(str(error))
            continue
        row.to_make += 1
        row.usd += plan.usd or 0.0
        row.unknown += plan.usd is None
        for text in plan.warnings:
            row.notes.setdefault(text, []).append(name_of(variant))
    return LabEstimate(row.result(name) for name, row in rows.items())


def _made_elsewhere(shop: Workshop, variant: Variant) -> bool:
    """Return whether an identical request was made before, in this lab or outside of it."""
    return shop.service.finished_like(shop.request(variant), variant.source.narration) is not None
