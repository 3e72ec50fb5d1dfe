"""The film of a storyboard: its scenes joined, the narration once over all, captions and chapters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from ..config import VideoConfig
from .script import Script

if TYPE_CHECKING:
    from ..media.assemble import Assembled

__all__ = ["DISSOLVE_SECONDS", "FilmScene", "SceneKind", "assemble_film", "reference_frame"]

DISSOLVE_SECONDS = 0.5
"""Length of a dissolve; it lies half before and half after the boundary of the scenes."""


class SceneKind(StrEnum):
    """Where the frames of a scene come from."""

    TAKE = "take"
    """A generated clip that was asked for this scene."""
    OWN = "own"
    """A person's own clip; it may be slowed down further."""
    STILL = "still"
    """An image, shown with a calm move."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmScene:
    """A scene of a film.

    Attributes:
        start: Start in the narration, in seconds; the end of the scene before.
        end: End in the narration, in seconds.
        source: The file of the take, the clip or the image.
        kind: Where the frames come from.
        begin: Where in the source the scene begins, in seconds; its start, for an animatic of the whole.
        title: The chapter's title; the scene's first words.
        name: What warnings call it, such as `"Scene 4"`.
        dissolve: True if the scene before dissolves into this one.
        follows: The number of the first scene of its chain, counted from 0 in the list, for a scene that continues the
            one before; its colours are matched to that one. None for a scene by itself.
    """

    start: float
    end: float
    source: Path
    kind: SceneKind = SceneKind.TAKE
    begin: float = 0.0
    title: str = ""
    name: str = ""
    dissolve: bool = False
    follows: int | None = None


async def assemble_film(
    scenes: Sequence[FilmScene],
    script: Script,
    config: VideoConfig,
    *,
    cache: Path,
    work: Path,
    metadata: Mapping[str, str],
    on_progress: Callable[[float], None] = lambda _: None,
) -> Assembled:
    """Make the finished file of a film; nothing is sent.

    Args:
        scenes: The scenes in their order, from 0 to the end of the narration without gaps.
        script: The narration and captions.
        config: Size, rate, container and the delivery of captions.
        cache: A folder that keeps the parts in their canonical form.
        work: A private folder.
        metadata: Tags such as `title` and `comment`.
        on_progress: Called with a fraction from 0 to 1.

    Raises:
        ConfigError: The scenes leave gaps or do not end with the narration.
        MediaError: A source is not a video or an image, or the result is not as requested.
    """
    raise NotImplementedError


async def reference_frame(source: Path, *, seconds: float, to: Path, first: Path | None = None) -> Path:
    """Write the last frame of a take that a scene uses, for the scene that follows it.

    Args:
        source: The take.
        seconds: The length of the scene; what is beyond it in the take is not shown.
        to: The PNG file.
        first: The take of the chain's first scene, whose colours the frame is matched to; None for that one itself.

    Raises:
        MediaError: The file is not a video.
    """
    raise NotImplementedError
