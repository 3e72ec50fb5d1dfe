"""Muxing a clip, the narration and the captions into the finished file.

Everything happens in a private folder under file names of our own: nothing has to be escaped, no file of a person is
written to, and FFmpeg may open only the containers in `FORMATS`. The video stream is copied where it fits the
container and size, and re-encoded where it does not; one round of it, where the clip is repeated.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..errors import FFmpegFailed, FFmpegMissing, MediaError
from ..models import Cue, SubtitleLook, SubtitleMode, VideoFormat
from .burn import burn_script, emoji_warning, font_folder, font_option, glyph_warnings, size_warnings
from .chapters import chapter_metadata
from .ffmpeg import INPUT_OPTIONS, find_ffmpeg
from .form import CODECS, Form
from .narration import Narration
from .probe import SHORTFALL, MediaInfo, VideoLength, VideoStream, probe, probe_shown, video_length
from .remux import remux
from .running import run_ffmpeg
from .sound import write_sound
from .stitch import Shot, Stitched, count_frames, link_file, link_parts, stitch
from .subtitles import write_subtitles

__all__ = ["TARGET_LUFS", "Assembled", "assemble", "embed_subtitles"]

TARGET_LUFS = -16.0
"""Loudness of the narration in the video, in LUFS: what podcasts and the web are mastered to."""

_LENGTH_TOLERANCE = 0.12  # seconds between the end of the video and of the narration
_ROUNDING = 0.01  # seconds; the last frame may begin just before the end and is shown in full
_INAUDIBLE = 1.0  # loudness units that nobody hears
_SILENCE = -60.0  # LUFS; the meter's own floor is -70
_FORMING = 0.7  # of the time that repeating a clip takes


@dataclass(frozen=True)
class Assembled:
    """A finished file.

    Attributes:
        path: The file, in the work folder.
        subtitle_mode: The mode that was used; `SIDECAR` if embedding or burning in was not possible.
        warnings: Differences from what was requested, in sentences.
        info: The contents of the file, read back from it.
        clip: The clip's video stream, in the size that is shown.
    """

    path: Path
    subtitle_mode: SubtitleMode
    warnings: tuple[str, ...]
    info: MediaInfo
    clip: VideoStream


@dataclass(frozen=True)
class _Task:
    """The input and output of one FFmpeg run."""

    clip: VideoStream
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
    source: str = "input"
    film: Stitched | None = None
    chapters: Sequence[Cue] = ()
    reencode: bool = False
    formed: bool = False
    env: dict[str, str] = field(default_factory=dict)

    @property
    def copies(self) -> bool:
        """True if the video stream can be copied."""
        clip = self.clip
        if self.reencode:
            return False
        fits = clip.codec in CODECS[self.format] and clip.pix_fmt in ("yuv420p", "")
        # A finished video that only gets captions keeps its stream, with whatever its metadata asks of players.
        fits = fits and (clip.upright or self.narration is None)
        return fits and (clip.width, clip.height) == self.size and self.mode is not SubtitleMode.BURN

    @property
    def loops(self) -> bool:
        """True if the clip ends well before the narration."""
        return self.clip.duration < self.duration - 1.5 / max(1.0, self.clip.fps)

    @property
    def path(self) -> Path:
        return self.work / f"{self.out}.{self.format.value}"

    @property
    def form(self) -> Form:
        return Form(self.size, self.fps, self.format)

    @property
    def step(self) -> float:
        """The rate of the frames where it is ours, else 0."""
        return self.fps if self.formed or not self.copies else 0.0


async def assemble(
    clip: Path | Stitched,
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
    chapters: Sequence[Cue] = (),
    on_progress: Callable[[float], None] = lambda _: None,
) -> Assembled:
    """Mux a clip, a narration and captions into a file as long as the narration.

    Args:
        clip: The provider's file; its sound is dropped. A clip that is shorter than the narration is repeated. Or a
            film in this size, rate and format, as long as the narration.
        narration: The narration; its loudness is adjusted to `TARGET_LUFS`.
        cues: The captions; without any, `subtitle_mode` has no effect.
        size: Width and height in pixels; a clip of another size is scaled to cover it and cropped.
        format: The container.
        subtitle_mode: How the captions are delivered.
        subtitle_look: The style of captions that are burnt in.
        fps: Frames per second, used only if the clip has to be re-encoded.
        metadata: Tags such as `title` and `comment`.
        work: A private folder.
        chapters: The chapters, if any; the text of each is its title.
        on_progress: Called with a fraction from 0 to 1.

    Raises:
        MediaError: The clip is not a video, or the result is not as requested.
    """
    film = clip if isinstance(clip, Stitched) else None
    if film is not None:
        _check_length(film, narration)
    stream, length = await asyncio.to_thread(_open_clip, clip, work)
    lay = write_sound if narration.uneven else link_file
    await asyncio.to_thread(lay, narration.path, work / "narration")
    task = _Task(
        clip=stream,
        duration=narration.duration,
        size=size,
        fps=fps,
        format=format,
        mode=subtitle_mode if cues else SubtitleMode.NONE,
        look=subtitle_look,
        cues=cues,
        narration="narration",
        gain=await _measure_gain(work),
        metadata=metadata,
        work=work,
        film=film,
        formed=film is not None,
        chapters=chapters,
    )
    done = await _deliver(task, on_progress)
    return replace(done, warnings=(*_clip_warnings(task, length), *done.warnings))


def _check_length(film: Stitched, narration: Narration) -> None:
    if abs(film.duration - narration.duration) > 1.5 / film.form.fps:
        raise MediaError(
            f"The film lasts {film.duration:.2f} s and the narration {narration.duration:.2f} s; they have to be equal."
        )


def _open_clip(clip: Path | Stitched, work: Path) -> tuple[VideoStream, VideoLength]:
    """Link a clip, or a film's parts, into the work folder; return its stream and length."""
    if isinstance(clip, Stitched):
        link_parts(clip, work / "parts.txt")
        return clip.stream, VideoLength(clip.duration)
    stream, length = _video_stream(clip), video_length(clip)
    link_file(clip, work / "input")
    return replace(stream, duration=_real_length(stream.duration, length.seconds)), length


def _clip_warnings(task: _Task, length: VideoLength) -> Iterator[str]:
    if length.missing > SHORTFALL:
        repeated = f"; it is repeated to fill {task.duration:.1f} s" if task.loops else ""
        yield f"The clip was cut off: its file holds only {length.seconds:.1f} s of it{repeated}."
    if task.clip.implausible:
        yield "The clip's header declares pixels of an implausible shape; they are shown as squares."


async def embed_subtitles(
    video: Path,
    cues: Sequence[Cue],
    *,
    mode: SubtitleMode,
    look: SubtitleLook = SubtitleLook.BOX,
    work: Path,
    to: Path,
) -> Assembled:
    """Add captions to a finished video; its sound is copied, and its video stream too unless they are burnt in.

    Args:
        video: The video; it is not changed.
        cues: The captions.
        mode: How the captions are delivered.
        look: The style of captions that are burnt in.
        work: A private folder.
        to: The new file, in the work folder; its suffix names the container.

    Raises:
        MediaError: The file is not a video.
        ConfigError: The suffix does not name a known container.
    """
    stream = await asyncio.to_thread(_video_stream, video)
    info = await asyncio.to_thread(probe, video)
    await asyncio.to_thread(link_file, video, work / "input")
    task = _Task(
        clip=stream,
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
    """Try as requested, then with a sidecar file for the captions, then without FFmpeg."""
    warnings: list[str] = []
    try:
        reason = _burn_obstacle(task)
        if not reason:
            try:
                return await _mux(task, warnings, on_progress)
            except FFmpegFailed as error:
                if task.mode not in (SubtitleMode.SOFT, SubtitleMode.BURN):
                    raise
                reason = str(error)
        task = _with_sidecar(task, reason, warnings)
        return await _mux(task, warnings, on_progress)
    except FFmpegMissing as error:
        if task.film is not None:
            raise
        return await _mux_without_ffmpeg(task, error, warnings)


async def _mux(task: _Task, warnings: Sequence[str], on_progress: Callable[[float], None]) -> Assembled:
    if task.loops and not (task.copies or task.formed) and task.mode is not SubtitleMode.BURN:
        task = await _form(task, lambda part: on_progress(_FORMING * part))
    new_warnings = await _run(task, on_progress if not task.formed or task.film else _last_part(on_progress))
    # A copied stream can be cut only between its frames; where those are far apart it is re-encoded.
    if task.copies and _wrong_length(task, await asyncio.to_thread(probe, task.path), fps=task.step):
        task = replace(task, reencode=True)
        return await _mux(task, warnings, on_progress)
    return _read_back(task, [*warnings, *new_warnings], fps=task.step)


async def _form(task: _Task, on_progress: Callable[[float], None]) -> _Task:
    """Bring one round of a clip that is repeated to its form; all rounds are copies of it."""
    frames = max(1, round(task.clip.duration * task.fps))
    shot = Shot(source=task.work / task.source, frames=frames)
    made = await stitch([shot], task.form, cache=task.work / "form", work=task.work, on_progress=on_progress)
    await asyncio.to_thread(link_file, made.parts[0].path, task.work / "round")
    return replace(task, clip=made.stream, source="round", formed=True, reencode=False)


def _last_part(on_progress: Callable[[float], None]) -> Callable[[float], None]:
    return lambda part: on_progress(_FORMING + (1 - _FORMING) * part)


def _wrong_length(task: _Task, info: MediaInfo, *, fps: float = 0.0) -> bool:
    """Return True if a file ends too early or too late; the last of `fps` frames per second may outlast the sound."""
    late = max(_LENGTH_TOLERANCE, 1 / fps + _ROUNDING if fps else 0.0)
    return not -_LENGTH_TOLERANCE <= info.duration - task.duration <= late


def _burn_obstacle(task: _Task) -> str:
    """Return why captions cannot be burnt in, or an empty string."""
    if task.mode is SubtitleMode.BURN and "subtitles" not in find_ffmpeg().filters:
        return f"the FFmpeg at {find_ffmpeg().path} has no subtitles filter (it was built without libass)"
    return ""


def _with_sidecar(task: _Task, reason: str, warnings: list[str]) -> _Task:
    how = "burnt in" if task.mode is SubtitleMode.BURN else "embedded"
    warnings.append(
        f"The subtitles could not be {how}; they are in a file beside the video instead. Reason: {reason.rstrip('.')}."
    )
    return replace(task, mode=SubtitleMode.SIDECAR)


async def _mux_without_ffmpeg(task: _Task, error: FFmpegMissing, warnings: list[str]) -> Assembled:
    if task.mode in (SubtitleMode.SOFT, SubtitleMode.BURN):
        task = _with_sidecar(task, str(error), warnings)
    if task.clip.codec not in CODECS[task.format]:
        raise MediaError(
            f"The clip is encoded as {task.clip.codec} and cannot be converted to {task.format} without FFmpeg. {error}"
        ) from error
    real = (task.clip.width, task.clip.height)
    if real != task.size:
        warnings.append(f"Without FFmpeg the video stays {real[0]}x{real[1]}. {error}")
        task = replace(task, size=real)
    await asyncio.to_thread(
        remux,
        task.work / "input",
        task.work / task.narration if task.narration else None,
        task.path,
        duration=task.duration,
        metadata=task.metadata,
    )
    return _read_back(task, warnings, fps=max(1.0, task.clip.fps))


async def _run(task: _Task, on_progress: Callable[[float], None]) -> list[str]:
    """Run FFmpeg once; return warnings about characters that could not be drawn."""
    burns = task.mode is SubtitleMode.BURN
    env = _write_captions(task)
    log = await run_ffmpeg(
        [*_inputs(task), *_video(task), *_audio(task), *_subtitles(task), *_output(task)],
        cwd=task.work,
        timeout=120 + 60 * task.duration,
        seconds=task.duration,
        on_progress=on_progress,
        env=env,
        loglevel="info" if burns else "error",
    )
    if not burns:
        return []
    sizes = size_warnings(task.cues, *task.size, task.look)
    return [*sizes, *glyph_warnings(log), *emoji_warning(task.cues)]


def _write_captions(task: _Task) -> dict[str, str]:
    """Write captions and chapters for FFmpeg into the work folder; return the environment variables it needs."""
    if task.chapters:
        (task.work / "chapters").write_text(chapter_metadata(task.chapters), encoding="utf-8", newline="\n")
    if task.mode is SubtitleMode.BURN:
        (task.work / "captions.ass").write_text(
            burn_script(task.cues, *task.size, task.look), encoding="utf-8", newline="\n"
        )
        return font_folder(task.work)
    if task.mode is SubtitleMode.SOFT:
        kind = "webvtt" if task.format is VideoFormat.WEBM else "srt"
        (task.work / "captions").write_text(write_subtitles(task.cues, kind), encoding="utf-8", newline="\n")
    return {}


def _inputs(task: _Task) -> list[str]:
    # A clip that was cut off may end with half a packet, which must not be shown in each round.
    loop = ["-fflags", "+discardcorrupt", "-stream_loop", "-1"] if task.loops else []
    inputs = [*INPUT_OPTIONS, *loop, "-i", f"file:{task.source}"]
    if task.film is not None:
        inputs = ["-f", "concat", "-safe", "1", "-i", "parts.txt"]
    if task.narration:
        inputs += [*INPUT_OPTIONS, "-i", f"file:{task.narration}"]
    if task.mode is SubtitleMode.SOFT:
        kind = "webvtt" if task.format is VideoFormat.WEBM else "srt"
        inputs += ["-f", kind, "-i", "file:captions"]
    if task.chapters:
        inputs += ["-f", "ffmetadata", "-i", "file:chapters"]
    return inputs


def _video(task: _Task) -> list[str]:
    if task.copies:
        return ["-map", "0:v:0", "-c:v", "copy"]
    filters = [f"fps={task.fps}", *task.form.filters(task.clip)]
    if task.mode is SubtitleMode.BURN:
        filters.append(f"subtitles=f=captions.ass{font_option()}")
    return ["-map", "0:v:0", "-vf", ",".join(filters), *task.form.encoder]


def _audio(task: _Task) -> list[str]:
    if task.narration is None:
        return ["-map", "0:a?", "-c:a", "copy"]
    chain = ["aresample=48000"]
    if task.gain:
        # The limiter keeps peaks that the gain lifts below -1 dB of full scale.
        chain += [f"volume={task.gain:.2f}dB", "alimiter=limit=0.891:level=false"]
    chain.append("apad")
    codec = ["libopus", "-b:a", "128k"] if task.format is VideoFormat.WEBM else ["aac", "-b:a", "192k"]
    return ["-map", "1:a:0", "-af", ",".join(chain), "-c:a", *codec, "-ac", "2"]


def _subtitles(task: _Task) -> list[str]:
    if task.mode is not SubtitleMode.SOFT:
        return ["-sn"]
    index = 2 if task.narration else 1
    # FFmpeg's own WebVTT encoder garbles escaped text, so the file that we wrote is copied.
    codec = "copy" if task.format is VideoFormat.WEBM else "mov_text"
    return ["-map", f"{index}:s:0", "-c:s", codec, "-disposition:s:0", "default"]


def _output(task: _Task) -> list[str]:
    tags = [
        word for name, value in task.metadata.items() for word in ("-metadata", f"{name}={_tag_text(value)}")
    ]
    # The input after the narration and the captions, if there are any.
    chapters = 1 + (task.narration is not None) + (task.mode is SubtitleMode.SOFT) if task.chapters else -1
    # Of the clip's file and streams; clearing all would clear the titles of the chapters, too.
    cleared = ["-map_metadata:g", "-1", "-map_metadata:s", "-1", "-map_chapters", str(chapters)]
    cleared = cleared if task.narration else []
    fast = [] if task.format is VideoFormat.WEBM else ["-movflags", "+faststart"]
    length = ["-t", f"{task.duration:.4f}"] if task.narration else []
    return [*cleared, *tags, *length, *fast, "-f", task.format.value, f"file:{task.path.name}"]


def _tag_text(value: str) -> str:
    return re.sub(r"[\x00-\x08\x0b-\x1f]", "", value)[:4000]


async def _measure_gain(work: Path) -> float:
    """Return the decibels between the narration and the target; 0 if inaudible, silent or not measurable."""
    meter = ["-map", "0:a:0", "-af", "ebur128=framelog=quiet", "-f", "null", "-"]
    try:
        log = await run_ffmpeg(
            [*INPUT_OPTIONS, "-i", "file:narration", *meter], cwd=work, timeout=300, loglevel="info"
        )
    except (FFmpegFailed, FFmpegMissing):
        return 0.0
    found = re.findall(r"I:\s+(-?[\d.]+) LUFS", log)
    measured = float(found[-1]) if found else -70.0
    gain = TARGET_LUFS - measured
    return 0.0 if abs(gain) <= _INAUDIBLE or measured < _SILENCE else max(-30.0, min(30.0, gain))


def _real_length(declared: float, readable: float) -> float:
    """Return a clip's length in seconds; headers may declare more than there is."""
    return min(declared, readable) if declared and readable else declared or readable


def _video_stream(path: Path) -> VideoStream:
    info = probe_shown(path)
    if info.video is None or not info.video.width:
        raise MediaError(f"{path.name} has no video stream; a video file was expected.")
    return replace(info.video, duration=info.video.duration or info.duration)


def _read_back(task: _Task, warnings: Sequence[str], *, fps: float) -> Assembled:
    """Probe the finished file and check it against the task.

    Raises:
        MediaError: The file has another size or length, or no sound.
    """
    info = probe_shown(task.path)
    video = info.video
    if video is None or (video.width, video.height) != task.size or (task.narration and info.audio is None):
        raise MediaError(f"The finished file is not as requested: {info}. Please report this.")
    if _wrong_length(task, info, fps=fps):
        raise MediaError(
            f"The finished file lasts {info.duration:.2f} s and should last {task.duration:.2f} s. Please report this."
        )
    if task.film is not None and (found := count_frames(task.path)) != task.film.frames:
        raise MediaError(
            f"The film has {found} frames and should have {task.film.frames}. Please report this."
        )
    return Assembled(task.path, task.mode, tuple(warnings), info, task.clip)
