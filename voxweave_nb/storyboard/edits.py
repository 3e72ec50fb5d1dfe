"""Edits of a board: split, merge, move a boundary, set options. Pure: each returns the changed board."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..errors import ConfigError
from ..validation import shown
from .scene import SceneRecord, new_id
from .spoken import Said, Transcript
from .state import BoardState

__all__ = [
    "LONGEST_CHAIN",
    "SHORTEST",
    "Asked",
    "check_unchanged",
    "merge",
    "move",
    "place_of",
    "place_of_word",
    "set_options",
    "split",
    "spoken_in",
]

LONGEST_CHAIN = 3
"""The most scenes in a row of which each starts from the last frame of the one before: colours drift from the
fourth."""

SHORTEST = 0.5
"""Seconds of the shortest scene that an edit may leave."""

_BEFORE_WORDS = 0.25
"""Seconds before the next word at which a cut lies at most."""

_SNAP = 0.3
"""Seconds within which a moved boundary snaps to the end of a sentence, a clause or a pause."""

Asked = Callable[[SceneRecord], float]
"""Returns the length to ask a provider for, in seconds; raises `ConfigError` for a scene that it cannot fill."""


def check_unchanged(
    now: BoardState, seen: BoardState, ids: Collection[str], names: Collection[str] = ("start", "end")
) -> None:
    """Check that what an edit is about to change is as the person saw it.

    Args:
        now: The board on disk.
        seen: The board as it was shown.
        ids: The ids of the scenes that are to be changed.
        names: The fields that are to be changed.

    Raises:
        ConfigError: Another program has changed one of them; the message says what it is now.
    """
    for name in ids:
        before, after = seen.scene(name), next((each for each in now.scenes if each.id == name), None)
        number = seen.number(name)
        if before is None or after is None:
            raise ConfigError(
                f"Scene {number} was merged into another one by another program. Nothing was overwritten; look at the "
                "board again."
            )
        for option in names:
            if getattr(before, option) != (value := getattr(after, option)):
                shown_value = f"{value:.1f} s" if option in ("start", "end") else shown(value, 80)
                raise ConfigError(
                    f"Scene {number} was changed by another program: its {option} is {shown_value} now. Nothing was "
                    "overwritten; repeat the edit to make it all the same."
                )


def set_options(
    state: BoardState, id: str, changes: Mapping[str, Any], asked: Asked | None = None
) -> BoardState:
    """Return the board with options of a scene set; values are checked by the caller, except what spans scenes.

    Raises:
        ConfigError: The scene cannot follow, or no provider fills it.
    """
    scene = _scene(state, id)
    after = replace(scene, **changes, error="", refused=False)
    if after.still and not scene.still:
        # Counted up, so that stills do not all move alike, and kept, so that it stays when others come and go.
        after = replace(after, move=1 + max((each.move for each in state.scenes if each.still), default=-1))
    if after.follows:
        _check_chain(state.changed(after), id)
    if asked is not None:
        after = replace(after, asked=asked(after))
    return state.changed(after)


def split(state: BoardState, id: str, at: float, asked: Asked) -> BoardState:
    """Return the board with a scene split in two; the first part keeps the id and the takes.

    Args:
        state: The board.
        id: The scene's id.
        at: Seconds from the start of the narration.
        asked: The length to ask a provider for.

    Raises:
        ConfigError: One of the parts would be shorter than half a second.
    """
    scene = _scene(state, id)
    number = state.number(id)
    if not scene.start + SHORTEST <= at <= scene.end - SHORTEST:
        raise ConfigError(
            f"Scene {number} goes from {scene.start:.1f} to {scene.end:.1f} s and cannot be split at "
            f"{at:.1f} s: each part has to have {SHORTEST:g} s."
        )
    kind = next((kind for time, kind in state.boundaries if abs(time - at) < 0.01), "")
    first = replace(scene, end=at, kind=kind)
    second = replace(
        scene,
        id=new_id(),
        start=at,
        takes=(),
        chosen=None,
        error="",
        refused=False,
        follows=False,
        still="",
        clip="",
    )
    parts = [_asking(part, asked) for part in (first, second)]
    return replace(state, scenes=(*state.scenes[: number - 1], *parts, *state.scenes[number:]))


def merge(state: BoardState, first: str, second: str, asked: Asked) -> BoardState:
    """Return the board with two neighbours merged; the first one's id and options stay, and the takes of both.

    Raises:
        ConfigError: They are not neighbours, or no provider fills the whole.
    """
    numbers = sorted((state.number(first), state.number(second)))
    if numbers[0] < 1 or numbers[1] != numbers[0] + 1:
        raise ConfigError(
            f"Scenes {numbers[0]} and {numbers[1]} are not neighbours; merge one with the next."
        )
    one, two = state.scenes[numbers[0] - 1], state.scenes[numbers[1] - 1]
    own = list(dict.fromkeys(each.prompt for each in (one, two) if each.prompt))
    prompt = own[0] if len(own) == 1 and one.prompt else " ".join(own) if len(own) == 2 else one.prompt
    whole = replace(
        one,
        end=two.end,
        kind=two.kind,
        prompt=prompt,
        takes=(*two.takes, *one.takes),
        chosen=one.take.run if one.take else None,
        error="",
        refused=False,
    )
    scenes = (*state.scenes[: numbers[0] - 1], _asking(whole, asked), *state.scenes[numbers[1] :])
    return replace(state, scenes=scenes, absorbed={**state.absorbed, two.id: one.id})


def move(state: BoardState, id: str, at: float, asked: Asked, *, snap: bool = True) -> BoardState:
    """Return the board with the end of a scene, which is the start of the next one, at another moment.

    Args:
        state: The board.
        id: The scene's id.
        at: Seconds from the start of the narration.
        asked: The length to ask a provider for.
        snap: Move on to the nearest end of a sentence, a clause or a pause within 0.3 s.

    Raises:
        ConfigError: It is the last scene, or one of both would be shorter than half a second.
    """
    number = state.number(id)
    scene = _scene(state, id)
    if number == len(state.scenes):
        raise ConfigError(f"Scene {number} is the last one: it ends with the narration.")
    following = state.scenes[number]
    near = [(abs(time - at), time, kind) for time, kind in state.boundaries if abs(time - at) <= _SNAP]
    _, at, kind = min(near) if snap and near else (0.0, at, "")
    if not scene.start + SHORTEST <= at <= following.end - SHORTEST:
        raise ConfigError(
            f"The boundary of scenes {number} and {number + 1} can lie between "
            f"{scene.start + SHORTEST:.1f} and {following.end - SHORTEST:.1f} s, not at {at:.1f} s."
        )
    parts = (_asking(replace(scene, end=at, kind=kind), asked), _asking(replace(following, start=at), asked))
    return replace(state, scenes=(*state.scenes[: number - 1], *parts, *state.scenes[number + 1 :]))


def place_of(text: str, transcript: Transcript, scene: SceneRecord, number: int) -> float:
    """Return the moment before words of a scene, in seconds from the start of the narration.

    It lies in the middle of the pause before the words, but at most a quarter of a second before them.

    Raises:
        ConfigError: The words are not spoken in the scene, or more than once.
    """
    start = transcript.time_of(text, scene.start, scene.end)
    if not text.strip():
        raise ConfigError(f"at is {shown(text)}; give words of scene {number}, or seconds.")
    if start is None:
        words = shown(transcript.between(scene.start, scene.end), 200)
        raise ConfigError(f"Scene {number} does not have the words {shown(text, 60)}; it has {words}.")
    said = [word for place in range(len(transcript.cues)) for word in transcript.words(place)]
    after = next(word.end for word in said if word.start == start)
    if transcript.time_of(text, after, scene.end) is not None:
        raise ConfigError(
            f"Scene {number} has the words {shown(text, 60)} more than once; give more of them."
        )
    return _before(start, said, scene)


def spoken_in(transcript: Transcript, scene: SceneRecord) -> list[Said]:
    """Return the words that are spoken in a scene, in their order, each with the space after it."""
    found = []
    for number, cue in enumerate(transcript.cues):
        if cue.start >= scene.end or cue.end <= scene.start:
            continue
        words = transcript.words(number)
        spaced = [replace(word, text=f"{word.text.rstrip()} ") for word in words[-1:]]
        inside = ((word, (word.start + word.end) / 2) for word in (*words[:-1], *spaced))
        found += [word for word, middle in inside if scene.start <= middle < scene.end]
    return found


def place_of_word(word: int, transcript: Transcript, scene: SceneRecord, number: int) -> float:
    """Return the moment before a word of a scene, in seconds from the start of the narration.

    Args:
        word: The place of the word among those that are spoken in the scene, from 0.
        transcript: The words of the narration.
        scene: The scene.
        number: Its number, for the message.

    Raises:
        ConfigError: The scene has no such word.
    """
    said = spoken_in(transcript, scene)
    if not 0 < word < len(said):
        raise ConfigError(
            f"Scene {number} has {len(said)} words; it can be split before the second or a later one."
        )
    return _before(said[word].start, said, scene)


def _before(start: float, said: Sequence[Said], scene: SceneRecord) -> float:
    """Return a moment in the pause before a word that starts at a time."""
    before = max((word.end for word in said if word.start < start), default=scene.start)
    return start if before >= start else max((before + start) / 2, start - _BEFORE_WORDS)


def _scene(state: BoardState, id: str) -> SceneRecord:
    found = next((each for each in state.scenes if each.id == id), None)
    if found is None:
        raise ConfigError("The scene is not in the board any more: it was merged into another one.")
    return found


def _asking(scene: SceneRecord, asked: Asked) -> SceneRecord:
    return replace(scene, asked=asked(scene))


def _check_chain(state: BoardState, id: str) -> None:
    number = state.number(id)
    if number == 1:
        raise ConfigError("Scene 1 cannot follow: it has no scene before it.")
    for first in range(number):
        run = state.scenes[first + 1 : first + 1 + LONGEST_CHAIN]
        if len(run) == LONGEST_CHAIN and all(each.follows for each in run):
            raise ConfigError(
                f"Scenes {first + 1} to {first + 1 + LONGEST_CHAIN} would be one chain; colours and contrast drift "
                f"from the fourth clip on, so that at most {LONGEST_CHAIN} scenes may follow one another. Let one of "
                "them start anew: board.scenes[n].follows = False."
            )
