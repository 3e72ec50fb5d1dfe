"""SubRip: numbers, times with a comma, text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...models import Cue
from .base import SubtitleFormat, blocks, cue_lines, plain, stamp, timing

__all__ = ["SubRip"]


class SubRip(SubtitleFormat):
    """Read leniently, since most files in the wild are a little broken: no numbers, no hours, no blank lines."""

    name = "srt"
    suffix = ".srt"

    def accepts(self, text: str) -> bool:
        """Whether any line is a timing line."""
        return any(timing(line) for line in text.split("\n") if "->" in line)

    def read(self, text: str) -> Iterable[Cue]:
        """The cues of every paragraph with a timing line."""
        for lines in blocks(text):
            for place, line in enumerate(lines):
                if times := timing(line):
                    yield Cue(*times, plain("\n".join(lines[place + 1 :])))
                    break

    def write(self, cues: Sequence[Cue]) -> str:
        """Numbered cues; SubRip has no escapes, so text stays as it is."""
        return "\n".join(
            f"{number}\n{stamp(cue.start, comma=True)} --> {stamp(cue.end, comma=True)}\n{cue_lines(cue.text)}\n"
            for number, cue in enumerate(cues, 1)
        )
