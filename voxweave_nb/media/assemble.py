"""Joining picture, narration and subtitles into one finished file.

Everything happens in a private folder under names of our own: no escaping, no file of a person is written to, and
FFmpeg is told which containers it may open. The picture is copied where it fits and re-encoded where it does not.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..errors import FFmpegFailed, FFmpegMissing, MediaError
from ..models import Cue, SubtitleLook, SubtitleMode, VideoFormat
from .burn import burn_script, emoji_warning, font_folder, glyph_warnings
from .ffmpeg import FORMATS, find_ffmpeg
from .narration import Narration
from .probe import MediaInfo, VideoStream, probe
from .remux import remux
from .running import run_ffmpeg
from .subtitles import write_subtitles

__all__ = ["TARGET_LUFS", "Assembled", "assemble", "embed_subtitles"]

TARGET_LUFS = -16.0
"""Loudness of the narration in the video (what podcasts and the web are mastered to)."""

_MOST_OFF = 0.12  # seconds between the video's end and the narration's
_CLOSE_ENOUGH = 1.0  # loudness units that nobody hears
_OPEN = ["-format_whitelist", FORMATS, "-protocol_whitelist", "file,pipe"]
_FITS = {
    VideoFormat.MP4: {"h264"},
    VideoFormat.MOV: {"h264"},
    VideoFormat.WEBM: {"vp8", "vp9", "av1"},
}
_BT709 = ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"]


@dataclass(frozen=True)
class Assembled:
    """A finished file.

    Attributes:
        path: Where it is, in the work folder.
        subtitle_mode: Where the subtitles really went; `SIDECAR` when they could not go where they were asked to.
        warnings: What is not as asked, in sentences.
        info: What is in it, read back from the file.
    """

    path: Path
    subtitle_mode: SubtitleMode
    warnings: tuple[str, ...]
    info: MediaInfo


@dataclass(frozen=True)
class _Task:
    """What one run of FFmpeg shall make."""

    picture: VideoStream
    duration: float
    size: tuple[int, int]
    fps: int
    format: VideoFormat
    mode: SubtitleMode
    look: SubtitleLook
    cues: Sequence[Cue]
    narration: str | None
    gain: float
    metadata: Mapping[str, str]
    work: Path
    out: str = "final"
    reencode: bool = False
    env: dict[str, str] = field(default_factory=dict)

    @property
    def copies(self) -> bool:
        """Whether the picture can stay as it is."""
        picture = self.picture
        if self.reencode:
            return False
        fits = picture.codec in _FITS[self.format] and picture.pix_fmt in ("yuv420p", "")
        return fits and (picture.width, picture.height) == self.size and self.mode is not SubtitleMode.BURN

    @property
    def loops(self) -> bool:
        """Whether the picture ends well before the narration."""
        return self.picture.duration < self.duration - 1.5 / max(1.0, self.picture.fps)

    @property
    def path(self) -> Path:
        return self.work / f"{self.out}.{self.format.value}"


async def assemble(
    picture: Path,
    narration: Narration,
    cues: Sequence[Cue],
    *,
    size: tuple[int, int],
    format: VideoFormat,
    subtitle_mode: SubtitleMode,
    subtitle_look: SubtitleLook = SubtitleLook.BOX,
    fps: int,
    metadata: Mapping[str, str],
    work: Path,
    on_progress: Callable[[float], None] = lambda _: None,
) -> Assembled:
    """Makes the finished file: the narration in it, as long as the narration, in the size and container asked.

    Args:
        picture: What the provider made, in the work folder; its own sound is dropped.
        narration: The narration.
        cues: The captions; with none, `subtitle_mode` is as good as `"none"`.
        size: Width and height in pixels; a picture of another size is scaled to cover it and cropped.
        format: The container.
        subtitle_mode: Where the subtitles go.
        subtitle_look: How they look where they are burnt in.
        fps: Frames per second, should the picture have to be re-encoded.
        metadata: Tags such as `title` and `comment`.
        work: A private folder.
        on_progress: Told a fraction from 0 to 1.

    Raises:
        MediaError: The picture is no video, or the result is not what it should be.
    """
    stream = await asyncio.to_thread(_picture_stream, picture)
    await asyncio.to_thread(_bring, narration.path, work / "narration")
    task = _Task(
        picture=stream,
        duration=narration.duration,
        size=size,
        fps=fps,
        format=format,
        mode=subtitle_mode if cues else SubtitleMode.NONE,
        look=subtitle_look,
        cues=cues,
        narration="narration",
        gain=await _gain(work),
        metadata=metadata,
        work=work,
    )
    await asyncio.to_thread(_bring, picture, work / "input")
    return await _deliver(task, on_progress)


async def embed_subtitles(
    video: Path,
    cues: Sequence[Cue],
    *,
    mode: SubtitleMode,
    look: SubtitleLook = SubtitleLook.BOX,
    work: Path,
    to: Path,
) -> Assembled:
    """Puts subtitles into a video that has everything else; its sound and, unless burning, its picture are copied.

    Args:
        video: The video; it stays as it is.
        cues: The captions.
        mode: Where they go.
        look: How they look where they are burnt in.
        work: A private folder.
        to: The new file, in the work folder; its ending names the container.

    Raises:
        MediaError: It is no video.
        ConfigError: The ending names no container that is known.
    """
    stream = await asyncio.to_thread(_picture_stream, video)
    info = await asyncio.to_thread(probe, video)
    await asyncio.to_thread(_bring, video, work / "input")
    task = _Task(
        picture=stream,
        duration=info.duration or stream.duration,
        size=(stream.width, stream.height),
        fps=round(stream.fps) or 30,
        format=VideoFormat.parse(to.suffix.lstrip(".")),
        mode=mode if cues else SubtitleMode.NONE,
        look=look,
        cues=cues,
        narration=None,
        gain=0.0,
        metadata={},
        work=work,
        out=to.stem,
    )
    return await _deliver(task, lambda _: None)


async def _deliver(task: _Task, on_progress: Callable[[float], None]) -> Assembled:
    """Tries it as asked, then with the subtitles beside the video, then without FFmpeg: something is delivered."""
    warnings: list[str] = []
    try:
        missing = _what_burning_lacks(task)
        if not missing:
            try:
                return await _made(task, warnings, on_progress)
            except FFmpegFailed as error:
                if task.mode not in (SubtitleMode.SOFT, SubtitleMode.BURN):
                    raise
                missing = str(error)
        task = _beside(task, missing, warnings)
        return await _made(task, warnings, on_progress)
    except FFmpegMissing as error:
        return await _without_ffmpeg(task, error, warnings)


async def _made(task: _Task, warnings: Sequence[str], on_progress: Callable[[float], None]) -> Assembled:
    """The result, read back; a copy that cannot be cut where it should be, between its few frames, is re-encoded."""
    said = await _run(task, on_progress)
    if task.copies and _off(task, await asyncio.to_thread(probe, task.path)):
        task = replace(task, reencode=True)
        said = await _run(task, on_progress)
    return _checked(task, [*warnings, *said])


def _off(task: _Task, info: MediaInfo) -> bool:
    return abs(info.duration - task.duration) > _MOST_OFF


def _what_burning_lacks(task: _Task) -> str:
    if task.mode is SubtitleMode.BURN and "subtitles" not in find_ffmpeg().filters:
        return f"the FFmpeg at {find_ffmpeg().path} has no subtitles filter (it was built without libass)"
    return ""


def _beside(task: _Task, why: str, warnings: list[str]) -> _Task:
    how = "burnt in" if task.mode is SubtitleMode.BURN else "embedded"
    warnings.append(f"The subtitles could not be {how} and lie beside the video: {why.rstrip('.')}.")
    return replace(task, mode=SubtitleMode.SIDECAR)


async def _without_ffmpeg(task: _Task, error: FFmpegMissing, warnings: list[str]) -> Assembled:
    if task.mode in (SubtitleMode.SOFT, SubtitleMode.BURN):
        task = _beside(task, str(error), warnings)
    if task.picture.codec not in _FITS[task.format]:
        raise MediaError(
            f"The picture is {task.picture.codec} and cannot be put into {task.format} without FFmpeg. {error}"
        ) from error
    real = (task.picture.width, task.picture.height)
    if real != task.size:
        warnings.append(f"Without FFmpeg the picture stays {real[0]}x{real[1]}. {error}")
        task = replace(task, size=real)
    await asyncio.to_thread(
        remux,
        task.work / "input",
        task.work / task.narration if task.narration else None,
        task.path,
        duration=task.duration,
        metadata=task.metadata,
    )
    return _checked(task, warnings)


async def _run(task: _Task, on_progress: Callable[[float], None]) -> list[str]:
    """One run of FFmpeg; returns warnings about glyphs that could not be drawn."""
    burns = task.mode is SubtitleMode.BURN
    env = _lay_out_captions(task)
    said = await run_ffmpeg(
        [*_inputs(task), *_video(task), *_audio(task), *_subtitles(task), *_output(task)],
        cwd=task.work,
        timeout=120 + 60 * task.duration,
        seconds=task.duration,
        on_progress=on_progress,
        env=env,
        loglevel="info" if burns else "error",
    )
    return [*glyph_warnings(said), *emoji_warning(task.cues)] if burns else []


def _lay_out_captions(task: _Task) -> dict[str, str]:
    if task.mode is SubtitleMode.BURN:
        (task.work / "captions.ass").write_text(
            burn_script(task.cues, *task.size, task.look), encoding="utf-8"
        )
        return font_folder(task.work)
    if task.mode is SubtitleMode.SOFT:
        kind = "webvtt" if task.format is VideoFormat.WEBM else "srt"
        (task.work / "captions").write_text(write_subtitles(task.cues, kind), encoding="utf-8")
    return {}


def _inputs(task: _Task) -> list[str]:
    loop = ["-stream_loop", "-1"] if task.loops else []
    inputs = [*_OPEN, *loop, "-i", "file:input"]
    if task.narration:
        inputs += [*_OPEN, "-i", f"file:{task.narration}"]
    if task.mode is SubtitleMode.SOFT:
        kind = "webvtt" if task.format is VideoFormat.WEBM else "srt"
        inputs += ["-f", kind, "-i", "file:captions"]
    return inputs


def _video(task: _Task) -> list[str]:
    if task.copies:
        return ["-map", "0:v:0", "-c:v", "copy"]
    width, height = task.size
    cover = f"scale={width}:{height}:force_original_aspect_ratio=increase:flags=lanczos"
    cover += ":out_color_matrix=bt709:out_range=tv"
    filters = [f"fps={task.fps}", cover, f"crop={width}:{height}", "setsar=1", "format=yuv420p"]
    if task.mode is SubtitleMode.BURN:
        filters.append("subtitles=f=captions.ass")
    return ["-map", "0:v:0", "-vf", ",".join(filters), *_encoder(task.format, task.fps), *_BT709]


def _encoder(format: VideoFormat, fps: int) -> list[str]:
    if format is VideoFormat.WEBM:
        fast = ["-deadline", "realtime", "-cpu-used", "8", "-row-mt", "1", "-tile-columns", "2"]
        return ["-c:v", "libvpx-vp9", *fast, "-crf", "30", "-b:v", "0", "-g", str(2 * fps)]
    return ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-g", str(2 * fps)]


def _audio(task: _Task) -> list[str]:
    if task.narration is None:
        return ["-map", "0:a?", "-c:a", "copy"]
    chain = ["aresample=48000"]
    if task.gain:
        # The limiter takes what the gain lifts above -1 dB of full scale.
        chain += [f"volume={task.gain:.2f}dB", "alimiter=limit=0.891:level=false"]
    chain.append("apad")
    codec = ["libopus", "-b:a", "128k"] if task.format is VideoFormat.WEBM else ["aac", "-b:a", "192k"]
    return ["-map", "1:a:0", "-af", ",".join(chain), "-c:a", *codec, "-ac", "2"]


def _subtitles(task: _Task) -> list[str]:
    if task.mode is not SubtitleMode.SOFT:
        return ["-sn"]
    index = 2 if task.narration else 1
    # FFmpeg's own WebVTT encoder garbles escaped text: what we wrote goes in as it is.
    codec = "copy" if task.format is VideoFormat.WEBM else "mov_text"
    return ["-map", f"{index}:s:0", "-c:s", codec, "-disposition:s:0", "default"]


def _output(task: _Task) -> list[str]:
    tags = [word for name, value in task.metadata.items() for word in ("-metadata", f"{name}={_tag(value)}")]
    cleared = ["-map_metadata", "-1", "-map_chapters", "-1"] if task.narration else []
    fast = [] if task.format is VideoFormat.WEBM else ["-movflags", "+faststart"]
    length = ["-t", f"{task.duration:.4f}"] if task.narration else []
    return [*cleared, *tags, *length, *fast, "-f", task.format.value, f"file:{task.path.name}"]


def _tag(value: str) -> str:
    return re.sub(r"[\x00-\x08\x0b-\x1f]", "", value)[:4000]


async def _gain(work: Path) -> float:
    """How many decibels the narration is away from the target; 0 when nobody would hear it, or cannot be told."""
    try:
        said = await run_ffmpeg(
            [
                *_OPEN,
                "-i",
                "file:narration",
                "-map",
                "0:a:0",
                "-af",
                "ebur128=framelog=quiet",
                "-f",
                "null",
                "-",
            ],
            cwd=work,
            timeout=300,
            loglevel="info",
        )
    except (FFmpegFailed, FFmpegMissing):
        return 0.0
    found = re.findall(r"I:\s+(-?[\d.]+) LUFS", said)
    measured = float(found[-1]) if found else -70.0
    away = TARGET_LUFS - measured
    # -70 LUFS is the meter's floor: silence is left silent.
    return 0.0 if abs(away) <= _CLOSE_ENOUGH or measured < -60 else max(-30.0, min(30.0, away))


def _picture_stream(path: Path) -> VideoStream:
    info = probe(path)
    if info.video is None or not info.video.width:
        raise MediaError(f"The picture {path.name} has no video in it; a video file was expected.")
    return replace(info.video, duration=info.video.duration or info.duration)


def _checked(task: _Task, warnings: Sequence[str]) -> Assembled:
    """Reads the result back before anybody is told that it is done."""
    info = probe(task.path)
    video = info.video
    if video is None or (video.width, video.height) != task.size or (task.narration and info.audio is None):
        raise MediaError(f"The finished file is not what was asked for: {info}. Please report this.")
    if _off(task, info):
        raise MediaError(
            f"The finished file lasts {info.duration:.2f} s and should last {task.duration:.2f} s. Please report this."
        )
    return Assembled(task.path, task.mode, tuple(warnings), info)


def _bring(source: Path, target: Path) -> None:
    """Puts a file into the work folder under a name of our own, without copying where that can be."""
    if source.absolute() == target.absolute():
        return
    with contextlib.suppress(OSError, NotImplementedError):
        target.symlink_to(source.resolve())
        return
    shutil.copyfile(source, target)
