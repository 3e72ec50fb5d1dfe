"""Muxing without FFmpeg: PyAV copies the video stream and encodes the narration, in this process."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import av

from ..errors import MediaError
from .decode import DAMAGED, Sound, open_media

__all__ = ["remux"]

_RATE = 48_000


def remux(
    clip: Path, narration: Path | None, to: Path, *, duration: float, metadata: Mapping[str, str]
) -> None:
    """Mux a clip's video stream, copied, and a narration into one file that ends with the narration.

    Args:
        clip: A video whose codec fits the container; its sound is dropped if there is a narration.
        narration: The narration's file, or None to keep the clip's own sound.
        to: The new file; its suffix names the container.
        duration: Length of the new file, in seconds; a shorter clip is looped.
        metadata: Tags of the new file.

    Raises:
        MediaError: The file could not be written.
    """
    options = {} if to.suffix == ".webm" else {"movflags": "+faststart"}
    try:
        with open_media(clip) as source, av.open(str(to), "w", options=options) as out:
            out.metadata.update(metadata)
            video = out.add_stream_from_template(source.streams.video[0])
            if narration is None:
                _copy_all(source, out, video)
                return
            codec = "libopus" if to.suffix == ".webm" else "aac"
            audio: Any = out.add_stream(codec, rate=_RATE, layout="stereo")
            _copy_video(source, out, video, duration)
            with open_media(narration) as spoken:
                _encode_narration(spoken, out, audio, duration)
    except DAMAGED as error:
        raise MediaError(f"The video could not be joined without FFmpeg: {error}") from error


def _copy_video(source: Any, out: Any, video: Any, duration: float) -> None:
    """Copy the video packets, starting over until `duration` is filled."""
    stream = source.streams.video[0]
    offset, length = 0, 0
    while True:
        for packet in source.demux(stream):
            if packet.dts is None:
                continue
            length = max(length, packet.pts + (packet.duration or 1))
            packet.pts += offset
            packet.dts += offset
            if packet.pts * packet.time_base < duration:
                packet.stream = video
                out.mux(packet)
        offset += length
        if not length or offset * stream.time_base >= duration - 0.05:
            return
        source.seek(0)
        length = 0


def _encode_narration(spoken: Any, out: Any, audio: Any, duration: float) -> None:
    # Damage is not reported here: opening the narration has warned about it.
    sound = Sound(
        spoken, spoken.streams.audio[0], rate=_RATE, layout="stereo", format=audio.codec_context.format.name
    )
    fifo, written, limit = av.AudioFifo(), 0, int(duration * _RATE)
    for frame in itertools.chain(sound, [None]):
        if frame is not None:
            frame.pts = None
            fifo.write(frame)
        while ready := fifo.read(1024, partial=frame is None):
            if written >= limit:
                break
            ready.pts, written = written, written + ready.samples
            out.mux(audio.encode(ready))
    out.mux(audio.encode(None))


def _copy_all(source: Any, out: Any, video: Any) -> None:
    """Copy the first video and audio streams."""
    streams = {source.streams.video[0].index: video}
    if source.streams.audio:
        stream = source.streams.audio[0]
        streams[stream.index] = out.add_stream_from_template(stream)
    for packet in source.demux():
        if packet.dts is not None and packet.stream.index in streams:
            packet.stream = streams[packet.stream.index]
            out.mux(packet)
