"""A lab as one HTML page: tiles with their videos, filters, a transport for all, and the ranking.

All content is HTML, so that it can be read where no script runs; `static/lab_page.js` filters, sorts and plays.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from ..display import page_files
from ..errors import MediaError
from ..models import SubtitleMode, percent, price
from ..version import __version__
from .ranked import RankedVariant
from .records import Rating
from .report import Ranked, ranking_html, rater_name
from .snapshot import LabVariant

__all__ = ["MARK", "PageContent", "data_url", "page_html", "poster_url", "variant_name"]

MARK = '<meta name="voxweave-lab" content="{}">'
"""The mark by which a page is known as the export of a lab; it holds the id of the lab's group."""

_MANY = 48  # tiles from which on the posters are smaller
_MOST_CAPTIONS = 300_000  # bytes
_SHOWS = (
    ("", "all"), ("made", "with a video"), ("marked", "marked"), ("flagged", "flagged"), ("noted", "with a note"),
)  # fmt: skip
_SPEEDS = (0.25, 0.5, 0.75, 1, 1.25, 1.5, 2)
_KEYS = (
    ("Space", "play or pause"), ("← →", "one second back or on"), ("1 to 9", "hear that video"),
    ("M", "mute"), ("L", "repeat"), ("C", "captions"),
)  # fmt: skip
_ICONS = {
    "play": '<path d="M7 4.5v15l12-7.5z" fill="currentColor"/>',
    "pause": '<path d="M8 5v14M16 5v14" stroke-width="3.5"/>',
    "loop": '<path d="M17 3l3 3-3 3M20 6H8a4 4 0 0 0-4 4v1M7 21l-3-3 3-3M4 18h12a4 4 0 0 0 4-4v-1"/>',
    "captions": '<rect x="3" y="5" width="18" height="14" rx="3"/><path d="M7 11h4M13 11h4M7 15h7"/>',
    "sound": '<path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4.5 4.5 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11"/>',
}


@dataclass(frozen=True, slots=True)
class PageContent:
    """The content of a page.

    Attributes:
        name: The lab's name.
        group: The id of the lab's group.
        variants: The variants, in the order of their adding.
        ranking: The ranking.
        ratings: The opinions to show.
        sources: The videos' addresses by variant: a `data:` URL, or a relative path.
        notices: Sentences to show at the top.
    """

    name: str
    group: str
    variants: Sequence[LabVariant]
    ranking: Ranked
    ratings: Collection[Rating] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    notices: Sequence[str] = ()


def page_html(content: PageContent) -> str:
    """Return the page."""
    script, style = page_files("lab_page")
    title = escape(content.name)
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'{MARK.format(escape(content.group))}<meta name="color-scheme" content="light dark">'
        f"<title>{title}: prompt lab</title><style>{style}</style>"
    )
    body = "\n".join([
        _header(content),
        f'<main>{_filters(content)}<section class="lp-grid" aria-label="Variants">{_tiles(content)}</section>',
        '<section class="lp-ranking" aria-label="Ranking"><h2>Ranking</h2>',
        ranking_html(content.ranking, published=True),
        f"</section></main>{_footer()}{_bar()}",
    ])  # fmt: skip
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body class="voxweave-lab-page">\n{body}\n'
        f'<script type="module">\n{script}</script></body></html>\n'
    )


def variant_name(variant: LabVariant) -> str:
    """Return a variant's choices in one line, or its prompt if it has none."""
    return " · ".join(map(str, variant.axes.values())) or variant.config.prompt[:80] or variant.id


def poster_url(poster: Path | None, width: int) -> str:
    """Return a poster as a small `data:` URL; empty if it is missing or cannot be read."""
    if poster is None or not poster.is_file():
        return ""
    from ..media.poster import tiny_still

    try:
        return data_url("image/webp", tiny_still(poster, width=width, quality=70))
    except MediaError:  # a tile without a poster is still a tile
        return ""


def data_url(kind: str, content: bytes) -> str:
    """Return content as a `data:` URL."""
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _header(content: PageContent) -> str:
    made = sum(each.video is not None for each in content.variants)
    raters = len({each.rater for each in content.ranking.votes})
    thumbs = content.ranking.thumbs
    known = [each.usd for each in content.variants if each.usd is not None]
    facts = [_count(len(content.variants), "variant"), f"{made} with a video"]
    if votes := len(content.ranking.votes):
        facts.append(f"{_count(votes, 'vote')} by {_count(raters, 'person', 'people')}")
    if thumbs:
        facts.append(_count(thumbs, "thumb"))
    if known:
        facts.append(price(sum(known)))
    notices = "".join(f'<p class="lp-notice" dir="auto">{escape(each)}</p>' for each in content.notices)
    verdict = content.ranking.verdict
    return (
        f'<header class="lp-head"><h1 dir="auto">{escape(content.name)}</h1><p>{" · ".join(facts)}</p>'
        f'<p class="lp-verdict" dir="auto">{escape(verdict[:1].upper() + verdict[1:])}.</p>{notices}</header>'
    )


def _filters(content: PageContent) -> str:
    axes: dict[str, dict[str, None]] = {}
    for variant in content.variants:
        for name, value in variant.axes.items():
            axes.setdefault(str(name), {})[str(value)] = None
    chosen = [
        _select(name, [("", "all"), *((f"={each}", each) for each in values)], f'data-axis="{escape(name)}"')
        for name, values in axes.items()
        if len(values) > 1
    ]
    orders = [
        ("order", "as added"),
        ("rank", "rank"),
        ("price", "price"),
        *((f"axis:{name}", name) for name in axes),
    ]
    columns = [("", "auto"), *((str(each), str(each)) for each in range(1, 7))]
    return (
        '<form class="lp-filters" aria-label="Filters" hidden>'
        f"{''.join(chosen)}{_select('Show', _SHOWS, 'data-show')}{_select('Sort by', orders, 'data-sort')}"
        f"{_select('Columns', columns, 'data-columns')}"
        '<button type="reset">Reset</button><span class="lp-count" role="status"></span></form>'
    )


def _select(label: str, options: Sequence[tuple[str, str]], attributes: str) -> str:
    items = "".join(f'<option value="{escape(value)}">{escape(text)}</option>' for value, text in options)
    return f'<label><span dir="auto">{escape(label)}</span><select {attributes}>{items}</select></label>'


def _tiles(content: PageContent) -> str:
    ranks = {row.variant.id: (place, row) for place, row in enumerate(content.ranking.rows)}
    ratings: dict[str, list[Rating]] = {}
    for rating in content.ratings:
        ratings.setdefault(rating.variant, []).append(rating)
    width = 480 if len(content.variants) < _MANY else 320
    return "".join(
        _tile(
            variant,
            place,
            ranks.get(variant.id) if content.ranking.has_opinions else None,
            ratings.get(variant.id, []),
            content.sources.get(variant.id, ""),
            width,
        )
        for place, variant in enumerate(content.variants)
    )


def _tile(
    variant: LabVariant,
    place: int,
    ranked: tuple[int, RankedVariant] | None,
    ratings: Sequence[Rating],
    source: str,
    width: int,
) -> str:
    said = _opinions(variant, ratings)
    data = {
        "id": variant.id,
        "axes": json.dumps({str(name): str(value) for name, value in variant.axes.items()}, ensure_ascii=False),
        "order": place,
        "rank": "" if ranked is None else ranked[0],
        "price": "" if variant.usd is None else variant.usd,
        "is": " ".join(
            word
            for word, given in (("made", source), ("flagged", variant.flags), ("noted", said))
            if given
        ),
    }  # fmt: skip
    attributes = " ".join(f'data-{name}="{escape(str(value))}"' for name, value in data.items())
    name = variant_name(variant)
    chips = "".join(
        f'<li><span>{escape(str(axis))}</span> <b dir="auto">{escape(str(value))}</b></li>'
        for axis, value in variant.axes.items()
    )
    return (
        f'<article class="lp-tile" aria-label="{escape(name)}" {attributes}>{_stage(variant, name, source, width)}'
        f'<div class="lp-facts"><ul class="lp-axes">{chips}</ul>{_rank_line(variant, ranked)}{_flags(variant)}{said}'
        '<div class="lp-more"><details><summary>Prompt</summary>'
        f'<p dir="auto">{escape(variant.config.prompt) or "none"}</p></details>'
        f'<label class="lp-mark"><input type="checkbox"> Mark</label></div></div></article>\n'
    )


def _stage(variant: LabVariant, name: str, source: str, width: int) -> str:
    video = variant.video
    if video is None or not source:
        reason = escape(variant.error or _capital(variant.state))
        return f'<div class="lp-stage lp-none"><p dir="auto">{reason}</p></div>'
    poster = poster_url(video.poster, width)
    shown = f' poster="{poster}"' if poster else ""
    return (
        f'<div class="lp-stage" style="aspect-ratio:{video.width}/{video.height}">'
        f'<video controls muted playsinline preload="none" width="{video.width}" height="{video.height}" '
        f'aria-label="{escape(name)}" src="{escape(source)}"{shown}>{_track(variant)}</video>'
        f'<button type="button" class="lp-hear" aria-pressed="false" aria-label="Hear {escape(name)}" hidden>'
        f"{icon('sound')}<span></span></button></div>"
    )


def _track(variant: LabVariant) -> str:
    video = variant.video
    if (
        video is None
        or video.captions is None
        or video.subtitle_mode in (SubtitleMode.NONE, SubtitleMode.BURN)
    ):
        return ""
    if not video.captions.is_file() or video.captions.stat().st_size > _MOST_CAPTIONS:
        return ""
    address = data_url("text/vtt", video.captions.read_bytes())
    return f'<track kind="captions" srclang="und" label="Captions" src="{address}">'


def _rank_line(variant: LabVariant, ranked: tuple[int, RankedVariant] | None) -> str:
    facts = []
    if ranked is not None:
        row = ranked[1]
        ranks = f"{row.lowest}" if row.lowest == row.highest else f"{row.lowest} to {row.highest}"
        facts += [f"<b>rank {ranks}</b>", f"best {percent(row.best)}", _count(row.votes, "vote")]
    if variant.video is not None:
        facts += [f"{variant.video.duration:.0f} s", price(variant.usd)]
    return f'<p class="lp-rank">{" · ".join(facts)}</p>' if facts else ""


def _flags(variant: LabVariant) -> str:
    items = "".join(f"<li>{escape(flag.text)}</li>" for flag in variant.flags)
    return f'<ul class="lp-flags" aria-label="Checks">{items}</ul>' if items else ""


def _opinions(variant: LabVariant, ratings: Sequence[Rating]) -> str:
    """Return the notes, thumbs and stars on a variant; empty if there are none."""
    items = [f'<li dir="auto">{escape(variant.note)}</li>'] if variant.note else []
    for rating in ratings:
        words = [] if rating.thumb is None else ["thumb up" if rating.thumb else "thumb down"]
        if rating.stars is not None:
            stars = "★" * rating.stars + "☆" * (5 - rating.stars)
            words.append(f'<span role="img" aria-label="{rating.stars} of 5 stars">{stars}</span>')
        if rating.note:
            words.append(f'<bdi dir="auto">{escape(rating.note)}</bdi>')
        if words:
            items.append(
                f"<li><bdi>{escape(rater_name(rating.rater, published=True))}</bdi>: {', '.join(words)}</li>"
            )
    return f'<ul class="lp-notes" aria-label="Notes">{"".join(items)}</ul>' if items else ""


def _bar() -> str:
    speeds = "".join(
        f'<option value="{each:g}"{" selected" if each == 1 else ""}>{each:g}×</option>' for each in _SPEEDS
    )
    return (
        '<div class="lp-bar" role="region" aria-label="Playback" hidden>'
        f'<button type="button" data-do="play" aria-label="Play">{icon("play")}{icon("pause")}</button>'
        '<input type="range" data-do="seek" min="0" max="1" step="0.01" value="0" aria-label="Time">'
        '<span class="lp-time"></span>'
        f'<select data-do="rate" aria-label="Speed">{speeds}</select>'
        f"{_toggle('loop', 'Repeat', 'loop')}{_toggle('captions', 'Captions', 'captions')}"
        f"{_toggle('mute', 'Mute', 'sound')}"
        '<span class="lp-said" role="status"></span></div>'
    )


def _toggle(name: str, label: str, picture: str) -> str:
    return f'<button type="button" data-do="{name}" aria-pressed="false" aria-label="{label}">{icon(picture)}</button>'


def _footer() -> str:
    keys = "".join(f"<li><kbd>{key}</kbd> {text}</li>" for key, text in _KEYS)
    day = time.strftime("%Y-%m-%d")
    return (
        f'<footer class="lp-foot"><ul aria-label="Keys">{keys}</ul>'
        f"<p>Exported by voxweave_nb {escape(__version__)} on {day}.</p></footer>"
    )


def icon(name: str) -> str:
    """Return an icon of the page as SVG."""
    return f'<svg class="lp-{name}" viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">{_ICONS[name]}</svg>'


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
