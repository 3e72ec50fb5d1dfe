"""What making a board costs, before anything is sent: a row per provider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..models import dollars, price
from .orders import Status
from .scene import SceneRecord

__all__ = ["BoardEstimate", "ProviderRow", "estimated"]


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """What a board's scenes at one provider cost.

    Attributes:
        provider: The provider's name; `"own"` for pictures and clips of one's own.
        scenes: The number of its scenes.
        made: Those that are made as they are now.
        to_make: Those that making pays for: missing, stale and failed ones.
        usd: The price of those in US dollars, as far as it is known.
        unknown: The number of those without a known price.
        one_more: The price of one more take of its dearest scene in US dollars, or None if not known.
        impossible: Why scenes cannot be made, each with its number.
    """

    provider: str
    scenes: int
    made: int
    to_make: int
    usd: float
    unknown: int
    one_more: float | None
    impossible: tuple[str, ...] = ()

    def __str__(self) -> str:
        words = f"{self.provider}: {self.scenes} scene{'s' * (self.scenes != 1)}, {self.made} made"
        if self.provider == "own":
            return words
        known = dollars(self.usd) if self.usd else "" if self.unknown else "free"
        unknown = f"{self.unknown} of unknown price" if self.unknown else ""
        cost = ", ".join(part for part in (known, unknown) if part)
        words += f", {self.to_make} to make ({cost})" if self.to_make else ", none to make"
        words += f", one more take {price(self.one_more)}"
        return words + "".join(f"; {reason}" for reason in self.impossible[:1])


class BoardEstimate(tuple[ProviderRow, ...]):
    """The price of a board, a row per provider."""

    spent: float = 0.0
    """US dollars that the board has cost, or may have cost, until now."""

    @property
    def usd(self) -> float:
        """The price of all that is to be made, in US dollars, as far as it is known."""
        return sum(row.usd for row in self)

    @property
    def unknown(self) -> int:
        """The number of scenes to make without a known price."""
        return sum(row.unknown for row in self)

    @property
    def to_make(self) -> int:
        """The number of scenes that making pays for."""
        return sum(row.to_make for row in self)

    @property
    def made(self) -> int:
        """The number of scenes that need nothing."""
        return sum(row.made for row in self)

    def __str__(self) -> str:
        scenes = sum(row.scenes for row in self)
        whole = (
            f"in all: {self.made} of {scenes} made, {dollars(self.spent)} spent, {dollars(self.usd)} to go"
        )
        unknown = f" and {self.unknown} of unknown price" if self.unknown else ""
        return "\n".join([*map(str, self), whole + unknown])

    def __repr__(self) -> str:
        return str(self)


@dataclass(slots=True)
class _Sum:
    scenes: int = 0
    made: int = 0
    to_make: int = 0
    usd: float = 0.0
    unknown: int = 0
    prices: list[float | None] = field(default_factory=list)
    impossible: list[str] = field(default_factory=list)


def estimated(
    scenes: Sequence[SceneRecord], statuses: Sequence[Status], names: Sequence[str], spent: float
) -> BoardEstimate:
    """Return the price of a board.

    Args:
        scenes: The scenes.
        statuses: How each is now.
        names: The provider that is asked first for each.
        spent: US dollars that the board has cost or may have cost.
    """
    rows: dict[str, _Sum] = {}
    for number, (scene, status, name) in enumerate(zip(scenes, statuses, names, strict=True), 1):
        row = rows.setdefault("own" if scene.own else name, _Sum())
        row.scenes += 1
        row.made += status.state in ("made", "own")
        if status.problem:
            row.impossible.append(f"scene {number} cannot be made: {status.problem}")
        if status.plan is None:
            continue
        row.prices.append(status.plan.usd)
        if status.missing:
            row.to_make += 1
            row.usd += status.plan.usd or 0.0
            row.unknown += status.plan.usd is None
    estimate = BoardEstimate(
        ProviderRow(
            name,
            row.scenes,
            row.made,
            row.to_make,
            row.usd,
            row.unknown,
            max((each for each in row.prices if each is not None), default=None),
            tuple(row.impossible),
        )
        for name, row in rows.items()
    )
    estimate.spent = spent
    return estimate
