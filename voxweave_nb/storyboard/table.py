"""A board as text: one line for each scene."""

from __future__ import annotations

from typing import Protocol

from ..models import dollars, price
from ..validation import shown
from .orders import Orders, Status
from .scene import SceneRecord
from .state import BoardState

__all__ = ["table_of", "text_of"]

_HINT = "board.make() makes what is missing, board.assemble() joins it, free."
_ROWS = 200
_WORDS, _LEAST_WORDS = 44, 12


class _Board(Protocol):
    """The part of a board that its table needs."""

    @property
    def state(self) -> BoardState: ...

    @property
    def spent(self) -> float: ...

    def refresh(self) -> None: ...

    def _orders(self) -> Orders: ...


def text_of(board: _Board, *, width: int | None = None, hint: str = _HINT) -> str:
    """Return a board as it is on disk now as a table; the arguments are those of `table_of`."""
    board.refresh()
    return table_of(board.state, board._orders(), board.spent, most=_ROWS, width=width, hint=hint)


def table_of(
    state: BoardState, orders: Orders, spent: float, *, most: int, width: int | None = None, hint: str = _HINT
) -> str:
    """Return a board as a table, with its warnings and what to call next.

    Args:
        state: The board.
        orders: Its orders.
        spent: US dollars that it has cost or may have cost.
        most: The largest number of scenes to list.
        width: Columns of the terminal, or None; the words are cut to fit.
        hint: What to call next.
    """
    statuses = orders.statuses()
    costs = [_cost(each, status, orders) for each, status in zip(state.scenes[:most], statuses, strict=False)]
    column = max(map(len, costs), default=0)
    lines = [_line("#", "from", "length", "clip", "state", "takes", "price".ljust(column), "words")]
    room = _WORDS if width is None else min(_WORDS, max(_LEAST_WORDS, width - len(lines[0]) + len("words")))
    for number, (scene, status, cost) in enumerate(
        zip(state.scenes[:most], statuses, costs, strict=False), 1
    ):
        lines.append(_row(number, scene, status, cost.ljust(column), _words(state.words_of(scene), room)))
    if len(state.scenes) > most:
        lines.append(f"and {len(state.scenes) - most} more; board.scenes has them all")
    to_make = [each.plan.usd if each.plan else None for each in statuses if each.missing]
    known = sum(each for each in to_make if each is not None)
    unknown = f" and {to_make.count(None)} of unknown price" if None in to_make else ""
    lines.append(
        f"{len(state.scenes)} scenes, {state.purpose.seconds:.1f} s; {dollars(spent)} spent, {len(to_make)} to make: "
        f"{dollars(known)}{unknown}"
    )
    lines += [f"warning: {each}" for each in state.warnings]
    return "\n".join([*lines, *([hint] if hint else [])])


def _cost(scene: SceneRecord, status: Status, orders: Orders) -> str:
    if scene.own:
        return "own"
    return f"{orders.names_of(scene)[0]} {price(status.plan.usd) if status.plan else '?'}"


def _row(number: int, scene: SceneRecord, status: Status, cost: str, words: str) -> str:
    return _line(
        str(number),
        f"{scene.start:.1f}",
        f"{scene.length:.1f} s",
        "own" if scene.own else f"{round(scene.asked, 1):g} s" if scene.asked else "any",
        status.state,
        str(len(scene.takes) or ""),
        cost,
        words,
    )


def _words(words: str, room: int) -> str:
    """Return words in quotes, cut at their end to fit."""
    short = words if len(words) <= room - 2 else f"{words[: room - 3].rstrip()}…"
    return shown(short, len(short) + 10) if words else ""


def _line(*cells: str) -> str:
    number, start, length, clip, state, takes, cost, words = cells
    return f"{number:>3} {start:>7} {length:>7} {clip:>6}  {state:<8} {takes:>5}  {cost}  {words}".rstrip()
