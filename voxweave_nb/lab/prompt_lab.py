"""`PromptLab`: many variants of one video, made, compared and ranked, in a folder beside the notebook."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from .. import display
from ..config import VideoConfig
from ..errors import ConfigError
from ..service import VideoGenerationService
from ..validation import positive, whole
from .collection import LabCollection
from .duels import Duel, choose_duel
from .estimate import LabEstimate, estimated
from .ranking import Ranking
from .records import Variant, Vote
from .runner import LabRun, Workshop
from .snapshot import LabVariant

__all__ = ["LabVariant", "PromptLab"]

_MOST_AT_ONCE = 64
# Variants that a terminal lists.
_MOST_LINES = 40


class PromptLab(LabCollection):
    """Many variants of one video in a folder `voxweave_lab/<name>/`; a lab of that name is opened again.

    Args:
        name: The lab's name, which names its folder too.
        narration: The audio file; None for a lab that exists.
        subtitles: A subtitle file, the text of one, or None.
        base: The config that all variants start from; None takes the stored one.
        service: The service that makes the videos; by default `VideoGenerationService.default()`.
        folder: The folder that holds all labs, by default `voxweave_lab` in the working folder.
        rater: The name that votes and ratings get, by default the user's.

    Raises:
        ConfigError: The name cannot name a folder, the lab's files are damaged, or a new lab has no narration.
        NarrationError: The narration does not exist or cannot be read.
        SubtitleError: The subtitle file does not exist.
    """

    def __init__(
        self,
        name: str,
        narration: str | os.PathLike[str] | None = None,
        *,
        subtitles: str | os.PathLike[str] | None = None,
        base: VideoConfig | Mapping[str, Any] | None = None,
        service: VideoGenerationService | None = None,
        folder: str | os.PathLike[str] | None = None,
        rater: str | None = None,
    ) -> None:
        super().__init__(
            name, narration, subtitles=subtitles, base=base, service=service, folder=folder, rater=rater
        )
        self._run: LabRun | None = None
        self._rng = np.random.default_rng()

    def estimate(self) -> LabEstimate:
        """Return what `run()` would make and what it costs, a row per provider. Nothing is sent."""
        shop = self._workshop()
        states = {each.id: self._snapshot(each).state for each in self._current()}
        return estimated(shop, self._current(), states)

    def run(
        self,
        *,
        budget: float | None = None,
        at_once: int = 4,
        unknown_prices: bool = False,
        anew: Sequence[LabVariant | Variant | str] = (),
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

        Raises:
            ConfigError: An option is invalid, the narration has changed, or this lab runs already.
            JournalError: The journal cannot be read or written.
        """
        at_once = whole(at_once, "at_once", 1, _MOST_AT_ONCE)
        limit = None if budget is None else positive(budget, "budget", zero=True)
        if self._run is not None and not self._run.done():
            raise ConfigError("This lab runs already; wait for it, or cancel it.")
        self._folder.refresh()
        self._open_group(limit)
        states = [(each, self._snapshot(each).state) for each in self._current()]
        missing = [each for each, state in states if state in ("to make", "failed", "gone")]
        finished = sum(state == "made" for _, state in states)
        shop = self._workshop(unknown_prices, [self._variant(each).id for each in anew])
        self._run = LabRun(shop, missing, at_once=at_once, finished=finished)
        self._folder.notify()  # views follow the run
        return self._run

    def ranking(self, by: str | Sequence[str] | None = None) -> Ranking:
        """Return the variants in the order of their scores, with how sure that is.

        Args:
            by: A rater, or several of them; None counts everybody's votes.
        """
        self._folder.refresh()
        votes = self._votes_by(by)
        voted = {each.left for each in votes} | {each.right for each in votes}
        variants = [each for each in self._kept() if each.id in self._folder.made or each.id in voted]
        return Ranking(
            variants,
            votes,
            usd={key: made.usd for key, made in self._folder.made.items()},
            flags={key: [flag.text for flag in found.values()] for key, found in self._folder.flags.items()},
        )

    def best(self, by: str | Sequence[str] | None = None) -> LabVariant:
        """Return the variant with the highest score.

        Raises:
            ConfigError: There are no votes yet.
        """
        ranking = self.ranking(by)
        if not ranking.votes:
            raise ConfigError("There are no votes yet: compare variants with duel() or vote().")
        return self._snapshot(ranking[0].variant)

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
        made = [each for each in self._kept() if self._has_video(each)]
        return choose_duel(made, self._votes_by(by), goal=goal, skipped=skipped, rng=self._rng)

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

    def duel_text(self, duel: Duel) -> str:
        """Return a duel as text: the files to watch, and the line of Python that keeps the vote."""
        sides = [(name, self._snapshot(each)) for name, each in (("left", duel.left), ("right", duel.right))]
        files = [f"  {name:5}  {each.video.path}" for name, each in sides if each.video is not None]
        vote = f"lab.vote({duel.left.id!r}, {duel.right.id!r}, 'left')"
        return "\n".join([
            "Watch both, then keep your vote:", *files,
            f"  {vote}    # or 'right', 'tie', 'bad' (both are)", duel.words,
        ])  # fmt: skip

    @property
    def current_run(self) -> LabRun | None:
        """The run that was started last in this kernel, or None."""
        return self._run

    def __repr__(self) -> str:
        made = sum(each.state == "made" for each in self.variants)
        return (
            f"<PromptLab {self.name!r}: {self.size} variants, {made} made, {len(self._folder.votes)} votes>"
        )

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

    def _has_video(self, variant: Variant) -> bool:
        made = self._folder.made.get(variant.id)
        return made is not None and made.video is not None and (self.path / made.video["path"]).is_file()

    def _votes_by(self, by: str | Sequence[str] | None) -> list[Vote]:
        raters = None if by is None else {by} if isinstance(by, str) else set(by)
        return [each for each in self.votes if raters is None or each.rater in raters]

    def _open_group(self, budget: float | None) -> None:
        journal = self._service.journal
        earlier = journal.group(self._opened.purpose.group)
        kept = earlier.budget if earlier is not None and budget is None else budget
        journal.open_group(self._opened.purpose.group, kind="lab", name=self.name, budget=kept)

    def _workshop(self, unknown_prices: bool = False, anew: Sequence[str] = ()) -> Workshop:
        if self._opened.narration is None:
            raise ConfigError(
                f"The narration {self._opened.purpose.narration!r} is not there; open the lab with its path: "
                f"PromptLab({self.name!r}, 'talk.mp3')."
            )
        from ..media.probe import probe

        return Workshop(
            self._folder,
            self._service.saving_to(self._folder.videos),
            self._opened.narration,
            self._opened.subtitles,
            self._opened.purpose.group,
            max(probe(self._opened.narration).duration, 0.1),
            unknown_prices,
            frozenset(anew),
        )

    def _is_running(self, variant: str) -> bool:
        return self._run is not None and self._run.job_of(variant) is not None
