"""All of a board as one value: what it is for, its captions and its scenes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from ..config import VideoConfig
from ..models import Cue
from .scene import SceneRecord, Take
from .spoken import Transcript

__all__ = ["SCHEMA", "BoardState", "Place", "Purpose"]

SCHEMA = 1

Place = tuple[float, str]
"""A place where a scene may end: seconds from the start of the narration, and its kind, such as `"sentence"`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What a board is for. It does not change.

    Attributes:
        name: The name, which names the folder too.
        group: The id of its group in the journal, which its budget is for.
        narration: The path of the narration, as it was given.
        nearby: The same path, from the board's folder: it is found there when both were moved.
        narration_sha: The SHA-256 of the narration's file, in hexadecimal.
        seconds: The length of the narration in seconds.
        chain: The providers, in the order in which they are asked.
        last_resort: The provider of the chain that is asked only if no other can be used at all, or empty.
        config: The options of all scenes.
        bible: The words that begin every prompt.
        target: The length of a scene that the cutting aimed at, in seconds, or None.
        origin: A hash of what the board was made from; the same call opens the same board again.
        created: When it was made, in seconds since 1970.
    """

    name: str
    group: str
    narration: str
    nearby: str
    narration_sha: str
    seconds: float
    chain: tuple[str, ...]
    config: VideoConfig
    last_resort: str = ""
    bible: str = ""
    target: float | None = None
    origin: str = ""
    created: float = 0.0

    def as_values(self) -> dict[str, Any]:
        """Return all fields as plain values, for JSON."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {**values, "chain": list(self.chain), "config": self.config.as_dict()}

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """Restore a purpose from the values of `as_values`.

        Raises:
            ValueError: They are not those of a purpose.
            ConfigError: An option is not known.
        """
        given = {name: values[name] for name in cls.__slots__ if name in values}
        texts = ("name", "group", "narration", "nearby", "narration_sha", "bible", "origin", "last_resort")
        for name in texts:
            if not isinstance(given.get(name, ""), str):
                raise ValueError(f"{name} is {str(given[name])[:60]!r}")  # noqa: TRY004  read from a file
        if not (isinstance(given.get("seconds"), (int, float)) and 0 < given["seconds"] < math.inf):
            raise ValueError(f"seconds is {given.get('seconds')!r}")
        if not given.get("chain") or not all(isinstance(each, str) for each in given["chain"]):
            raise ValueError("it names no provider")
        given |= {"chain": tuple(given["chain"]), "config": VideoConfig.of(given["config"])}
        return cls(**given)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardState:
    """A board at one moment.

    Attributes:
        purpose: What it is for.
        cues: The captions of the whole narration.
        boundaries: The places where scenes may end, in their order.
        scenes: The scenes, in their order, without gaps.
        absorbed: The scene that a merged one is part of now, by the merged one's id.
        transition: `"cut"` or `"dissolve"` between scenes that do not say.
        warnings: What differs from what was asked, in sentences.
        revision: The number of changes.
    """

    purpose: Purpose
    cues: tuple[Cue, ...] = ()
    boundaries: tuple[Place, ...] = ()
    scenes: tuple[SceneRecord, ...] = ()
    absorbed: Mapping[str, str] = field(default_factory=dict)
    transition: str = "cut"
    warnings: tuple[str, ...] = ()
    revision: int = 0

    def scene(self, id: str) -> SceneRecord | None:
        """Return the scene of an id, or the one that it was merged into; None if there is none."""
        name = id
        for _ in range(len(self.absorbed) + 1):
            if found := next((each for each in self.scenes if each.id == name), None):
                return found
            name = self.absorbed.get(name, "")
        return None

    def number(self, id: str) -> int:
        """Return the number of a scene, from 1; 0 if there is none of that id."""
        return next((number for number, each in enumerate(self.scenes, 1) if each.id == id), 0)

    @property
    def transcript(self) -> Transcript:
        """The words with their times; those that are estimated stay on their side of each place for a cut."""
        return Transcript(self.cues, [(time, time) for time, _ in self.boundaries])

    def cues_of(self, scene: SceneRecord) -> tuple[Cue, ...]:
        """Return the captions whose middle lies in a scene, with their times in the narration."""
        last = scene is self.scenes[-1] if self.scenes else False
        return tuple(
            cue
            for cue in self.cues
            if scene.start <= (middle := (cue.start + cue.end) / 2) < scene.end
            or (last and middle >= scene.end)
        )

    def words_of(self, scene: SceneRecord) -> str:
        """Return the words that are spoken in a scene; a caption that is cut gives the words on its side."""
        return self.transcript.between(scene.start, scene.end)

    def changed(self, scene: SceneRecord) -> Self:
        """Return the board with a scene replaced, found by its id."""
        return replace(self, scenes=tuple(scene if each.id == scene.id else each for each in self.scenes))

    def with_take(self, id: str, take: Take) -> Self:
        """Return the board with one more take of a scene, or of the one that it was merged into."""
        scene = self.scene(id)
        return self if scene is None else self.changed(scene.with_take(take))

    def as_values(self) -> dict[str, Any]:
        """Return all fields as plain values, for JSON."""
        return {
            "schema": SCHEMA,
            "revision": self.revision,
            "board": self.purpose.as_values(),
            "transition": self.transition,
            "scenes": [each.as_values() for each in self.scenes],
            "absorbed": dict(self.absorbed),
            "warnings": list(self.warnings),
            "boundaries": [list(each) for each in self.boundaries],
            "cues": [each.as_list() for each in self.cues],
        }

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """Restore a board from the values of `as_values`.

        Raises:
            ValueError: They are not those of a board.
            ConfigError: An option is not known.
        """
        try:
            return cls(
                purpose=Purpose.from_values(values["board"]),
                cues=tuple(Cue.from_list(each) for each in values["cues"]),
                boundaries=tuple((float(time), str(kind)) for time, kind in values["boundaries"]),
                scenes=_in_order(tuple(SceneRecord.from_values(each) for each in values["scenes"])),
                absorbed={str(key): str(each) for key, each in values["absorbed"].items()},
                transition=str(values["transition"]),
                warnings=tuple(map(str, values["warnings"])),
                revision=int(values["revision"]),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{type(error).__name__}: {error}") from error


def _in_order(scenes: Sequence[SceneRecord]) -> tuple[SceneRecord, ...]:
    if len({each.id for each in scenes}) < len(scenes):
        raise ValueError("two scenes have one id")
    for one, following in itertools.pairwise(scenes):
        if abs(one.end - following.start) > 1e-6:
            raise ValueError(
                f"scene {one.id} ends at {one.end} s, and the next begins at {following.start} s"
            )
    return tuple(scenes)
