"""Encoding a copy of a video for pages that lack its codecs.

VS Code and some builds of Chromium have no AAC, Opus, VP9 or WebM. H.264 with MP3 in an MP4 plays there, in every
other Chromium and in Firefox. VP8 with Vorbis in WebM is for pages without H.264.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from ..errors import FFmpegMissing, MediaError
from ..models import VideoFormat
from .ffmpeg import INPUT_OPTIONS, find_ffmpeg
from .probe import MediaInfo, probe
from .running import run_ffmpeg
from .sound import write_sound

__all__ = ["copies_frames", "encode_mp3", "encode_rendition", "is_rendition"]

_AUDIO = {
    VideoFormat.MP4: ("libmp3lame", ("-b:a", "192k")),
    VideoFormat.WEBM: ("libvorbis", ("-q:a", "6")),
}
_VIDEO = {
    VideoFormat.MP4: ("libx264", ("-preset", "veryfast", "-crf", "20")),
    # The bit rate is a limit; the quality decides below it.
    VideoFormat.WEBM: ("libvpx", ("-deadline", "realtime", "-cpu-used", "8", "-crf", "10", "-b:v", "6M")),
}
# A key frame every two seconds at 30 frames per second, so that a page can seek.
_KEYS = ("-g", "60")
_CAPTIONS = {VideoFormat.MP4: "mov_text", VideoFormat.WEBM: "webvtt"}
_TEXT_CAPTIONS = {"mov_text", "webvtt", "subrip", "srt", "ass", "ssa"}
_EVEN = "scale=trunc(iw/2)*2:trunc(ih/2)*2,setsar=1,format=yuv420p"


def copies_frames(video: Path, format: VideoFormat = VideoFormat.MP4) -> bool:
    """Return True if a rendition takes over the encoded frames, which takes about 0.3 s for 20 s of video.

    Raises:
        MediaError: The video cannot be opened.
    """
    return _copies(probe(video), format)


def is_rendition(video: Path, format: VideoFormat) -> bool:
    """Return True if a video has the codecs of a rendition already.

    Raises:
        MediaError: The video cannot be opened.
    """
    info = probe(video)
    audio = info.audio is None or info.audio.codec in ("mp3", "mp3float")
    return video.suffix.lower() == ".mp4" and audio and _copies(info, format)


def _copies(info: MediaInfo, format: VideoFormat) -> bool:
    stream = info.video
    fits = stream is not None and stream.codec == "h264" and stream.pix_fmt in ("yuv420p", "yuvj420p")
    return fits and format is VideoFormat.MP4


async def encode_rendition(
    video: Path,
    to: Path,
    *,
    format: VideoFormat = VideoFormat.MP4,
    on_progress: Callable[[float], None] = lambda _: None,
) -> None:
    """Write a copy of a video with other codecs to a new file.

    The sound is encoded anew, as MP3 or Vorbis. The frames are copied if they are H.264 already and go into an MP4.
    Tracks of captions are kept.

    Args:
        video: The video; it is not changed.
        to: The new file, in a private folder.
        format: `MP4` for H.264 with MP3, `WEBM` for VP8 with Vorbis.
        on_progress: Called with a fraction from 0 to 1.

    Raises:
        MediaError: The video has no frames, or the copy is not as it should be.
        FFmpegMissing: No FFmpeg was found, or it lacks one of the encoders.
        FFmpegFailed: FFmpeg ended with an error.
    """
    info = await asyncio.to_thread(probe, video)
    if info.video is None:
        raise MediaError(f"{video.name} has no video stream; a video file was expected.")
    copied = _copies(info, format)
    await asyncio.to_thread(_check_encoders, format, copied)
    frames = (
        ["-c:v", "copy"] if copied else ["-vf", _EVEN, "-c:v", _VIDEO[format][0], *_VIDEO[format][1], *_KEYS]
    )
    name, options = _AUDIO[format]
    args = [*INPUT_OPTIONS, "-i", f"file:{video.absolute()}", "-map", "0:v:0", *frames]
    args += ["-map", "0:a:0?", "-c:a", name, *options, *_captions(info, format), "-map_chapters", "-1"]
    fast = ["-movflags", "+faststart"] if format is VideoFormat.MP4 else []
    timeout = max(600.0, 30 * info.duration)
    await run_ffmpeg(
        [*args, *fast, "-f", format.value, f"file:{to.absolute()}"],
        cwd=to.parent,
        timeout=timeout,
        seconds=info.duration,
        on_progress=on_progress,
    )
    made = await asyncio.to_thread(probe, to)
    if made.video is None or (made.audio is None) != (info.audio is None):
        raise MediaError(f"The copy of {video.name} is not as it should be: {made}. Please report this.")


async def encode_mp3(
    sound: Path, to: Path, *, duration: float, on_progress: Callable[[float], None] = lambda _: None
) -> None:
    """Write a copy of a sound as MP3, which every page can decode, to a new file, on its timeline.

    Args:
        sound: An audio file, or a video with sound; it is not changed.
        to: The new file, in a private folder.
        duration: The length in seconds, for progress.
        on_progress: Called with a fraction from 0 to 1.

    Raises:
        FFmpegMissing: No FFmpeg was found, or it has no encoder for MP3.
        FFmpegFailed: FFmpeg ended with an error, for example for a file without sound.
    """
    await asyncio.to_thread(_check_encoders, VideoFormat.MP4, True)
    encoder = ["-map", "0:a:0", "-vn", "-c:a", _AUDIO[VideoFormat.MP4][0], "-b:a", "128k", "-f", "mp3"]
    even = to.with_name(f"{to.name}.flac")
    try:
        if (await asyncio.to_thread(probe, sound)).audio is not None:
            await asyncio.to_thread(write_sound, sound, even)
        source = even if even.exists() else sound
        await run_ffmpeg(
            [*INPUT_OPTIONS, "-i", f"file:{source.absolute()}", *encoder, f"file:{to.absolute()}"],
            cwd=to.parent,
            timeout=max(600.0, duration),
            seconds=duration,
            on_progress=on_progress,
        )
    finally:
        even.unlink(missing_ok=True)


def _captions(info: MediaInfo, format: VideoFormat) -> list[str]:
    if not info.subtitles or any(stream.codec not in _TEXT_CAPTIONS for stream in info.subtitles):
        return ["-sn"]
    same = all(stream.codec == _CAPTIONS[format] for stream in info.subtitles)
    return ["-map", "0:s", "-c:s", "copy" if same else _CAPTIONS[format]]


def _check_encoders(format: VideoFormat, copied: bool) -> None:
    """Raise FFmpegMissing if FFmpeg lacks an encoder that is needed."""
    found = find_ffmpeg()
    needed = [_AUDIO[format][0], *([] if copied else [_VIDEO[format][0]])]
    if missing := [name for name in needed if name not in found.encoders]:
        raise FFmpegMissing(
            f"{found.path} has no encoder {' and no '.join(missing)}. Unset VOXWEAVE_FFMPEG to use the included one."
        )
