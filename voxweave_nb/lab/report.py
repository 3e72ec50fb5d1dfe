"""A ranking as HTML that needs no script: a table with rank intervals, what the axes do, and the odds of each pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Protocol

from ..models import dollars, percent
from .effects import AxisEffects
from .ranked import RankedVariant
from .records import ME, Variant, Vote

__all__ = ["Ranked", "effects_html", "matrix_svg", "ranking_html", "rater_name", "table_html"]


class Ranked(Protocol):
    """What is shown of a ranking; `Ranking` has it."""

    @property
    def rows(self) -> Sequence[RankedVariant]:
        """The variants, best first."""

    @property
    def votes(self) -> Sequence[Vote]:
        """The votes that count."""

    @property
    def has_opinions(self) -> bool:
        """True if anything counts: a vote or a thumb."""

    @property
    def raters(self) -> Mapping[str, int]:
        """The number of counted votes by rater."""

    @property
    def others(self) -> Mapping[str, int]:
        """The numbers of votes that are not counted, by their raters."""

    @property
    def thumbs(self) -> int:
        """The number of thumbs that count."""

    @property
    def verdict(self) -> str:
        """What can be said about the best one."""

    def odds(self, first: Variant | str, second: Variant | str) -> float:
        """Return the chance that the next vote between two variants goes to the first."""

    def effects(self) -> Sequence[AxisEffects]:
        """Return what each axis does."""

    def contradictions(self) -> Sequence[tuple[Vote, float]]:
        """Return the votes that the others speak against."""


# More rows and columns than this cannot be read; the table says how many were left out.
_MOST_ROWS = 60
_MOST_IN_MATRIX = 24

_FONT = "font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:13px;line-height:1.4"
_CELL = "padding:3px 10px 3px 0;text-align:left;vertical-align:middle;border:0"
_NUMBER = f"{_CELL};font-variant-numeric:tabular-nums;white-space:nowrap"
_MUTED = "opacity:.7"
_ACCENT = "#2f7fd6"


def ranking_html(
    ranking: Ranked, *, rows: int = _MOST_ROWS, brief: bool = False, published: bool = False
) -> str:
    """Return the ranking as one block of HTML.

    Args:
        ranking: The ranking.
        rows: The number of variants in the table; the others are counted.
        brief: Leave out the odds of pairs and the votes against the others.
        published: It is read by others, who have no kernel: say nothing of Python, and call nobody "me".
    """
    parts = [f'<div style="margin:0 0 8px;font-weight:600">{escape(_capital(ranking.verdict))}.</div>']
    if ranking.has_opinions:
        parts += [_table(ranking, rows), effects_html(ranking.effects())]
        parts += [] if brief else [_pairs(ranking), _contradictions(ranking, published)]
    parts.append(_raters(ranking, published))
    return f'<div class="voxweave-ranking" style="{_FONT};max-width:960px">{"".join(parts)}</div>'


def effects_html(effects: Sequence[AxisEffects]) -> str:
    """Return what each axis does as a table: its values with their intervals, and the finding in words."""
    if not effects:
        return ""
    widest = max(max(map(abs, (*each.low, *each.high))) for each in effects) or 1.0
    blocks = "".join(_effect(each, widest) for each in effects)
    return f'<div style="margin:14px 0 4px;font-weight:600">What the choices do</div>{blocks}'


def table_html(
    title: str, head: Sequence[str], rows: Sequence[Sequence[str]], notes: Sequence[str] = ()
) -> str:
    """Return a plain table under a title.

    Args:
        title: The line above it.
        head: The columns' names.
        rows: Texts, a row each; only the first 60 are shown, and the others counted.
        notes: Sentences below it.
    """
    cells = "".join(
        f'<th scope="col" style="{_CELL};{_MUTED};font-weight:500">{escape(each)}</th>' for each in head
    )
    body = "".join(
        "<tr>" + "".join(f'<td style="{_CELL}">{escape(each)}</td>' for each in row) + "</tr>"
        for row in rows[:_MOST_ROWS]
    )
    table = (
        '<div style="overflow-x:auto"><table style="border-collapse:collapse;border:0;margin:0;font-size:inherit">'
        f"<thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table></div>"
    )
    more = [f"… and {len(rows) - _MOST_ROWS} more."] if len(rows) > _MOST_ROWS else []
    below = "".join(f'<div style="{_MUTED}">{escape(each)}</div>' for each in (*more, *notes))
    return (
        f'<div class="voxweave-table" style="{_FONT};max-width:960px"><div style="margin:0 0 8px;font-weight:600">'
        f"{escape(title)}</div>{table if rows else ''}{below}</div>"
    )


def matrix_svg(labels: Sequence[str], odds: Sequence[Sequence[float]]) -> str:
    """Return the odds of each pair as an image: the row's variant wins in n of 10.

    Args:
        labels: The variants' names.
        odds: The chance that the row's variant wins against the column's, from 0 to 1.
    """
    size, left, top = 26, 190, 18
    width, height = left + size * len(labels) + 8, top + size * len(labels) + 8
    cells = []
    for row, label in enumerate(labels):
        y = top + row * size
        cells.append(
            f'<text x="{left - 8}" y="{y + 17}" text-anchor="end" fill="currentColor">'
            f"<title>{escape(label)}</title>{row + 1}. {escape(_shorten(label, 20))}</text>"
        )
        middle = left + row * size + 13
        cells.append(
            f'<text x="{middle}" y="{top - 5}" text-anchor="middle" fill="currentColor">{row + 1}</text>'
        )
        for column, other in enumerate(labels):
            if row != column:
                cells.append(_matrix_cell(left + column * size, y, size, odds[row][column], label, other))
    return (
        f'<svg role="img" aria-label="Odds of each pair" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" style="font-size:12px;max-width:100%;height:auto">{"".join(cells)}</svg>'
    )


def _matrix_cell(x: int, y: int, size: int, chance: float, label: str, other: str) -> str:
    strength = abs(chance - 0.5) * 2
    color = _ACCENT if chance >= 0.5 else "#c8662b"
    said = f"{label} wins against {other} in {10 * chance:.0f} of 10"
    return (
        f"<g><title>{escape(said)}</title>"
        f'<rect x="{x + 1}" y="{y + 1}" width="{size - 2}" height="{size - 2}" rx="4" fill="{color}" '
        f'fill-opacity="{0.06 + 0.5 * strength:.2f}"/>'
        f'<text x="{x + size // 2}" y="{y + 17}" text-anchor="middle" fill="currentColor">{10 * chance:.0f}</text></g>'
    )


def _table(ranking: Ranked, most: int) -> str:
    rows = ranking.rows
    axes = list(dict.fromkeys(name for row in rows for name in row.variant.axes))
    last = _last_columns(rows)
    head = ["", *map(str, axes), "best", "rank, 95 %", "", "wins", "votes", *last]
    cells = "".join(
        f'<th scope="col" style="{_CELL};{_MUTED};font-weight:500;white-space:nowrap">{escape(each)}</th>'
        for each in head
    )
    body = "".join(_row(place, row, axes, len(rows), last) for place, row in enumerate(rows[:most], 1))
    more = f'<div style="{_MUTED}">… and {len(rows) - most} more.</div>' if len(rows) > most else ""
    return (
        '<div style="overflow-x:auto" role="region" aria-label="Ranking" tabindex="0">'
        '<table style="border-collapse:collapse;border:0;margin:0;font-size:inherit">'
        f"<thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table></div>{more}"
    )


def _last_columns(rows: Sequence[RankedVariant]) -> dict[str, str]:
    """Return the styles of the last columns by their names; those that would be empty are left out."""
    styles = {"ratings": _NUMBER, "US $": _NUMBER, "checks": f"{_CELL};{_MUTED}"}
    used = {name for row in rows for name, text in _last_cells(row).items() if text}
    return {name: style for name, style in styles.items() if name in used}


def _last_cells(row: RankedVariant) -> dict[str, str]:
    price = "" if row.usd is None else dollars(row.usd).lstrip("$") if row.usd else "free"
    return {"ratings": str(row.opinion), "US $": price, "checks": "; ".join(row.flags)}


def _row(
    place: int, row: RankedVariant, axes: Sequence[str], count: int, last_columns: Mapping[str, str]
) -> str:
    chosen = "".join(
        f'<td style="{_CELL}">{escape(str(row.variant.axes.get(name, "–")))}</td>' for name in axes
    )
    interval = f"{row.lowest}" if row.lowest == row.highest else f"{row.lowest} to {row.highest}"
    texts = _last_cells(row)
    last = "".join(f'<td style="{style}">{escape(texts[name])}</td>' for name, style in last_columns.items())
    return (
        f'<tr title="{escape(row.variant.id)}"><td style="{_NUMBER};{_MUTED}">{place}</td>{chosen}'
        f'<td style="{_NUMBER}">{percent(row.best)}</td><td style="{_NUMBER}">{interval}</td>'
        f'<td style="{_CELL}">{_interval_svg(row, count)}</td><td style="{_NUMBER}">{10 * row.wins:.0f} in 10</td>'
        f'<td style="{_NUMBER}">{row.votes}</td>{last}</tr>'
    )


def _interval_svg(row: RankedVariant, count: int) -> str:
    """Return the rank interval as a bar on a line from the first rank to the last."""
    step = 120 / max(1, count)
    start, end = (row.lowest - 1) * step, row.highest * step
    return (
        f'<svg role="img" aria-label="rank {row.lowest} to {row.highest}" width="122" height="14" viewBox="0 0 122 14">'
        '<rect x="1" y="6" width="120" height="2" rx="1" fill="currentColor" fill-opacity=".15"/>'
        f'<rect x="{1 + start:.1f}" y="3" width="{max(4.0, end - start):.1f}" height="8" rx="4" fill="{_ACCENT}" '
        f'fill-opacity="{0.35 + 0.65 * row.best:.2f}"/></svg>'
    )


def _effect(effect: AxisEffects, widest: float) -> str:
    rows = "".join(
        f'<tr><td style="{_CELL};min-width:90px">{escape(str(value))}</td>'
        f'<td style="{_CELL}">{_effect_svg(score, low, high, widest)}</td>'
        f'<td style="{_NUMBER};{_MUTED}">{count} variant{"s" * (count != 1)}</td></tr>'
        for value, score, low, high, count in zip(
            effect.values, effect.scores, effect.low, effect.high, effect.variants, strict=True
        )
    )
    return (
        f'<div style="margin:8px 0 0"><span style="{_MUTED}">{escape(effect.axis)}:</span> {escape(effect.words)}</div>'
        f'<table style="border-collapse:collapse;border:0;margin:2px 0 0;font-size:inherit">{rows}</table>'
    )


def _effect_svg(score: float, low: float, high: float, widest: float) -> str:
    """Return an effect as a dot with its 95 % interval, around a line at no effect."""

    def place(value: float) -> float:
        return 80 + 76 * value / widest

    said = f"effect {score:+.1f}, between {low:+.1f} and {high:+.1f}"
    return (
        f'<svg role="img" aria-label="{said}" width="160" height="14" viewBox="0 0 160 14"><title>{said}</title>'
        '<line x1="80" y1="0" x2="80" y2="14" stroke="currentColor" stroke-opacity=".3"/>'
        f'<line x1="{place(low):.1f}" y1="7" x2="{place(high):.1f}" y2="7" stroke="{_ACCENT}" stroke-width="3" '
        'stroke-linecap="round" stroke-opacity=".45"/>'
        f'<circle cx="{place(score):.1f}" cy="7" r="4" fill="{_ACCENT}"/></svg>'
    )


def _pairs(ranking: Ranked) -> str:
    rows = ranking.rows[:_MOST_IN_MATRIX]
    if len(rows) < 2:
        return ""
    labels = [_label(row) for row in rows]
    odds = [[ranking.odds(one.variant, other.variant) for other in rows] for one in rows]
    left_out = len(ranking.rows) - len(rows)
    more = f'<div style="{_MUTED}">The first {len(rows)} of {len(ranking.rows)}.</div>' if left_out else ""
    return (
        '<details style="margin:14px 0 0"><summary style="cursor:pointer;font-weight:600">If two of them met again'
        f'</summary><div style="{_MUTED};margin:2px 0 6px">The row wins against the column in so many of 10 votes.'
        f"</div>{matrix_svg(labels, odds)}{more}</details>"
    )


def _contradictions(ranking: Ranked, published: bool) -> str:
    found = ranking.contradictions()
    if not found:
        return ""
    names = {row.variant.id: _label(row) for row in ranking.rows}
    items = "".join(
        f"<li>{escape(rater_name(vote.rater, published=published))}: {escape(names[vote.left])} against "
        f"{escape(names[vote.right])} went to the {escape(vote.choice.value)} one; the other votes give that "
        f"{percent(chance)}</li>"
        for vote, chance in found[:20]
    )
    return (
        f'<details style="margin:10px 0 0"><summary style="cursor:pointer;font-weight:600">{len(found)} vote'
        f'{"s" * (len(found) != 1)} against the others</summary><ul style="margin:4px 0 0">{items}</ul></details>'
    )


def rater_name(rater: str, *, published: bool) -> str:
    """Return a rater's name as it is shown: to others, "me" is the author."""
    return "the author" if published and rater == ME else rater


def _raters(ranking: Ranked, published: bool) -> str:
    """Return a line with the raters whose votes count, and those whose votes do not."""

    def names(votes: Mapping[str, int]) -> str:
        return escape(
            ", ".join(f"{rater_name(rater, published=published)} {count}" for rater, count in votes.items())
        )

    counted = f"Votes by {names(ranking.raters)}." if ranking.raters else ""
    judges = next(iter(ranking.others), "")
    how = "" if published else f"; ranking(by={escape(repr(judges))}) counts them"
    left_out = f"Not counted: {names(ranking.others)}{how}." if ranking.others else ""
    text = " ".join(part for part in (counted, left_out) if part)
    return f'<div style="{_MUTED};margin:10px 0 0">{text}</div>' if text else ""


def _label(row: RankedVariant) -> str:
    return ", ".join(map(str, row.variant.axes.values())) or row.variant.config.prompt or row.variant.id


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _shorten(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
