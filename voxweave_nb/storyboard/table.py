"""A board as text: one line for each scene."""

from __future__ import annotations

from ..models import dollars, price
from ..validation import shown
from .orders import Orders, Status
from .scene import SceneRecord
from .state import BoardState

__all__ = ["table_of"]

_WORDS = 44


def table_of(state: BoardState, orders: Orders, spent: float, *, most: int) -> str:
    """Return a board as a table, with its warnings and what to call next.

    Args:
        state: The board.
        orders: Its orders.
        spent: US dollars that it has cost or may have cost.
        most: The largest number of scenes to list.
    """
    statuses = orders.statuses()
    lines = [_line("#", "from", "length", "clip", "state", "takes", "price", "words")]
    for number, (scene, status) in enumerate(zip(state.scenes[:most], statuses, strict=False), 1):
        lines.append(_row(number, scene, status, state.words_of(scene), orders))
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
    return "\n".join([*lines, "board.make() makes what is missing, board.assemble() joins it, free."])


def _row(number: int, scene: SceneRecord, status: Status, words: str, orders: Orders) -> str:
    usd = status.plan.usd if status.plan else None
    cost = "own" if scene.own else price(usd) if status.plan else "?"
    provider = "" if scene.own else orders.names_of(scene)[0]
    return _line(
        str(number),
        f"{scene.start:.1f}",
        f"{scene.length:.1f} s",
        "own" if scene.own else f"{scene.asked:.3g} s" if scene.asked else "any",
        status.state,
        str(len(scene.takes) or ""),
        f"{provider} {cost}".strip(),
        shown(words, _WORDS) if words else "",
    )


def _line(*cells: str) -> str:
    number, start, length, clip, state, takes, cost, words = cells
    return (
        f"{number:>3} {start:>7} {length:>7} {clip:>6}  {state:<8} {takes:>5}  {cost:<22}  {words}".rstrip()
    )
