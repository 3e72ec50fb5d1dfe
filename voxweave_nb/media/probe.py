"""What is in a media file: read by PyAV, believed over file names and content types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av

from ..errors import MediaError
from ..timecode import parse_time
from .ffmpeg import FORMATS

__all__ = ["DAMAGED", "AudioStream", "MediaInfo", "SubtitleStream", "VideoStream", "open_media", "probe"]

DAMAGED = (av.error.FFmpegError, OSError, ValueError)
"""What PyAV raises when a file is not what it seems."""

# Tags in another encoding than UTF-8 must not make a file unreadable. From version 19 on PyAV sees to that itself.
_LENIENT: dict[str, Any] = {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 19 else {}


@dataclass(frozen=True, slots=True)
class VideoStream:
    """A picture track; `width` and `height` in pixels, `fps` in frames per second, `duration` in seconds."""

    codec: str
    width: int
    height: int
    fps: float
    pix_fmt: str
    color_space: str
    duration: float


@dataclass(frozen=True, slots=True)
class AudioStream:
    """A sound track; `sample_rate` in hertz, `duration` in seconds."""

    codec: str
    sample_rate: int
    channels: int
    duration: float


@dataclass(frozen=True, slots=True)
class SubtitleStream:
    """A text track; `language` is a three-letter code or empty."""

    codec: str
    language: str


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What a file holds, as its headers say.

    Attributes:
        container: The demuxer's names for it, such as `"mov,mp4,m4a,3gp,3g2,mj2"`.
        duration: Seconds; 0 where the headers do not say.
        video: The first picture track, or None.
        audio: The first sound track, or None.
        subtitles: All text tracks.
        tags: Its metadata, names in lower case.
    """

    container: str
    duration: float
    video: VideoStream | None
    audio: AudioStream | None
    subtitles: tuple[SubtitleStream, ...]
    tags: Mapping[str, str]


def open_media(path: Path) -> Any:
    """Opens a file for reading, with nothing but honest containers allowed.

    Raises:
        MediaError: It is missing, or no media in a container that is taken.
    """
    try:
        return av.open(f"file:{path.absolute()}", options={"format_whitelist": FORMATS}, **_LENIENT)
    except DAMAGED as error:
        what = getattr(error, "strerror", None) or str(error)
        raise MediaError(
            f"{path.name} cannot be opened as audio or video ({what}). Give a file in one of: mp3, wav, flac, m4a, "
            "mp4, mov, aac, ogg, opus, webm, mkv, aiff, caf, wma."
        ) from error


def probe(path: Path) -> MediaInfo:
    """Reads a file's headers.

    Raises:
        MediaError: It is missing, or no media in a container that is taken.
    """
    with open_media(path) as container:
        streams = container.streams
        return MediaInfo(
            container=container.format.name,
            duration=(container.duration or 0) / av.time_base,
            video=_video(streams.video[0]) if streams.video else None,
            audio=_audio(streams.audio[0]) if streams.audio else None,
            subtitles=tuple(_subtitle(stream) for stream in streams.subtitles),
            tags={name.lower(): _clean(value) for name, value in container.metadata.items()},
        )


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _video(stream: Any) -> VideoStream:
    context = stream.codec_context
    return VideoStream(
        codec=context.name,
        width=context.width,
        height=context.height,
        fps=float(stream.average_rate or 0),
        pix_fmt=context.pix_fmt or "",
        color_space={1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020nc"}.get(
            int(context.colorspace), ""
        ),
        duration=_seconds(stream),
    )


def _audio(stream: Any) -> AudioStream:
    context = stream.codec_context
    return AudioStream(
        codec=context.name,
        sample_rate=context.sample_rate or 0,
        channels=context.layout.nb_channels if context.layout else 0,
        duration=_seconds(stream),
    )


def _subtitle(stream: Any) -> SubtitleStream:
    return SubtitleStream(codec=stream.codec_context.name, language=stream.metadata.get("language", ""))


def _seconds(stream: Any) -> float:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return parse_time(stream.metadata.get("DURATION", "")) or 0.0  # Matroska keeps the length in a tag
