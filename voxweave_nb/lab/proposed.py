"""Proposals as a person sees them: what to try next, why, and what it costs. Nothing is added before `add()`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import overload

from ..errors import VoxweaveError
from ..models import dollars, percent
from .proposals import Promise, promising
from .records import Rating, Variant, Vote
from .report import table_html
from .snapshot import LabVariant

__all__ = ["Proposal", "Proposals", "propose"]

# So many more are looked at than asked for, since some of them may not be possible at their provider.
_SPARE = 20


@dataclass(frozen=True, slots=True)
class Proposal:
    """A variant to try next.

    Attributes:
        variant: The variant; it is not in the lab before `Proposals.add`.
        why: The reason, in words.
        better: The chance that it is better than the leader, from 0 to 1; None without votes.
        usd: Its price in US dollars, 0 if free, or None if unknown.
        known: It is in the lab already, and has not been made.
    """

    variant: Variant
    why: str
    better: float | None
    usd: float | None
    known: bool = False

    def __str__(self) -> str:
        return f"{_name(self.variant)}: {self.why} ({_price(self.usd)})"


class Proposals(Sequence[Proposal]):
    """Proposals, the most promising one first; a notebook shows them as a table.

    `add()` adds all of them to the lab, and `proposals[:2].add()` the first two.

    Args:
        proposals: The proposals.
        adding: Adds variants to the lab.
        notes: Sentences about what is not proposed.
    """

    def __init__(
        self,
        proposals: Sequence[Proposal],
        adding: Callable[[Sequence[Variant]], tuple[LabVariant, ...]],
        notes: Sequence[str] = (),
    ) -> None:
        self._proposals, self._adding, self.notes = tuple(proposals), adding, tuple(notes)

    @property
    def usd(self) -> float:
        """The price of all of them in US dollars, as far as it is known."""
        return sum(each.usd or 0.0 for each in self._proposals)

    def add(self) -> tuple[LabVariant, ...]:
        """Add these variants to the lab; `lab.run()` then makes them.

        Returns:
            The variants that were not in the lab.
        """
        return self._adding([each.variant for each in self._proposals])

    @overload
    def __getitem__(self, index: int) -> Proposal: ...

    @overload
    def __getitem__(self, index: slice) -> Proposals: ...

    def __getitem__(self, index: int | slice) -> Proposal | Proposals:
        if isinstance(index, slice):
            return Proposals(self._proposals[index], self._adding, self.notes)
        return self._proposals[index]

    def __len__(self) -> int:
        return len(self._proposals)

    def __str__(self) -> str:
        lines = [f"  {place}. {each}" for place, each in enumerate(self, 1)]
        return "\n".join([self._title, *lines, *self.notes])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        axes = list(dict.fromkeys(name for each in self for name in each.variant.axes))
        head = ["", *axes, *(() if axes else ("prompt",)), "better than the leader", "US $", "why"]
        rows = [
            [
                str(place),
                *(str(each.variant.axes.get(name, "–")) for name in axes),
                *(() if axes else (_name(each.variant),)),
                "" if each.better is None else percent(each.better),
                "unknown" if each.usd is None else f"{each.usd:.2f}" if each.usd else "free",
                each.why,
            ]
            for place, each in enumerate(self, 1)
        ]
        return table_html(self._title, head, rows, self.notes)

    @property
    def _title(self) -> str:
        if not self._proposals:
            return "Nothing to propose."
        count, unknown = len(self), sum(each.usd is None for each in self)
        price = dollars(self.usd) if self.usd else "free" if not unknown else ""
        words = ", ".join(part for part in (price, f"{unknown} of unknown price" if unknown else "") if part)
        return f"{count} proposal{'s' * (count != 1)} ({words}). Nothing is added before add()."


def propose(
    tested: Sequence[Variant],
    waiting: Sequence[Variant],
    new: Sequence[Variant],
    votes: Sequence[Vote],
    count: int,
    *,
    price: Callable[[Variant], float | None],
    adding: Callable[[Sequence[Variant]], tuple[LabVariant, ...]],
    ratings: Sequence[Rating] = (),
    seed: int = 0,
) -> Proposals:
    """Return the most promising variants that are not made yet.

    Args:
        tested: The variants that have a video or votes.
        waiting: The variants of the lab that have not been made.
        new: Variants that are not in the lab.
        votes: The votes that count.
        count: The largest number of proposals.
        price: Returns a variant's price; raises a `VoxweaveError` where it cannot be made.
        adding: Adds variants to the lab.
        ratings: The ratings, whose thumbs count.
        seed: The seed of the draws.
    """
    known = {each.id for each in waiting}
    found: list[Proposal] = []
    impossible: list[str] = []
    promises = promising(
        tested,
        [*waiting, *new],
        votes,
        count + _SPARE,
        ratings=ratings,
        most_takes=(count + 1) // 2,
        seed=seed,
    )
    for promise in promises:
        if len(found) == count:
            break
        try:
            usd = price(promise.variant)
        except VoxweaveError as error:
            impossible.append(str(error))
            continue
        found.append(_proposal(promise, usd, promise.variant.id in known))
    notes = [f"{len(impossible)} cannot be made: {impossible[0]}"] if impossible else []
    if not found:
        notes.append(_why_nothing(tested, bool(votes or any(each.thumb is not None for each in ratings))))
    return Proposals(found, adding, notes)


def _proposal(promise: Promise, usd: float | None, known: bool) -> Proposal:
    why = f"{promise.why}; in the lab already, run() makes it" if known else promise.why
    return Proposal(promise.variant, why, promise.better, usd, known)


def _why_nothing(tested: Sequence[Variant], opinions: bool) -> str:
    if not tested:
        return "No variants yet: add some with grid() or add()."
    if not opinions:
        return (
            "Every cell is made. Compare variants with duel() or vote(): then the leader can get more takes."
        )
    return "Every cell and every take is there."


def _name(variant: Variant) -> str:
    axes = ", ".join(f"{name}={value}" for name, value in variant.axes.items())
    return axes or variant.options.get("prompt", "") or variant.id


def _price(usd: float | None) -> str:
    return "price unknown" if usd is None else dollars(usd) if usd else "free"
