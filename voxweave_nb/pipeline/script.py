"""The script of a video: its narration, decoded, and its captions, parsed."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..config import VideoConfig
from ..errors import SubtitleError
from ..journal import Requested
from ..models import Cue, SubtitleMode
from ..providers.types import Plan
from ..request import VideoRequest
from ..settings import Settings
from ..speech.captions import AUTO, caption_warnings, captions_for, recognised_captions
from .clip import ClipBrief

if TYPE_CHECKING:
    from ..media.narration import Narration

__all__ = ["ReadScript", "burn_warnings", "read_narration", "read_script", "reuse_key"]


@dataclass(frozen=True, slots=True)
class ReadScript:
    """The narration and captions of a video.

    Attributes:
        narration: The narration.
        cues: The captions.
        unread: Subtitles that could not be parsed and are kept beside the video, or None.
        warnings: Problems with either, in sentences.
    """

    narration: Narration
    cues: tuple[Cue, ...] = ()
    unread: Path | str | None = None
    warnings: tuple[str, ...] = ()

    def brief(
        self, request: VideoRequest, request_id: str, *, plan: Plan | None = None, reference: str = ""
    ) -> ClipBrief:
        """Return the brief of the one clip that fills the whole narration."""
        return ClipBrief(
            config=request.config,
            source=request.narration,
            narration=self.narration.samples,
            duration=self.narration.duration,
            cues=self.cues,
            request_id=request_id,
            plan=plan,
            reference=reference,
        )

    def requested(
        self,
        request: VideoRequest,
        *,
        sha: str,
        chain: Sequence[str],
        key: str,
        output_dir: Path,
        group: str | None = None,
    ) -> Requested:
        """Return what the journal keeps of a request.

        Args:
            request: The request.
            sha: The SHA-256 of the narration's file.
            chain: The names of the providers, in their order.
            key: The key that identical requests share, see `reuse_key`.
            output_dir: The folder for the video.
            group: The id of the group that the run belongs to, or None.
        """
        return Requested(
            narration=request.narration,
            narration_sha=sha,
            seconds=self.narration.duration,
            subtitles=request.subtitles,
            config=request.config,
            chain=list(chain),
            reuse_key=key,
            output_dir=output_dir,
            group=group,
        )


async def read_script(
    request: VideoRequest, work: Path, settings: Settings, say: Callable[[str], None] = lambda _: None
) -> ReadScript:
    """Decode the narration and parse the subtitles of a request.

    Args:
        request: The request.
        work: A private folder for the decoded samples.
        settings: The limits of a narration.
        say: Called with sentences about the progress.

    Raises:
        NarrationError: The narration is missing, not audio, too long or too large.
        SpeechError: The subtitles are `"auto"`, and no recogniser can be used, or it failed.
    """
    narration = await read_narration(request.narration, work, settings)
    if request.subtitles == AUTO:
        return await _recognised(narration, request, work, say)
    return await asyncio.to_thread(_with_subtitles, narration, request)


async def read_narration(path: Path, work: Path, settings: Settings) -> Narration:
    """Decode a narration on another thread, which a canceled await ends.

    Args:
        path: The narration.
        work: A private folder for the decoded samples.
        settings: The limits of a narration.

    Raises:
        NarrationError: The narration is missing, not audio, too long or too large.
    """
    from ..media.narration import open_narration

    abandoned = False
    try:
        return await asyncio.to_thread(
            open_narration,
            path,
            work=work,
            max_seconds=settings.max_narration_seconds,
            max_bytes=settings.max_narration_bytes,
            canceled=lambda: abandoned,
        )
    finally:
        abandoned = True  # canceling the await does not end the thread; this does


def burn_warnings(cues: Sequence[Cue], config: VideoConfig) -> tuple[str, ...]:
    """Return what will be amiss with captions that are burnt in; for a new script this takes up to a second."""
    from ..media.burn import emoji_warning, size_warnings

    if config.subtitle_mode is not SubtitleMode.BURN:
        return ()
    missing = _missing_fonts(cues, config)
    return (*missing, *size_warnings(cues, *config.size, config.subtitle_look), *emoji_warning(cues))


def _missing_fonts(cues: Sequence[Cue], config: VideoConfig) -> tuple[str, ...]:
    from ..media.fonts import find_fonts, missing_fonts

    if config.subtitle_mode is not SubtitleMode.BURN:
        return ()
    text = "".join(cue.text for cue in cues)
    find_fonts(text)
    return missing_fonts(text, "captions that are burnt in")


async def _recognised(
    narration: Narration, request: VideoRequest, work: Path, say: Callable[[str], None]
) -> ReadScript:
    """Return the script with what a recogniser hears; without captions if nobody speaks."""
    try:
        read = await recognised_captions(narration, work=work, say=say)
    except SubtitleError as error:
        return ReadScript(narration, warnings=(*narration.warnings, f"The video has no captions: {error}"))
    fonts = await asyncio.to_thread(_missing_fonts, read.cues, request.config)
    return ReadScript(narration, read.cues, warnings=(*narration.warnings, *caption_warnings(read), *fonts))


def _with_subtitles(narration: Narration, request: VideoRequest) -> ReadScript:
    from ..media.fonts import find_fonts
    from ..media.subtitles import is_other_kind

    # What is known now is in the plan of a title, and said before anything is made.
    find_fonts(f"{request.config.prompt}{request.config.title or ''}")
    source = request.subtitles
    if source is None:
        return ReadScript(narration, warnings=narration.warnings)
    try:
        read = captions_for(source, narration)
    except SubtitleError as error:
        if isinstance(source, Path) and is_other_kind(source):
            return ReadScript(
                narration, warnings=(*narration.warnings, f"The video has no captions: {error}")
            )
        return _without_captions(narration, source, str(error))
    if not read.fits:
        why = " ".join([*caption_warnings(read), _USE_ANYWAY])
        return _without_captions(narration, source, why)
    warnings = [*narration.warnings, *caption_warnings(read)]
    warnings += _missing_fonts(read.cues, request.config)
    return ReadScript(narration, read.cues, warnings=tuple(warnings))


_USE_ANYWAY = "service.captions(...) aligns it all the same."


def _without_captions(narration: Narration, source: Path | str, why: str) -> ReadScript:
    said = f"The video has no captions, and the subtitle file is kept beside it unchanged: {why}"
    return ReadScript(narration, unread=source, warnings=(*narration.warnings, said))


def reuse_key(narration_sha: str, request: VideoRequest, chain: Sequence[str]) -> str:
    """Return the key that identical requests share: same sound, subtitles, config and providers."""
    source = request.subtitles
    content = source.read_bytes() if isinstance(source, Path) else (source or "").encode()
    subtitles_sha = hashlib.sha256(content).hexdigest()
    config = request.config.as_content()
    if not content or request.config.subtitle_mode is not SubtitleMode.BURN:
        config.pop("subtitle_look", None)  # it changes no frame
    facts = json.dumps([narration_sha, subtitles_sha, config, list(chain)], sort_keys=True, default=str)
    return hashlib.sha256(facts.encode()).hexdigest()
