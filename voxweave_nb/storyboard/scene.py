"""What a board keeps of a scene: its place, its prompt, its options and its takes."""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

__all__ = ["PLAIN_FIELDS", "SceneRecord", "Take", "new_id"]

PLAIN_FIELDS = ("prompt", "provider", "model", "seed", "still", "clip", "follows", "transition", "shot")
"""The fields of a scene that a person sets by themselves; start and end change with their neighbour's."""


@dataclass(frozen=True, slots=True)
class Take:
    """A clip that was made for a scene.

    Attributes:
        run: The id of its run in the journal.
        key: The hash of everything that its content depends on.
        file: Its file name in the board's folder `takes`.
        sha: The SHA-256 of that file, in hexadecimal.
        provider: The provider that made it.
        model: The provider's model, or None.
        seed: The seed that was asked for, or None.
        prompt: The prompt that it was made from.
        seconds: Its length in seconds.
        usd: Its cost in US dollars: the provider's figure, else the estimate; None if not known.
        at: When it was finished, in seconds since 1970.
        warnings: Differences from what was asked, in sentences.
    """

    run: str
    key: str
    file: str
    sha: str
    provider: str
    model: str | None
    seed: int | None
    prompt: str
    seconds: float
    usd: float | None
    at: float
    warnings: tuple[str, ...] = ()

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """Restore a take from the values of `as_values`.

        Raises:
            ValueError: They are not those of a take.
        """
        take: Self = _restored(cls, {**values, "warnings": tuple(values.get("warnings", ()))})
        # A file name that leads elsewhere would let a board that was sent by someone name any file.
        if not take.file or "/" in take.file or "\\" in take.file or take.file.startswith("."):
            raise ValueError(f"the take {take.run!r} has the file name {take.file[:60]!r}")
        return take

    def as_values(self) -> dict[str, Any]:
        """Return all fields as plain values, for JSON."""
        return {**_plain(self), "warnings": list(self.warnings)}


@dataclass(frozen=True, slots=True)
class SceneRecord:
    """A scene, as `board.json` keeps it.

    Attributes:
        id: Its name for good: it stays when other scenes are split or merged.
        start: Seconds from the start of the narration.
        end: Seconds from the start of the narration, after `start`.
        asked: The clip's length to ask for, in seconds, 0 for any; a clip may be slowed a little to fill the scene.
        kind: The kind of its end, such as `"sentence"`.
        prompt: A prompt that a person or a chat model wrote, without the bible; empty for one made from the words of
            the scene.
        shot: The shot word, such as `"wide shot"`.
        provider: A provider's name, or None for the board's.
        model: The provider's model, or None for the board's.
        seed: A seed, or None for the board's.
        still: The name of a picture in the board's folder `own` that is shown instead of a clip; empty for none.
        move: The kind of move of the picture, any number; the moves take turns.
        clip: The name of an own clip in that folder; empty for none.
        follows: True if it starts from the last frame of the scene before.
        transition: `"cut"` or `"dissolve"` at its start, or None for the board's.
        takes: Its takes, oldest first.
        chosen: The run of the chosen take, or None for the newest.
        error: Why its last take was not made; empty if it was.
        refused: True if the provider refused the content of the prompt.
    """

    id: str
    start: float
    end: float
    asked: float = 0.0
    kind: str = ""
    prompt: str = ""
    shot: str = ""
    provider: str | None = None
    model: str | None = None
    seed: int | None = None
    still: str = ""
    move: int = 0
    clip: str = ""
    follows: bool = False
    transition: str | None = None
    takes: tuple[Take, ...] = field(default=())
    chosen: str | None = None
    error: str = ""
    refused: bool = False

    @property
    def length(self) -> float:
        """The length in seconds."""
        return self.end - self.start

    @property
    def own(self) -> str:
        """The name of the picture or clip of one's own that it shows, or empty."""
        return self.clip or self.still

    @property
    def take(self) -> Take | None:
        """The chosen take: the newest one, unless a person has chosen another."""
        return next(
            (each for each in self.takes if each.run == self.chosen), self.takes[-1] if self.takes else None
        )

    def with_take(self, take: Take) -> Self:
        """Return the scene with one more take, which becomes the chosen one; one that it has stays as it is."""
        if any(each.run == take.run for each in self.takes):
            return self
        return replace(self, takes=(*self.takes, take), chosen=take.run, error="", refused=False)

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """Restore a scene from the values of `as_values`.

        Raises:
            ValueError: They are not those of a scene.
        """
        takes = tuple(Take.from_values(each) for each in values.get("takes", ()))
        scene: Self = _restored(cls, {**values, "takes": takes})
        if not 0 <= scene.start < scene.end < math.inf:
            raise ValueError(f"scene {scene.id!r} goes from {scene.start} to {scene.end} s")
        for name in (scene.still, scene.clip):
            if "/" in name or "\\" in name or name.startswith("."):
                raise ValueError(f"scene {scene.id!r} has the file name {name[:60]!r}")
        return scene

    def as_values(self) -> dict[str, Any]:
        """Return the fields that differ from their defaults as plain values, for JSON."""
        takes = {"takes": [each.as_values() for each in self.takes]} if self.takes else {}
        return {**_plain(self, but=("takes",)), **takes}


def new_id() -> str:
    """Return an id that no scene ever had: runs in the journal are found by it."""
    return f"s{secrets.token_hex(4)}"


_KINDS: Mapping[str, tuple[type, ...]] = {
    "str": (str,),
    "str | None": (str, type(None)),
    "float": (float, int),
    "float | None": (float, int, type(None)),
    "int": (int,),
    "int | None": (int, type(None)),
    "bool": (bool,),
    "tuple[str, ...]": (tuple,),
    "tuple[Take, ...]": (tuple,),
}


def _restored(cls: Any, values: Mapping[str, Any]) -> Any:
    """Return an object of known fields; those of a newer release are left out."""
    known = {each.name: str(each.type) for each in fields(cls)}
    given = {name: value for name, value in values.items() if name in known}
    for name, value in given.items():
        if not isinstance(value, _KINDS[known[name]]) or (isinstance(value, bool) and known[name] != "bool"):
            raise ValueError(f"{name} is {str(value)[:60]!r}")
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{name} is {value!r}")
    try:
        return cls(**given)
    except TypeError as error:
        raise ValueError(str(error)) from error


def _plain(record: Any, but: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the fields of a record that differ from their defaults."""
    return {
        each.name: value
        for each in fields(record)
        if each.name not in but and (value := getattr(record, each.name)) != each.default
    }
