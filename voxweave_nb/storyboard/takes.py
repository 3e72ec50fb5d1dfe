"""A take: one clip for one scene, submitted once, resumed, moved into the board's folder."""

from __future__ import annotations

import asyncio
import contextlib
import wave
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..config import VideoConfig
from ..errors import JobCanceled, MediaError
from ..journal import Attempt, Requested, Run, RunState, file_sha
from ..models import Cue, Stage, SubtitleMode
from ..outputs import work_folder
from ..pipeline.clip import Clip, ClipBrief
from ..pipeline.delivery import differences
from ..pipeline.video import VideoMaker, make_clips
from ..providers.types import ClipExtras, FilmPart
from ..render.scene_list import FilmScene
from ..result import GeneratedVideo
from .folder import BoardFolder
from .scene import SceneRecord, Take

if TYPE_CHECKING:
    from ..media.probe import VideoStream

__all__ = ["ELSEWHERE", "RATE", "Film", "Order", "TakeMaker", "is_underway", "piece_of", "take_of"]

ELSEWHERE = "Another program makes this scene at the moment; make() again later."

RATE = 16_000
"""Samples per second of the narration's samples: mono, signed 16 bit, as `media.narration` decodes them."""


@dataclass(frozen=True, slots=True)
class Film:
    """The whole film, for a provider that draws each scene as a part of it.

    Attributes:
        scenes: The scenes.
        prompt: The bible and the person's prompt.
        title: The title at the beginning; empty for none.
        seconds: The length of the narration in seconds.
        cues: The captions of the whole.
    """

    scenes: tuple[FilmScene, ...]
    prompt: str
    title: str
    seconds: float
    cues: tuple[Cue, ...]

    def part(self, number: int, samples: Path) -> FilmPart:
        """Return a scene of it, by its number from 1, with the raw samples of the whole narration."""
        return FilmPart(
            number=number - 1,
            scenes=self.scenes,
            narration=samples,
            duration=self.seconds,
            cues=self.cues,
            prompt=self.prompt,
            title=self.title,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """All that a take is made from.

    Attributes:
        scene: The scene.
        number: Its number in the board, from 1.
        words: The words that are spoken in it.
        config: The options to send, with the whole prompt and the length to ask for.
        key: The hash of everything that the take's content depends on.
        cues: The captions, in seconds from the start of the scene.
        seconds: The length to plan for.
        warnings: What differs from what was asked, in sentences.
        follows: True if it starts from the last frame of the scene before.
    """

    scene: SceneRecord
    number: int
    words: str
    config: VideoConfig
    key: str
    cues: tuple[Cue, ...] = ()
    seconds: float
    warnings: tuple[str, ...] = ()
    follows: bool = False

    @property
    def reuse_key(self) -> str:
        """The key of its runs in the journal: two scenes that are alike each get a clip of their own."""
        return f"{self.scene.id} {self.key}"


def is_underway(run: Run, *, known: Collection[str] = (), anew: bool = False) -> bool:
    """Return True if a run makes, or may have made, a take that the board does not have.

    Args:
        run: A run of the board's group.
        known: The runs of the takes that the board has, or had.
        anew: True to pass over a submission whose answer was lost: a person asks for it once more.
    """
    if run.id in known or (anew and run.state is RunState.IN_DOUBT and not run.held):
        return False
    return run.state is RunState.FINISHED or (not run.state.ended and (run.held or run.resumable))


class TakeMaker(VideoMaker):
    """Makes or resumes one take: a clip without the narration, which lies over the whole film once."""

    async def make_take(
        self,
        order: Order,
        folder: BoardFolder,
        *,
        film: Film,
        group: str,
        source: Path,
        sha: str,
        samples: Path,
        unless: Callable[[Run], bool],
    ) -> GeneratedVideo:
        """Make a take; the work folder is removed in any case.

        Args:
            order: What to make.
            folder: The board's folder.
            film: The whole that it is a part of.
            group: The id of the board's group in the journal.
            source: The narration's file.
            sha: The SHA-256 of that file.
            samples: The whole narration as raw samples.
            unless: Returns True for a run of the same take that is under way: then nothing is submitted.

        Raises:
            JobCanceled: Such a run was found.
        """
        with work_folder(folder.takes) as work:
            self._reporter.warn(*order.warnings)
            brief = await asyncio.to_thread(_brief, order, film, samples, work, self._job.id)
            names = self._candidates.names
            requested = Requested(
                narration=source,
                narration_sha=sha,
                seconds=order.seconds,
                subtitles=None,
                config=order.config,
                chain=list(names),
                reuse_key=order.reuse_key,
                output_dir=folder.takes,
                group=group,
            )
            if await self._ledger.request(requested, unless=unless) is not None:
                raise JobCanceled(ELSEWHERE)
            maker = self._clip_maker(brief)

            async def make() -> Clip:
                (clip,) = await make_clips([maker], work)
                return clip

            return await self._finish(
                maker, make, lambda clip: self._keep(clip, folder, order.scene.id, order.key)
            )

    async def resume(self, run: Run) -> GeneratedVideo:
        """Finish a take that was left; nothing is submitted.

        The board is the one in whose folder the takes are.

        Raises:
            SubmissionInDoubt: The answer to the submission was lost, and the provider's list does not settle it.
        """
        attempt = run.attempt
        assert attempt is not None  # only runs with an attempt are resumed
        folder = BoardFolder(self._settings.output_dir.parent)
        scene = attempt.scene or ""
        with contextlib.ExitStack() as stack:
            try:
                work = stack.enter_context(work_folder(self._settings.output_dir))
                brief = await asyncio.to_thread(_brief_again, run, attempt, work)
            except BaseException as error:
                await self._record_failure(error, attempt.job_id)
                raise
            maker = self._clip_maker(brief)
            key = run.reuse_key.rpartition(" ")[2]
            return await self._finish(
                maker, lambda: maker.resume(attempt, work), lambda clip: self._keep(clip, folder, scene, key)
            )

    async def _keep(self, clip: Clip, folder: BoardFolder, scene: str, key: str) -> GeneratedVideo:
        """Move the clip into the board and write it down there, before the journal counts it as finished."""
        self._reporter.advance(Stage.SUBTITLES, 0.0, "Keeping the take")
        stream, missing = await asyncio.to_thread(_checked, clip.path)
        self._reporter.warn(*missing)
        if clip.job.plan is not None:
            self._reporter.warn(*differences(clip.job.plan, stream, to=self._config.size))
        path = await asyncio.to_thread(folder.publish, clip.path, scene)
        video = GeneratedVideo(
            path=path,
            captions=None,
            poster=None,
            duration=stream.duration,
            width=stream.width,
            height=stream.height,
            subtitle_mode=SubtitleMode.NONE,
            provenance=self._provenance(clip, clip.status.extras or ClipExtras()),
            warnings=self._job.warnings,
            embed_limit=self._settings.embed_limit,
        )
        take = await asyncio.to_thread(take_of, self._job.id, key, video)
        if folder.file.exists():  # else the board was moved, and finds the take in the journal
            await asyncio.to_thread(folder.change, lambda now: now.with_take(scene, take))
        return video


def take_of(run: str, key: str, video: GeneratedVideo) -> Take:
    """Return what the board keeps of a finished take whose file is in its folder."""
    origin = video.provenance
    return Take(
        run=run,
        key=key,
        file=video.path.name,
        sha=file_sha(video.path),
        provider=origin.provider,
        model=origin.model,
        seed=origin.config.seed,
        prompt=origin.config.prompt or "",
        seconds=video.duration,
        usd=origin.usd,
        at=origin.created,
        warnings=video.warnings,
    )


def piece_of(samples: Path, start: float, seconds: float, to: Path) -> Path:
    """Write a part of a narration's raw samples to a file; silence follows where the narration has ended."""
    length = int(seconds * RATE) * 2
    with samples.open("rb") as whole:
        whole.seek(int(start * RATE) * 2)
        to.write_bytes(whole.read(length).ljust(length, b"\0"))
    return to


def _brief(order: Order, film: Film, samples: Path, work: Path, request_id: str) -> ClipBrief:
    piece = piece_of(samples, order.scene.start, order.seconds, work / "scene.s16")
    return ClipBrief(
        config=order.config,
        source=_as_wav(piece, work / f"scene-{order.number}.wav"),
        narration=piece,
        duration=order.seconds,
        cues=order.cues,
        request_id=request_id,
        scene=order.scene.id,
        part=film.part(order.number, samples),
    )


def _brief_again(run: Run, attempt: Attempt, work: Path) -> ClipBrief:
    """Return the brief of a run that was left. What was sent is looked for by prompt and length, not by its sound."""
    silence = work / "scene.s16"
    silence.write_bytes(b"\0" * (int(run.seconds * RATE) * 2))
    return ClipBrief(
        config=run.config,
        source=run.narration,
        narration=silence,
        duration=run.seconds,
        request_id=attempt.request_id,
        scene=attempt.scene,
    )


def _as_wav(samples: Path, to: Path) -> Path:
    with wave.open(str(to), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples.read_bytes())
    return to


def _checked(clip: Path) -> tuple[VideoStream, tuple[str, ...]]:
    """Return the clip's video stream with the length of what can be read, and warnings.

    Raises:
        MediaError: It is not a video.
    """
    from ..media.probe import SHORTFALL, probe_shown, video_length

    info, length = probe_shown(clip), video_length(clip)
    if info.video is None or not length.seconds:
        raise MediaError("The clip that was delivered has no picture in it.")
    cut = f"The clip was cut off: its file holds only {length.seconds:.1f} s of it."
    return replace(info.video, duration=length.seconds), (cut,) if length.missing > SHORTFALL else ()
