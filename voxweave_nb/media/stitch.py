"""Stitching: each piece of a film is brought to one form once, then all are joined by stream copy.

A piece has a number of frames, not a length: cuts are rounded from the time since the film's beginning
(`frames_between`), so that they never drift. What was brought to form is kept in a cache by content: after one piece has
changed, only this one is encoded.

    made = await stitch([Piece(source=clip, frames=192), ...], Form((1280, 720), 24), cache=folder, work=work)
    await assemble(made, narration, cues, ...)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .form import Form
from .grade import Colors

__all__ = ["SLOWEST", "SLOWEST_OWN", "Part", "Piece", "Stitched", "frames_between", "stitch"]

SLOWEST = 1.08
"""The most that a generated clip is slowed down to fill its piece; nobody notices it."""

SLOWEST_OWN = 1.25
"""The most that a person's own clip is slowed down; a clip of 24 frames per second then shows 19."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One piece of a film.

    Attributes:
        source: A video, or an image if `still` is True.
        frames: The number of frames that it fills, at least 1.
        begin: Where in the video it begins, in seconds.
        still: True for an image, which is shown with a calm move.
        move: The kind of move of an image: any number; pieces that follow each other should have different ones.
        slowest: The most that a video is slowed down to fill the frames, from 1; a shorter one is repeated.
        colors: The colours that the piece is matched to, or None.
        dissolve: The number of frames over which the piece before dissolves into this one; 0 for a cut.
        name: What warnings call it, such as `"Scene 4"`.
    """

    source: Path
    frames: int
    begin: float = 0.0
    still: bool = False
    move: int = 0
    slowest: float = SLOWEST
    colors: Colors | None = None
    dissolve: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A file in the canonical form; `frames` is the number of frames in it."""

    path: Path
    frames: int


@dataclass(frozen=True, slots=True)
class Stitched:
    """The parts of a film, ready to be joined by stream copy.

    Attributes:
        parts: The parts in their order; a cut or a dissolve is where one begins.
        form: The form of all of them.
        warnings: Differences from what was asked, in sentences.
        encoded: The number of parts that were not in the cache.
    """

    parts: tuple[Part, ...]
    form: Form
    warnings: tuple[str, ...] = ()
    encoded: int = 0

    @property
    def frames(self) -> int:
        """The number of frames of the film."""
        return sum(part.frames for part in self.parts)

    @property
    def duration(self) -> float:
        """The length of the film in seconds."""
        return self.frames / self.form.fps


def frames_between(start: float, end: float, fps: int) -> int:
    """Return the number of frames from one time to another, each rounded from the beginning of the film.

    The sum over scenes that follow each other is exact, and no cut is more than half a frame from its time.
    """
    return round(end * fps) - round(start * fps)


async def stitch(
    pieces: Sequence[Piece],
    form: Form,
    *,
    cache: Path,
    work: Path,
    on_progress: Callable[[float], None] = lambda _: None,
) -> Stitched:
    """Bring the pieces of a film to one form; what is in the cache already is not encoded again.

    Args:
        pieces: The pieces in their order.
        form: The form.
        cache: A folder that keeps the parts; it is made if it is missing.
        work: A private folder.
        on_progress: Called with a fraction from 0 to 1.

    Raises:
        MediaError: A piece is not a video or an image, or is empty.
        FFmpegMissing: No FFmpeg was found.
        FFmpegFailed: FFmpeg ended with an error.
    """
    raise NotImplementedError
