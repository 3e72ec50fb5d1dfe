"""Reading subtitles in several formats, repairing them, and writing SubRip and WebVTT."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from ...errors import SubtitleError
from ...models import Cue
from ...pasted import is_pasted_text
from ..writing import spaceless
from .base import SubtitleFormat
from .encoding import EXPECTED, decode_text, is_other_kind
from .repair import MOST_CUES, Subtitles, repair_cues
from .srt import SubRip
from .substation import SubStation
from .webvtt import WebVtt

__all__ = [
    "FORMATS",
    "MOST_CUES",
    "Subtitles",
    "is_other_kind",
    "read_prose",
    "read_subtitles",
    "write_subtitles",
]

FORMATS: tuple[SubtitleFormat, ...] = (WebVtt(), SubStation(), SubRip())
"""All formats; the first one that accepts a text reads it."""


def read_subtitles(
    source: Path | str, *, encoding: str | None = None, duration: float | None = None
) -> Subtitles:
    """Read subtitles and repair them; each kind of repair adds a warning.

    Args:
        source: A file, or the text of one.
        encoding: The file's encoding; None detects it.
        duration: The narration's length in seconds; no cue ends later.

    Raises:
        SubtitleError: The file is missing, larger than 5 MB, in an unknown format, or has no cue to show.
    """
    path = source if isinstance(source, Path) else None if is_pasted_text(source) else Path(source)
    text, name, warnings = decode_text(source if path is None else path, encoding)
    page = _PAGE.match(text)
    found = None if page else next((kind for kind in FORMATS if kind.accepts(text)), None)
    if found is None:
        hint = _hint(text, page is not None)
        raise SubtitleError(f"{_subject(path)} not in a known format{hint}. {EXPECTED}", path=path)
    cues, surplus = _first(found.read(text))
    if not cues:
        raise SubtitleError(f"{_subject(path)} empty: no cue was found. {EXPECTED}", path=path)
    read = repair_cues(cues, surplus, duration, format=found.name, encoding=name, warnings=warnings)
    if not read.cues:
        reasons = " ".join(read.warnings)
        raise SubtitleError(f"{_subject(path)} without a cue to show. {reasons} {_WORDS_EXPECTED}", path=path)
    return read


def read_prose(source: Path | str, *, encoding: str | None = None) -> tuple[str, list[str]] | None:
    """Return a text without times and guesses about its encoding, or None for anything else, such as subtitles.

    Args:
        source: A file, or its text.
        encoding: The file's encoding; None detects it.

    Raises:
        SubtitleError: The file is missing, larger than 5 MB, or not text.
    """
    path = source if isinstance(source, Path) else None if is_pasted_text(source) else Path(source)
    text, _, warnings = decode_text(source if path is None else path, encoding)
    if _PAGE.match(text) or any(kind.accepts(text) for kind in FORMATS):
        return None
    lines = [line for line in text.split("\n") if line.strip()]
    timed = sum(_TIME.search(line) is not None for line in lines)
    return (text, warnings) if _readable(text) and timed <= _MOST_TIMED * len(lines) else None


def write_subtitles(cues: Sequence[Cue], format: str) -> str:
    """Return cues as the text of a subtitle file.

    Args:
        cues: The cues.
        format: `"srt"` or `"webvtt"`.

    Raises:
        SubtitleError: The format is unknown or read-only.
    """
    for kind in FORMATS:
        if kind.name == format:
            return kind.write(cues)
    raise SubtitleError(f"Subtitles cannot be written as {format!r}; choose srt or webvtt.")


_PAGE = re.compile(r"\s*(?:<\?xml[^>]{0,200}>\s*)?<(?:!doctype\s+)?html\b", re.IGNORECASE)
_READABLE = 0.7  # of the characters of a text
_LONGEST_WORD = 200  # characters; longer ones are not words, except in writing without spaces
_TIME = re.compile(r"\d:[0-5]\d[:.,]\d")
_MOST_TIMED = 0.1  # of the lines of a text that is not a damaged subtitle file
_WORDS_EXPECTED = "Cues with text, at times within the narration, were expected."


def _hint(text: str, page: bool) -> str:
    if page:
        return " (it looks like a web page: was a link saved instead of the file?)"
    return ": they are text without times, which captions need" if _readable(text) else ""


def _readable(text: str) -> bool:
    """Return True for a text that people read: letters and marks of any script, mostly."""
    count = sum(character.isspace() or unicodedata.category(character)[0] in "LM" for character in text)
    words = (len(word) <= _LONGEST_WORD or any(map(spaceless, word)) for word in text.split())
    return bool(text.strip()) and count > _READABLE * len(text) and all(words)


def _first(cues: Iterable[Cue]) -> tuple[list[Cue], int]:
    """Return the first `MOST_CUES` cues and the number of cues after them, which are not kept in memory."""
    rest = iter(cues)
    return list(itertools.islice(rest, MOST_CUES)), sum(1 for _ in rest)


def _subject(path: Path | None) -> str:
    return f"The subtitles {path.name} are" if path else "The pasted subtitles are"
