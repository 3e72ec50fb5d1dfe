"""What a subtitle format is, and the recipe for a new one.

How to add a format:

1. Write `media/subtitles/<name>.py` with one subclass of `SubtitleFormat`.
2. Name it in `media/subtitles/__init__.py` (one line); where several could read a text, the first one does.
3. `tests/media/subtitles/test_formats.py` runs over the registry: whatever is written must read back the same.
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
"""A character written by its name or number. Without its semicolon it is text: `R&D`, `?a=1&copy=2`."""

_ENTITY = re.compile(ENTITY)
_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
_TAG = re.compile(
    r"<(?:/ ?)?(?:b|i|u|s|c|v|em|strong|font|lang|ruby|rt|span)(?:[.\s][^<>\n]{0,200})?/?>|<\d[\d:.]{0,20}>",
    re.IGNORECASE,
)
_OVERRIDE = re.compile(r"\{\\[^{}\n]{0,200}\}")
_LINE_END = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


class SubtitleFormat(ABC):
    """One format; see the recipe in the module's docstring."""

    name: ClassVar[str]
    suffix: ClassVar[str]

    @abstractmethod
    def accepts(self, text: str) -> bool:
        """Whether a text, cleaned of byte order marks and odd newlines, looks like this format."""

    @abstractmethod
    def read(self, text: str) -> Iterable[Cue]:
        """The cues as they stand: any order, any length, even negative times; text is plain already."""

    def write(self, cues: Sequence[Cue]) -> str:
        """The cues as a file of this format.

        Raises:
            SubtitleError: The format is read only.
        """
        raise SubtitleError(f"Subtitles are read from {self.name}, never written; choose srt or webvtt.")


def plain(text: str) -> str:
    """Text without markup: tags that formats know are dropped, entities decoded; a `<` that a person typed stays."""
    bare = _OVERRIDE.sub("", _TAG.sub("", _BREAK.sub("\n", text)))
    return _ENTITY.sub(_character, bare)


def _character(entity: re.Match[str]) -> str:
    # The library would take `&notes;` for `¬es;`.
    known = entity[0].startswith("&#") or entity[0][1:] in html5
    return html.unescape(entity[0]) if known else entity[0]


def cue_lines(text: str) -> list[str]:
    """The lines of one cue; none is blank, which would end the cue in most formats."""
    return [line.strip() for line in _LINE_END.split(text) if line.strip()]
