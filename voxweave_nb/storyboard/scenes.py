"""The scenes of a board for a person: `board.scenes[4].prompt = "..."`, counted from 1."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, overload

from ..config import MAX_PROMPT
from ..errors import ConfigError
from ..images import ImageFile
from ..inputs import clean_path
from ..spellings import provider_name
from ..validation import shown, text, whole
from .folder import BoardFolder
from .scene import SceneRecord, Take
from .state import BoardState

__all__ = ["Scene", "Scenes"]

TRANSITIONS = ("cut", "dissolve")
_STILLS = (".png", ".jpg", ".jpeg", ".webp")
_MOST_SEED = 2**63 - 1


class _Board(Protocol):
    """The part of a board that its scenes need."""

    folder: BoardFolder

    @property
    def state(self) -> BoardState: ...

    def edit_scene(self, id: str, changes: Mapping[str, Any]) -> None: ...

    def prompt_of(self, id: str) -> str: ...

    def state_of(self, id: str) -> str: ...

    def price_of(self, id: str) -> float | None: ...

    def check_provider(self, name: str) -> None: ...


class Scene:
    """A scene of a board, as it is now. Its options are set by assignment, and written to disk at once.

    Args:
        board: The board.
        id: The scene's id, which stays when others are split or merged.
    """

    def __init__(self, board: _Board, id: str) -> None:
        object.__setattr__(self, "_board", board)
        object.__setattr__(self, "id", id)

    _board: _Board
    id: str

    def __setattr__(self, name: str, value: Any) -> None:
        if not isinstance(getattr(type(self), name, None), property):
            raise ConfigError(f"A scene has no option {shown(name)}; it has {', '.join(_SETTABLE)}.")
        object.__setattr__(self, name, value)

    @property
    def number(self) -> int:
        """Its number in the board, from 1."""
        return self._board.state.number(self.id)

    @property
    def start(self) -> float:
        """Seconds from the start of the narration."""
        return self._record.start

    @property
    def end(self) -> float:
        """Seconds from the start of the narration."""
        return self._record.end

    @property
    def seconds(self) -> float:
        """The length in seconds."""
        return self._record.length

    @property
    def asked(self) -> float:
        """Seconds of the clip that a provider is asked for; 0 for any."""
        return self._record.asked

    @property
    def words(self) -> str:
        """The words that are spoken in it."""
        return self._board.state.words_of(self._record)

    @property
    def prompt(self) -> str:
        """The prompt without the bible; `""` goes back to the one made from the scene's own words."""
        return self._board.prompt_of(self.id)

    @prompt.setter
    def prompt(self, value: str | None) -> None:
        self._set(prompt=text(value or "", "prompt", MAX_PROMPT))

    @property
    def shot(self) -> str:
        """The shot word, such as `"Wide shot"`."""
        return self._record.shot

    @shot.setter
    def shot(self, value: str | None) -> None:
        self._set(shot=text(value or "", "shot", 100))

    @property
    def provider(self) -> str | None:
        """The provider's name, or None for the board's."""
        return self._record.provider

    @provider.setter
    def provider(self, value: str | None) -> None:
        name = None if value is None else provider_name(str(value))
        if name is not None:
            self._board.check_provider(name)
        self._set(provider=name)

    @property
    def model(self) -> str | None:
        """The provider's model, or None for the board's."""
        return self._record.model

    @model.setter
    def model(self, value: str | None) -> None:
        self._set(model=None if value is None else text(value, "model", 200))

    @property
    def seed(self) -> int | None:
        """The seed, or None for the board's."""
        return self._record.seed

    @seed.setter
    def seed(self, value: int | None) -> None:
        self._set(seed=None if value is None else whole(value, "seed", 0, _MOST_SEED))

    @property
    def follows(self) -> bool:
        """True if it starts from the last frame of the scene before, where the model takes an image."""
        return self._record.follows

    @follows.setter
    def follows(self, value: bool) -> None:
        if not isinstance(value, bool):
            raise ConfigError(f"follows is {shown(value)}; give True or False.")
        self._set(follows=value)

    @property
    def transition(self) -> str | None:
        """`"cut"` or `"dissolve"` at its start, or None for the board's."""
        return self._record.transition

    @transition.setter
    def transition(self, value: str | None) -> None:
        if value is not None and value not in TRANSITIONS:
            raise ConfigError(f"transition is {shown(value)}; give 'cut', 'dissolve' or None.")
        self._set(transition=value)

    @property
    def still(self) -> Path | None:
        """A picture that is shown with a calm move instead of a clip, or None. It is copied into the board."""
        return self._board.folder.own / self._record.still if self._record.still else None

    @still.setter
    def still(self, value: str | os.PathLike[str] | None) -> None:
        if value is None:
            self._set(still="")
            return
        path = _existing(value, "picture")
        if path.suffix.lower() not in _STILLS:
            raise ConfigError(f"{path.name} is not a picture that can be shown; give {', '.join(_STILLS)}.")
        ImageFile.of(path)  # a damaged one is told now, not when the film is joined
        self._set(still=self._board.folder.keep(path), clip="")

    @property
    def clip(self) -> Path | None:
        """A clip of one's own, trimmed or slowed to fit, or None. It is copied into the board."""
        return self._board.folder.own / self._record.clip if self._record.clip else None

    @clip.setter
    def clip(self, value: str | os.PathLike[str] | None) -> None:
        if value is None:
            self._set(clip="")
            return
        path = _existing(value, "clip")
        from ..media.probe import probe

        if probe(path).video is None:
            raise ConfigError(f"{path.name} has no picture in it; give a video.")
        self._set(clip=self._board.folder.keep(path), still="")

    @property
    def takes(self) -> tuple[Take, ...]:
        """The takes, oldest first; those of an earlier prompt too."""
        return self._record.takes

    @property
    def take(self) -> Take | None:
        """The chosen take: the newest one, unless another was chosen."""
        return self._record.take

    def choose(self, take: int | Take) -> None:
        """Choose a take for the film, and its seed for the scene; the other takes are kept.

        Args:
            take: A take, or its place in `takes`, from 0.

        Raises:
            ConfigError: The scene has no such take.
        """
        takes = self.takes
        if not takes:
            raise ConfigError(f"Scene {self.number} has no take yet; board.make() makes one.")
        if isinstance(take, Take):
            found = next((each for each in takes if each.run == take.run), None)
        else:
            number = whole(take, "take", -len(takes), len(takes) - 1)
            found = takes[number]
        if found is None:
            raise ConfigError(f"This take is not one of scene {self.number}.")
        changes: dict[str, Any] = {"chosen": found.run}
        whole_film = self._board.state.purpose.config.seed
        seed = None if found.seed == whole_film else found.seed
        if seed != self.seed:
            changes["seed"] = seed
        self._board.edit_scene(self.id, changes)

    @property
    def state(self) -> str:
        """`"made"`, `"stale"`, `"own"`, `"to make"`, `"running"`, `"failed"`, `"refused"` or `"gone"`."""
        return self._board.state_of(self.id)

    @property
    def error(self) -> str:
        """Why the last take was not made; empty if it was."""
        return self._record.error

    @property
    def usd(self) -> float | None:
        """The price of one more take in US dollars, 0 if free; None if not known."""
        return self._board.price_of(self.id)

    @property
    def _record(self) -> SceneRecord:
        found = next((each for each in self._board.state.scenes if each.id == self.id), None)
        if found is None:
            raise ConfigError("This scene was merged into another one; look it up in board.scenes again.")
        return found

    def _set(self, **changes: Any) -> None:
        self._board.edit_scene(self.id, changes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scene) and (other._board is self._board) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        record = self._record
        spoken = f" {shown(self.words, 50)}" if self.words else ""
        return f"<Scene {self.number}: {record.start:.1f} to {record.end:.1f} s, {self.state}{spoken}>"

    def __dir__(self) -> list[str]:
        return sorted(name for name in super().__dir__() if not name.startswith("_"))


_SETTABLE = ("prompt", "shot", "provider", "model", "seed", "still", "clip", "follows", "transition")


class Scenes(Sequence[Scene]):
    """The scenes of a board, counted from 1 as in its table.

    Args:
        scenes: The scenes, in their order.
    """

    def __init__(self, scenes: Sequence[Scene]) -> None:
        self._scenes = tuple(scenes)

    @overload
    def __getitem__(self, number: int) -> Scene: ...

    @overload
    def __getitem__(self, number: slice) -> Sequence[Scene]: ...

    def __getitem__(self, number: int | slice) -> Scene | Sequence[Scene]:
        if isinstance(number, slice):
            numbers = range(len(self._scenes) + 1)[number]
            return [self[each] for each in numbers if each]
        count = len(self._scenes)
        if isinstance(number, bool) or not isinstance(number, int):
            raise ConfigError(f"{shown(number)} is not the number of a scene; give 1 to {count}.")
        if 1 <= number <= count:
            return self._scenes[number - 1]
        if -count <= number < 0:
            return self._scenes[number]
        raise SceneNumberError(
            f"The board has no scene {number}: scenes are counted from 1, and the last is {count}."
        )

    def __len__(self) -> int:
        return len(self._scenes)

    def __iter__(self) -> Iterator[Scene]:
        return iter(self._scenes)

    def __repr__(self) -> str:
        return "\n".join(map(repr, self._scenes))


class SceneNumberError(ConfigError, IndexError):
    """The board has no scene of that number."""


def _existing(value: str | os.PathLike[str], what: str) -> Path:
    path = clean_path(value, ConfigError, what)
    if not path.is_file():
        raise ConfigError(f"The {what} {shown(str(path))} does not exist; give the path of a file.")
    return path
