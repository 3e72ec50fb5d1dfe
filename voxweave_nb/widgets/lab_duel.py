"""The duel: two videos of a lab at a time, blind, and a vote on each pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import anywidget
import traitlets

from ..errors import ConfigError
from ..lab.duels import TITLED, Duel, checked_goal
from ..lab.prompt_lab import PromptLab
from ..lab.records import Choice, Variant, Vote, parse_choice
from ..result import GeneratedVideo
from . import texts
from .assets import module
from .elements import error_text
from .fallback import fallback, with_fallback
from .lab_videos import LabVideos

__all__ = ["DuelView"]

# A page that was left open must not report hours.
_LONGEST_SHOWN = 3600.0


@dataclass(frozen=True, slots=True)
class _Cast:
    """A vote with its pair, to take back."""

    vote: Vote
    left: Variant
    right: Variant


class DuelView(anywidget.AnyWidget):  # type: ignore[misc,unused-ignore]  # traitlets are untyped
    """Show two videos of a lab at a time and keep a vote on each pair.

    The labels are hidden until the vote, and the sides are drawn at random. The next pair is the one that tells most.

    Args:
        lab: The lab.
        goal: `"best"` to find the best one, `"rank"` to rank all of them.
        by: A rater, or several of them, whose votes choose the pairs; None counts everybody's.
        first: The first pair; by default one is chosen.

    Raises:
        ConfigError: The goal is unknown, or fewer than two variants have a video.
    """

    error = traitlets.Unicode("", help="The last error's message, or empty.").tag(sync=True)
    advance = traitlets.Bool(False, help="Go on by itself, a moment after each vote.").tag(sync=True)

    _kind = traitlets.Unicode("duel").tag(sync=True)
    _about = traitlets.Dict(help="The lab's name, what the duels are for, and a warning.").tag(sync=True)
    _pair = traitlets.Dict(help="The number of the pair and the names of its two videos.").tag(sync=True)
    _last = traitlets.Dict(help="The labels of the pair that was voted on last.").tag(sync=True)
    _said = traitlets.Unicode("", help="How many more votes it takes.").tag(sync=True)
    _votes = traitlets.Int(0, help="Votes in this view.").tag(sync=True)
    _esm = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        lab: PromptLab,
        goal: str = "best",
        *,
        by: str | Sequence[str] | None = None,
        first: Duel | None = None,
    ) -> None:
        self._lab, self._goal, self._by = lab, checked_goal(goal), by
        self._number = 0
        self._cast: list[_Cast] = []
        self._skipped: set[frozenset[str]] = set()
        self._sides: dict[str, Variant] = {}
        self._videos = LabVideos(self.send, self._video)
        duel = first or lab.next_duel(goal, by=by)
        about = {"name": lab.name, "goal": goal, "note": TITLED if lab.shows_titles else ""}
        super().__init__(_esm=module("lab", "lab"), _about=about)
        self._show(duel)
        self.on_msg(self._on_message)

    @property
    def pair(self) -> tuple[str, str]:
        """The ids of the variants on the left and on the right."""
        left, right = self._pair["left"], self._pair["right"]
        return self._sides[left].id, self._sides[right].id

    @property
    def votes(self) -> tuple[Vote, ...]:
        """The votes that were given in this view, oldest first."""
        return tuple(each.vote for each in self._cast)

    def vote(self, choice: Choice | str, *, shown: float = 0.0) -> Vote:
        """Keep a vote on the present pair and show the next one.

        Args:
            choice: `"left"`, `"right"`, `"tie"` or `"bad"` (both are).
            shown: The time in seconds for which both were shown.

        Raises:
            ConfigError: The choice is invalid, or the vote cannot be written.
        """
        chosen = parse_choice(choice)
        left, right = self._present()
        vote = self._lab.vote(left, right, chosen, shown=min(max(shown, 0.0), _LONGEST_SHOWN), blind=True)
        self._cast.append(_Cast(vote, left, right))
        with self.hold_sync():
            self._last = {
                "number": self._number,
                "choice": chosen.value,
                "left": _label(left),
                "right": _label(right),
            }
            self._votes = len(self._cast)
            self._show(self._next())
        return vote

    def skip(self) -> None:
        """Show another pair without a vote; this one comes back when all others have been shown."""
        left, right = self._present()
        self._skipped.add(frozenset((left.id, right.id)))
        self._show(self._next())

    def undo(self) -> bool:
        """Take the last vote of this view back and show its pair again; return False if there is none."""
        if not self._cast:
            return False
        last = self._cast.pop()
        self._lab.undo(last.vote)
        with self.hold_sync():
            self._votes, self._last = len(self._cast), {}
            self._show(Duel(last.left, last.right, self._next().ranking))
        return True

    def _present(self) -> tuple[Variant, Variant]:
        return self._sides[self._pair["left"]], self._sides[self._pair["right"]]

    def _next(self) -> Duel:
        return self._lab.next_duel(self._goal, by=self._by, skipped=self._skipped)

    def _show(self, duel: Duel) -> None:
        self._number += 1
        names = f"{self._number}-left", f"{self._number}-right"
        # The pair before stays known: a page may still load it.
        self._sides = {**dict(list(self._sides.items())[-4:]), names[0]: duel.left, names[1]: duel.right}
        with self.hold_sync():
            self._pair = {"number": self._number, "left": names[0], "right": names[1]}
            self._said = duel.words

    def _video(self, name: str) -> GeneratedVideo | None:
        variant = self._sides.get(name)
        return self._lab.variant(variant).video if variant is not None else None

    # Messages arrive on the kernel's main thread or a subshell's.

    def _on_message(self, _: Any, message: Any, __: Any) -> None:
        if not isinstance(message, Mapping):
            return
        try:
            if self._videos.receive(message):
                return
            # A key that was pressed twice must not vote on a pair that nobody has seen.
            current = message.get("number") == self._number
            match message.get("kind"):
                case "vote" if current:
                    self.vote(str(message.get("choice")), shown=_seconds(message.get("shown")))
                case "skip" if current:
                    self.skip()
                case "undo":
                    self.undo()
                case "verdict":
                    self.send({"kind": "verdict", "text": self._lab.ranking(self._by).verdict})
            self.error = ""
        except Exception as error:  # noqa: BLE001  shown in the page: nobody would see the traceback
            self.error = error_text(error)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        shown = fallback(texts.DUEL_PLAIN.format(name=self._lab.name))
        return with_fallback(super()._repr_mimebundle_(**options), shown)


def _label(variant: Variant) -> dict[str, Any]:
    return {"id": variant.id, "axes": dict(variant.axes), "prompt": variant.config.prompt}


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError("The page sent no time; reload it.")
    return float(value)
