"""The interface of subtitle formats, and the parts that they share.

How to add a format:

1. Write `media/subtitles/<name>.py` with one subclass of `SubtitleFormat`.
2. Add it to `FORMATS` in `media/subtitles/__init__.py` (one line); the first format that accepts a text reads it.
3. `tests/media/subtitles/test_formats.py` runs over all formats: every written cue must read back the same.
"""

from __future__ import annotations

import html
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from html.entities import html5
from typing import ClassVar

from ...errors import SubtitleError
from ...models import Cue

__all__ = ["ENTITY", "SubtitleFormat", "cue_lines", "plain"]

ENTITY = r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8}\d{0,2});"
"""Pattern of an HTML character reference. Without its semicolon it is text: `R&D`, `?a=1&copy=2`."""

_ENTITY = re.compile(ENTITY)
_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
_TAG = re.compile(
    r"<(?:/ ?)?(?:b|i|u|s|c|v|em|strong|font|lang|ruby|rt|span)(?:[.\s][^<>\n]{0,200})?/?>|<\d[\d:.]{0,20}>",
    re.IGNORECASE,
)
_OVERRIDE = re.compile(r"\{\\[^{}\n]{0,200}\}")
_LINE_END = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


class SubtitleFormat(ABC):
    """A subtitle format; the module's docstring says how to add one."""

    name: ClassVar[str]
    suffix: ClassVar[str]

    @abstractmethod
    def accepts(self, text: str) -> bool:
        """Return True if a text, without byte order mark and with plain newlines, looks like this format."""

    @abstractmethod
    def read(self, text: str) -> Iterable[Cue]:
        """Yield the cues unrepaired: in any order, of any length, even with negative times; their text is plain."""

    def write(self, cues: Sequence[Cue]) -> str:
        """Return the cues as the text of a file.

        Raises:
            SubtitleError: The format is read-only.
        """
        raise SubtitleError(f"Subtitles cannot be written as {self.name}, only read; choose srt or webvtt.")


def plain(text: str) -> str:
    """Remove markup: known tags are dropped and character references decoded; a `<` that a person typed stays."""
    bare = _OVERRIDE.sub("", _TAG.sub("", _BREAK.sub("\n", text)))
    return _ENTITY.sub(_character, bare)


def _character(entity: re.Match[str]) -> str:
    # The library would take `&notes;` for `¬es;`.
    known = entity[0].startswith("&#") or entity[0][1:] in html5
    return html.unescape(entity[0]) if known else entity[0]


def cue_lines(text: str) -> list[str]:
    """Split a cue's text into lines; blank lines, which end a cue in most formats, are dropped."""
    return [line.strip() for line in _LINE_END.split(text) if line.strip()]
