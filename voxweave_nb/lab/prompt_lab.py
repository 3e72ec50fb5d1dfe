"""`PromptLab`: many variants of one video, made, compared and ranked, in a folder beside the notebook."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..config import VideoConfig, VideoOptions
from ..errors import ConfigError, ProviderUnavailable
from ..request import takes_options
from ..service import VideoGenerationService
from ..validation import positive, text, whole
from .estimate import LabEstimate, estimated
from .folder import LabFolder
from .grid import matches, variants_of
from .opening import checked_name, open_lab, user_name
from .pairs import next_pair
from .posterior import Floats
from .ranking import Ranking
from .records import Choice, Rating, Variant, Vote, parse_choice
from .runner import LabRun, Workshop
from .snapshot import LabVariant, snapshot
from .videos import restored

__all__ = ["LabVariant", "PromptLab"]

ROOT = "voxweave_lab"
# More than this is seldom meant: at ten cents each, 200 variants cost 20 dollars.
_MANY = 200
_MOST_AT_ONCE = 64


class PromptLab:
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
        self.name = checked_name(name)
        self.rater = text(rater, "rater", 80) if rater is not None else user_name()
        self._folder = LabFolder(Path(folder or ROOT).expanduser() / self.name)
        self._service = service or VideoGenerationService.default()
        self._run: LabRun | None = None
        self._rng = np.random.default_rng()
        self._opened = open_lab(self._folder, self.name, narration, subtitles, base)
        self._folder.refresh()

    @property
    def path(self) -> Path:
        """The lab's folder."""
        return self._folder.path

    @property
    def base(self) -> VideoConfig:
        """The config that new variants start from."""
        return VideoConfig.of(self._opened.purpose.base)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What changed since the lab was left, and lines of its files that could not be read."""
        return (*self._opened.warnings, *self._folder.warnings)

    @property
    def size(self) -> int:
        """The number of variants."""
        return len(self._kept())

    @property
    def variants(self) -> tuple[LabVariant, ...]:
        """The variants as they are now, in the order of their adding; dropped ones are left out."""
        self._folder.refresh()
        return tuple(self._snapshot(each) for each in self._kept())

    @property
    def votes(self) -> tuple[Vote, ...]:
        """The votes, oldest first."""
        self._folder.refresh()
        return tuple(sorted(self._folder.votes.values(), key=lambda each: each.at))

    @takes_options(VideoOptions)
    def grid(
        self,
        prompt: str | Sequence[str] | None = None,
        *,
        lists: Mapping[str, Sequence[str] | Path] | None = None,
        sure: bool = False,
        note: str = "",
        **values: Any,
    ) -> tuple[LabVariant, ...]:
        """Add every prompt of a template with every value of every axis; nothing is sent.

        Args:
            prompt: A template such as `"a {harbour|forest} at {dawn|dusk}"`, several of them, or None for the base's
                prompt. See `voxweave_nb.lab.templates` for all that a template can say.
            lists: Lists for `__name__` in the template: texts, or the Path of a text file.
            sure: Add more than 200 variants.
            note: A remark on all of them.
            **values: Fields of `VideoConfig`; a list is an axis, such as `style=["anime", "cinematic"]`.

        Returns:
            The variants that are new.

        Raises:
            TemplateError: The template cannot be read.
            ConfigError: A field or a value is invalid, or there are more than 200 new variants.
        """
        found = variants_of(
            prompt,
            values,
            base=self.base,
            source=self._opened.purpose.source,
            seeds=self._takes_seed,
            lists=lists,
            folder=Path.cwd(),
            note=text(note, "note", 2000),
            at=time.time(),
        )
        known = self._folder.variants.keys() - self._folder.dropped
        new = sum(each.id not in known for each in found)
        if new > _MANY and not sure:
            raise ConfigError(
                f"These are {new:,} new variants. Say grid(..., sure=True) if that is what you want; estimate() then "
                "tells the price before anything is made."
            )
        return tuple(self._snapshot(each) for each in self._folder.add(found))

    @takes_options(VideoOptions)
    def add(self, *, note: str = "", **values: Any) -> LabVariant:
        """Add one variant; a prompt is taken as it is, braces and all.

        Args:
            note: A remark.
            **values: Fields of `VideoConfig` that win over the base.

        Raises:
            ConfigError: A field or a value is invalid.
        """
        config = self.base.replace(**values)
        axes = {name: _axis_value(getattr(config, name)) for name in values}
        if "seed" in axes and not self._takes_seed(config):
            axes["take"] = axes.pop("seed")
        variant = Variant.of(
            config, axes, self._opened.purpose.source, note=text(note, "note", 2000), at=time.time()
        )
        self._folder.add([variant])
        return self._snapshot(self._folder.variants[variant.id])

    def drop(self, *variants: LabVariant | Variant | str, **where: Any) -> int:
        """Leave variants out of the lab; their videos and votes stay, and adding one again brings it back.

        Args:
            *variants: Variants, or their ids.
            **where: Values of axes or of `VideoConfig`: `drop(style="anime", seed=2)`; a list allows several values.

        Returns:
            The number of variants that were dropped.

        Raises:
            ConfigError: A variant is unknown, or nothing was named.
        """
        if not variants and not where:
            raise ConfigError(
                "Name what to drop: variants, or values such as style='anime'. Nothing was dropped."
            )
        chosen = {self._variant(each).id for each in variants}
        if where:
            chosen |= {each.id for each in self._kept() if matches(each, where)}
        self._folder.drop(sorted(chosen))
        return len(chosen)

    def variant(self, name: LabVariant | Variant | str) -> LabVariant:
        """Return a variant by its id or the first characters of it.

        Raises:
            ConfigError: The variant is unknown, or several begin so.
        """
        self._folder.refresh()
        return self._snapshot(self._variant(name))

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
        return self._run

    def rate(
        self,
        variant: LabVariant | Variant | str,
        *,
        thumb: bool | None = None,
        stars: int | None = None,
        note: str | None = None,
        clear: Sequence[str] = (),
    ) -> Rating:
        """Keep an opinion of one variant; what is not given stays as it was.

        Args:
            variant: The variant, or its id.
            thumb: True for up, False for down.
            stars: 1 to 5.
            note: A remark.
            clear: Names of fields to take back: `"thumb"`, `"stars"`, `"note"`.

        Raises:
            ConfigError: The variant is unknown, or a value is invalid.
        """
        if thumb is not None and not isinstance(thumb, bool):
            raise ConfigError(f"thumb is {thumb!r}; give True, False or None.")
        if wrong := [each for each in clear if each not in ("thumb", "stars", "note")]:
            raise ConfigError(f"{wrong[0]!r} cannot be cleared; name 'thumb', 'stars' or 'note'.")
        rating = Rating(
            self._variant(variant).id,
            thumb,
            None if stars is None else whole(stars, "stars", 1, 5),
            None if note is None else text(note, "note", 2000),
            self.rater,
            tuple(clear),
            time.time(),
        )
        self._folder.rate(rating)
        return self._folder.ratings[rating.rater, rating.variant]

    def vote(
        self,
        left: LabVariant | Variant | str,
        right: LabVariant | Variant | str,
        choice: Choice | str,
        *,
        shown: float = 0.0,
        blind: bool = False,
    ) -> Vote:
        """Keep a comparison of two variants.

        Args:
            left: A variant, or its id.
            right: Another one.
            choice: `"left"`, `"right"`, `"tie"` or `"bad"` (both are).
            shown: The time in seconds for which both were shown.
            blind: The labels were hidden.

        Raises:
            ConfigError: A variant is unknown, both are the same, or the choice is invalid.
        """
        first, second = self._variant(left).id, self._variant(right).id
        if first == second:
            raise ConfigError(f"Both sides are {first}; give two variants.")
        more = {"rater": self.rater, "blind": bool(blind), "at": time.time()}
        vote = Vote.of(first, second, parse_choice(choice), shown=positive(shown, "shown", zero=True), **more)
        self._folder.vote(vote)
        return vote

    def undo(self, vote: Vote | None = None) -> Vote | None:
        """Take a vote back, by default this rater's last one; return it, or None if there is none."""
        own = [each for each in self.votes if each.rater == self.rater]
        last = vote or (own[-1] if own else None)
        if last is not None:
            self._folder.undo(last.id)
        return last

    def ranking(self, by: str | Sequence[str] | None = None) -> Ranking:
        """Return the variants in the order of their scores, with how sure that is.

        Args:
            by: A rater, or several of them; None counts everybody's votes.
        """
        self._folder.refresh()
        raters = None if by is None else {by} if isinstance(by, str) else set(by)
        votes = [each for each in self.votes if raters is None or each.rater in raters]
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
        """Return the two made variants whose comparison tells most.

        Args:
            goal: `"best"` to find the best one, `"rank"` to rank all of them.

        Raises:
            ConfigError: The goal is unknown, or fewer than two variants have a video.
        """
        if goal not in ("best", "rank"):
            raise ConfigError(f"The goal is {goal!r}; give 'best' or 'rank'.")
        made = [each for each in self._kept() if self._snapshot(each).state == "made"]
        if len(made) < 2:
            raise ConfigError("A duel needs two variants with a video: make some with run().")
        ranking = Ranking(made, self.votes)
        first, second = next_pair(
            ranking.posterior, _counts(made, ranking.votes), best=goal == "best", rng=self._rng
        )
        sides = (made[first], made[second]) if self._rng.random() < 0.5 else (made[second], made[first])
        return self._snapshot(sides[0]), self._snapshot(sides[1])

    def merge(self, other: str | os.PathLike[str]) -> dict[str, int]:
        """Add the variants, votes and ratings of another person's folder of this lab; raters keep their names.

        Args:
            other: The folder, such as `"voxweave_lab/harbour-ada"`.

        Returns:
            How many variants, videos, votes and ratings were new.

        Raises:
            ConfigError: The folder is not a lab.
        """
        path = Path(other).expanduser()
        theirs = LabFolder(path)
        if theirs.purpose() is None:
            raise ConfigError(f"{path} is not the folder of a lab: it has no lab.json.")
        theirs.refresh()
        missing = [key for key, made in theirs.made.items() if made.video and key not in self._folder.made]
        self._copy_videos(theirs, missing)
        return self._folder.merge(theirs)

    def __len__(self) -> int:
        return self.size

    def __repr__(self) -> str:
        made = sum(each.state == "made" for each in self.variants)
        return (
            f"<PromptLab {self.name!r}: {self.size} variants, {made} made, {len(self._folder.votes)} votes>"
        )

    # What the lab is for

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

    # Variants

    def _kept(self) -> list[Variant]:
        dropped = self._folder.dropped
        return [each for key, each in self._folder.variants.items() if key not in dropped]

    def _current(self) -> list[Variant]:
        """Return the variants of the narration and subtitles that the lab has now; others cannot be made any more."""
        return [each for each in self._kept() if each.source == self._opened.purpose.source]

    def _variant(self, name: LabVariant | Variant | str) -> Variant:
        known = self._folder.variants
        key = name if isinstance(name, str) else name.id
        found = [known[key]] if key in known else [each for each in known.values() if each.id.startswith(key)]
        if not key or not found:
            raise ConfigError(f"This lab has no variant {key!r}; lab.variants lists them.")
        if len(found) > 1:
            raise ConfigError(f"{key!r} is the beginning of {len(found)} ids; give more characters.")
        return found[0]

    def _snapshot(self, variant: Variant) -> LabVariant:
        running = self._run is not None and self._run.job_of(variant.id) is not None
        limit = self._service.settings.embed_limit
        return snapshot(variant, self._folder, running=running, embed_limit=limit)

    def _takes_seed(self, config: VideoConfig) -> bool:
        try:
            return self._service.capabilities(config.provider).seeds
        except (ConfigError, ProviderUnavailable):
            return False

    def _copy_videos(self, theirs: LabFolder, variants: Sequence[str]) -> None:
        """Copy the files of another lab's videos; a file of the same name here is left alone."""
        limit = self._service.settings.embed_limit
        for key in variants:
            made = theirs.made[key]
            assert made.video is not None  # the caller has chosen those with a video
            video = restored(made.video, theirs.path, embed_limit=limit)
            target = self._folder.path / str(made.video["path"])
            if video.path.is_file() and not target.exists() and target.parent == self._folder.videos:
                target.parent.mkdir(parents=True, exist_ok=True)
                video.save(target)


def _axis_value(value: Any) -> Any:
    value = getattr(value, "value", value)
    return value if isinstance(value, str | int | float | bool | None) else str(dict(value))


def _counts(variants: Sequence[Variant], votes: Sequence[Vote]) -> Floats:
    places = {each.id: place for place, each in enumerate(variants)}
    counts = np.zeros((len(variants), len(variants)))
    for vote in votes:
        counts[places[vote.left], places[vote.right]] += 1
    return counts
