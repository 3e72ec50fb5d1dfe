"""The film of a board, and its animatic: both are free."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from .. import runtime
from ..config import VideoConfig
from ..errors import VoxweaveError
from ..job import Job, JobReporter
from ..models import Stage, SubtitleMode, VideoProvider
from ..outputs import FinishedFiles, disk_errors, publish, work_folder
from ..pipeline.film import FilmScene, SceneKind, assemble_film, chapters_of
from ..pipeline.scene_film import SceneFilm, draft_config, render_animatic, render_scenes
from ..pipeline.script import ReadScript, read_script
from ..pipeline.studio import Studio
from ..request import VideoRequest
from ..result import GeneratedVideo, Provenance
from ..version import __version__
from .folder import BoardFolder
from .newest import remember_film
from .orders import Orders, Status, named
from .scene import SceneRecord
from .state import BoardState
from .takes import Film

__all__ = ["Cutter", "animatic", "assemble"]

_FEWEST, _TITLE = 12, 60
"""Letters of a chapter's title."""

_SENTENCE, _ENDS = re.compile(r"(?<=[.!?…])\s|(?<=[。！？])"), ".,;: "


@dataclass(frozen=True, slots=True)
class Cutter:
    """What a film needs.

    Attributes:
        studio: The providers and the settings.
        folder: The board's folder.
        state: The board.
        narration: The narration's file.
    """

    studio: Studio
    folder: BoardFolder
    state: BoardState
    narration: Path

    @property
    def config(self) -> VideoConfig:
        """The options of the film."""
        return self.state.purpose.config

    @property
    def request(self) -> VideoRequest:
        """The request of the whole film, with the captions as text."""
        from ..media.subtitles import write_subtitles

        cues = self.state.cues
        return VideoRequest(self.narration, write_subtitles(cues, "webvtt") if cues else None, self.config)

    def drawn(self, *, joined: bool = False, titled: bool = True) -> tuple[VideoRequest, Film]:
        """Return the request of a draft, and the film as the local renderer draws it; see `Orders.film`."""
        film = Orders(self.studio, self.state, self.folder).film(joined=joined, titled=titled)
        config = draft_config(self.config).replace(prompt=film.prompt, title=film.title)
        return replace(self.request, config=config), film


def animatic(cutter: Cutter) -> Job:
    """Start rendering a free draft of the whole, with narration, captions and the scenes' numbers."""

    async def work(reporter: JobReporter) -> GeneratedVideo:
        to = cutter.folder.path / f"animatic.{cutter.config.format.value}"
        request, drawn = await asyncio.to_thread(cutter.drawn)
        film = await render_animatic(
            request,
            drawn.scenes,
            to,
            provider=cutter.studio.pool.get(VideoProvider.LOCAL),
            settings=cutter.studio.settings,
            on_progress=lambda share: reporter.advance(Stage.GENERATE, share),
            say=reporter.log,
        )
        reporter.warn(*film.warnings)
        return remember_film(cutter.folder, _as_video(cutter, film, reporter.job))

    return _started(cutter, VideoProvider.LOCAL, work)


def assemble(cutter: Cutter) -> Job:
    """Start making the film of the chosen takes; holes show the animatic. Nothing is sent."""

    async def work(reporter: JobReporter) -> GeneratedVideo:
        output_dir = cutter.folder.path.parent
        with work_folder(output_dir) as work, disk_errors(output_dir):
            reporter.advance(Stage.UPLOAD, 0.0, "Reading the narration")
            script = await read_script(
                VideoRequest(cutter.narration, None, cutter.config), work, cutter.studio.settings
            )
            script = replace(script, cues=cutter.state.cues)
            reporter.warn(*script.warnings)
            statuses = await asyncio.to_thread(Orders(cutter.studio, cutter.state, cutter.folder).statuses)
            scenes = await _scenes(cutter, statuses, reporter)
            return remember_film(cutter.folder, await _film(cutter, scenes, script, work, reporter))

    return _started(cutter, "storyboard", work)


def _started(cutter: Cutter, provider: str, work: Callable[[JobReporter], Awaitable[GeneratedVideo]]) -> Job:
    job = Job(VideoRequest(cutter.narration, None, cutter.config), provider=provider, on_interrupt="cancel")
    runtime.submit(JobReporter(job).drive(work))
    return job


async def _scenes(cutter: Cutter, statuses: list[Status], reporter: JobReporter) -> list[FilmScene]:
    """Return the scenes of the film, each with its source."""
    state, orders = cutter.state, Orders(cutter.studio, cutter.state, cutter.folder)
    sources = [_source(cutter, each) for each in state.scenes]
    holes = [number for number, source in enumerate(sources, 1) if source is None]
    draft = await _draft(cutter, reporter, titled=holes[0] == 1) if holes else None
    if holes:
        plural = f"s {', '.join(map(str, holes))} have" if len(holes) > 1 else f" {holes[0]} has"
        reporter.warn(f"Scene{plural} no take yet; the animatic is shown there.")
    stale = [
        str(number)
        for number, each in enumerate(statuses, 1)
        if each.state in ("stale", "refused") and number not in holes
    ]
    if stale:
        plural = f"s {', '.join(stale)} show takes" if len(stale) > 1 else f" {stale[0]} shows a take"
        reporter.warn(f"Scene{plural} from before the last edit; board.make() renews them.")
    found: list[FilmScene] = []
    for number, (scene, source) in enumerate(zip(state.scenes, sources, strict=True), 1):
        words = state.words_of(scene)
        before = found[-1] if found else None
        chained = (
            scene.follows and source is not None and before is not None and sources[number - 2] is not None
        )
        first = before.chain if before is not None and before.chain is not None else number - 2
        hole = source is None
        path = draft if source is None else source
        assert path is not None  # there is a draft where there are holes
        found.append(
            FilmScene(
                start=scene.start,
                end=scene.end,
                source=path,
                kind=SceneKind.STILL if scene.still else SceneKind.OWN if scene.clip else SceneKind.TAKE,
                begin=scene.start if hole else 0.0,
                until=scene.end if hole else None,
                title=_title(words) or f"Scene {number}",
                name=named(number, words),
                dissolve=orders.dissolves(number, scene),
                move=scene.move,
                chain=first if chained else None,
            )
        )
    return found


def _source(cutter: Cutter, scene: SceneRecord) -> Path | None:
    """Return the file that a scene shows, or None for a hole."""
    if scene.own:
        path = cutter.folder.own / scene.own
    elif scene.take is not None:
        path = cutter.folder.takes / scene.take.file
    else:
        return None
    return path if path.is_file() else None


async def _draft(cutter: Cutter, reporter: JobReporter, *, titled: bool) -> Path:
    """Return a draft of the whole without sound, rendered unless it is there."""
    reporter.log("Drawing the scenes that have no take")
    request, drawn = await asyncio.to_thread(cutter.drawn, joined=True, titled=titled)
    facts = json.dumps([request.config.as_dict(), repr(drawn)], sort_keys=True, default=str)
    name = hashlib.sha256(facts.encode()).hexdigest()[:16]
    to = cutter.folder.path / "cache" / f"draft-{name}.mp4"
    if to.is_file():
        return to
    to.parent.mkdir(parents=True, exist_ok=True)
    await render_scenes(
        request,
        drawn.scenes,
        to,
        provider=cutter.studio.pool.get(VideoProvider.LOCAL),
        settings=cutter.studio.settings,
        sound=False,
        on_progress=lambda share: reporter.advance(Stage.GENERATE, share),
        say=reporter.log,
    )
    return to


async def _film(
    cutter: Cutter, scenes: list[FilmScene], script: ReadScript, work: Path, reporter: JobReporter
) -> GeneratedVideo:
    """Join the scenes and publish the film under a new name: films that were made before stay."""
    from ..media.poster import make_poster

    reporter.advance(Stage.SUBTITLES, 0.0, "Joining the scenes")
    cache = cutter.folder.path / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    done = await assemble_film(
        scenes,
        script,
        cutter.config,
        cache=cache,
        work=work,
        metadata=_metadata(cutter),
        on_progress=lambda share: reporter.advance(Stage.SUBTITLES, 0.9 * share),
    )
    reporter.warn(*done.warnings)
    try:
        poster = await make_poster(done.path, work / "poster.jpg", at=done.info.duration * 0.4, exact=False)
    except VoxweaveError as error:
        poster = None
        reporter.warn(f"The video has no poster: {error}")
    parts = FinishedFiles(done.path, script.cues, done.subtitle_mode, poster, chapters=chapters_of(scenes))
    request = VideoRequest(cutter.narration, None, cutter.config)
    paths = await asyncio.to_thread(publish, parts, cutter.folder.path.parent, request)
    reporter.warn(*paths.warnings)
    assert done.info.video is not None  # assembling has checked it
    return GeneratedVideo(
        path=paths.video,
        captions=paths.captions,
        poster=paths.poster,
        chapters=paths.chapters,
        duration=done.info.duration,
        width=done.info.video.width,
        height=done.info.video.height,
        subtitle_mode=done.subtitle_mode if script.cues else SubtitleMode.NONE,
        provenance=_provenance(cutter, reporter.job),
        cues=script.cues,
        warnings=reporter.job.warnings,
        embed_limit=cutter.studio.settings.embed_limit,
    )


def _as_video(cutter: Cutter, film: SceneFilm, job: Job) -> GeneratedVideo:
    return GeneratedVideo(
        path=film.path,
        captions=None,
        poster=None,
        duration=film.duration,
        width=film.size[0],
        height=film.size[1],
        subtitle_mode=film.subtitle_mode,
        provenance=Provenance(
            provider=VideoProvider.LOCAL.value,
            model="local",
            job_id=job.id,
            config=cutter.config,
            narration=cutter.narration.name,
            created=time.time(),
            seconds=job.elapsed,
            understood=dict(film.understood),
            usd=0.0,
            version=__version__,
        ),
        cues=film.cues,
        warnings=job.warnings,
        embed_limit=cutter.studio.settings.embed_limit,
    )


def _provenance(cutter: Cutter, job: Job) -> Provenance:
    takes = [each.take for each in cutter.state.scenes if each.take is not None and not each.own]
    costs = [take.usd for take in takes]
    makers = dict.fromkeys(take.provider for take in takes)
    return Provenance(
        provider=", ".join(makers) or VideoProvider.LOCAL.value,
        model=", ".join(dict.fromkeys(take.model for take in takes if take.model)) or None,
        job_id=cutter.state.purpose.group,
        config=cutter.config,
        narration=cutter.narration.name,
        created=time.time(),
        seconds=job.elapsed,
        usd=None if None in costs else sum(cost for cost in costs if cost is not None),
        version=__version__,
    )


def _metadata(cutter: Cutter) -> dict[str, str]:
    config, providers = cutter.config, _provenance_names(cutter.state)
    how = f"AI generated by {', '.join(providers)}" if providers else "Rendered locally"
    return {
        "title": config.title or config.prompt.split("\n")[0][:120] or cutter.narration.stem,
        "comment": f"{how} with voxweave_nb {__version__}; style: {config.style}",
    }


def _provenance_names(state: BoardState) -> list[str]:
    takes = [each.take for each in state.scenes if each.take is not None and not each.own]
    return [name for name in dict.fromkeys(take.provider for take in takes) if name != VideoProvider.LOCAL]


def _title(words: str) -> str:
    """Return a chapter's title: the first sentence of a scene, if that says enough, else its first words."""
    first = _SENTENCE.split(words, maxsplit=1)[0]
    shown = first if _FEWEST <= len(first) <= _TITLE else words
    if len(shown) > _TITLE:
        shown = shown[:_TITLE].rsplit(" ", 1)[0].rstrip(_ENDS) + "…"
    # A scene may begin within a sentence.
    return shown[:1].upper() + shown[1:].rstrip(_ENDS)
