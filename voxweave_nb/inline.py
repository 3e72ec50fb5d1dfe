"""A result as plain HTML: what stays in a saved notebook when the kernel and its widgets are gone.

What was measured in JupyterLab 4.6 decides the form. A `<video src>` survives an untrusted notebook and a `<source>`
does not; a track plays from a `data:` URL wherever the notebook is trusted; a transcript in `<details>` survives
everywhere. A relative `src` is served from beside the notebook; a folder whose name begins with a dot is not.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .models import Cue, SubtitleMode
from .timecode import clock

if TYPE_CHECKING:
    from .result import GeneratedVideo

__all__ = ["video_bundle", "video_page"]

_MOST_LINES = 2000
"""How many captions the transcript shows."""

_LARGEST_POSTER = 400_000
_LARGEST_CAPTIONS = 1_000_000

_BOX = (
    "max-width:860px;margin:10px 0 6px;font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:13px;"
    "line-height:1.5"
)
_VIDEO = "display:block;width:100%;max-width:860px;height:auto;border-radius:8px;background:#000"
_MUTED = "opacity:.72"
_WARN = (
    "margin:8px 0 0;padding:6px 12px;border-left:3px solid #d9822b;border-radius:4px;"
    "background:rgba(217,130,43,.12)"
)


def video_bundle(video: GeneratedVideo) -> dict[str, Any]:
    """The result in every form that a notebook can show: HTML, a still, one line of text."""
    bundle = {"text/plain": str(video), "text/html": _html(video, Path.cwd(), video.embed_limit)}
    if still := _bytes(video.poster, _LARGEST_POSTER):
        bundle["image/jpeg"] = base64.b64encode(still).decode("ascii")
    return bundle


def video_page(video: GeneratedVideo) -> str:
    """A whole page that plays the video; the page belongs into the video's folder."""
    title = escape(video.path.stem)
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    look = (
        "body{margin:0 auto;padding:4vh 16px;max-width:860px;background:#12141a;color:#e8eaf0}a{color:#8ab4ff}"
        "@media(prefers-color-scheme:light){body{background:#fff;color:#1c1e24}a{color:#1a56c4}}"
    )
    body = _html(video, video.path.parent, 0, home="this page")
    return f'<!doctype html>\n<html lang="en"><head>{head}<style>{look}</style></head><body>\n{body}\n</body></html>\n'


def _html(video: GeneratedVideo, base: Path, embed_limit: int, home: str = "the notebook") -> str:
    if not video.path.exists():
        return f'<div style="{_BOX}">The video {_text(video.path)} is no longer there.</div>'
    source, note = _source(video.path, base, embed_limit, home)
    parts = [
        _player(video, source),
        _summary(video, note),
        _links(video, source),
        _warnings(video.warnings),
        _transcript(video.cues),
    ]
    return f'<div class="voxweave-video" style="{_BOX}">{"".join(parts)}</div>'


def _player(video: GeneratedVideo, source: str) -> str:
    poster = ""
    if still := _bytes(video.poster, _LARGEST_POSTER):
        poster = f' poster="{_data("image/jpeg", still)}"'
    track = _track(video)
    label = _text(f"Video: {video.provenance.config.prompt or video.path.stem}")
    return (
        f'<video controls preload="metadata" playsinline width="{video.width}" height="{video.height}" '
        f'aria-label="{label}" style="{_VIDEO}" src="{_text(source)}"{poster}>{track}</video>'
    )


def _track(video: GeneratedVideo) -> str:
    text = _bytes(video.captions, _LARGEST_CAPTIONS)
    if not text or video.subtitle_mode is SubtitleMode.NONE:
        return ""
    # Burnt-in captions are in the picture already: the track is there to switch on, not twice by itself.
    default = "" if video.subtitle_mode is SubtitleMode.BURN else " default"
    return f'<track kind="subtitles" srclang="und" label="Captions"{default} src="{_data("text/vtt", text)}">'


def _source(path: Path, base: Path, embed_limit: int, home: str) -> tuple[str, str]:
    if path.stat().st_size <= embed_limit:
        # QuickTime's own type is refused by Chromium, which plays the same bytes as MP4.
        kind = "video/webm" if path.suffix == ".webm" else "video/mp4"
        return _data(kind, path.read_bytes()), "embedded in this notebook"
    try:
        relative = path.resolve().relative_to(base.resolve())
    except ValueError:
        where = "It lies outside the notebook's folder, which a notebook server does not serve: copy it with save()."
        return quote(path.resolve().as_posix()), where
    return quote(relative.as_posix()), f"plays from {relative.as_posix()} beside {home}"


def _summary(video: GeneratedVideo, note: str) -> str:
    made = video.provenance
    facts = [
        made.config.style.value,
        f"{video.width}×{video.height}",
        f"{video.duration:.1f} s",
        f"{video.size / 1e6:.1f} MB",
        f"by {made.maker}",
    ]
    prompt = f"<div><em>{_text(_shortened(made.config.prompt, 400))}</em></div>" if made.config.prompt else ""
    line = " · ".join(_text(fact) for fact in facts)
    before = f'<div style="{_MUTED}">{_text(made.story)}</div>' if made.declined else ""
    return f'<div style="margin-top:8px">{prompt}<div style="{_MUTED}">{line} · {_text(note)}</div>{before}</div>'


def _links(video: GeneratedVideo, source: str) -> str:
    links = [(f"Download {video.path.suffix.lstrip('.').upper()}", source, video.path.name)]
    if captions := _bytes(video.captions, _LARGEST_CAPTIONS):
        assert video.captions is not None
        links.append(("captions", _data("text/vtt", captions), video.captions.name))
    if still := _bytes(video.poster, _LARGEST_POSTER):
        assert video.poster is not None
        links.append(("poster", _data("image/jpeg", still), video.poster.name))
    anchors = (
        f'<a href="{_text(href)}" download="{_text(name)}">{_text(label)}</a>' for label, href, name in links
    )
    return f'<div style="margin-top:4px">{" · ".join(anchors)}</div>'


def _warnings(warnings: Sequence[str]) -> str:
    if not warnings:
        return ""
    items = "".join(f"<div>{_text(warning)}</div>" for warning in warnings)
    return f'<div role="note" style="{_WARN}"><strong>Not as asked</strong>{items}</div>'


def _transcript(cues: Sequence[Cue]) -> str:
    if not cues:
        return ""
    rows = "".join(
        f'<li style="margin:2px 0"><span style="{_MUTED};font-variant-numeric:tabular-nums">{clock(cue.start)}</span> '
        f"{_text(cue.text).replace(chr(10), '<br>')}</li>"
        for cue in cues[:_MOST_LINES]
    )
    if len(cues) > _MOST_LINES:
        rows += f"<li>… and {len(cues) - _MOST_LINES:,} more; the captions file has them all.</li>"
    label = "line" if len(cues) == 1 else "lines"
    return (
        f'<details style="margin-top:8px"><summary style="cursor:pointer">Transcript ({len(cues):,} {label})</summary>'
        f'<ol style="list-style:none;margin:6px 0;padding-left:4px">{rows}</ol></details>'
    )


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _text(value: object) -> str:
    return escape(str(value), quote=True)


def _data(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _bytes(path: Path | None, largest: int) -> bytes | None:
    if path is None or not path.is_file() or path.stat().st_size > largest:
        return None
    return path.read_bytes()
