"""Orders: what each scene of a board would be made from, its key, its state and its price. Nothing is sent."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..config import MAX_PROMPT, VideoConfig
from ..errors import ConfigError, ContentRefused, SubmissionInDoubt, VoxweaveError
from ..models import Cue, Word
from ..pipeline.studio import Studio
from ..providers.base import check_availability
from ..providers.types import Plan
from ..render.phrases import title_of
from ..render.scene_list import FilmScene
from ..validation import shown
from .folder import BoardFolder
from .lengths import ClipLengths
from .prompts import full_prompt, room_for, scene_prompt
from .scene import SceneRecord, Take
from .state import BoardState
from .takes import Film, Order

__all__ = ["Orders", "Status", "advised", "named"]

_DELIVERY = ("format", "subtitle_mode", "subtitle_look", "provider", "image", "seconds")
"""Options that change no frame of a clip; the provider and the first frame are in the key by themselves."""

_SAME_LENGTH = 0.05
"""Seconds by which a planned length may differ."""

# Letters of a scene's words in messages.
_WORDS = 60


@dataclass(frozen=True, slots=True)
class Status:
    """A scene as it is now.

    Attributes:
        state: `"made"`, `"stale"` (it was edited since), `"own"` (a picture or clip of one's own), `"to make"`,
            `"failed"`, `"refused"` or `"gone"` (the file of the take was removed).
        order: What it would be made from; None for one's own and where it cannot be made.
        plan: The plan of the provider that is asked first, or None.
        problem: Why it cannot be made, or empty.
    """

    state: str
    order: Order | None = None
    plan: Plan | None = None
    problem: str = ""

    @property
    def missing(self) -> bool:
        """True if making pays for it: no take shows what it is now."""
        return self.state in ("stale", "to make", "failed", "gone")


class Orders:
    """The orders of a board's scenes.

    Args:
        studio: The providers.
        state: The board.
        folder: Its folder.
    """

    def __init__(self, studio: Studio, state: BoardState, folder: BoardFolder) -> None:
        self._studio, self._state, self._folder = studio, state, folder

    def statuses(self) -> list[Status]:
        """Return how each scene is now, in their order. One that follows a missing one is missing, too."""
        found: list[Status] = []
        for number, scene in enumerate(self._state.scenes, 1):
            status = self.status(number, scene)
            before = found[-1] if found else None
            if (
                status.state == "made"
                and before is not None
                and before.missing
                and self._continues(scene, status)
            ):
                status = replace(status, state="stale")
            found.append(status)
        return found

    def status(self, number: int, scene: SceneRecord) -> Status:
        """Return how a scene is now."""
        if scene.own:
            return Status("own")
        try:
            order = self.order(number, scene)
            plan = self.plan(order)
        except VoxweaveError as error:
            # A take that is there stays, whatever became of its provider.
            made = scene.take is not None and self.file_of(scene.take).is_file()
            return Status("made" if made else "to make", problem=str(error))
        return Status(self._state_of(scene, order), order, plan)

    def order(self, number: int, scene: SceneRecord) -> Order:
        """Return what a scene would be made from.

        Raises:
            VoxweaveError: A provider or model is not known, or makes no clip of its length.
        """
        config, warnings = self.config_of(scene), list[str]()
        seconds = scene.asked or scene.length
        # The first of the chain decides, ready or not: what is made must not be stale when a key is missing one day.
        plan = self._studio.pool.plan(self.names_of(scene)[0], config, seconds)
        own = self.prompt_of(scene, plan)
        if self._draws_films(scene):  # it reads the words by themselves, as `film_part` has them
            own = scene.prompt or self._state.purpose.config.prompt
        prompt, cut = full_prompt(self._state.purpose.bible, own, plan.model.prompt or MAX_PROMPT)
        warnings += [cut] if cut else []
        config = config.replace(prompt=prompt)
        if abs(plan.seconds - seconds) > _SAME_LENGTH and plan.seconds:
            # Said only where it has to be: a provider that is asked next has lengths of its own.
            config = config.replace(seconds=seconds)
        start = self._continued(number, scene)
        if start and not plan.model.image:
            warnings.append(
                f"{plan.provider or 'The provider'} ({plan.model.name}) takes no image: scene {number} does not start "
                f"from the last frame of scene {number - 1}."
            )
            start = ""
        return Order(
            scene=scene,
            number=number,
            words=self._state.words_of(scene),
            config=config,
            key=self._key(scene, config, plan, seconds, start),
            cues=tuple(_moved(cue, -scene.start) for cue in self._state.cues_of(scene)),
            seconds=seconds,
            warnings=tuple(warnings),
            follows=bool(start),
        )

    def film(self, *, joined: bool = False, titled: bool = True) -> Film:
        """Return the whole as a provider draws it that draws films.

        Args:
            joined: True for scenes that are joined later, which makes the dissolves.
            titled: False if the first scene is not one that is drawn.
        """
        purpose, scenes = self._state.purpose, self._state.scenes
        prompt, _ = full_prompt(purpose.bible, purpose.config.prompt, MAX_PROMPT)
        title = title_of(purpose.config.prompt) if purpose.config.title is None else purpose.config.title
        drawn = [
            FilmScene(
                each.start,
                each.end,
                prompt=each.prompt,
                spoken=self._state.words_of(each),
                framing=each.shot,
                transition="dissolve" if self.dissolves(number, each) and not joined else "cut",
            )
            for number, each in enumerate(scenes, 1)
        ]
        return Film(tuple(drawn), prompt, title if titled else "", purpose.seconds, self._state.cues)

    def film_of_takes(self) -> Film:
        """Return the whole as its takes show it."""
        first = self._state.scenes[0]
        return self.film(joined=True, titled=not first.own and self._draws_films(first))

    def config_of(self, scene: SceneRecord) -> VideoConfig:
        """Return the board's options with those of a scene."""
        base = self._state.purpose.config
        changes: dict[str, Any] = {
            name: value
            for name in ("provider", "model", "seed")
            if (value := getattr(scene, name)) is not None
        }
        if scene.provider is not None and scene.provider != base.provider and scene.model is None:
            changes["model"] = None  # the board's model is another provider's
        return base.replace(**changes)

    def prompt_of(self, scene: SceneRecord, plan: Plan) -> str:
        """Return the prompt of a scene without the bible, and without the words of the style, which the plan adds."""
        purpose = self._state.purpose
        return scene.prompt or scene_prompt(
            self._state.words_of(scene),
            prompt=purpose.config.prompt,
            shot=scene.shot,
            bible=purpose.bible,
            room=room_for(purpose.bible, plan.model.prompt),
        )

    def names_of(self, scene: SceneRecord) -> tuple[str, ...]:
        """Return the providers that are asked for a scene, in their order."""
        chosen = scene.provider or self._state.purpose.config.provider
        return (chosen,) if chosen else self._state.purpose.chain

    def dissolves(self, number: int, scene: SceneRecord) -> bool:
        """Return True if the scene before dissolves into this one."""
        return number > 1 and (scene.transition or self._state.transition) == "dissolve"

    def lengths_of(self, scene: SceneRecord) -> ClipLengths:
        """Return the lengths that the provider of a scene makes."""
        return ClipLengths.of(self._studio.pool.get(self._first(scene)), self.config_of(scene))

    def asked(self, scene: SceneRecord) -> float:
        """Return the length to ask the provider of a scene for, in seconds.

        Raises:
            ConfigError: No clip is long enough.
        """
        if scene.own:
            return scene.length
        lengths = self.lengths_of(scene)
        asked = lengths.asked(scene.length)
        if asked is None:
            model = self.config_of(scene).model
            name = f"{model} at {self._first(scene)}" if model else self._first(scene)
            raise ConfigError(
                f"A scene of {scene.length:.1f} s is too long for {name}, which fills at most "
                f"{lengths.longest:.1f} s. Split it, or give it another provider."
            )
        return asked

    def plan(self, order: Order) -> Plan:
        """Return the plan of the provider that is asked first."""
        return self._plan_of(order.scene, order.config, order.seconds)

    def file_of(self, take: Take) -> Path:
        """Return the file of a take; it may be gone."""
        return self._folder.takes / take.file

    def _draws_films(self, scene: SceneRecord) -> bool:
        with contextlib.suppress(VoxweaveError):  # a provider that is not known
            return self._studio.pool.get(self.names_of(scene)[0]).capabilities.films
        return False

    def _plan_of(self, scene: SceneRecord, config: VideoConfig, seconds: float) -> Plan:
        return self._studio.pool.plan(self._first(scene), config, seconds)

    def _first(self, scene: SceneRecord) -> str:
        """Return the provider that is asked first: one that cannot be used now declines at once."""
        names = self.names_of(scene)
        pool = self._studio.pool
        ready = (name for name in names if check_availability(pool.get(name)).ready)
        return next(ready, names[0])

    def _state_of(self, scene: SceneRecord, order: Order) -> str:
        if scene.take is None:
            return "refused" if scene.refused else "failed" if scene.error else "to make"
        if not self.file_of(scene.take).is_file():
            return "gone"
        if scene.take.key == order.key:
            return "made"
        return "refused" if scene.refused else "stale"

    def _continues(self, scene: SceneRecord, status: Status) -> bool:
        return status.order is not None and status.order.follows

    def _continued(self, number: int, scene: SceneRecord) -> str:
        """Return a hash of the frame that a scene starts from; empty for one that starts by itself."""
        if not scene.follows or number < 2:
            return ""
        before = self._state.scenes[number - 2]
        if before.own:
            return f"{before.own} {before.length:.3f} {before.move * bool(before.still)}"
        return f"{before.take.sha} {before.length:.3f}" if before.take else "missing"

    def _key(self, scene: SceneRecord, config: VideoConfig, plan: Plan, seconds: float, start: str) -> str:
        """Return the hash of everything that a take's content depends on.

        Options that stand at their defaults are left out, so that an option of a later release makes no take stale.
        """
        options = {name: value for name, value in config.as_dict().items() if name not in _DELIVERY}
        facts: list[Any] = [options, list(self.names_of(scene)), round(seconds, 3), start]
        if config.image is not None:
            facts.append(config.image.sha256)
        if plan.model.narration != "none":  # it hears what is spoken in the scene
            cues = [cue.as_list() for cue in self._state.cues_of(scene)]
            sha = self._state.purpose.narration_sha
            facts.append([sha, round(scene.start, 3), round(scene.end, 3), cues])
        if self._draws_films(scene):
            # The neighbours have a say in what comes in turn, such as the place; that makes no take stale.
            facts.append(scene.shot)
        text = json.dumps(facts, sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def named(number: int, words: str) -> str:
    """Return a scene's number with its words, for messages: `Scene 4 ("and then the rain began")`."""
    return f"Scene {number} ({shown(words, _WORDS)})" if words else f"Scene {number}"


def advised(number: int, error: VoxweaveError) -> str:
    """Return an error with what to do about it in the board."""
    if isinstance(error, ContentRefused):
        return f"{error} Rewrite board.scenes[{number}].prompt and make() it again; the others are kept."
    if isinstance(error, SubmissionInDoubt):
        return f"{error} In the board: make(anew=[{number}])."
    return str(error)


def _moved(cue: Cue, by: float) -> Cue:
    """Return a caption at other times, in a scene that starts at 0."""
    words = tuple(
        Word(each.text, max(0.0, each.start + by), max(0.0, each.end + by), each.sure) for each in cue.words
    )
    start = max(0.0, cue.start + by)
    return Cue(start, max(start + 0.01, cue.end + by), cue.text, words)
