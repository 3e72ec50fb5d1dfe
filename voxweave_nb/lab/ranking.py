"""The ranking: what the votes say about each variant, how sure that is, and which votes contradict it.

Thumbs count in the same fit as duels, stars are only shown. That was decided by measurement (`benchmarks/ratings.py`):
with thumbs the claimed chances are as true as without, also with careless, drifting and partial raters, and after ten
duels the leader loses a fifth less against the best. With the stars of a rater who grows milder on the way, claimed and
true chance differed by more than 0.08.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ConfigError
from ..models import percent
from .effects import AxisEffects, effects_of
from .pairs import votes_left
from .posterior import Floats, Posterior, fit
from .ranked import RankedVariant
from .ratings import Opinion, opinions_of, thumbs_of
from .records import Rating, Variant, Vote
from .report import effects_html, ranking_html

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Effects", "RankedVariant", "Ranking"]

# A vote that the others made less likely than this contradicts them.
_SURPRISING = 0.2
# The newest fits.
_newest: deque[tuple[str, Posterior]] = deque(maxlen=2)


class Effects(tuple[AxisEffects, ...]):
    """What each axis does, which a notebook shows as a table."""

    __slots__ = ()

    def __str__(self) -> str:
        return "\n".join(f"{each.axis}: {each.words}" for each in self) or "no axis to compare yet"

    def _repr_html_(self) -> str:
        return effects_html(self)

    def to_pandas(self) -> pd.DataFrame:
        """Return one row for each value of each axis.

        Raises:
            ConfigError: pandas is not installed.
        """
        columns = ("values", "scores", "low", "high", "variants")
        return _pandas().DataFrame(
            [
                {
                    "axis": each.axis,
                    "value": value,
                    "effect": score,
                    "low": low,
                    "high": high,
                    "variants": count,
                }
                for each in self
                for value, score, low, high, count in zip(
                    *(getattr(each, name) for name in columns), strict=True
                )
            ]
        )


class Ranking(Sequence[RankedVariant]):
    """The variants in the order of their scores; a sequence of `RankedVariant`, which a notebook shows as a table.

    Args:
        variants: The variants to rank.
        votes: The votes to count; those on other variants are left out.
        usd: Prices by the variants' ids.
        flags: Findings by the variants' ids, in words.
        others: Numbers of votes that are not counted, by their raters.
        ratings: Thumbs, which count, and stars, which are shown; those of other variants are left out.
        seed: The seed of the draws: the same votes give the same ranking.

    Attributes:
        votes: The votes that count.
        others: Numbers of votes that are not counted, by their raters.
        ratings: The thumbs and stars.
    """

    def __init__(
        self,
        variants: Sequence[Variant],
        votes: Sequence[Vote],
        *,
        usd: Mapping[str, float | None] | None = None,
        flags: Mapping[str, Sequence[str]] | None = None,
        others: Mapping[str, int] | None = None,
        ratings: Sequence[Rating] = (),
        seed: int = 0,
    ) -> None:
        self._variants = tuple(variants)
        self._places = {each.id: place for place, each in enumerate(self._variants)}
        self.votes = tuple(each for each in votes if each.left in self._places and each.right in self._places)
        self._usd, self._flags = dict(usd or {}), dict(flags or {})
        self._seed = seed
        self.others = dict(others or {})
        self.ratings = tuple(
            each
            for each in ratings
            if each.variant in self._places and (each.stars is not None or each.thumb is not None)
        )

    def __len__(self) -> int:
        return len(self._variants)

    def __getitem__(self, index: Any) -> Any:
        return self.rows[index]

    @property
    def has_opinions(self) -> bool:
        """True if anything counts: a vote or a thumb."""
        return bool(self.votes or self.thumbs)

    @property
    def thumbs(self) -> int:
        """The number of thumbs, up and down."""
        return sum(each.thumb is not None for each in self.ratings)

    @property
    def raters(self) -> dict[str, int]:
        """The number of counted votes by rater, the busiest one first."""
        return dict(Counter(each.rater for each in self.votes).most_common())

    @cached_property
    def posterior(self) -> Posterior:
        """Draws of the scores of the variants, in the order in which they were given."""
        left = [self._places[each.left] for each in self.votes]
        right = [self._places[each.right] for each in self.votes]
        points = [each.choice.points for each in self.votes]
        axes = [each.axes for each in self._variants]
        thumbs = thumbs_of(self.ratings, self._places)
        key = repr(
            (left, right, points, [sorted(map(repr, each.items())) for each in axes], thumbs, self._seed)
        )
        # The view, the contact sheet and the next duel rank the same votes, each in a `Ranking` of its own.
        found = next((kept for known, kept in list(_newest) if known == key), None)
        if found is None:
            count = len(self._variants)
            found = fit(left, right, points, count=count, axes=axes, thumbs=thumbs, seed=self._seed)
            _newest.append((key, found))
        return found

    @cached_property
    def rows(self) -> tuple[RankedVariant, ...]:
        """The variants, the one with the highest mean score first."""
        if not self._variants:
            return ()
        best, (low, high) = self.posterior.best(), self.posterior.ranks()
        counts, wins = self._counts(), self._wins()
        opinions = opinions_of(self.ratings)
        order = (-self.posterior.mean).argsort(kind="stable")
        return tuple(
            RankedVariant(
                variant := self._variants[place],
                float(best[place]),
                int(low[place]),
                int(high[place]),
                float(wins[place]),
                int(counts[place].sum() + counts[:, place].sum()),
                self._usd.get(variant.id),
                tuple(self._flags.get(variant.id, ())),
                opinions.get(variant.id, Opinion()),
            )
            for place in map(int, order)
        )

    @property
    def votes_left(self) -> int | None:
        """About how many more votes it takes to be 90 % sure of the best; 0 if it is, None if they are too alike."""
        return votes_left(self.posterior)

    @property
    def has_few_votes(self) -> bool:
        """True while votes and thumbs are too few to connect all variants; then nothing says that some are alike."""
        return len(self.votes) + self.thumbs < len(self) - 1

    def odds(self, first: Variant | str, second: Variant | str) -> float:
        """Return the chance, from 0 to 1, that the next vote between two variants goes to the first.

        Raises:
            ConfigError: A variant is not in this ranking.
        """
        return float(self._odds[self._place(first), self._place(second)])

    def effects(self) -> Effects:
        """Return what each axis does to the score, such as "dusk beats dawn, 9 in 10"."""
        if len(self._variants) < 2:
            return Effects()
        return Effects(effects_of(self.posterior, [each.axes for each in self._variants]))

    def contradictions(self) -> tuple[tuple[Vote, float], ...]:
        """Return the votes that the others speak against, each with the chance that they gave it, lowest first."""
        found = []
        for vote in self.votes:
            points = vote.choice.points
            if points == 0.5:
                continue
            chance = float(self._odds[self._places[vote.left], self._places[vote.right]])
            chance = chance if points == 1 else 1 - chance
            if chance < _SURPRISING:
                found.append((vote, chance))
        return tuple(sorted(found, key=lambda each: each[1]))

    def to_pandas(self) -> pd.DataFrame:
        """Return the table as a DataFrame, one column for each axis.

        Raises:
            ConfigError: pandas is not installed.
        """
        return _pandas().DataFrame([_record(row) for row in self.rows])

    def _repr_html_(self) -> str:
        return ranking_html(self)

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        if not self.has_opinions:
            return "\n".join([f"{len(self)} variants, no votes yet", *self._uncounted()])
        lines = [f"{len(self)} variants, {_counted(len(self.votes), self.thumbs)}; {self.verdict}"]
        for row in self.rows[:10]:
            interval = f"{row.lowest}" if row.lowest == row.highest else f"{row.lowest} to {row.highest}"
            axes = ", ".join(map(str, row.variant.axes.values())) or row.variant.config.prompt[:40]
            lines.append(f"  rank {interval:8} best {percent(row.best):>5}  {row.variant.id}  {axes}")
        return "\n".join([*lines, *self._uncounted()])

    def _uncounted(self) -> list[str]:
        return [
            f"not counted: {', '.join(f'{name} ({votes})' for name, votes in self.others.items())}"
        ] * bool(self.others)

    @property
    def verdict(self) -> str:
        """What can be said about the best one, in one sentence."""
        if not self.has_opinions:
            return "no votes yet"
        first, left = self.rows[0], self.votes_left
        name = ", ".join(map(str, first.variant.axes.values())) or first.variant.id
        said = f"{name} is the best with a chance of {percent(first.best)}"
        if left == 0:
            return said
        if left is not None:
            return f"{said}; about {left} more vote{'s' * (left != 1)} to be 90 % sure"
        if self.has_few_votes:
            return f"{said}; too few votes yet to say how many more it takes"
        return f"{said}; the leading ones are too alike to say how many votes it would take"

    @cached_property
    def _odds(self) -> Floats:
        return self.posterior.odds()

    def _counts(self) -> Floats:
        counts = np.zeros((len(self), len(self)))
        for vote in self.votes:
            counts[self._places[vote.left], self._places[vote.right]] += 1
        return counts

    def _wins(self) -> Floats:
        if len(self) < 2:
            return np.full(len(self), 0.5)
        return np.asarray((self._odds.sum(axis=1) - 0.5) / (len(self) - 1))

    def _place(self, variant: Variant | str) -> int:
        name = variant if isinstance(variant, str) else variant.id
        if name not in self._places:
            raise ConfigError(f"{name!r} is not in this ranking of {len(self)} variants.")
        return self._places[name]


def _counted(votes: int, thumbs: int) -> str:
    words = [f"{votes} vote{'s' * (votes != 1)}"] if votes or not thumbs else []
    return " and ".join(words + ([f"{thumbs} thumb{'s' * (thumbs != 1)}"] if thumbs else []))


def _record(row: RankedVariant) -> dict[str, Any]:
    return {
        "id": row.variant.id,
        **{str(name): value for name, value in row.variant.axes.items()},
        "best": row.best,
        "rank_low": row.lowest,
        "rank_high": row.highest,
        "wins": row.wins,
        "votes": row.votes,
        "stars": row.opinion.stars,
        "up": row.opinion.up,
        "down": row.opinion.down,
        "usd": row.usd,
        "flags": "; ".join(row.flags),
    }


def _pandas() -> Any:
    try:
        import pandas as pd
    except ImportError as error:
        raise ConfigError("to_pandas() needs pandas. Install it: pip install pandas") from error
    return pd
