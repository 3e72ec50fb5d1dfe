"""A board's contact sheet: HTML that stays in a saved notebook, and needs no kernel, no script and no style sheet.

It is a table, so that it can be read where a page removes all styles, as GitHub does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Protocol

from ..models import dollars, price
from ..timecode import clock
from .rows import SceneRow
from .state import BoardState

__all__ = ["SheetBoard", "board_html"]

# The width of a thumbnail in pixels, by the number of scenes up to which it is used.
_WIDTHS = ((12, 240), (40, 160), (90, 112))
_LEAST_WIDTH = 72
_MOST_TEXT = 400  # letters of the words and of the prompt
_MOST_ERROR = 200
_ROOM = 1500  # bytes for what is around the rows
_FONT = "font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:13px;line-height:1.4"
_CELL = "text-align:left;vertical-align:top;padding:8px 10px 8px 0;border:0"
_LINE = "border-top:1px solid rgba(128,128,128,.3)"
_SOFT = "opacity:.75"
_STATES = {
    "made": "made", "own": "your own", "stale": "edited since it was made", "to make": "to make",
    "failed": "failed", "refused": "refused", "gone": "the file is gone",
    "running": "being made", "waiting": "being made",
}  # fmt: skip

Thumbnail = Callable[[SceneRow, int], str]
"""Returns the thumbnail of a scene in a width in pixels as a `data:` URL, or an empty text."""


class SheetBoard(Protocol):
    """The facts that a contact sheet shows; `Storyboard` has them."""

    @property
    def name(self) -> str:
        """The board's name."""

    @property
    def state(self) -> BoardState:
        """All of the board."""

    @property
    def spent(self) -> float:
        """US dollars that it has cost."""

    def rows(self) -> Sequence[SceneRow]:
        """Return the scenes."""


def board_html(board: SheetBoard, thumbnail: Thumbnail, *, limit: int = 200_000) -> str:
    """Return a board's contact sheet: a row for each scene with its thumbnail, time, words, prompt, state and price.

    The more scenes, the smaller the thumbnails. What does not fit is left out and counted, thumbnails before scenes.

    Args:
        board: The board.
        thumbnail: Returns the thumbnails.
        limit: The most bytes of the result, at least 20,000.
    """
    rows, state = board.rows(), board.state
    width = next((width for most, width in _WIDTHS if len(rows) <= most), _LEAST_WIDTH)
    lines, left_out = _fitting(rows, thumbnail, width, limit - _ROOM)
    made = sum(row.state in ("made", "own") for row in rows)
    facts = f"{len(rows)} scene{'s' * (len(rows) != 1)}, {clock(state.purpose.seconds)}, {made} made"
    money = f"{dollars(board.spent)} spent, {_to_make(rows)}"
    title = f"<div><b>{escape(board.name)}</b>: {facts}; {money}</div>"
    return f'<div class="voxweave-board-sheet" style="{_FONT}">{title}{_table(lines)}{left_out}</div>'


def _to_make(rows: Sequence[SceneRow]) -> str:
    missing = [row for row in rows if row.missing]
    if not missing:
        return "nothing to make"
    known = sum(row.usd or 0.0 for row in missing if not row.left)
    unknown = sum(row.usd is None and not row.left for row in missing)
    more = f" and {unknown} of unknown price" if unknown else ""
    return f"{dollars(known)} to make {len(missing)}{more}"


def _fitting(rows: Sequence[SceneRow], thumbnail: Thumbnail, width: int, room: int) -> tuple[list[str], str]:
    """Return the rows that fit, and a sentence on what was left out."""
    bare = [_row(row, "", width) for row in rows]
    for_thumbnails = room - min(sum(len(each.encode()) for each in bare), room // 2)
    lines: list[str] = []
    without = 0
    for row, plain in zip(rows, bare, strict=True):
        url = thumbnail(row, width) if for_thumbnails > 0 else ""
        line = _row(row, url, width)
        extra = len(line.encode()) - len(plain.encode())
        if extra > for_thumbnails:
            line, extra = plain, 0
            without += 1
        for_thumbnails -= extra
        room -= len(line.encode())
        if room < 0:
            break
        lines.append(line)
    missing = len(rows) - len(lines)
    if missing:
        said = f"{missing:,} more scene{'s are' if missing > 1 else ' is'} not shown."
    elif without:
        said = f"{without:,} {'are' if without > 1 else 'is'} shown without a thumbnail."
    else:
        return lines, ""
    return lines, f"<p>To keep the notebook small, {said}</p>"


def _table(lines: Sequence[str]) -> str:
    return (
        '<table style="width:100%;max-width:1100px;border-collapse:collapse;border:0;margin:8px 0;font-size:inherit">'
        f"<tbody>{''.join(lines)}</tbody></table>"
    )


def _row(row: SceneRow, url: str, width: int) -> str:
    scene = row.record
    image = f'<img src="{url}" width="{width}" alt="" style="border-radius:5px">' if url else ""
    start = clock(scene.start)
    when = f'<b>{row.number}</b><br><span style="{_SOFT}">{start}<br>{scene.length:.1f} s</span>'
    words = f"<bdi>{escape(_shorten(row.text, _MOST_TEXT))}</bdi>"
    prompt = f'<div style="{_SOFT}"><bdi>{escape(_shorten(row.prompt, _MOST_TEXT))}</bdi></div>'
    facts = [
        _STATES.get(row.state, row.state),
        "" if scene.own else f"{escape(row.provider)}, {price(row.usd)}",
    ]
    takes = len(scene.takes)
    facts.append(f"{takes} takes" if takes > 1 else "")
    facts.append(escape(_shorten(row.problem or scene.error, _MOST_ERROR)))
    told = "<br>".join(fact for fact in facts if fact)
    cells = (when, image, words + ("" if scene.own else prompt), told)
    return f'<tr style="{_LINE}">{"".join(f"""<td style="{_CELL}">{cell}</td>""" for cell in cells)}</tr>'


def _shorten(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
