"""The variants of a lab with their votes and ratings: what a person adds, drops, rates and compares."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..config import VideoConfig, VideoOptions
from ..errors import ConfigError, ProviderUnavailable
from ..models import VideoProvider
from ..request import takes_options
from ..service import VideoGenerationService
from ..settings import Settings
from ..validation import positive, text, whole
from .folder import LabFolder
from .grid import axis_value, matches, variants_of
from .opening import checked_name, open_lab, user_name
from .records import JUDGE, Choice, Rating, Variant, Vote, is_judge, parse_choice
from .snapshot import LabVariant, snapshot
from .videos import restored

__all__ = ["LabCollection"]

ROOT = "voxweave_lab"
# More than this is seldom meant: at ten cents each, 200 variants cost 20 dollars.
_MANY = 200


class LabCollection:
    """The variants, votes and ratings of a folder `voxweave_lab/<name>/`; see `PromptLab`, which also makes videos."""

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
        self.rater = _checked_rater(rater) if rater is not None else user_name()
        self._folder = LabFolder(Path(folder or ROOT).expanduser() / self.name)
        self._given_service = service
        self._settings = Settings.load() if service is None else service.settings
        self._opened = open_lab(self._folder, self.name, narration, subtitles, base)
        self._folder.refresh()

    @functools.cached_property
    def _service(self) -> VideoGenerationService:
        """The service; by default one is made when something needs it, which a view does not."""
        return self._given_service or VideoGenerationService.default(settings=self._settings)

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

    @property
    def ratings(self) -> tuple[Rating, ...]:
        """Every rater's present opinion of each variant that has one."""
        self._folder.refresh()
        return tuple(self._folder.ratings.values())

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

        The local renderer draws no title in a lab, unless the base or the grid names one: the prompt within the frames
        would tell the variants of a duel apart. `title=None` draws it.

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
            untitled=self._untitled,
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
        config = config if "title" in values else self._untitled(config)
        axes = {name: axis_value(getattr(config, name)) for name in values}
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

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after each change of variants, votes, ratings and runs, on the thread that made it.

        Returns:
            A function that ends the listening.
        """
        listeners = self._folder.listeners
        listeners.append(listener)

        def stop() -> None:
            if listener in listeners:
                listeners.remove(listener)

        return stop

    def __len__(self) -> int:
        return self.size

    def _kept(self) -> list[Variant]:
        dropped = self._folder.dropped
        # A list first: another thread may add some meanwhile.
        return [each for key, each in list(self._folder.variants.items()) if key not in dropped]

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
        limit = self._settings.embed_limit
        return snapshot(variant, self._folder, running=self._is_running(variant.id), embed_limit=limit)

    def _has_video(self, variant: Variant) -> bool:
        made = self._folder.made.get(variant.id)
        return made is not None and made.video is not None and (self.path / made.video["path"]).is_file()

    def _is_running(self, variant: str) -> bool:
        return False

    def _untitled(self, config: VideoConfig) -> VideoConfig:
        """Return a config without a title if only the local renderer can make it and the base names none.

        The configs of other providers stay as they are: they draw no title, and a video that was paid for is found
        again by its config.
        """
        chain = (config.provider,) if config.provider else self._service.chain
        return (
            config.replace(title="")
            if config.title is None and set(chain) == {VideoProvider.LOCAL}
            else config
        )

    def _takes_seed(self, config: VideoConfig) -> bool:
        try:
            return self._service.capabilities(config.provider).seeds
        except (ConfigError, ProviderUnavailable):
            return False

    def _copy_videos(self, theirs: LabFolder, variants: Sequence[str]) -> None:
        """Copy the files of another lab's videos; a file of the same name here is left alone."""
        limit = self._settings.embed_limit
        for key in variants:
            made = theirs.made[key]
            assert made.video is not None  # the caller has chosen those with a video
            video = restored(made.video, theirs.path, embed_limit=limit)
            target = self._folder.path / str(made.video["path"])
            if video.path.is_file() and not target.exists() and target.parent == self._folder.videos:
                target.parent.mkdir(parents=True, exist_ok=True)
                video.save(target)


def _checked_rater(rater: Any) -> str:
    name = text(rater, "rater", 80)
    if is_judge(name):
        raise ConfigError(f"The rater is {name!r}; names that begin with {JUDGE!r} belong to models.")
    return name
