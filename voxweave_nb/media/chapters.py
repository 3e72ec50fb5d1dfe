"""Chapters: written into a file for players, and as a WebVTT track for pages."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..models import Cue
from .subtitles import write_subtitles

__all__ = ["chapter_metadata", "chapter_track"]

_LONGEST = 80


def chapter_metadata(chapters: Sequence[Cue]) -> str:
    """Return chapters in FFmpeg's metadata format (https://ffmpeg.org/ffmpeg-formats.html#Metadata-2).

    Args:
        chapters: The chapters; the text of each is its title.
    """
    blocks = [
        f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={round(chapter.start * 1000)}\nEND={round(chapter.end * 1000)}\n"
        f"title={_escaped(_title(chapter, number))}\n"
        for number, chapter in enumerate(chapters, 1)
    ]
    return ";FFMETADATA1\n" + "".join(blocks)


def chapter_track(chapters: Sequence[Cue]) -> str:
    """Return chapters as WebVTT, for `<track kind="chapters">`; the arguments are those of `chapter_metadata`."""
    titled = [Cue(one.start, one.end, _title(one, number)) for number, one in enumerate(chapters, 1)]
    return write_subtitles(titled, "webvtt")


def _escaped(title: str) -> str:
    return re.sub(r"([=;#\\])", r"\\\1", title)


def _title(chapter: Cue, number: int) -> str:
    """Return the title in one line of at most 80 characters; a chapter without words is numbered."""
    words = re.sub(r"[\x00-\x1f\x7f\s]+", " ", chapter.text).strip()
    if len(words) > _LONGEST:
        words = words[: _LONGEST - 1].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"
    return words or f"Scene {number}"
