"""The canonical form of frames: one size, rate, pixel format and encoder, so that files join by stream copy."""

from __future__ import annotations

from dataclasses import dataclass

from ..models import VideoFormat
from .ffmpeg import MOST_PIXELS
from .probe import VideoStream

__all__ = ["BT709", "CODECS", "Form", "covering"]

CODECS = {
    VideoFormat.MP4: frozenset({"h264"}),
    VideoFormat.MOV: frozenset({"h264"}),
    VideoFormat.WEBM: frozenset({"vp8", "vp9", "av1"}),
}
"""The video codecs that a container takes by stream copy."""

BT709 = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv")
"""FFmpeg's options that tag a stream as BT.709 with values from 16 to 235."""


@dataclass(frozen=True, slots=True)
class Form:
    """The form that every part of a video is brought to.

    Attributes:
        size: Width and height in pixels; both even.
        fps: Frames per second, a whole number.
        format: The container that the video is for; it decides the codec.
    """

    size: tuple[int, int]
    fps: int
    format: VideoFormat = VideoFormat.MP4

    @property
    def encoder(self) -> tuple[str, ...]:
        """FFmpeg's options for encoding: a key frame every two seconds, BT.709."""
        keys = ("-g", str(2 * self.fps))
        if self.format is VideoFormat.WEBM:
            fast = ("-deadline", "realtime", "-cpu-used", "8", "-row-mt", "1", "-tile-columns", "2")
            return ("-c:v", "libvpx-vp9", *fast, "-crf", "30", "-b:v", "0", *keys, *BT709)
        return ("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", *keys, *BT709)

    @property
    def part(self) -> tuple[str, ...]:
        """FFmpeg's options for encoding a part that is joined by stream copy, in an MP4."""
        # Without B-frames a copy can end after any frame; each frame lasts a whole number of ticks.
        plain = () if self.format is VideoFormat.WEBM else ("-bf", "0")
        return (*self.encoder, *plain, "-video_track_timescale", str(self.fps * 1000), "-f", "mp4")

    def filters(self, stream: VideoStream) -> list[str]:
        """Return FFmpeg's filters that bring upright frames to this form; the rate is up to the caller."""
        return [*covering(stream, self.size), "setsar=1", "format=yuv420p"]


def covering(stream: VideoStream, size: tuple[int, int]) -> list[str]:
    """Return FFmpeg's filters that scale frames to cover a size and crop what reaches beyond.

    Args:
        stream: The stream, in the size that is shown.
        size: Width and height in pixels.
    """
    width, height = size
    # FFmpeg has turned the frames, but measures stored pixels: the size to scale to is computed from the shown one.
    scale = max(width / stream.width, height / stream.height)
    wide, high = max(width, round(stream.width * scale)), max(height, round(stream.height * scale))
    how = "flags=lanczos:out_color_matrix=bt709:out_range=tv"
    if wide * high > MOST_PIXELS:  # a narrow strip: cropped first, which is less exact
        crop = f"crop='max(2,iw*{width / wide:.9f})':'max(2,ih*{height / high:.9f})'"
        return [crop, f"scale={width}:{height}:{how}"]
    return [f"scale={wide}:{high}:{how}", f"crop={width}:{height}"]
