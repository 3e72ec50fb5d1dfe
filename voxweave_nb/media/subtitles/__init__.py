"""Reading subtitles of any making, repairing them, and writing the two forms that players take."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from ...errors import SubtitleError
from ...models import Cue
from .base import SubtitleFormat
from .decode import EXPECTED, decoded
from .repair import Subtitles, repaired
from .srt import SubRip
from .substation import SubStation
from .webvtt import WebVtt

__all__ = ["FORMATS", "MOST_CUES", "Subtitles", "read_subtitles", "write_subtitles"]

FORMATS: tuple[SubtitleFormat, ...] = (WebVtt(), SubStation(), SubRip())
"""Every format, in the order in which they are asked whether they can read a text."""

MOST_CUES = 20_000
"""How many cues are read; a longer file is cut, with a warning."""


def read_subtitles(
    source: Path | str, *, encoding: str | None = None, duration: float | None = None
) -> Subtitles:
    """Reads subtitles and repairs what can be repaired, saying so.

    Args:
        source: A file, or a text with line breaks.
        encoding: The file's encoding; None finds out.
        duration: The narration's length in seconds, where cues end at the latest.

    Raises:
        SubtitleError: They are missing, larger than 5 MB, in no form that is known, or without a caption to show.
    """
    path = source if isinstance(source, Path) else None if _is_text(source) else Path(source)
    text, name, warnings = decoded(source if path is None else path, encoding)
    page = _PAGE.match(text)
    found = None if page else next((kind for kind in FORMATS if kind.accepts(text)), None)
    if found is None:
        looks = " (it looks like a web page: was a link saved instead of the file?)" if page else ""
        raise SubtitleError(f"{_what(path)} in no form that is known{looks}. {EXPECTED}", path=path)
    cues, more = _first(found.read(text))
    if not cues:
        raise SubtitleError(f"{_what(path)} without a single cue. {EXPECTED}", path=path)
    read = repaired(cues, more, duration, format=found.name, encoding=name, warnings=warnings)
    if not read.cues:
        why = " ".join(read.warnings)
        raise SubtitleError(f"{_what(path)} without a word to show. {why} {_WORDS_EXPECTED}", path=path)
    return read


def write_subtitles(cues: Sequence[Cue], format: str) -> str:
    """Cues as the text of a file.

    Args:
        cues: What to write.
        format: `"srt"` or `"webvtt"`.

    Raises:
        SubtitleError: The format is unknown or read only.
    """
    for kind in FORMATS:
        if kind.name == format:
            return kind.write(cues)
    raise SubtitleError(f"Subtitles cannot be written as {format!r}; choose srt or webvtt.")


_PAGE = re.compile(r"\s*(?:<\?xml[^>]{0,200}>\s*)?<(?:!doctype\s+)?html\b", re.IGNORECASE)
_WORDS_EXPECTED = "Cues with words, at times within the narration, were expected."


def _is_text(source: str) -> bool:
    return "\n" in source or "\r" in source


def _first(cues: Iterable[Cue]) -> tuple[list[Cue], int]:
    """As many as are taken, and how many there are beyond them; a flood is counted, not kept."""
    rest = iter(cues)
    return list(itertools.islice(rest, MOST_CUES)), sum(1 for _ in rest)


def _what(path: Path | None) -> str:
    return f"The subtitles {path.name} are" if path else "The pasted subtitles are"
