"""A film of scenes, rendered on this machine in one go: a storyboard's animatic, or what fills its holes."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..config import VideoConfig
from ..models import Cue, SubtitleMode, VideoQuality
from ..outputs import disk_errors, work_folder
from ..providers.base import Provider
from ..providers.types import ClipExtras, ClipRequest, ProviderStatus, ignore
from ..render.job import rendered_fps
from ..render.scene_list import FilmScene, first_frames
from ..request import VideoRequest
from ..settings import Settings
from ..version import __version__
from .polling import download, poll
from .script import ReadScript, read_script

if TYPE_CHECKING:
    from ..media.assemble import Assembled

__all__ = ["SceneFilm", "draft_config", "labelled", "render_animatic", "render_scenes"]

_RENDERED = 0.9
"""Share of the progress at which the frames are drawn."""


@dataclass(frozen=True, slots=True)
class SceneFilm:
    """A film of scenes.

    Attributes:
        path: The file.
        duration: Seconds of the narration.
        size: Width and height in pixels.
        fps: Frames per second.
        frames: The number of each scene's first frame; each is a keyframe, so the film can be cut there by copy.
        cues: The captions.
        subtitle_mode: How they are delivered; `SIDECAR` if embedding or burning in was not possible.
        understood: What was read from each scene, such as `{"scene 1": "city in haze, rain, wide"}`.
        warnings: Differences from what was asked, in sentences.
    """

    path: Path
    duration: float
    size: tuple[int, int]
    fps: int
    frames: tuple[int, ...]
    cues: tuple[Cue, ...] = ()
    subtitle_mode: SubtitleMode = SubtitleMode.NONE
    understood: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def draft_config(config: VideoConfig) -> VideoConfig:
    """Return a board's config for a free draft: small, quick, without what only a provider needs."""
    return config.replace(
        quality=VideoQuality.DRAFT, provider=None, model=None, seconds=None, extra={}, image=None
    )


def labelled(scenes: Sequence[FilmScene]) -> tuple[FilmScene, ...]:
    """Return the scenes with their numbers, counted from 1, as labels; a label that is set stays."""
    return tuple(replace(scene, label=scene.label or str(number)) for number, scene in enumerate(scenes, 1))


async def render_animatic(
    request: VideoRequest,
    scenes: Sequence[FilmScene],
    to: Path,
    *,
    provider: Provider,
    settings: Settings,
    on_progress: Callable[[float], None] = lambda _: None,
    say: Callable[[str], None] = ignore,
) -> SceneFilm:
    """Render a free draft of a storyboard, with its narration, its captions and the number of each scene.

    The arguments and errors are those of `render_scenes`; the config's quality becomes `"draft"`.
    """
    drafted = replace(request, config=draft_config(request.config))
    return await render_scenes(
        drafted,
        labelled(scenes),
        to,
        provider=provider,
        settings=settings,
        on_progress=on_progress,
        say=say,
    )


async def render_scenes(
    request: VideoRequest,
    scenes: Sequence[FilmScene],
    to: Path,
    *,
    provider: Provider,
    settings: Settings,
    sound: bool = True,
    on_progress: Callable[[float], None] = lambda _: None,
    say: Callable[[str], None] = ignore,
) -> SceneFilm:
    """Render all scenes as one film with cuts at their borders; the journal does not see it, as it costs nothing.

    Canceling it stops the render and leaves no file.

    Args:
        request: The narration, the subtitles and the config; the config's prompt is read for what a scene leaves open.
        scenes: The scenes, from 0 to the narration's end without gaps.
        to: The file, with the suffix of the config's format, or MP4 without sound; replaced in one step if it exists.
        provider: The local provider.
        settings: The limits of a narration.
        sound: False for the bare frames, without narration and captions.
        on_progress: Called with a share from 0 to 1.
        say: Called with a sentence for the person.

    Raises:
        ConfigError: The scenes do not fill the narration, or the disk is full.
        NarrationError: The narration is missing, not audio, too long or too large.
        GenerationFailed: The renderer failed.
        MediaError: The file could not be muxed.
    """
    with disk_errors(to.parent), work_folder(to.parent) as work:
        script = await read_script(request, work, settings)
        clip, status = await _render(
            _clip_request(provider, request, scenes, script, say),
            work / "clip",
            provider,
            settings,
            on_progress=lambda share: on_progress(_RENDERED * share),
        )
        film = _film(request, scenes, script, status, to)
        if sound:
            done = await _narrated(
                request, script, clip, lambda share: on_progress(_RENDERED + (1 - _RENDERED) * share)
            )
            mode = done.subtitle_mode if script.cues else SubtitleMode.NONE
            clip, film = (
                done.path,
                replace(film, subtitle_mode=mode, warnings=(*film.warnings, *done.warnings)),
            )
        await asyncio.to_thread(os.replace, clip, to)
    on_progress(1.0)
    return film


def _film(
    request: VideoRequest, scenes: Sequence[FilmScene], script: ReadScript, status: ProviderStatus, path: Path
) -> SceneFilm:
    """Return the film of a finished render, as it is without captions."""
    extras = status.extras or ClipExtras()
    fps = rendered_fps(request.config.fps, request.config.quality)
    return SceneFilm(
        path=path,
        duration=script.narration.duration,
        size=request.config.size,
        fps=fps,
        frames=tuple(first_frames(scenes, fps)),
        cues=script.cues,
        understood=dict(extras.understood),
        warnings=tuple(dict.fromkeys((*script.warnings, *status.warnings))),
    )


def _clip_request(
    provider: Provider,
    request: VideoRequest,
    scenes: Sequence[FilmScene],
    script: ReadScript,
    say: Callable[[str], None],
) -> ClipRequest:
    duration = script.narration.duration
    return ClipRequest(
        plan=provider.plan(request.config, duration),
        config=request.config,
        narration=script.narration.samples,
        duration=duration,
        cues=script.cues,
        request_id=f"voxweave-{secrets.token_hex(8)}",
        say=say,
        scenes=tuple(scenes),
    )


async def _render(
    request: ClipRequest,
    to: Path,
    provider: Provider,
    settings: Settings,
    *,
    on_progress: Callable[[float], None],
) -> tuple[Path, ProviderStatus]:
    """Render the frames; return the file and the last status, with all warnings."""
    accepted = await provider.submit(request)

    async def follow(status: ProviderStatus) -> None:
        on_progress(status.progress or 0.0)

    try:
        status = await poll(provider, accepted.job_id, settings, follow, say=request.say)
        await download(provider, accepted.job_id, to)
    except BaseException:
        await asyncio.shield(provider.cancel(accepted.job_id))
        raise
    warnings = (*request.plan.warnings, *accepted.warnings, *status.warnings)
    return to, replace(status, warnings=warnings)


async def _narrated(
    request: VideoRequest, script: ReadScript, clip: Path, on_progress: Callable[[float], None]
) -> Assembled:
    """Add the narration and the captions."""
    from ..media.assemble import assemble

    config = request.config
    return await assemble(
        clip,
        script.narration,
        script.cues,
        size=config.size,
        format=config.format,
        subtitle_mode=config.subtitle_mode,
        subtitle_look=config.subtitle_look,
        fps=rendered_fps(config.fps, config.quality),
        metadata={
            "title": config.title or config.prompt.split("\n")[0][:120] or request.narration.stem,
            "comment": f"Rendered locally with voxweave_nb {__version__}; style: {config.style}",
        },
        work=clip.parent,
        on_progress=on_progress,
    )
