"""Words in the picture, set by libass at the video's full size over the softer painted picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from .plan import RenderJob
from .prompt import Reading

__all__ = ["Titles", "lay_titles"]


@dataclass(frozen=True)
class Titles:
    """What the encoder needs to set the words.

    Attributes:
        filters: An FFmpeg filter that reads files in the work folder; empty for no words.
        env: Variables that make it find the font.
        warnings: Why words are missing, in sentences.
    """

    filters: str = ""
    env: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def lay_titles(job: RenderJob, reading: Reading, work: Path) -> Titles:
    """Writes the script of a video's words into the work folder."""
    return Titles()
