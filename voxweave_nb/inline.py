"""The finished video as plain HTML, which a saved notebook shows without a kernel or widgets.

Measured in JupyterLab 4.6: an untrusted notebook keeps `<video src>` and drops `<source>`; a caption track plays from
a `data:` URL in a trusted notebook; a transcript in `<details>` is always shown. A relative `src` is served from the
notebook's folder, except from folders whose name begins with a dot. A front end that serves no files (VS Code, Colab,
Voila, marimo) shows a video only if it is embedded; otherwise its poster, its transcript and a line that says how to
play it. VS Code has no AAC either, so a rendition with MP3 is embedded there.
"""

from __future__ import annotations

import base64
import contextlib
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape, unescape
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from .config import VideoConfig
from .display import make_rendition
from .environment import FrontEnd, front_end, notebook_folder
from .errors import VoxweaveError
from .models import Cue, SubtitleMode, VideoFormat
from .timecode import clock

__all__ = ["Origin", "Video", "video_bundle", "video_page"]

_MAX_TRANSCRIPT_CUES = 2000
_MAX_POSTER_BYTES = 400_000
# A poster is in an output with an embedded video twice, so that the stills add at most 160 kB to a saved notebook.
_MAX_POSTER_BYTES_TWICE = 60_000
_MAX_CAPTIONS_BYTES = 1_000_000

# A caption in WebVTT without settings of its own: its times, then its text.
_CUE = re.compile(r"^(\S+ --> \S+) *\n(.+)", re.MULTILINE | re.DOTALL)

# A link to save what the page embeds takes the bytes from where they are shown, so that a saved notebook has them once.
# Where scripts do not run, as in an untrusted notebook, it leads to the file.
_SAVE_VIDEO = "this.href=this.closest('.voxweave-video').querySelector('video').src"
_SAVE_POSTER = "this.href=this.closest('.voxweave-video').querySelector('video').poster"

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


class Origin(Protocol):
    """The facts about a video's making that are shown; `Provenance` has them."""

    @property
    def config(self) -> VideoConfig:
        """The video's options."""

    @property
    def maker(self) -> str:
        """The provider, its model and the price."""

    @property
    def story(self) -> str:
        """The provider and price, then the providers that declined, with their reasons."""

    @property
    def declined(self) -> Mapping[str, str]:
        """The reasons of the providers that declined, by name."""


class Video(Protocol):
    """The facts about a video that are shown; `GeneratedVideo` has them. Its `str` is its one-line text."""

    @property
    def path(self) -> Path:
        """The video file."""

    @property
    def captions(self) -> Path | None:
        """The WebVTT file, or None."""

    @property
    def chapters(self) -> Path | None:
        """The WebVTT file of the chapters, or None."""

    @property
    def poster(self) -> Path | None:
        """The poster (JPEG), or None."""

    @property
    def duration(self) -> float:
        """The length in seconds."""

    @property
    def width(self) -> int:
        """The width in pixels."""

    @property
    def height(self) -> int:
        """The height in pixels."""

    @property
    def subtitle_mode(self) -> SubtitleMode:
        """The delivery of the subtitles."""

    @property
    def cues(self) -> Sequence[Cue]:
        """The captions."""

    @property
    def warnings(self) -> Sequence[str]:
        """The warnings, each a sentence."""

    @property
    def embed_limit(self) -> int:
        """The largest video that is embedded in the notebook, in bytes."""

    @property
    def provenance(self) -> Origin:
        """The facts about the video's making."""


def video_bundle(video: Video) -> dict[str, Any]:
    """Return the video in every form that a notebook can show: HTML, the poster, one line of text."""
    here = front_end()
    near = (notebook_folder(), Path.cwd())
    page = _Page(near, served=here.serves_files, scripts=here is not FrontEnd.MARIMO)
    copy = _copy_for_vscode(video) if here is FrontEnd.VSCODE and video.path.exists() else None
    html = _html(video, page, video.embed_limit, copy=copy)
    bundle = {"text/plain": str(video), "text/html": html}
    largest = _MAX_POSTER_BYTES_TWICE if ' src="data:video/' in html else _MAX_POSTER_BYTES
    if still := _read_small(video.poster, largest):
        bundle["image/jpeg"] = base64.b64encode(still).decode("ascii")
    return bundle


def video_page(video: Video) -> str:
    """Return an HTML page that plays the video. Save the page in the video's folder."""
    title = escape(video.path.stem)
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    look = (
        "body{margin:0 auto;padding:4vh 16px;max-width:860px;background:#12141a;color:#e8eaf0}a{color:#8ab4ff}"
        "@media(prefers-color-scheme:light){body{background:#fff;color:#1c1e24}a{color:#1a56c4}}"
    )
    body = _html(video, _Page((video.path.parent,), name="this page"), 0)
    return f'<!doctype html>\n<html lang="en"><head>{head}<style>{look}</style></head><body>\n{body}\n</body></html>\n'


@dataclass(frozen=True)
class _Page:
    """The page that shows a video.

    Attributes:
        near: The folders beside which the page may lie, the best first.
        served: True if the page can load the files in them.
        scripts: True if a link's script may run.
        name: The page in words.
    """

    near: Sequence[Path]
    served: bool = True
    scripts: bool = True
    name: str = "the notebook"

    def address(self, path: Path) -> str | None:
        """Return a file's address as seen from the page, or None for one outside its folders."""
        for folder in self.near:
            with contextlib.suppress(ValueError):
                return path.resolve().relative_to(folder.resolve()).as_posix()
        return None


@dataclass(frozen=True)
class _Copy:
    """The file to play in place of a video, or None and the reason for which there is none, a sentence."""

    path: Path | None
    reason: str = ""


def _html(video: Video, page: _Page, embed_limit: int, *, copy: _Copy | None = None) -> str:
    """Return the video as HTML."""
    if not video.path.exists():
        return f'<div style="{_BOX}">The video {_escape(video.path)} is no longer there; it was moved or deleted.</div>'
    shown = copy.path if copy else video.path
    if shown is not None and (page.served or shown.stat().st_size <= embed_limit):
        source, note = _source(shown, page, embed_limit)
        parts = [_player(video, source), _summary(video, f"{note}, with MP3 sound" if copy else note)]
    else:
        source, reason = "", copy.reason if copy and copy.reason else _too_large(video, embed_limit)
        parts = [_still(video), _summary(video, "not embedded"), _how_to_play(video, reason)]
    parts += [_links(video, page, shown, source), _warnings(video.warnings), _transcript(video.cues)]
    return f'<div class="voxweave-video" style="{_BOX}">{"".join(parts)}</div>'


def _copy_for_vscode(video: Video) -> _Copy:
    """Return the rendition to embed. A cell waits for it, so it is made here only if that is quick."""
    if video.path.stat().st_size > video.embed_limit:
        return _Copy(None)
    try:
        made = make_rendition(video.path, VideoFormat.MP4, quick=True)
    except VoxweaveError as error:
        return _Copy(
            None, f"VS Code cannot play this video, and a copy with MP3 sound could not be made: {error}"
        )
    return _Copy(
        made, "" if made else "VS Code cannot play this video without a copy, which takes a while to make."
    )


def _still(video: Video) -> str:
    still = _read_small(video.poster, _MAX_POSTER_BYTES)
    alt = _escape(f"The poster of {video.path.name}")
    return f'<img style="{_VIDEO}" src="{_data_url("image/jpeg", still)}" alt="{alt}">' if still else ""


def _too_large(video: Video, embed_limit: int) -> str:
    size, limit = video.path.stat().st_size / 1e6, embed_limit / 1e6
    return (
        f"This video has {size:.1f} MB. Up to {limit:g} MB are embedded in the page, which cannot load the file from "
        "beside the notebook."
    )


def _how_to_play(video: Video, reason: str) -> str:
    return (
        f'<div role="note" style="{_WARN}">{_escape(reason)} To play the video here, run '
        f"<code>Player({_escape(repr(str(video.path)))})</code> in a cell. The file: "
        f"<code>{_escape(video.path.resolve())}</code></div>"
    )


def _player(video: Video, source: str) -> str:
    poster = ""
    if still := _read_small(video.poster, _largest_poster(source)):
        poster = f' poster="{_data_url("image/jpeg", still)}"'
    track = _track(video) + _chapters(video)
    label = _escape(f"Video: {video.provenance.config.prompt or video.path.stem}")
    return (
        f'<video controls preload="metadata" playsinline width="{video.width}" height="{video.height}" '
        f'aria-label="{label}" style="{_VIDEO}" src="{_escape(source)}"{poster}>{track}</video>'
    )


def _largest_poster(source: str) -> int:
    """Return the size in bytes up to which a poster is put into a video's element."""
    return 2 * _MAX_POSTER_BYTES_TWICE if source.startswith("data:") else _MAX_POSTER_BYTES


def _track(video: Video) -> str:
    text = _read_small(video.captions, _MAX_CAPTIONS_BYTES)
    if not text or video.subtitle_mode is SubtitleMode.NONE:
        return ""
    # Burnt-in captions are visible already, so the track is offered but not switched on.
    default = "" if video.subtitle_mode is SubtitleMode.BURN else " default"
    placed = _clear_of_the_edge(text.decode("utf-8"), video.width, video.height).encode("utf-8")
    return f'<track kind="subtitles" srclang="und" label="Captions"{default} src="{_data_url("text/vtt", placed)}">'


def _chapters(video: Video) -> str:
    text = _read_small(video.chapters, _MAX_CAPTIONS_BYTES)
    if not text:
        return ""
    return f'<track kind="chapters" srclang="und" label="Chapters" src="{_data_url("text/vtt", text)}">'


def _clear_of_the_edge(webvtt: str, width: int, height: int) -> str:
    """Set each caption one line above the frame's bottom edge, where browsers put it by default.

    A browser draws captions in letters of 5 % of the shorter side. `line:-2` starts a caption in the last line but one;
    a percentage would shorten long captions in Chromium 156.
    """
    letters = width / (0.05 * min(width, height) * 0.6)  # in a row; a letter is 0.6 of its height wide
    blocks = webvtt.split("\n\n")
    return "\n\n".join(_CUE.sub(partial(_place, letters), block, count=1) for block in blocks)


def _place(letters: float, cue: re.Match[str]) -> str:
    times, text = cue.groups()
    rows = sum(max(1, math.ceil(_letters(line) / letters)) for line in unescape(text).splitlines())
    return f"{times} line:-{min(rows + 1, 12)}\n{text}"


def _letters(text: str) -> int:
    """Count letters; a Chinese, Japanese or Korean one takes the room of two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _source(path: Path, page: _Page, embed_limit: int) -> tuple[str, str]:
    """Return the video's address for the page, and where it comes from in words."""
    if path.stat().st_size <= embed_limit:
        # Chromium refuses the media type of QuickTime, but plays the same bytes as MP4.
        kind = "video/webm" if path.suffix == ".webm" else "video/mp4"
        return _data_url(kind, path.read_bytes()), "embedded in this notebook"
    if (relative := page.address(path)) is not None:
        return quote(relative), f"plays from {relative} beside {page.name}"
    note = "outside the notebook's folder, where Jupyter cannot play it: copy it with save()"
    return quote(path.resolve().as_posix()), note


def _summary(video: Video, note: str) -> str:
    origin = video.provenance
    facts = [
        origin.config.style.value,
        f"{video.width}×{video.height}",
        f"{video.duration:.1f} s",
        f"{video.path.stat().st_size / 1e6:.1f} MB",
        f"Provider: {origin.maker}",
    ]
    prompt = (
        f"<div><em>{_escape(_shorten(origin.config.prompt, 400))}</em></div>" if origin.config.prompt else ""
    )
    line = " · ".join(_escape(fact) for fact in facts)
    declined = f'<div style="{_MUTED}">{_escape(origin.story)}</div>' if origin.declined else ""
    return f'<div style="margin-top:8px">{prompt}<div style="{_MUTED}">{line} · {_escape(note)}</div>{declined}</div>'


def _links(video: Video, page: _Page, shown: Path | None, source: str) -> str:
    links = []
    if shown and source:
        label = f"Download {shown.suffix.lstrip('.').upper()}"
        script = _SAVE_VIDEO if source.startswith("data:") else ""
        links.append(_link(label, shown, source, page, script))
    if captions := _read_small(video.captions, _MAX_CAPTIONS_BYTES):
        assert video.captions is not None
        links.append(_link("captions", video.captions, _data_url("text/vtt", captions), page))
    if still := _read_small(video.poster, _MAX_POSTER_BYTES):
        assert video.poster is not None
        embedded, small = source.startswith("data:"), len(still) <= _largest_poster(source)
        href = _data_url("image/jpeg", still) if small or not embedded else ""
        links.append(_link("poster", video.poster, href, page, _SAVE_POSTER if small and embedded else ""))
    return f'<div style="margin-top:4px">{" · ".join(links)}</div>'


def _link(label: str, path: Path, href: str, page: _Page, script: str = "") -> str:
    """Return a link that saves a file.

    Args:
        label: The link's text.
        path: The file.
        href: The file's bytes or address; empty for its address beside the page.
        page: The page.
        script: Finds the bytes in the page, so that they are not in the link; empty for none.
    """
    attribute = ""
    if not href or (script and page.scripts):
        href = quote(page.address(path) or path.name)
        attribute = f' onclick="{_escape(script)}"' if script else ""
    return f'<a href="{_escape(href)}" download="{_escape(path.name)}"{attribute}>{_escape(label)}</a>'


def _warnings(warnings: Sequence[str]) -> str:
    if not warnings:
        return ""
    items = "".join(f"<div>{_escape(warning)}</div>" for warning in warnings)
    return f'<div role="note" style="{_WARN}"><strong>Warnings</strong>{items}</div>'


def _transcript(cues: Sequence[Cue]) -> str:
    if not cues:
        return ""
    rows = "".join(
        f'<li style="margin:2px 0"><span style="{_MUTED};font-variant-numeric:tabular-nums">{clock(cue.start)}</span> '
        f"{_escape(cue.text).replace(chr(10), '<br>')}</li>"
        for cue in cues[:_MAX_TRANSCRIPT_CUES]
    )
    if len(cues) > _MAX_TRANSCRIPT_CUES:
        rows += (
            f"<li>… and {len(cues) - _MAX_TRANSCRIPT_CUES:,} more; the captions file has all of them.</li>"
        )
    label = "line" if len(cues) == 1 else "lines"
    return (
        f'<details style="margin-top:8px"><summary style="cursor:pointer">Transcript ({len(cues):,} {label})</summary>'
        f'<ol style="list-style:none;margin:6px 0;padding-left:4px">{rows}</ol></details>'
    )


def _shorten(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _escape(value: object) -> str:
    return escape(str(value), quote=True)


def _data_url(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _read_small(path: Path | None, largest: int) -> bytes | None:
    """Return a file's bytes, or None if it is missing or too large to embed."""
    if path is None or not path.is_file() or path.stat().st_size > largest:
        return None
    return path.read_bytes()
