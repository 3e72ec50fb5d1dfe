"""The film of a storyboard: its scenes joined, the narration once over all, captions and chapters."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from ..config import VideoConfig
from ..errors import ConfigError
from ..models import Cue
from .script import ReadScript

if TYPE_CHECKING:
    from ..media.assemble import Assembled
    from ..media.grade import Colors
    from ..media.stitch import Shot

__all__ = [
    "DISSOLVE_SECONDS",
    "FilmScene",
    "SceneKind",
    "assemble_film",
    "chapters_of",
    "reference_frame",
]

DISSOLVE_SECONDS = 0.5
"""Length of a dissolve; it lies half before and half after the boundary of the scenes."""

_STITCHING = 0.7  # of the time that a film takes


class SceneKind(StrEnum):
    """The origin of a scene's frames."""

    TAKE = "take"
    """A generated clip."""
    OWN = "own"
    """A person's own clip; it may be slowed down more than a generated one."""
    STILL = "still"
    """An image, shown with a calm move."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmScene:
    """A scene of a film.

    Attributes:
        start: Start in the narration, in seconds; the end of the scene before.
        end: End in the narration, in seconds.
        source: The file of the take, the clip or the image.
        kind: The origin of the frames.
        begin: Where in the source the scene begins, in seconds; its start, for an animatic of the whole.
        until: Where in the source it ends at the latest, in seconds; None for the end of the source.
        title: The chapter's title; the scene's first words.
        name: What warnings call it, such as `"Scene 4"`.
        move: The kind of move of an image, any number; neighbours should have different ones.
        dissolve: True if the scene before dissolves into this one.
        chain: The number of the first scene of its chain, from 0, for a scene that continues the one before: its
            colours are matched to that one's. None for a scene by itself.
    """

    start: float
    end: float
    source: Path
    kind: SceneKind = SceneKind.TAKE
    begin: float = 0.0
    until: float | None = None
    title: str = ""
    name: str = ""
    move: int = 0
    dissolve: bool = False
    chain: int | None = None

    @property
    def seconds(self) -> float:
        """The length in seconds."""
        return self.end - self.start


async def assemble_film(
    scenes: Sequence[FilmScene],
    script: ReadScript,
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
        ConfigError: The scenes leave gaps, overlap, or do not end with the narration.
        MediaError: A source is not a video or an image, or the result is not as requested.
        FFmpegMissing: No FFmpeg was found.
    """
    from ..media.assemble import assemble
    from ..media.form import Form
    from ..media.stitch import stitch

    length = script.narration.duration
    scenes = _without_gaps(scenes, length, config.fps)
    form = Form(config.size, config.fps, config.format)
    shots = await asyncio.to_thread(_shots, scenes, config)
    made = await stitch(
        shots, form, cache=cache, work=work, on_progress=lambda part: on_progress(_STITCHING * part)
    )
    done = await assemble(
        made,
        script.narration,
        script.cues,
        size=config.size,
        format=config.format,
        subtitle_mode=config.subtitle_mode,
        subtitle_look=config.subtitle_look,
        fps=config.fps,
        metadata=metadata,
        work=work,
        chapters=chapters_of(scenes),
        on_progress=lambda part: on_progress(_STITCHING + (1 - _STITCHING) * part),
    )
    return replace(done, warnings=(*made.warnings, *done.warnings))


async def reference_frame(
    source: Path,
    *,
    seconds: float,
    to: Path,
    first: Path | None = None,
    size: tuple[int, int] | None = None,
    move: int = 0,
) -> Path:
    """Write the last frame that a scene shows, for the scene that continues it.

    Args:
        source: The scene's take, its own clip, or its image.
        seconds: The length of the scene; what the take has beyond it is not shown.
        to: The PNG file.
        first: The take of the chain's first scene, whose colours the frame is matched to; None for that one itself.
        size: The film's width and height in pixels; of an image, the part that is on show last is written, or all of it
            without a size.
        move: The kind of move of an image, as in `FilmScene`.

    Returns:
        `to`.

    Raises:
        MediaError: The source is not a video or an image.
    """
    from ..media.grade import last_frame
    from ..media.stills import is_image, write_last_view

    if await asyncio.to_thread(is_image, source):
        return await asyncio.to_thread(write_last_view, source, to, size, seconds, move)
    colors = None if first is None else await asyncio.to_thread(_colors, first, seconds=None)
    return await asyncio.to_thread(last_frame, source, to, end=seconds, colors=colors)


def chapters_of(scenes: Sequence[FilmScene]) -> tuple[Cue, ...]:
    """Return a chapter for each scene; none for a single scene."""
    return tuple(Cue(scene.start, scene.end, scene.title) for scene in scenes) if len(scenes) > 1 else ()


def _without_gaps(scenes: Sequence[FilmScene], length: float, fps: int) -> list[FilmScene]:
    """Return the scenes, their boundaries those of the narration.

    Raises:
        ConfigError: There are gaps of more than half a frame, or no scenes.
    """
    if not scenes:
        raise ConfigError("The film has no scenes.")
    frame = 0.5 / fps
    for before, after in itertools.pairwise(scenes):
        if abs(after.start - before.end) > frame:
            raise ConfigError(
                f"{after.name or 'A scene'} starts at {after.start:.2f} s, but the one before ends at "
                f"{before.end:.2f} s. Scenes have to follow each other without gaps."
            )
    if scenes[0].start > frame or abs(scenes[-1].end - length) > 0.1:
        raise ConfigError(
            f"The scenes go from {scenes[0].start:.2f} to {scenes[-1].end:.2f} s, but the narration lasts "
            f"{length:.2f} s. Plan the scenes again for this narration."
        )
    ends = [*(scene.start for scene in scenes[1:]), length]
    starts = [0.0, *ends]
    return [
        replace(scene, start=start, end=end) for scene, start, end in zip(scenes, starts, ends, strict=False)
    ]


def _shots(scenes: Sequence[FilmScene], config: VideoConfig) -> list[Shot]:
    from ..media.stitch import SLOWEST, SLOWEST_OWN, Shot, frames_between

    chains = {scene.chain: scenes[scene.chain] for scene in scenes if scene.chain is not None}
    firsts = {
        number: _colors(first.source, begin=first.begin, seconds=first.seconds)
        for number, first in chains.items()
    }
    fps = config.fps
    spans = [_span(scene) for scene in scenes]
    return [
        Shot(
            source=scene.source,
            frames=frames_between(scene.start, scene.end, fps),
            begin=begin,
            end=end,
            still=scene.kind is SceneKind.STILL,
            move=scene.move,
            slowest=SLOWEST_OWN if scene.kind is SceneKind.OWN else SLOWEST,
            colors=None if scene.chain is None else firsts[scene.chain],
            dissolve=round(DISSOLVE_SECONDS * fps) if scene.dissolve else 0,
            name=scene.name,
        )
        for scene, (begin, end) in zip(scenes, spans, strict=True)
    ]


def _span(scene: FilmScene) -> tuple[float, float | None]:
    """Return where a scene begins and ends in its source, on whole frames of it: a cut there shows no other scene."""
    from ..media.probe import probe_shown

    if not scene.begin and scene.until is None:
        return 0.0, None
    stream = probe_shown(scene.source).video
    fps = stream.fps if stream is not None and stream.fps else 1000.0
    return round(scene.begin * fps) / fps, None if scene.until is None else round(scene.until * fps) / fps


def _colors(source: Path, *, begin: float = 0.0, seconds: float | None) -> Colors:
    from ..media.grade import measure_colors, measure_image
    from ..media.stills import is_image

    if is_image(source):
        return measure_image(source)
    return measure_colors(source, begin=begin, end=None if seconds is None else begin + seconds)
