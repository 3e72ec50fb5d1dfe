"""SubStation Alpha (.ass, .ssa): read only, as plain text; positions, drawings and effects are left out on purpose."""

from __future__ import annotations

from collections.abc import Iterable

from ...models import Cue
from .base import SubtitleFormat

__all__ = ["SubStation"]


class SubStation(SubtitleFormat):
    r"""Never drawn as it came: a hostile script can take gigabytes (`\\fscx100000`) or minutes (stacked blurs)."""

    name = "ass"
    suffix = ".ass"

    def accepts(self, text: str) -> bool:
        """Whether it has the section that every script has, or a line of dialogue."""
        return "[script info]" in text[:4000].lower() or "\nDialogue:" in text

    def read(self, text: str) -> Iterable[Cue]:
        """Every line of dialogue that is no drawing."""
        import pysubs2

        for event in pysubs2.SSAFile.from_string(text, format_=_dialect(text)):
            if not event.is_comment and not event.is_drawing:
                yield Cue(event.start / 1000, event.end / 1000, event.plaintext)


def _dialect(text: str) -> str:
    return "ass" if "[v4+ styles]" in text.lower() or "scripttype: v4.00+" in text.lower() else "ssa"
