"""A board's scenes as a view shows them: one row for each, with its state, its price and what it waits for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..journal import Run, RunState
from .edits import spoken_in
from .making import BoardRun
from .orders import Orders, Status
from .scene import SceneRecord
from .spoken import Transcript
from .state import BoardState

__all__ = ["SceneRow", "rows_of"]


@dataclass(frozen=True, slots=True)
class SceneRow:
    """A scene as it is now.

    Attributes:
        number: Its number in the board, from 1.
        record: What the board keeps of it.
        state: A word as in `Scene.state`, or `"waiting"`: a run will make it.
        words: The words that are spoken in it, in their order, each with the space after it.
        prompt: Its prompt without the bible.
        provider: The provider that is asked first; empty for one's own image or clip.
        usd: The price of one more take in US dollars; None if not known.
        problem: Why it cannot be made, or empty.
        missing: True if making pays for it or fetches it.
        left: `"paid"` if an unfinished submission of it is fetched without paying again, `"doubt"` if one may have
            been accepted and billed, `"elsewhere"` if another program makes it; else empty.
    """

    number: int
    record: SceneRecord
    state: str
    words: tuple[str, ...]
    prompt: str
    provider: str
    usd: float | None
    problem: str
    missing: bool
    left: str = ""

    @property
    def text(self) -> str:
        """The words as one text."""
        return " ".join("".join(self.words).split())


def rows_of(
    state: BoardState, orders: Orders, runs: Sequence[Run], making: Sequence[BoardRun]
) -> tuple[SceneRow, ...]:
    """Return the rows of a board.

    Args:
        state: The board.
        orders: Its orders.
        runs: The journal's runs of the board.
        making: The runs that make scenes now.
    """
    transcript = state.transcript
    left = {run.reuse_key: word for run in runs if not run.state.ended and (word := _left(run))}
    return tuple(
        _row(number, scene, status, orders, transcript, left, making)
        for number, (scene, status) in enumerate(zip(state.scenes, orders.statuses(), strict=True), 1)
    )


def _row(
    number: int,
    scene: SceneRecord,
    status: Status,
    orders: Orders,
    transcript: Transcript,
    left: Mapping[str, str],
    making: Sequence[BoardRun],
) -> SceneRow:
    names, plan = orders.names_of(scene), status.plan
    mine = [run for run in making if run.makes(scene.id)]
    now = status.state
    if mine:
        now = "running" if any(run.job_of(scene.id) for run in mine) else "waiting"
    mine_left = "" if mine or status.order is None else left.get(status.order.reuse_key, "")
    prompt = orders.prompt_of(scene, plan) if plan is not None else scene.prompt
    return SceneRow(
        number=number,
        record=scene,
        state=now,
        words=tuple(word.text for word in spoken_in(transcript, scene)),
        prompt=prompt,
        provider="" if scene.own else (plan.provider if plan is not None and plan.provider else names[0]),
        usd=0.0 if scene.own else plan.usd if plan is not None else None,
        problem=status.problem,
        missing=status.missing and not mine,
        left=mine_left,
    )


def _left(run: Run) -> str:
    """Return what became of a submission that has not ended."""
    if run.held:
        return "elsewhere"
    if run.state is RunState.IN_DOUBT:
        return "doubt"
    return "paid" if run.resumable else ""
