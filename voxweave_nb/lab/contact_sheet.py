"""A lab's contact sheet: HTML that stays in a saved notebook, and needs no kernel, no script and no style sheet.

Its posters stand in a table, so that it can be read where a page removes all styles, as GitHub does.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Protocol

from ..errors import MediaError
from ..models import percent, price
from .page import data_url, variant_name
from .ranked import RankedVariant
from .report import Ranked, ranking_html
from .snapshot import LabVariant

__all__ = ["SheetLab", "lab_html"]

# The width of a poster in pixels, by the number of variants up to which it is used.
_WIDTHS = ((12, 320), (36, 240), (70, 160), (110, 128), (240, 96))
_LEAST_WIDTH = 64
_MOST_ROWS = 12  # of the ranking's table; the tiles have the ranks too
_MOST_NAME = 90  # letters
_MOST_ERROR = 60
_ROOM = 1000  # bytes for what is around the tiles
_ROW = 10  # bytes of a row's tags for each of its tiles; a row has five or more where that matters
_FONT = "font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:13px;line-height:1.35"
_CELL = "text-align:left;padding:0"


class SheetLab(Protocol):
    """The facts that a contact sheet shows; `PromptLab` has them."""

    @property
    def name(self) -> str:
        """The lab's name."""

    @property
    def variants(self) -> Sequence[LabVariant]:
        """The variants."""

    def ranking(self) -> Ranked:
        """Return the ranking."""


def lab_html(lab: SheetLab, *, limit: int = 200_000) -> str:
    """Return a lab's contact sheet: posters with choices, rank, state and price, then the ranking.

    The more variants, the smaller the posters. What does not fit is left out and counted, posters
    before tiles.

    Args:
        lab: The lab.
        limit: The most bytes of the result, at least 20,000.
    """
    variants, ranking = lab.variants, lab.ranking()
    below = ranking_html(ranking, rows=_MOST_ROWS, brief=True)
    if len(below.encode()) > limit // 2:  # choices with very long names
        below = ranking_html(ranking, rows=3, brief=True)
    below = below if ranking.has_opinions and len(below.encode()) <= limit // 2 else ""
    ranks = (
        {row.variant.id: (place, row) for place, row in enumerate(ranking.rows)}
        if ranking.has_opinions
        else {}
    )
    ordered = sorted(variants, key=lambda each: ranks[each.id][0] if each.id in ranks else len(ranks))
    room = limit - len(below.encode()) - _ROOM
    for width in [*(width for most, width in _WIDTHS if len(variants) <= most), _LEAST_WIDTH]:
        tiles, left_out = _fitting(ordered, ranks, width, room)
        if not left_out:
            break
    made = sum(each.video is not None for each in variants)
    facts = f"{len(variants):,} variant{'s' * (len(variants) != 1)}, {made:,} with a video"
    title = f"<div><b>{escape(lab.name)}</b>: {facts}</div>"
    return f'<div class="voxweave-lab-sheet" style="{_FONT}">{title}{_table(tiles, width)}{left_out}{below}</div>'


def _fitting(
    variants: Sequence[LabVariant],
    ranks: dict[str, tuple[int, RankedVariant]],
    width: int,
    room: int,
) -> tuple[list[str], str]:
    """Return the tiles that fit, and a sentence on what was left out."""
    rows = [ranks[each.id][1] if each.id in ranks else None for each in variants]
    bare = [_tile(each, row, "", width) for each, row in zip(variants, rows, strict=True)]
    # Tiles without a poster may take half of the room; at most, posters leave them that.
    for_posters = room - min(sum(len(each.encode()) + _ROW for each in bare), room // 2)
    tiles: list[str] = []
    without_poster = 0
    for variant, row, without in zip(variants, rows, bare, strict=True):
        poster = _poster(variant, width) if for_posters > 0 else ""
        tile = _tile(variant, row, poster, width)
        extra = len(tile.encode()) - len(without.encode())
        if extra > for_posters or (variant.video is not None and for_posters <= 0):
            tile, extra = without, 0
            without_poster += 1
        for_posters -= extra
        room -= len(tile.encode()) + _ROW
        if room < 0:
            break
        tiles.append(tile)
    missing = len(variants) - len(tiles)
    parts = []
    if missing:
        parts.append(f"{missing:,} more variant{'s are' if missing > 1 else ' is'} not shown.")
    elif without_poster:
        parts.append(f"{without_poster:,} {'are' if without_poster > 1 else 'is'} shown without a poster.")
    return tiles, f"<p>To keep the notebook small, {parts[0]}</p>" if parts else ""


def _table(tiles: Sequence[str], width: int) -> str:
    """Return the tiles in rows; with styles they flow, without they are a table."""
    if not tiles:
        return ""
    columns = max(1, 980 // (width + 14))
    rows = "".join(
        f'<tr style="display:contents">{"".join(tiles[start : start + columns])}</tr>'
        for start in range(0, len(tiles), columns)
    )
    grid = (
        f"display:grid;grid-template-columns:repeat(auto-fill,minmax({width}px,1fr));gap:12px 14px;border:0"
    )
    return (
        '<table style="display:block;width:100%;margin:8px 0;border:0;font-size:inherit">'
        f'<tbody style="{grid}">{rows}</tbody></table>'
    )


def _tile(variant: LabVariant, row: RankedVariant | None, poster: str, width: int) -> str:
    image = f'<img src="{poster}" width="{width}" alt=""><br>' if poster else ""
    facts = []
    if row is not None:
        ranks = f"{row.lowest}" if row.lowest == row.highest else f"{row.lowest} to {row.highest}"
        facts.append(f"<b>rank {ranks}</b>, best {percent(row.best)}")
    if variant.video is None:
        facts.append(escape(_shorten(variant.error or variant.state, _MOST_ERROR)))
    else:
        facts.append(price(variant.usd))
    name = escape(_shorten(variant_name(variant), _MOST_NAME))
    return f'<td style="{_CELL}">{image}<bdi>{name}</bdi><br>{"; ".join(facts)}</td>'


def _poster(variant: LabVariant, width: int) -> str:
    """Return a variant's poster as a `data:` URL; empty if it has none that can be read."""
    path = variant.video.poster if variant.video is not None else None
    try:
        if path is None:
            return ""
        status = path.stat()
        return _encoded(path, (status.st_mtime_ns, status.st_size), width)
    except (OSError, MediaError):  # a tile without a poster is still a tile
        return ""


@lru_cache(maxsize=1024)
def _encoded(path: Path, _version: tuple[int, int], width: int) -> str:
    """Return a poster as a `data:` URL; the file's time and size tell its contents apart."""
    from ..media.poster import tiny_still

    return data_url("image/webp", tiny_still(path, width=width))


def _shorten(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
