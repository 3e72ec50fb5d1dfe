"""SubRip (.srt): numbered cues, times with a comma."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ...models import Cue
from ...timecode import parse_range, srt_time
from .base import ENTITY, SubtitleFormat, cue_lines
from .words import cue_of

__all__ = ["SubRip"]

# SubRip has no escapes. A word joiner, which has no width, keeps text apart that players would take for markup.
_JOINER = "\u2060"

_MARKUP = re.compile(
    rf"<(?= *[A-Za-z/!?]|\d[\d:.]{{0,20}}>)|\{{(?=\\|[A-Za-z]:)|\\(?=[Nnh])|--(?=>)|&(?={ENTITY[1:]})"
    rf"|(?:[<{{\\&]|--|^)(?={_JOINER})"  # text with a joiner gets a second one; reading removes one
)
_JOINED = re.compile(rf"(?:(?<=[<{{\\&])|(?<=--)|^){_JOINER}", re.MULTILINE)
_NUMBER = re.compile(r"(#|No\. ?)?(\d{1,7})([.:)])?")


class SubRip(SubtitleFormat):
    """SubRip, read leniently: files in the wild have no numbers, no hours, and blank lines anywhere."""

    name = "srt"
    suffix = ".srt"

    def accepts(self, text: str) -> bool:
        """Return True if any line is a timing line."""
        return any(parse_range(line, loose=True) for line in text.split("\n"))

    def read(self, text: str) -> Iterable[Cue]:
        """Yield a cue for every timing line: the text up to the next one, without that one's number."""
        times, lines, number = None, list[str](), 0
        for line in text.split("\n"):
            found = parse_range(line, loose=True)
            if found is None:
                lines.append(line)
                continue
            if times:
                yield _cue(times, _body(lines, number, more=True))
            times, lines, number = found, [], number + 1
        if times:
            yield _cue(times, _body(lines, number, more=False))

    def write(self, cues: Sequence[Cue]) -> str:
        """Return numbered cues, with text guarded that a player would take for markup or timing.

        Players show the times of words as text, so they are left out.
        """
        return "\n".join(
            f"{number}\n{srt_time(cue.start)} --> {srt_time(cue.end)}\n{_guarded(cue.text)}\n"
            for number, cue in enumerate(cues, 1)
        )


def _cue(times: tuple[float, float], body: str) -> Cue:
    cue = cue_of(*times, body)
    if _JOINER not in cue.text:
        return cue
    words = tuple(replace(word, text=_JOINED.sub("", word.text)) for word in cue.words)
    return replace(cue, text=_JOINED.sub("", cue.text), words=words)


def _body(lines: list[str], number: int, *, more: bool) -> str:
    """Return the text of a cue, with its markup.

    Args:
        lines: The lines after its timing line.
        number: The cue's number.
        more: Another timing line follows, so that the last line may be the next cue's number.
    """
    place = next((place for place in reversed(range(len(lines))) if lines[place].strip()), 0)
    last = _NUMBER.fullmatch(lines[place].strip()) if lines else None
    if last:
        next_one = int(last[2]) == number + 1
        adjacent = more and place == len(lines) - 1 and (next_one or not (last[1] or last[3]))
        apart = place > 0 and not lines[place - 1].strip() and next_one
        if adjacent or apart:
            lines = lines[:place]
    return "\n".join(lines)


def _guarded(text: str) -> str:
    lines = (_MARKUP.sub(lambda start: start[0] + _JOINER, line) for line in cue_lines(text))
    return "\n".join(_JOINER + line if parse_range(line, loose=True) else line for line in lines)
