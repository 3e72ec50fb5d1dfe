"""What a choice does: the part of the scores that goes with each value of an axis."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .posterior import Floats, Posterior

__all__ = ["AxisEffects", "effects_of"]

# Above this chance to be the better one, a value is said to beat another; below the second, nothing is said.
_SURE, _LIKELY = 0.95, 0.8


@dataclass(frozen=True, slots=True)
class AxisEffects:
    """The values of one axis, the best one first.

    Attributes:
        axis: The axis, such as `"time"`.
        values: Its values.
        scores: The mean part of the score that goes with each value; their mean is 0.
        low: The lower end of the 95 % interval of each.
        high: The upper end.
        variants: The number of variants with each value.
        better: `(values, values)` chances that the first value is the better one.
        odds: `(values, values)` chances that a vote between two variants that differ in nothing else goes to the first.
    """

    axis: str
    values: tuple[Hashable, ...]
    scores: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    variants: tuple[int, ...]
    better: Floats
    odds: Floats

    @property
    def words(self) -> str:
        """The finding in one sentence, such as `"dusk beats dawn, 9 in 10"`."""
        first, second = str(self.values[0]), str(self.values[1])
        sure, tenth = float(self.better[0, 1:].min()), round(10 * float(self.odds[0, 1]))
        others = second if len(self.values) == 2 else "the others"
        if sure >= _SURE:
            return (
                f"{first} beats {others}, {tenth} in 10" if tenth < 10 else f"{first} always beats {others}"
            )
        if sure >= _LIKELY:
            return f"{first} is probably better than {others}, {tenth} in 10"
        last = len(self.values) - 1
        if last > 1 and float(self.better[0, last]) >= _SURE:
            return f"{first} beats {self.values[last]}; the rest is not told apart yet"
        return f"the values of {self.axis} are not told apart yet"


def effects_of(posterior: Posterior, axes: Sequence[Mapping[str, Hashable]]) -> tuple[AxisEffects, ...]:
    """Return what each axis does, by least squares over all axes at once in every draw.

    An axis is left out if it has one value, or if its values cannot be told apart from those of another axis: then
    nothing says which of the two matters.

    Args:
        posterior: Draws of the scores.
        axes: The choices of each variant, in the order of the scores. A missing choice counts for none of the values.
    """
    names = sorted({name for each in axes for name in each})
    # Variants that were added by hand lack some axes: each group with the same axes has a level of its own.
    # A seed is called a take where the provider takes none: the two count as one kind, else providers had no effect.
    kinds = [frozenset("take" if name == "seed" else name for name in each) for each in axes]
    groups = np.array([[float(kind == each) for each in dict.fromkeys(kinds)] for kind in kinds])
    columns: list[Floats] = []
    values: list[tuple[str, list[Hashable]]] = []
    for name in names:
        found = list(dict.fromkeys(each[name] for each in axes if name in each))
        block = np.array([[float(name in each and each[name] == value) for value in found] for each in axes])
        if len(found) < 2 or not _adds([groups, *columns], block):
            continue
        columns.append(block)
        values.append((name, found))
    if not columns:
        return ()
    parts = posterior.draws @ np.linalg.pinv(np.concatenate([groups, *columns], axis=1)).T
    results, start = [], groups.shape[1]
    for (name, found), block in zip(values, columns, strict=True):
        own_parts = parts[:, start : start + len(found)]
        start += len(found)
        results.append(_effects(name, found, own_parts, block.sum(axis=0)))
    return tuple(results)


def _adds(columns: Sequence[Floats], block: Floats) -> bool:
    """Return whether a block of columns can be told apart from those before."""
    before = np.concatenate(columns, axis=1)
    both = np.concatenate([before, block], axis=1)
    gained = np.linalg.matrix_rank(both) - np.linalg.matrix_rank(before)
    return bool(gained == block.shape[1] - 1)


def _effects(axis: str, values: Sequence[Hashable], parts: Floats, variants: Floats) -> AxisEffects:
    parts = parts - parts.mean(axis=1, keepdims=True)
    order = [int(place) for place in (-parts.mean(axis=0)).argsort(kind="stable")]
    parts = parts[:, order]
    low, high = np.percentile(parts, [2.5, 97.5], axis=0)
    gaps = parts[:, :, None] - parts[:, None, :]
    return AxisEffects(
        axis,
        tuple(values[place] for place in order),
        tuple(map(float, parts.mean(axis=0))),
        tuple(map(float, low)),
        tuple(map(float, high)),
        tuple(int(variants[place]) for place in order),
        np.asarray((gaps > 0).mean(axis=0) + (gaps == 0).mean(axis=0) / 2),
        np.asarray((1 / (1 + np.exp(-gaps))).mean(axis=0)),
    )
