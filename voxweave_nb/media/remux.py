"""Muxing without FFmpeg: PyAV copies the video stream and encodes the narration, in this process.

A stream that is not stored as it is shown is encoded anew.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import av

from ..errors import MediaError
from .decode import DAMAGED, Frames, open_media, whole_packets
from .sound import Sound
from .upright import View, view_of

__all__ = ["remux"]

_RATE = 48_000


def remux(
    clip: Path, narration: Path | None, to: Path, *, duration: float, metadata: Mapping[str, str]
) -> None:
    """Mux a clip's video stream and a narration into one file that ends with the narration.

    The stream is copied if it is stored as it is shown.

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
            stream = source.streams.video[0]
            view = view_of(clip) if narration is not None else None
            turned = view is not None and not view.upright
            video = _encoder(out, stream, to) if turned else out.add_stream_from_template(stream)
            if narration is None:
                _copy_all(source, out, video)
                return
            codec = "libopus" if to.suffix == ".webm" else "aac"
            audio: Any = out.add_stream(codec, rate=_RATE, layout="stereo")
            if view is not None and turned:
                _encode_video(source, out, video, duration, view)
            else:
                _copy_video(source, out, video, duration)
            with open_media(narration) as spoken:
                _encode_narration(spoken, out, audio, duration)
    except DAMAGED as error:
        raise MediaError(f"The video could not be joined without FFmpeg: {error}") from error


def _copy_video(source: Any, out: Any, video: Any, duration: float) -> None:
    """Copy the video packets, starting over until `duration` is filled."""
    stream = source.streams.video[0]
    for packet, offset in _looped(source, stream, lambda: whole_packets(source, stream), duration):
        packet.pts += offset
        packet.dts += offset
        packet.stream = video
        out.mux(packet)


def _encoder(out: Any, stream: Any, to: Path) -> Any:
    """Add a video stream to encode into, with the frame rate and time base of the source."""
    fast = {"crf": "20", "preset": "veryfast"}
    if to.suffix == ".webm":
        fast = {"crf": "30", "b": "0", "deadline": "realtime", "cpu-used": "8"}
    codec = "libvpx-vp9" if to.suffix == ".webm" else "libx264"
    return out.add_stream(codec, rate=stream.average_rate or 30, options=fast)


def _encode_video(source: Any, out: Any, video: Any, duration: float, view: View) -> None:
    """Encode the frames as they are shown, starting over until `duration` is filled."""
    stream = source.streams.video[0]
    video.width, video.height, video.pix_fmt = view.width, view.height, "yuv420p"
    video.codec_context.time_base = stream.time_base
    for frame, offset in _looped(source, stream, lambda: Frames(source, stream), duration):
        shown = view.apply(frame)
        shown.pts, shown.time_base = frame.pts + offset, stream.time_base
        out.mux(video.encode(shown))
    out.mux(video.encode(None))


def _looped(
    source: Any, stream: Any, read: Callable[[], Iterable[Any]], duration: float
) -> Iterator[tuple[Any, int]]:
    """Yield packets or frames from the start again and again until `duration` is filled, each with its offset."""
    offset, length = 0, 0
    step = round(1 / (float(stream.average_rate or 30) * stream.time_base))
    while True:
        for item in read():
            if item.pts is None:
                continue
            length = max(length, item.pts + (getattr(item, "duration", 0) or step))
            if (item.pts + offset) * stream.time_base < duration:
                yield item, offset
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
