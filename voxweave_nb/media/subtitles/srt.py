"""SubRip: numbers, times with a comma, text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ...models import Cue
from ...timecode import parse_range, srt_time
from .base import ENTITY, SubtitleFormat, cue_lines, plain

__all__ = ["SubRip"]

_JOINER = "\u2060"
"""Has no width. SubRip has no escapes: put into what players would take for markup, it keeps that as text."""

_MARKUP = re.compile(
    rf"<(?= *[A-Za-z/!?]|\d[\d:.]{{0,20}}>)|\{{(?=\\|[A-Za-z]:)|\\(?=[Nnh])|--(?=>)|&(?={ENTITY[1:]})"
    rf"|(?:[<{{\\&]|--|^)(?={_JOINER})"  # what has a joiner already gets a second one, of which reading takes one
)
_JOINED = re.compile(rf"(?:(?<=[<{{\\&])|(?<=--)|^){_JOINER}", re.MULTILINE)
_LONGEST_NUMBER = 7


class SubRip(SubtitleFormat):
    """Read leniently, since files in the wild are a little broken: no numbers, no hours, blank lines anywhere."""

    name = "srt"
    suffix = ".srt"

    def accepts(self, text: str) -> bool:
        """Whether any line is a timing line."""
        return any(parse_range(line, loose=True) for line in text.split("\n"))

    def read(self, text: str) -> Iterable[Cue]:
        """A cue for every timing line: all that follows up to the next one, without its number."""
        times, lines, number = None, list[str](), 0
        for line in text.split("\n"):
            found = parse_range(line, loose=True)
            if found is None:
                lines.append(line)
                continue
            if times:
                yield Cue(*times, _words(lines, number, more=True))
            times, lines, number = found, [], number + 1
        if times:
            yield Cue(*times, _words(lines, number, more=False))

    def write(self, cues: Sequence[Cue]) -> str:
        """Numbered cues; what a player would take for markup or timing is kept apart by a joiner without width."""
        return "\n".join(
            f"{number}\n{srt_time(cue.start)} --> {srt_time(cue.end)}\n{_guarded(cue.text)}\n"
            for number, cue in enumerate(cues, 1)
        )


def _words(lines: list[str], number: int, *, more: bool) -> str:
    """The text of a cue; `more` says that another timing line follows, whose number may be the last line."""
    place = next((place for place in reversed(range(len(lines))) if lines[place].strip()), 0)
    last = lines[place].strip() if lines else ""
    if last.isdecimal() and len(last) <= _LONGEST_NUMBER:
        adjacent = more and place == len(lines) - 1
        apart = place > 0 and not lines[place - 1].strip() and int(last) == number + 1
        if adjacent or apart:
            lines = lines[:place]
    return _JOINED.sub("", plain("\n".join(lines)))


def _guarded(text: str) -> str:
    lines = (_MARKUP.sub(lambda start: start[0] + _JOINER, line) for line in cue_lines(text))
    return "\n".join(_JOINER + line if parse_range(line, loose=True) else line for line in lines)
