"""A duel: the two variants whose comparison tells most, and how many more votes a decision takes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import ConfigError
from .pairs import next_pair
from .ranking import Ranking
from .records import Rating, Variant, Vote

__all__ = ["TITLED", "Duel", "checked_goal", "choose_duel"]

TITLED = "Some of these videos show a title of their own, so this comparison is not blind."
"""Said before a duel where `PromptLab.shows_titles`."""

# A pair that was skipped counts as compared so often: it comes again only when all others have come.
_SKIPPED = 1e4


@dataclass(frozen=True, slots=True)
class Duel:
    """Two variants to compare.

    Attributes:
        left: The one on the left; the sides are drawn at random.
        right: The one on the right.
        ranking: What the votes say so far.
    """

    left: Variant
    right: Variant
    ranking: Ranking

    @property
    def words(self) -> str:
        """How many more votes a decision takes, in a sentence.

        Assumes that coming votes are as consistent as those so far; see `voxweave_nb.lab.pairs.votes_left`.
        """
        left = self.ranking.votes_left
        if left == 0:
            return "You are 90 % sure of the best one. More votes tell about the others."
        if left is None and self.ranking.has_few_votes:
            return "Too few votes yet to say how many more it takes."
        if left is None:
            return "The leading ones are as good as equal: even 500 more votes would not tell them apart."
        return f"About {left} more vote{'s' * (left != 1)} to be 90 % sure of the best one."


def checked_goal(goal: str) -> str:
    """Return the goal.

    Raises:
        ConfigError: It is neither `"best"` nor `"rank"`.
    """
    if goal not in ("best", "rank"):
        raise ConfigError(f"The goal is {goal!r}; give 'best' or 'rank'.")
    return goal


def choose_duel(
    made: Sequence[Variant],
    votes: Sequence[Vote],
    *,
    ratings: Sequence[Rating] = (),
    goal: str = "best",
    skipped: Collection[frozenset[str]] = (),
    rng: np.random.Generator,
) -> Duel:
    """Return the two variants whose comparison tells most, on sides that are drawn at random.

    Args:
        made: The variants that have a video.
        votes: The votes that count.
        ratings: The ratings, whose thumbs count.
        goal: `"best"` to find the best one, `"rank"` to rank all of them.
        skipped: Pairs of ids to leave for later.
        rng: Draws the sides, and decides between equals.

    Raises:
        ConfigError: The goal is unknown, or fewer than two variants have a video.
    """
    checked_goal(goal)
    if len(made) < 2:
        raise ConfigError("A duel needs two variants with a video: make some with run().")
    ranking = Ranking(made, votes, ratings=ratings)
    places = {each.id: place for place, each in enumerate(made)}
    counts = np.zeros((len(made), len(made)))
    for vote in ranking.votes:
        counts[places[vote.left], places[vote.right]] += 1
    for pair in skipped:
        if pair <= places.keys():
            first, second = (places[each] for each in sorted(pair))
            counts[first, second] += _SKIPPED
    first, second = next_pair(ranking.posterior, counts, best=goal == "best", rng=rng)
    left, right = (first, second) if rng.random() < 0.5 else (second, first)
    return Duel(made[left], made[right], ranking)
