"""A lab in a terminal: the table of its variants, and the ranking with what the axes do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..models import dollars, percent

if TYPE_CHECKING:
    from ..lab.ranking import Ranking
    from ..lab.snapshot import LabVariant

__all__ = ["ranking_facts", "ranking_table", "variants_table"]


def variants_table(variants: Sequence[LabVariant], *, width: int = 80) -> str:
    """Return a table with one line per variant: id, state, price, axes; and the reasons of failures below.

    Args:
        variants: The variants.
        width: Columns of the terminal; longer lines are cut.
    """
    if not variants:
        return "No variants yet: add some with prompt-lab grid."
    names = dict.fromkeys(name for each in variants for name in each.axes)
    rows = [("id", "state", "USD", ", ".join(names) or "prompt"), *map(_cells, variants)]
    lines = [_line(cells, rows, width) for cells in rows]
    return "\n".join([*lines, *_remarks(variants)])


def ranking_table(ranking: Ranking, *, width: int = 80) -> str:
    """Return the ranking as a table, the verdict above it and what the axes do below.

    Args:
        ranking: The ranking.
        width: Columns of the terminal; longer lines are cut.
    """
    count = len(ranking.votes)
    head = f"{len(ranking)} variants, {count} vote{'s' * (count != 1)}: {ranking.verdict}"
    if not ranking.has_opinions:
        return head
    rows = [("", "best", "rank, 95 %", "wins", "votes", "USD", "variant")]
    for place, row in enumerate(ranking.rows, 1):
        ranks = f"{row.lowest}" if row.lowest == row.highest else f"{row.lowest} to {row.highest}"
        cells = (f"{place}", percent(row.best), ranks, f"{10 * row.wins:.0f} in 10", f"{row.votes}")
        rows.append((*cells, _price(row.usd), f"{row.variant.id}  {_axes(row.variant.axes)}"))
    effects = [f"{each.axis}: {each.words}" for each in ranking.effects()]
    against = len(ranking.contradictions())
    contradicted = [f"{against} vote{'s' * (against != 1)} against the others"] if against else []
    parts = [head, *(_line(cells, rows, width) for cells in rows)]
    return "\n".join(parts + ([""] if effects or contradicted else []) + effects + contradicted)


def ranking_facts(ranking: Ranking) -> dict[str, Any]:
    """Return the ranking as plain values for JSON."""
    return {
        "votes": len(ranking.votes),
        "verdict": ranking.verdict,
        "votes_left": ranking.votes_left if ranking.has_opinions else None,
        "variants": [
            {
                "id": row.variant.id,
                "axes": dict(row.variant.axes),
                "config": repr(row.variant.config),
                "best": round(row.best, 4),
                "rank": [row.lowest, row.highest],
                "wins": round(row.wins, 4),
                "votes": row.votes,
                "usd": row.usd,
                "flags": list(row.flags),
            }
            for row in ranking.rows
        ],
        "effects": [
            {
                "axis": each.axis,
                "words": each.words,
                "values": [
                    {"value": value, "effect": round(score, 4), "low": round(low, 4), "high": round(high, 4)}
                    for value, score, low, high in zip(
                        each.values, each.scores, each.low, each.high, strict=True
                    )
                ],
            }
            for each in (ranking.effects() if ranking.has_opinions else ())
        ],
    }


def _cells(variant: LabVariant) -> tuple[str, ...]:
    return variant.id, variant.state, _price(variant.usd), _axes(variant.axes) or variant.config.prompt or "-"


def _remarks(variants: Sequence[LabVariant]) -> list[str]:
    """Return a line for each failure and for the flags of each video."""
    errors = [f"{each.id}: {each.error}" for each in variants if each.error]
    flags = [
        f"{each.id}: check: {'; '.join(flag.text for flag in each.flags)}" for each in variants if each.flags
    ]
    found = errors + flags
    return ["", *found] if found else []


def _axes(axes: Mapping[str, Any]) -> str:
    return ", ".join(map(str, axes.values()))


def _price(usd: float | None) -> str:
    return "" if usd is None else dollars(usd).lstrip("$") if usd else "-"


def _line(cells: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> str:
    """Return a row with its columns aligned; the last one is cut at the terminal's width."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(cells) - 1)]
    start = "  ".join(cell.ljust(size) for cell, size in zip(cells, widths, strict=False)) + "  "
    room, last = max(10, width - len(start)), " ".join(cells[-1].split())
    return (start + (last if len(last) <= room else f"{last[: room - 1]}…")).rstrip()
