"""What the page of a board asks for: edits, choices, and takes that are paid for once."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from ..errors import ConfigError
from ..models import dollars, price
from ..storyboard.board import Storyboard
from ..storyboard.edits import place_of_word
from ..storyboard.rows import SceneRow
from ..storyboard.scenes import Scene
from ..validation import shown
from .board_page import cost_of

__all__ = ["BoardActions"]

Message = Mapping[str, Any]

_MOST_TURNS = 500
_CENT = 0.005


class BoardActions:
    """Does to a board what a page asks for, through the board's own methods.

    Args:
        board: The board.
    """

    def __init__(self, board: Storyboard) -> None:
        self._board = board
        self._turns: deque[str] = deque(maxlen=_MOST_TURNS)
        self._actions: Mapping[str, Callable[[Message], object]] = {
            "edit": self._set,
            "split": self._split,
            "merge": self._merge,
            "move": self._move,
            "choose": self._choose,
            "make": self._make,
            "redo": self._redo,
            "cancel": self._cancel,
        }

    def receive(self, message: Message) -> bool:
        """Do what a message asks for; return False if it is about something else.

        Raises:
            VoxweaveError: It is not possible; nothing was changed and nothing was sent.
        """
        action = self._actions.get(str(message.get("kind")))
        if action is None:
            return False
        action(message)
        return True

    # Edits. The page says what it showed, so that a change by another program is told instead of overwritten.

    def _set(self, message: Message) -> None:
        scene, name, value = self._scene(message), str(message.get("field")), message.get("value")
        if name == "prompt":
            self._check_shown(scene, "prompt", message.get("was"), scene.prompt)
            scene.prompt = str(value or "")
        elif name == "provider":
            self._check_shown(scene, "provider", message.get("was") or None, scene.provider)
            scene.provider = str(value) if value else None
        elif name == "own":
            if scene._record.clip:
                scene.clip = None
            else:
                scene.still = None
        else:
            raise ConfigError(f"{shown(name)} cannot be edited in the table.")

    def _split(self, message: Message) -> None:
        scene = self._scene(message)
        self._check_times(scene, message)
        word = message.get("word")
        if not isinstance(word, int):
            raise ConfigError(f"Scene {scene.number} is split before a word; point at one.")
        at = place_of_word(word, self._board.state.transcript, scene._record, scene.number)
        self._board.split(scene.number, at=at)

    def _merge(self, message: Message) -> None:
        scene = self._scene(message)
        self._check_times(scene, message)
        self._board.merge(scene.number, scene.number + 1)

    def _move(self, message: Message) -> None:
        scene = self._scene(message)
        self._check_times(scene, message)
        end = message.get("end")
        if not isinstance(end, int | float) or not math.isfinite(end):
            raise ConfigError(f"{shown(str(end))} is not a time; give seconds.")
        self._board.move(scene.number, end=float(end), snap=bool(message.get("snap", True)))

    def _choose(self, message: Message) -> None:
        scene, run = self._scene(message), message.get("run")
        take = next((each for each in scene.takes if each.run == run), None)
        if take is None:
            raise ConfigError(f"This take of scene {scene.number} is not in the board any more.")
        scene.choose(take)

    # Money

    def _make(self, message: Message) -> None:
        if self._is_repeated(message):
            return
        cost = cost_of(self._board.rows())
        told = float(message.get("usd") or 0.0), int(message.get("unknown") or 0)
        if cost["usd"] > told[0] + _CENT or cost["unknown"] > told[1]:
            raise ConfigError(
                f"Nothing was sent: making {cost['count']} scenes costs {_words(cost)} by now, not "
                f"{dollars(told[0])}. Press the button again."
            )
        budget = message.get("budget")
        self._board.make(budget=float(budget) if isinstance(budget, int | float) else None)

    def _redo(self, message: Message) -> None:
        if self._is_repeated(message):
            return
        scene = self._scene(message)
        row = self._row(scene)
        if message.get("takes") != len(scene.takes):
            raise ConfigError(
                f"Nothing was sent: scene {scene.number} has {len(scene.takes)} takes by now. Look at the new one "
                "first."
            )
        told, anew = message.get("usd"), bool(message.get("anew"))
        dearer = (told is None) != (row.usd is None) or (row.usd or 0.0) > (told or 0.0) + _CENT
        if dearer and (anew or not row.left):
            raise ConfigError(
                f"Nothing was sent: a take of scene {scene.number} costs {price(row.usd)} by now. Press the button "
                "again."
            )
        self._board.redo(scene.number, anew=anew)

    def _cancel(self, _: Message) -> None:
        for run in self._board.current_runs:
            run.cancel()

    def _is_repeated(self, message: Message) -> bool:
        """Return True for a message that came before: a connection may deliver one twice."""
        turn = str(message.get("turn"))
        if turn in self._turns:
            return True
        self._turns.append(turn)
        return False

    # What the page showed

    def _scene(self, message: Message) -> Scene:
        name = str(message.get("of"))
        found = next((scene for scene in self._board.scenes if scene.id == name), None)
        if found is None:
            raise ConfigError("This scene was merged into another one meanwhile.")
        return found

    def _row(self, scene: Scene) -> SceneRow:
        return next(row for row in self._board.rows() if row.record.id == scene.id)

    def _check_times(self, scene: Scene, message: Message) -> None:
        was = message.get("was")
        now = [round(scene.start, 3), round(scene.end, 3)]
        if was != now:
            raise ConfigError(
                f"Scene {scene.number} was changed meanwhile: it goes from {now[0]:.1f} to {now[1]:.1f} s now. Nothing "
                "was overwritten; repeat the edit to make it all the same."
            )

    def _check_shown(self, scene: Scene, name: str, was: Any, now: Any) -> None:
        if was != now:
            raise ConfigError(
                f"Scene {scene.number} was changed meanwhile: its {name} is {shown(str(now), 80)} now. Nothing was "
                "overwritten; repeat the edit to make it all the same."
            )


def _words(cost: Mapping[str, float]) -> str:
    more = f" and {cost['unknown']:.0f} of unknown price" if cost["unknown"] else ""
    return dollars(cost["usd"]) + more
