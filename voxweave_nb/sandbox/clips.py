"""The clips that the sandbox serves: small, silent videos of a slowly moving gradient with a watermark.

A clip is rendered when it is first needed and then shared by all jobs of the same size and length.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

from ..errors import FFmpegFailed, MediaError
from ..media.ass import AssStyle, ass_event, ass_script, ass_text
from ..media.burn import font_folder, font_option
from ..media.ffmpeg import find_ffmpeg
from ..media.probe import probe
from ..media.running import run_ffmpeg

__all__ = ["Clips", "make_clip", "make_sheet", "make_still", "pad_clip"]

_LARGEST_WIDTH = 640
_WATERMARK = "sandbox"
_TIMEOUT = 120.0
_COLORS = "c0=0x0b1026:c1=0x14506e:c2=0x5b3a8c:c3=0x0e2f3d:n=4"


class Clips:
    """The clips by size and length, in one folder.

    Args:
        folder: A private folder.
        full_size: Render clips in the requested size; by default they are scaled down to a width of 640 pixels.
        pad_to: Smallest size of a clip, in bytes.
    """

    def __init__(self, folder: Path, *, full_size: bool = False, pad_to: int | None = None) -> None:
        self._folder = folder
        self._full_size = full_size
        self._pad_to = pad_to
        self._made: dict[str, asyncio.Task[Path]] = {}

    async def video(
        self, size: tuple[int, int], seconds: float, exact: tuple[int, int] | None = None
    ) -> Path:
        """Return an MP4 for a requested size and length in seconds; `exact` overrides the scaled-down size."""
        width, height = exact or self._scaled_down(size)
        name = f"{width}x{height}-{seconds:.2f}.mp4"
        return await self._once(name, lambda to: self._render(to, width, height, seconds))

    async def still(self, video: Path, ending: str) -> Path:
        """Return the first frame of one of these clips as `.jpg` or `.webp`."""
        return await self._once(f"{video.stem}{ending}", lambda to: make_still(video, to, at=0))

    async def sheet(self, video: Path, seconds: float) -> Path:
        """Return a JPEG with eight frames of one of these clips."""
        return await self._once(f"{video.stem}-sheet.jpg", lambda to: make_sheet(video, to, seconds=seconds))

    async def audio_seconds(self, sound: bytes) -> float | None:
        """Return the length of an audio file in seconds, or None if the bytes are not audio."""
        return await asyncio.to_thread(_audio_seconds, sound, self._folder / f"sound-{id(sound)}")

    def _scaled_down(self, size: tuple[int, int]) -> tuple[int, int]:
        scale = 1.0 if self._full_size else min(1.0, _LARGEST_WIDTH / size[0])
        return max(2, round(size[0] * scale / 2) * 2), max(2, round(size[1] * scale / 2) * 2)

    async def _render(self, to: Path, width: int, height: int, seconds: float) -> Path:
        clip = await make_clip(to, width=width, height=height, seconds=seconds, mark=_WATERMARK)
        if self._pad_to is None:
            return clip
        return await asyncio.to_thread(pad_clip, clip, to.with_suffix(".padded.mp4"), self._pad_to)

    async def _once(self, name: str, make: Callable[[Path], Awaitable[Path]]) -> Path:
        """Return the file of a name; `make` is called for the first request only."""

        async def make_file() -> Path:
            return await make(self._folder / name)

        if name not in self._made:
            self._made[name] = asyncio.create_task(make_file())
        # Shielded: a client that hangs up must not stop the clip that others wait for.
        return await asyncio.shield(self._made[name])


async def make_clip(to: Path, *, width: int, height: int, seconds: float, mark: str, fps: int = 24) -> Path:
    """Render a silent H.264 MP4 that can be played while it is being downloaded.

    Args:
        to: The MP4, in an existing folder; fonts are laid out in that folder too.
        width: Width in pixels; even.
        height: Height in pixels; even.
        seconds: Length in seconds.
        mark: The watermark's text. Left out if FFmpeg was built without libass.
        fps: Frames per second.

    Returns:
        `to`.

    Raises:
        FFmpegMissing: No FFmpeg was found.
        FFmpegFailed: FFmpeg could not encode the clip.
    """
    source = f"gradients=s=320x{max(2, round(320 * height / width))}:{_COLORS}:speed=0.01:type=radial:seed=7"
    script, part = to.with_suffix(".ass"), to.with_suffix(".part.mp4")
    script.write_text(_watermark(mark, width, height, seconds), encoding="utf-8", newline="\n")
    await run_ffmpeg(
        [
            *("-f", "lavfi", "-i", f"{source}:r={fps}:d={seconds:.3f}"),
            *("-vf", _filters(width, height, script.name), "-c:v", "libx264", "-preset", "ultrafast", "-crf", "26"),
            *("-pix_fmt", "yuv420p", "-g", str(2 * fps), "-movflags", "+faststart", part.name),
        ],
        cwd=to.parent,
        timeout=_TIMEOUT,
        env=font_folder(to.parent),
    )  # fmt: skip
    script.unlink()
    return part.replace(to)


def _filters(width: int, height: int, script: str) -> str:
    scale = f"scale={width}:{height}:flags=bilinear"
    return f"{scale},ass=f={script}{font_option()}" if "ass" in find_ffmpeg().filters else scale


def _watermark(mark: str, width: int, height: int, seconds: float) -> str:
    """Return the ASS script of a watermark at the bottom right, shown for the whole clip."""
    edge = max(4, round(height * 0.06))
    style = AssStyle(
        name="Mark",
        size=max(10, round(height * 0.06)),
        color="&H50FFFFFF",
        outline_color="&H90301808",
        spacing=2,
        outline=1,
        alignment=3,
        margin_left=edge,
        margin_right=edge,
        margin_vertical=edge,
    )
    return ass_script(
        width, height, [style], [ass_event(0, seconds + 1, "Mark", f"{{\\b600}}{ass_text(mark)}")], wrap=True
    )


async def make_still(clip: Path, to: Path, *, at: float) -> Path:
    """Write the frame of a clip at a time, in seconds, as JPEG or WebP by the suffix of `to`.

    Raises:
        FFmpegFailed: The clip has no frame at that time.
    """
    return await _write_image(clip, to, ["-ss", f"{at:.3f}", "-i", clip.name, "-frames:v", "1"])


async def make_sheet(clip: Path, to: Path, *, seconds: float) -> Path:
    """Write eight frames of a clip of that many seconds into one image, four in a row.

    Raises:
        FFmpegFailed: The frames could not be read.
    """
    tiles = f"fps={8 / seconds:.4f}:round=down:eof_action=pass,scale=160:-2,tile=4x2"
    return await _write_image(clip, to, ["-i", clip.name, "-vf", tiles, "-frames:v", "1"])


async def _write_image(clip: Path, to: Path, args: list[str]) -> Path:
    part = to.with_name(f"part-{to.name}")
    await run_ffmpeg([*args, "-update", "1", part.name], cwd=clip.parent, timeout=_TIMEOUT)
    if not part.is_file():
        raise FFmpegFailed(f"No frame of {clip.name} could be read.", returncode=0)
    return part.replace(to)


def pad_clip(clip: Path, to: Path, size: int) -> Path:
    """Copy an MP4 and pad it to a size in bytes with a `free` box, which players skip.

    An MP4 of that size or larger is copied unchanged.

    Returns:
        `to`.
    """
    shutil.copyfile(clip, to)
    fill = size - to.stat().st_size
    if fill >= 8:
        with to.open("ab") as out:
            out.write(fill.to_bytes(4, "big") + b"free")
            out.truncate(size)
    return to


def _audio_seconds(sound: bytes, to: Path) -> float | None:
    to.write_bytes(sound)
    try:
        found = probe(to)
    except MediaError:
        return None
    finally:
        to.unlink()
    return (found.duration or found.audio.duration) if found.audio else None
