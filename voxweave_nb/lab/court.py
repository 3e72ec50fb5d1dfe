"""The journal's and the folder's side of a judge: what was asked, what may be billed, and what is left to compare."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..config import VideoConfig
from ..errors import ConfigError
from ..journal import AttemptOutcome, Journal, Requested, RunLedger, RunState
from .folder import LabFolder, Purpose
from .judge import Brief
from .pairs import next_pair
from .ranking import Ranking
from .records import Judgement, Variant

if TYPE_CHECKING:
    from ..providers.chat import ChatEndpoint

__all__ = [
    "JUDGE_PROVIDER",
    "Court",
    "Pair",
    "begins",
    "chooser",
    "doubts_of",
    "new_run_id",
    "reject_other_rubric",
]

JUDGE_PROVIDER = "judge"
"""The provider's name of all judges in the journal."""

Pair = frozenset[str]

_MOST_PROMPT = 500


@dataclass(slots=True)
class Court:
    """What a judge needs.

    Attributes:
        folder: The lab's folder.
        endpoint: The chat model.
        ledger: The journal's side of this run.
        brief: What the judge is told.
        videos: The videos and their lengths in seconds, by the variant's id.
        begin: Writes this run into the journal; called before the first request.
        doubts: The ids of answers that may have been billed and never arrived.
        patience: Seconds in all to retry a request that was turned away for now.
        problems: Sentences about what went wrong, for the person.
    """

    folder: LabFolder
    endpoint: ChatEndpoint
    ledger: RunLedger
    brief: Brief
    videos: Mapping[str, tuple[Path, float]]
    begin: Callable[[], None]
    doubts: Collection[str] = ()
    patience: float = 60.0
    problems: list[str] = field(default_factory=list)

    @property
    def rater(self) -> str:
        """The judge's name as a rater."""
        return self.brief.rater

    def id_of(self, first: str, second: str) -> str:
        """Return the id of the answer to one order of two videos."""
        return Judgement.id_of(first, second, self.rater, self.brief.rubric_id)

    def known(self, first: str, second: str) -> Judgement | None:
        """Return the answer to one order of two videos that is there already, unless it is to be asked anew."""
        found = self.folder.judgements.get(self.id_of(first, second))
        return found if found is not None and (found.answer or not self.brief.anew) else None

    def voted(self) -> set[Pair]:
        """Return the pairs that this judge has voted on."""
        votes = list(self.folder.votes.values())
        return {frozenset((each.left, each.right)) for each in votes if each.rater == self.rater}

    def closed(self) -> set[Pair]:
        """Return the pairs that are not to be asked about: judged before, or in doubt."""
        ids = list(self.videos)
        unread = {
            frozenset((each.first, each.second))
            for each in list(self.folder.judgements.values())
            if each.rater == self.rater and not each.answer
        }
        doubtful = {
            frozenset((first, second))
            for first in ids
            for second in ids
            if first != second and self.doubts and self.id_of(first, second) in self.doubts
        }
        return self.voted() | (set() if self.brief.anew else unread | doubtful)

    def unfinished(self) -> list[tuple[str, str]]:
        """Return the pairs with an answer and without a vote, in the order of that answer."""
        closed = self.closed()
        found = {
            frozenset((each.first, each.second)): (each.first, each.second)
            for each in list(self.folder.judgements.values())
            if each.rater == self.rater and {each.first, each.second} <= self.videos.keys() and each.answer
        }
        return [pair for key, pair in found.items() if key not in closed]


def doubts_of(journal: Journal, group: str, folder: LabFolder) -> set[str]:
    """Return the ids of answers that may have been billed, or are under way, and that the lab does not have."""
    open_outcomes = (AttemptOutcome.SENT, AttemptOutcome.IN_DOUBT)
    found = {
        attempt.request_id
        for run in journal.runs_of(group)
        for attempt in run.attempts
        if attempt.provider == JUDGE_PROVIDER and attempt.outcome in open_outcomes
    }
    return found - folder.judgements.keys()


def reject_other_rubric(folder: LabFolder, brief: Brief) -> None:
    """Refuse a rubric under a name that has judged by another one: their votes would be mixed.

    Raises:
        ConfigError: The judge of that name has another rubric.
    """
    if any(
        each.rater == brief.rater and each.rubric != brief.rubric_id for each in folder.judgements.values()
    ):
        raise ConfigError(
            f"{brief.rater} has judged by another rubric in this lab, and its votes would be mixed. Give this judge a "
            "name of its own: judge(..., name='sharpness')."
        )


def begins(journal: Journal, run: str, purpose: Purpose, brief: Brief, *, folder: Path) -> Callable[[], None]:
    """Return a function that writes a judge's run into the journal.

    The run is finished from the start, since nothing of it can be resumed; its requests are attempts of it, so that
    they count in the budgets of the lab, the day and the journal.
    """

    def begin() -> None:
        asked = Requested(
            narration=Path(purpose.narration),
            narration_sha=purpose.source.narration,
            seconds=0.0,
            subtitles=None,
            config=VideoConfig(prompt=f"{brief.rater}: {brief.rubric}"[:_MOST_PROMPT]),
            chain=(JUDGE_PROVIDER,),
            reuse_key=run,
            output_dir=folder,
            group=purpose.group,
        )
        journal.request(run, asked)
        journal.end(run, RunState.FINISHED, message=f"Comparisons by {brief.rater}")

    return begin


def new_run_id() -> str:
    """Return an id for a judge's run."""
    return f"judge-{secrets.token_hex(8)}"


def chooser(
    court: Court, variants: Sequence[Variant], *, best: bool
) -> Callable[[set[Pair]], tuple[str, str] | None]:
    """Return a function that chooses the next pair by the judge's own votes, and which of the two is shown first."""
    rng = np.random.default_rng()
    places = {each.id: place for place, each in enumerate(variants)}

    def choose(closed: set[Pair]) -> tuple[str, str] | None:
        court.folder.refresh()
        open_pairs = np.ones((len(variants), len(variants)), bool)
        np.fill_diagonal(open_pairs, False)
        for pair in closed | court.voted():
            if pair <= places.keys() and len(pair) == 2:
                first, second = (places[each] for each in pair)
                open_pairs[first, second] = open_pairs[second, first] = False
        if not open_pairs.any():
            return None
        votes = [each for each in list(court.folder.votes.values()) if each.rater == court.rater]
        posterior = Ranking(variants, votes).posterior
        nothing = np.zeros(open_pairs.shape)
        found = next_pair(posterior, nothing, best=best, rng=rng, among=open_pairs)
        left, right = found if rng.random() < 0.5 else found[::-1]
        return variants[left].id, variants[right].id

    return choose
