"""`PromptLab`: many variants of one video, made, compared and ranked, in a folder beside the notebook."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import display
from ..errors import ConfigError
from ..models import VideoProvider
from ..validation import positive, whole
from .duels import TITLED, Duel, choose_duel
from .estimate import LabEstimate, estimated
from .export import LabPage, write_page
from .judged import JudgedLab
from .page import PageContent
from .proposals import more_takes, untested_cells
from .proposed import Proposals, propose
from .pruning import Pruning, remove, to_prune
from .ranking import Ranking
from .records import Rating, Variant, Vote, is_judge
from .runner import LabRun, Workshop
from .snapshot import LabVariant

if TYPE_CHECKING:
    from .dask import DaskCrew

__all__ = ["LabVariant", "PromptLab"]

_MOST_AT_ONCE = 64
_MOST_PROPOSALS = 100
# Takes are proposed of so many variants.
_MOST_LEADING = 4
# Variants that a terminal lists.
_MOST_LINES = 40


class PromptLab(JudgedLab):
    """Many variants of one video in a folder `voxweave_lab/<name>/`; a lab of that name is opened again.

    Args:
        name: The lab's name, which names its folder too.
        narration: The audio file; None for a lab that exists.
        subtitles: A subtitle file, the text of one, or None.
        base: The config that all variants start from; None takes the stored one.
        service: The service that makes the videos; by default `VideoGenerationService.default()`.
        folder: The folder that holds all labs, by default `voxweave_lab` in the working folder.
        rater: The name that votes and ratings get, by default the user's; `"me"` where that is one that many share,
            such as `root`.

    Raises:
        ConfigError: The name cannot name a folder, the lab's files are damaged, or a new lab has no narration.
        NarrationError: The narration does not exist or cannot be read.
        SubtitleError: The subtitle file does not exist.
    """

    _run: LabRun | None = None

    def estimate(self) -> LabEstimate:
        """Return what `run()` would make and what it costs, a row per provider. Nothing is sent."""
        shop = self._workshop()
        states = {each.id: self._snapshot(each).state for each in self._current()}
        return estimated(shop, self._current(), states)

    @property
    def spent(self) -> float:
        """US dollars that the lab's submissions have cost or may have cost."""
        return self._service.journal.spent("group", group=self._opened.purpose.group)

    def run(
        self,
        *,
        budget: float | None = None,
        at_once: int = 4,
        unknown_prices: bool = False,
        anew: Sequence[LabVariant | Variant | str] = (),
        render_on: Any = None,
    ) -> LabRun:
        """Make the videos that are missing, side by side; return at once.

        A variant whose identical request was made before gets that video. A run that was left is resumed. One failure
        does not stop the others; a variant that failed is tried anew, one whose content was refused is not.

        Args:
            budget: US dollars for the lab's whole life; None keeps the one that was given before.
            at_once: The number of jobs side by side, 1 to 64; each model's own limit holds too.
            unknown_prices: Allow submissions of unknown price although there is a budget.
            anew: Variants to submit once more although an earlier submission may have been accepted and billed: look
                at the provider's site first.
            render_on: A Dask client (`dask.distributed.Client`, extra `dask`) whose workers do the local renders and
                the checks; None does them here. Its workers need the same voxweave_nb and Python, and neither a key nor
                a shared disk. Submissions to providers never leave this process.

        Raises:
            ConfigError: An option is invalid, the narration has changed, or this lab runs already.
            JournalError: The journal cannot be read or written.
        """
        at_once = whole(at_once, "at_once", 1, _MOST_AT_ONCE)
        limit = None if budget is None else positive(budget, "budget", zero=True)
        if self._run is not None and not self._run.done():
            raise ConfigError("This lab runs already; wait for it, or cancel it.")
        crew = self._crew_on(render_on)
        self._folder.refresh()
        self._open_group(limit)
        states = [(each, self._snapshot(each).state) for each in self._current()]
        missing = [each for each, state in states if state in ("to make", "failed", "gone")]
        finished = sum(state == "made" for _, state in states)
        shop = self._workshop(unknown_prices, [self._variant(each).id for each in anew], crew)
        self._run = LabRun(shop, missing, at_once=at_once, finished=finished)
        self._folder.notify()  # views follow the run
        return self._run

    def ranking(self, by: str | Sequence[str] | None = None) -> Ranking:
        """Return the variants in the order of their scores, with how sure that is.

        Thumbs count in the same fit as duels, stars are only shown: see `voxweave_nb.lab.ranking`.

        Args:
            by: A rater, or several of them; None counts all people's votes and thumbs, and no judge's. A judge is a
                rater like any other if it is named: `by="judge:gpt-4o"`.
        """
        self._folder.refresh()
        votes = self._votes_by(by)
        counted = {each.id for each in votes}
        ratings = self._ratings_by(by)
        seen = _seen(votes, ratings) | self._folder.made.keys()
        return Ranking(
            [each for each in self._kept() if each.id in seen],
            votes,
            ratings=ratings,
            others=Counter(each.rater for each in self._folder.votes.values() if each.id not in counted),
            usd={key: made.usd for key, made in self._folder.made.items()},
            flags={key: [flag.text for flag in found.values()] for key, found in self._folder.flags.items()},
        )

    def best(self, by: str | Sequence[str] | None = None) -> LabVariant:
        """Return the variant with the highest score.

        Raises:
            ConfigError: There are no votes yet.
        """
        ranking = self.ranking(by)
        if not ranking.has_opinions:
            raise ConfigError(
                "There are no votes yet: compare variants with duel() or vote(), or give thumbs."
            )
        return self._snapshot(ranking[0].variant)

    def next(self, count: int = 4) -> Proposals:
        """Return proposals: cells that have not been tried and look promising by the votes, and takes of leading ones.

        Args:
            count: The largest number of proposals, 1 to 100.

        Returns:
            The proposals with reasons and prices, as a table. Nothing is added to the lab before `add()` is called on
            it, or on a part of it: `lab.next(4)[:2].add()`.

        Raises:
            ConfigError: The count is out of range.
        """
        count = whole(count, "count", 1, _MOST_PROPOSALS)
        self._folder.refresh()
        variants, votes, ratings = self._current(), self._votes_by(None), self._ratings_by(None)
        seen = _seen(votes, ratings)
        waiting = [
            each for each in variants if each.id not in seen and self._snapshot(each).state == "to make"
        ]
        unmade = {each.id for each in waiting}
        tested = [each for each in variants if each.id not in unmade]
        known, source = self._folder.variants.keys(), self._opened.purpose.source
        new = untested_cells(variants, known, source)
        known_ones = Ranking(tested, votes, ratings=ratings)
        for leading in _leading(known_ones):
            axis = "seed" if self._takes_seed(leading.config) else "take"
            new = [*more_takes(leading, axis, known, source, count=count), *new]
        return propose(
            tested,
            waiting,
            new,
            votes,
            count,
            price=self._pricing(),
            adding=self._add_variants,
            ratings=ratings,
        )

    def prune(self, *, sure: bool = False) -> Pruning:
        """Return the videos that the lab could do without; with `sure=True`, remove them.

        These are the videos of dropped variants, and files that were made here and that no variant refers to any more.
        The videos of the lab's variants, other files, and the journal stay. A dropped variant that is added again has
        the state `"gone"`, and `run()` makes it anew, for its price.

        Args:
            sure: Remove them.

        Returns:
            The videos with their sizes and prices, as a table.

        Raises:
            JournalError: The journal cannot be read.
        """
        running = [each for each in self._folder.variants if self._is_running(each)]
        runs = self._service.journal.runs_of(self._opened.purpose.group)
        found = to_prune(self._folder, runs, running=running)
        return remove(found) if sure else found

    def pair(self, goal: str = "best") -> tuple[LabVariant, LabVariant]:
        """Return the two made variants whose comparison tells most, on sides that are drawn at random.

        Raises:
            ConfigError: The goal is neither `"best"` nor `"rank"`, or fewer than two variants have a video.
        """
        duel = self.next_duel(goal)
        return self._snapshot(duel.left), self._snapshot(duel.right)

    def next_duel(
        self,
        goal: str = "best",
        *,
        by: str | Sequence[str] | None = None,
        skipped: Collection[frozenset[str]] = (),
    ) -> Duel:
        """Return the two made variants whose comparison tells most, with the ranking so far.

        Args:
            goal: `"best"` to find the best one, `"rank"` to rank all of them.
            by: A rater, or several of them, whose votes count; None counts everybody's.
            skipped: Pairs of ids to leave for later.

        Raises:
            ConfigError: The goal is unknown, or fewer than two variants have a video.
        """
        made = self._to_compare(goal)
        return choose_duel(
            made,
            self._votes_by(by),
            ratings=self._ratings_by(by),
            goal=goal,
            skipped=skipped,
            rng=np.random.default_rng(),
        )

    def duel(self, goal: str = "best", *, by: str | Sequence[str] | None = None) -> Any:
        """Return a view that shows two videos at a time, blind, and keeps a vote on each pair.

        In a terminal, print the two videos and how to vote on them, and return None.

        Args:
            goal: `"best"` to find the best one, `"rank"` to rank all of them.
            by: A rater, or several of them, whose votes choose the pairs; None counts everybody's.

        Raises:
            ConfigError: The goal is unknown, or fewer than two variants have a video.
        """
        return display.show_duel(self, self.next_duel(goal, by=by), goal, by)

    @property
    def shows_titles(self) -> bool:
        """True if the frames of some videos show different titles: a duel between them is not blind."""
        local = VideoProvider.LOCAL
        drawn = [
            each.config for each in self.variants if each.video and each.video.provenance.provider == local
        ]
        return len({each.prompt if each.title is None else each.title for each in drawn}) > 1

    def duel_text(self, duel: Duel) -> str:
        """Return a duel as text: the files to watch, and the line of Python that keeps the vote."""
        sides = [(name, self._snapshot(each)) for name, each in (("left", duel.left), ("right", duel.right))]
        files = [f"  {name:5}  {each.video.path}" for name, each in sides if each.video is not None]
        vote = f"lab.vote({duel.left.id!r}, {duel.right.id!r}, 'left')"
        return "\n".join([
            "Watch both, then keep your vote:", *files,
            f"  {vote}    # or 'right', 'tie', 'bad' (both are)", duel.words,
            *[TITLED] * self.shows_titles,
        ])  # fmt: skip

    @property
    def current_run(self) -> LabRun | None:
        """The run that was started last in this kernel, or None."""
        return self._run

    def export(
        self,
        to: str | os.PathLike[str],
        *,
        by: str | Sequence[str] | None = None,
        embed: int | None = None,
    ) -> LabPage:
        """Write the lab as one HTML page, which plays all videos in time without a kernel, also from the disk.

        The page has the videos with filters, the ranking, notes and flags. An earlier page of this lab is replaced;
        any other file is left alone.

        Args:
            to: The file, such as `"harbour.html"`; its folder exists.
            by: A rater, or several of them, whose votes and opinions are shown; None shows everybody's.
            embed: The bytes of all videos that go into the page, the best-ranked first; the others are linked by their
                relative paths. None takes the setting `embed_limit`, 0 links all.

        Returns:
            The page's path, and which videos are inside it.

        Raises:
            ConfigError: An option is invalid, the file exists and is not a page of this lab, or it cannot be written.
        """
        limit = self._settings.embed_limit if embed is None else whole(embed, "embed", 0, 2**63 - 1)
        ranking, raters = self.ranking(by), None if by is None else {by} if isinstance(by, str) else set(by)
        ratings = [each for each in self._folder.ratings.values() if raters is None or each.rater in raters]
        content = PageContent(self.name, self._opened.purpose.group, self.variants, ranking, ratings)
        return write_page(content, to, embed_limit=limit)

    def __repr__(self) -> str:
        made = sum(each.state == "made" for each in self.variants)
        return (
            f"<PromptLab {self.name!r}: {self.size} variants, {made} made, {len(self._folder.votes)} votes>"
        )

    def _votes_by(self, by: str | Sequence[str] | None) -> list[Vote]:
        """Return the votes of some raters, oldest first; None for all people's, without the judges'."""
        if by is None:
            return [each for each in self.votes if not is_judge(each.rater)]
        raters = {by} if isinstance(by, str) else set(by)
        return [each for each in self.votes if each.rater in raters]

    def _ratings_by(self, by: str | Sequence[str] | None) -> list[Rating]:
        """Return the ratings of some people; None for all of them."""
        raters = {by} if isinstance(by, str) else None if by is None else set(by)
        return [
            each
            for each in self._folder.ratings.values()
            if (raters is None or each.rater in raters) and (each.thumb is not None or each.stars is not None)
        ]

    def _pricing(self) -> Callable[[Variant], float | None]:
        """Return a function that tells a variant's price; None for every one if the narration is not there."""
        if self._opened.narration is None:
            return lambda _: None
        shop = self._workshop()
        return lambda variant: shop.service.plan(shop.seconds, variant.config).usd

    def _add_variants(self, variants: Sequence[Variant]) -> tuple[LabVariant, ...]:
        now = [replace(each, at=time.time()) for each in variants]
        return tuple(self._snapshot(each) for each in self._folder.add(now))

    def __str__(self) -> str:
        """Return the lab as text: its warnings, one line for each variant, and what to call next."""
        lines = [repr(self), *self.warnings, *(f"  {each}" for each in self.variants[:_MOST_LINES])]
        if self.size > _MOST_LINES:
            lines.append(f"  and {self.size - _MOST_LINES} more; lab.variants has them all")
        return "\n".join(
            [*lines, "lab.run() makes what is missing, lab.duel() compares, lab.ranking() ranks."]
        )

    def _ipython_display_(self) -> None:
        display.show_lab(self)

    def _display_(self) -> object:
        """Return what marimo displays."""
        return display.lab_widget(self)

    def _crew_on(self, client: Any) -> DaskCrew | None:
        if client is None:
            return None
        from .dask import DaskCrew

        return DaskCrew(client, self._folder.path)

    def _workshop(
        self, unknown_prices: bool = False, anew: Sequence[str] = (), crew: DaskCrew | None = None
    ) -> Workshop:
        if self._opened.narration is None:
            raise ConfigError(
                f"The narration {self._opened.purpose.narration!r} is not there; open the lab with its path: "
                f"PromptLab({self.name!r}, 'talk.mp3')."
            )
        from ..media.probe import probe

        return Workshop(
            self._folder,
            self._service.saving_to(self._folder.videos, local=crew.rendering if crew else None),
            self._opened.narration,
            self._opened.subtitles,
            self._opened.purpose.group,
            max(probe(self._opened.narration).duration, 0.1),
            unknown_prices,
            frozenset(anew),
            crew,
        )

    def _is_running(self, variant: str) -> bool:
        return self._run is not None and self._run.job_of(variant) is not None


def _seen(votes: Sequence[Vote], ratings: Sequence[Rating]) -> set[str]:
    """Return the ids of variants that somebody has voted on or rated."""
    return {side for each in votes for side in (each.left, each.right)} | {each.variant for each in ratings}


def _leading(ranking: Ranking) -> list[Variant]:
    """Return the leader and the few behind it; none without votes."""
    return [row.variant for row in ranking.rows[:_MOST_LEADING]] if ranking.has_opinions else []
