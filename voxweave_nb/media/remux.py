"""The way out when no FFmpeg runs: PyAV copies the picture and encodes the narration, in this process."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import av

from ..errors import MediaError
from .probe import DAMAGED, open_media

__all__ = ["remux"]


def remux(
    picture: Path, narration: Path | None, to: Path, *, duration: float, metadata: Mapping[str, str]
) -> None:
    """Writes a picture, as it is, and a narration into one file that ends with the narration.

    Args:
        picture: A video whose codec fits the container; its own sound is dropped when there is a narration.
        narration: What is heard, or None to keep the video's own sound.
        to: The new file; its ending names the container.
        duration: Where it ends, in seconds.
        metadata: Its tags.

    Raises:
        MediaError: It could not be written.
    """
    options = {} if to.suffix == ".webm" else {"movflags": "+faststart"}
    try:
        with open_media(picture) as seen, av.open(str(to), "w", options=options) as out:
            out.metadata.update(metadata)
            video = out.add_stream_from_template(seen.streams.video[0])
            if narration is None:
                _copy_all(seen, out, video)
                return
            codec = "libopus" if to.suffix == ".webm" else "aac"
            audio: Any = out.add_stream(codec, rate=48_000, layout="stereo")
            _copy_picture(seen, out, video, duration)
            with open_media(narration) as heard:
                _encode_sound(heard, out, audio, duration)
    except DAMAGED as error:
        raise MediaError(f"The video could not be joined without FFmpeg: {error}") from error


def _copy_picture(seen: Any, out: Any, video: Any, duration: float) -> None:
    """Copies the picture's packets, from the start again as often as the narration needs it."""
    source = seen.streams.video[0]
    offset, length = 0, 0
    while True:
        for packet in seen.demux(source):
            if packet.dts is None:
                continue
            length = max(length, packet.pts + (packet.duration or 1))
            packet.pts += offset
            packet.dts += offset
            if packet.pts * packet.time_base < duration:
                packet.stream = video
                out.mux(packet)
        offset += length
        if not length or offset * source.time_base >= duration - 0.05:
            return
        seen.seek(0)
        length = 0


def _encode_sound(heard: Any, out: Any, audio: Any, duration: float) -> None:
    resampler = av.AudioResampler(format=audio.codec_context.format, layout="stereo", rate=48_000)
    fifo, written, limit = av.AudioFifo(), 0, int(duration * 48_000)
    for frame in itertools.chain(_decoded(heard), [None]):
        for piece in resampler.resample(frame):
            piece.pts = None
            fifo.write(piece)
        while ready := fifo.read(1024, partial=frame is None):
            if written >= limit:
                break
            ready.pts, written = written, written + ready.samples
            out.mux(audio.encode(ready))
    out.mux(audio.encode(None))


def _decoded(heard: Any) -> Any:
    for packet in heard.demux(heard.streams.audio[0]):
        try:
            yield from packet.decode()
        except DAMAGED:
            continue  # opening the narration has warned already


def _copy_all(seen: Any, out: Any, video: Any) -> None:
    streams = {seen.streams.video[0].index: video}
    if seen.streams.audio:
        source = seen.streams.audio[0]
        streams[source.index] = out.add_stream_from_template(source)
    for packet in seen.demux():
        if packet.dts is not None and packet.stream.index in streams:
            packet.stream = streams[packet.stream.index]
            out.mux(packet)
