"""WebVTT (https://www.w3.org/TR/webvtt1/): what browsers show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...models import Cue
from .base import SubtitleFormat, blocks, cue_lines, plain, stamp, timing

__all__ = ["WebVtt"]

_ENTITIES = {
    "&lt;": "<",
    "&gt;": ">",
    "&nbsp;": "\u00a0",
    "&lrm;": "\u200e",
    "&rlm;": "\u200f",
    "&quot;": '"',
}


class WebVtt(SubtitleFormat):
    """Notes, styles and regions are passed over; cue settings are dropped."""

    name = "webvtt"
    suffix = ".vtt"

    def accepts(self, text: str) -> bool:
        """Whether it begins with the word that every WebVTT file begins with."""
        return text.lstrip().startswith("WEBVTT")

    def read(self, text: str) -> Iterable[Cue]:
        """The cues of every block with a timing line in its first two lines."""
        for lines in blocks(text):
            for place, line in enumerate(lines[:3]):
                if times := timing(line):
                    yield Cue(*times, _unescape(plain("\n".join(lines[place + 1 :]))))
                    break
                if line.startswith(("NOTE", "STYLE", "REGION")):
                    break

    def write(self, cues: Sequence[Cue]) -> str:
        """Cues with `&`, `<` and `>` escaped, so that text can never become markup."""
        body = "".join(
            f"\n{stamp(cue.start, comma=False)} --> {stamp(cue.end, comma=False)}\n{_escape(cue_lines(cue.text))}\n"
            for cue in cues
        )
        return f"WEBVTT\n{body}"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _unescape(text: str) -> str:
    for entity, character in _ENTITIES.items():
        text = text.replace(entity, character)
    return text.replace("&amp;", "&")
