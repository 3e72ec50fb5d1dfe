"""WebVTT (https://www.w3.org/TR/webvtt1/): what browsers show."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

from ...models import Cue
from ...timecode import parse_range, webvtt_time
from .base import SubtitleFormat, cue_lines, plain

__all__ = ["WebVtt"]

_BEGINS = re.compile(r"\s*WEBVTT(?=\s|$)")
_NO_CUE = re.compile(r"(?:NOTE|STYLE|REGION)(?=\s|$)")


class WebVtt(SubtitleFormat):
    """Notes, styles and regions are passed over; cue settings are dropped."""

    name = "webvtt"
    suffix = ".vtt"

    def accepts(self, text: str) -> bool:
        """Whether it begins with the word that every WebVTT file begins with."""
        return _BEGINS.match(text) is not None

    def read(self, text: str) -> Iterable[Cue]:
        """The cue of every block with a timing line, which may also stand right under the header."""
        for lines in _blocks(text):
            if _NO_CUE.match(lines[0]):
                continue
            for place, line in enumerate(lines):
                if times := parse_range(line):
                    yield Cue(*times, plain("\n".join(lines[place + 1 :])))
                    break

    def write(self, cues: Sequence[Cue]) -> str:
        """Cues with `&`, `<` and `>` escaped, so that text can never become markup or timing."""
        return "WEBVTT\n" + "".join(
            f"\n{webvtt_time(cue.start)} --> {webvtt_time(cue.end)}\n{_escaped(cue.text)}\n" for cue in cues
        )


def _blocks(text: str) -> Iterable[list[str]]:
    """The paragraphs; a timing line begins one even where the blank line before it is missing.

    A line of spaces ends none: rolling captions have one where nothing is said above the words.
    """
    lines: list[str] = []
    timed = False
    for line in text.split("\n"):
        times = parse_range(line)
        if lines and (not line or (times and timed)):
            number = [lines.pop()] if times and lines[-1].strip().isdecimal() else []
            yield lines
            lines, timed = number, False
        if line.strip():
            lines.append(line)
            timed = timed or times is not None
    if lines:
        yield lines


def _escaped(text: str) -> str:
    # A brace before a backslash would be taken for a SubStation command by lenient readers, ours among them.
    return html.escape("\n".join(cue_lines(text)), quote=False).replace("{\\", "&#123;\\")
