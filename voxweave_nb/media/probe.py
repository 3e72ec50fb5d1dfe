"""Reading what a media file holds: the headers are read by PyAV; file names and content types are not trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import av

from ..timecode import parse_time
from .decode import open_media, whole_packets
from .upright import view_of

__all__ = [
    "SHORTFALL",
    "AudioStream",
    "MediaInfo",
    "SubtitleStream",
    "VideoLength",
    "VideoStream",
    "probe",
    "probe_shown",
    "video_length",
]

SHORTFALL = 0.5
"""Seconds missing at the end of a video above which it counts as cut off."""


@dataclass(frozen=True, slots=True)
class VideoStream:
    """A video stream.

    Attributes:
        codec: The codec's name.
        width: Width in pixels, as stored; as shown from `probe_shown`.
        height: Height in pixels, likewise.
        fps: Frames per second.
        pix_fmt: The pixel format's name.
        color_space: The colour matrix's name, or empty.
        duration: Length in seconds; 0 if the headers do not say.
        upright: False if `probe_shown` found a rotation, or pixels that are not square.
        implausible: True if `probe_shown` found pixels of a shape that makes no sense; they count as square.
    """

    codec: str
    width: int
    height: int
    fps: float
    pix_fmt: str
    color_space: str
    duration: float
    upright: bool = True
    implausible: bool = False


@dataclass(frozen=True, slots=True)
class AudioStream:
    """An audio stream; `sample_rate` in hertz, `duration` in seconds."""

    codec: str
    sample_rate: int
    channels: int
    duration: float


@dataclass(frozen=True, slots=True)
class SubtitleStream:
    """A subtitle stream; `language` is a three-letter code or empty."""

    codec: str
    language: str


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """The contents of a file, according to its headers.

    Attributes:
        container: The demuxer's names for the container, such as `"mov,mp4,m4a,3gp,3g2,mj2"`.
        duration: Length in seconds; 0 if the headers do not say.
        video: The first video stream, or None.
        audio: The first audio stream, or None.
        subtitles: All subtitle streams.
        tags: The metadata, names in lower case.
    """

    container: str
    duration: float
    video: VideoStream | None
    audio: AudioStream | None
    subtitles: tuple[SubtitleStream, ...]
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class VideoLength:
    """The length of the part of a video that can be read.

    Attributes:
        seconds: Where the last readable frame ends; 0 without one.
        missing: Seconds that the headers declare beyond it, for a file that was cut off; else 0.
    """

    seconds: float
    missing: float = 0.0


def probe(path: Path) -> MediaInfo:
    """Read a file's headers.

    Raises:
        MediaError: The file is missing, or not in a container that is read.
    """
    with open_media(path) as container:
        streams = container.streams
        return MediaInfo(
            container=container.format.name,
            duration=(container.duration or 0) / av.time_base,
            # No width: not a single frame can be decoded, or it has too many pixels.
            video=_video(streams.video[0])
            if streams.video and streams.video[0].codec_context.width
            else None,
            audio=_audio(streams.audio[0]) if streams.audio else None,
            subtitles=tuple(_subtitle(stream) for stream in streams.subtitles),
            tags={name.lower(): _without_surrogates(value) for name, value in container.metadata.items()},
        )


def probe_shown(path: Path) -> MediaInfo:
    """Read a file's headers and first frame; the video's size is the one that is shown.

    Raises:
        MediaError: The file is missing, or not in a container that is read.
    """
    info = probe(path)
    view = view_of(path) if info.video is not None else None
    if info.video is None or view is None:
        return info
    shown = replace(info.video, width=view.width, height=view.height)
    return replace(info, video=replace(shown, upright=view.upright, implausible=view.implausible))


def video_length(path: Path) -> VideoLength:
    """Read all packets of a file, decoding none, and return how much of its video is there.

    Raises:
        MediaError: The file is missing, or not in a container that is read.
    """
    with open_media(path) as container:
        if not container.streams.video:
            return VideoLength(0.0)
        stream = container.streams.video[0]
        step = 1 / float(stream.average_rate or 30)
        video_end = last_end = 0.0
        for packet in whole_packets(container):
            length = float(packet.duration * packet.time_base) if packet.duration else 0.0
            start = float((packet.stream.start_time or 0) * packet.time_base)
            end = float(packet.pts * packet.time_base) - start + (length or step)
            last_end = max(last_end, end)
            if packet.stream.index == stream.index:
                video_end = max(video_end, end)
        whole, own = (container.duration or 0) / av.time_base, _seconds(stream)
        # Without a length of its own, the video may be shorter than the sound.
        missing = min(own, whole or own) - video_end if own else whole - last_end
        return VideoLength(video_end, max(0.0, missing))


def _without_surrogates(text: str) -> str:
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
