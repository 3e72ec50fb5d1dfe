"""What a subtitle format is, and the recipe for a new one.

How to add a format:

1. Write `media/subtitles/<name>.py` with one subclass of `SubtitleFormat`.
2. Name it in `media/subtitles/__init__.py` (one line); where several could read a text, the first one does.
3. `tests/media/subtitles/test_contract.py` runs over the registry: whatever is written must read back the same.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import ClassVar

from ...models import Cue

__all__ = ["SubtitleFormat", "blocks", "cue_lines", "plain", "stamp", "timing"]

_TIME = r"(?:(\d{1,4}):)?(\d{1,3}):(\d{1,2})(?:[,.](\d{1,9}))?"
_TIMING = re.compile(rf"\s*-?{_TIME}\s*--?>\s*-?{_TIME}(?:\s.*)?", re.DOTALL)
_TAG = re.compile(
    r"</?(?:b|i|u|s|c|v|font|lang|ruby|rt|span)(?:[.\s][^<>\n]{0,200})?/?>|<\d[\d:.]{0,20}>", re.IGNORECASE
)
_OVERRIDE = re.compile(r"\{\\[^{}\n]{0,200}\}")


class SubtitleFormat(ABC):
    """One format; see the recipe in the module's docstring."""

    name: ClassVar[str]
    suffix: ClassVar[str]

    @abstractmethod
    def accepts(self, text: str) -> bool:
        """Whether a text, cleaned of byte order marks and odd newlines, looks like this format."""

    @abstractmethod
    def read(self, text: str) -> Iterable[Cue]:
        """The cues as they stand: any order, any length; text is plain already."""

    def write(self, cues: Sequence[Cue]) -> str:
        """The cues as a file of this format.

        Raises:
            NotImplementedError: The format is read only.
        """
        raise NotImplementedError(f"{self.name} is read only")


def blocks(text: str) -> Iterable[list[str]]:
    """The paragraphs of a text; a timing line begins one even where the blank line before it is missing."""
    lines: list[str] = []
    for line in text.split("\n"):
        if not line.strip():
            if lines:
                yield lines
            lines = []
            continue
        if timing(line) and any(timing(earlier) for earlier in lines):
            index = lines.pop() if lines[-1].strip().isdigit() else None
            yield lines
            lines = [index] if index else []
        lines.append(line)
    if lines:
        yield lines


def timing(line: str) -> tuple[float, float] | None:
    """The two moments of a timing line in seconds, or None where it is none. Hours may be missing."""
    if ">" not in line or len(line) > 400 or not (match := _TIMING.fullmatch(line)):
        return None
    groups = match.groups()
    return _seconds(groups[:4]), _seconds(groups[4:])


def _seconds(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = parts
    rest = float(f"0.{fraction}") if fraction else 0.0
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + rest


def plain(text: str) -> str:
    """Text without markup: tags that formats know are dropped, a `<` that a person typed stays."""
    return _OVERRIDE.sub("", _TAG.sub("", text))


def cue_lines(text: str) -> str:
    """Text as the lines of one cue: no blank lines, which would end it, and no arrow, which would begin one."""
    lines = (line.strip() for line in text.replace("-->", "→").split("\n"))
    return "\n".join(line for line in lines if line)


def stamp(seconds: float, *, comma: bool) -> str:
    """A moment as `hh:mm:ss.mmm`, or with a comma."""
    total = max(0, round(seconds * 1000))
    hours, rest = divmod(total, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    whole, thousandths = divmod(rest, 1000)
    return f"{hours:02d}:{minutes:02d}:{whole:02d}{',' if comma else '.'}{thousandths:03d}"
