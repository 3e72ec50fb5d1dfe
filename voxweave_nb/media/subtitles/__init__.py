"""Reading subtitles of any making, repairing them, and writing the two forms that players take."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...errors import SubtitleError
from ...models import Cue
from .base import SubtitleFormat
from .decode import decoded
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
        SubtitleError: They are missing, larger than 5 MB, or in no form that is known.
    """
    path = source if isinstance(source, Path) else None if _is_text(source) else Path(source)
    text, name, warnings = decoded(source if path is None else path, encoding)
    found = next((kind for kind in FORMATS if kind.accepts(text)), None)
    if found is None:
        raise SubtitleError(f"{_what(path)} in no form that is known{_looks(text)}. {_EXPECTED}", path=path)
    try:
        cues = _first(found, text)
    except Exception as error:  # a parser of another library may raise anything on a broken file
        raise SubtitleError(f"{_what(path)} damaged ({error}). {_EXPECTED}", path=path) from error
    if not cues:
        raise SubtitleError(f"{_what(path)} without a single cue. {_EXPECTED}", path=path)
    return repaired(cues, MOST_CUES, duration, format=found.name, encoding=name, warnings=warnings)


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


_EXPECTED = "SubRip (.srt), WebVTT (.vtt) or SubStation (.ass, .ssa) was expected."


def _is_text(source: str) -> bool:
    return "\n" in source or "\r" in source


def _first(kind: SubtitleFormat, text: str) -> list[Cue]:
    cues: list[Cue] = []
    for cue in kind.read(text):
        cues.append(cue)
        if len(cues) > MOST_CUES:
            break
    return cues


def _what(path: Path | None) -> str:
    return f"The subtitles {path.name} are" if path else "The pasted subtitles are"


def _looks(text: str) -> str:
    start = text.lstrip()[:200].lower()
    if start.startswith(("<!doctype html", "<html")):
        return " (it looks like a web page: was a link saved instead of the file?)"
    return ""
