"""WebVTT (.vtt, https://www.w3.org/TR/webvtt1/): the format that browsers show."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ...models import Cue
from ...timecode import parse_range, webvtt_time
from .base import SubtitleFormat, cue_lines
from .words import cue_of, write_words

__all__ = ["WebVtt"]

_BEGINS = re.compile(r"\s*WEBVTT(?=\s|$)")
_NOT_A_CUE = re.compile(r"(?:NOTE|STYLE|REGION)(?=\s|$)")


class WebVtt(SubtitleFormat):
    """WebVTT; notes, styles, regions and cue settings are ignored."""

    name = "webvtt"
    suffix = ".vtt"

    def accepts(self, text: str) -> bool:
        """Return True if the text begins with `WEBVTT`."""
        return _BEGINS.match(text) is not None

    def read(self, text: str) -> Iterable[Cue]:
        """Yield the cue of every block with a timing line, even directly below the header."""
        for lines in _blocks(text):
            if _NOT_A_CUE.match(lines[0]):
                continue
            for place, line in enumerate(lines):
                if times := parse_range(line):
                    yield cue_of(*times, "\n".join(lines[place + 1 :]))
                    break

    def write(self, cues: Sequence[Cue]) -> str:
        """Return the cues with `&`, `<` and `>` escaped, so that text never becomes markup or timing.

        Words that have times are written with them: `the <00:00:01.200>sea`.
        """
        return "WEBVTT\n" + "".join(
            f"\n{webvtt_time(cue.start)} --> {webvtt_time(cue.end)}\n{_body(cue)}\n" for cue in cues
        )


def _blocks(text: str) -> Iterable[list[str]]:
    """Yield the blocks, as lists of lines; a timing line begins one even without a blank line before it."""
    # A line of spaces does not end a block: rolling captions have one where the upper line is empty.
    lines: list[str] = []
    timed = False
    for line in text.split("\n"):
        times = parse_range(line)
        if lines and (not line or (times and timed)):
            number = [lines.pop()] if times and lines[-1].strip().removeprefix("#").isdecimal() else []
            yield lines
            lines, timed = number, False
        if line.strip():
            lines.append(line)
            timed = timed or times is not None
    if lines:
        yield lines


def _body(cue: Cue) -> str:
    return write_words(replace(cue, text="\n".join(cue_lines(cue.text))), _escaped)


def _escaped(text: str) -> str:
    # Lenient readers, this package's among them, take a brace before a backslash for a SubStation command.
    return html.escape(text, quote=False).replace("{\\", "&#123;\\")
