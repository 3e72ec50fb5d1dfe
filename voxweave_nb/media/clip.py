"""Small stand-in videos: a slowly moving gradient with a word on it, for servers that only pretend to film."""

from __future__ import annotations

import shutil
from pathlib import Path

from ..errors import FFmpegFailed
from ..timecode import ass_time
from .burn import ass_text, font_folder
from .ffmpeg import find_ffmpeg
from .running import run_ffmpeg

__all__ = ["make_clip", "make_sheet", "make_still", "pad_clip"]

_TIMEOUT = 120.0
_COLOURS = "c0=0x0b1026:c1=0x14506e:c2=0x5b3a8c:c3=0x0e2f3d:n=4"


async def make_clip(to: Path, *, width: int, height: int, seconds: float, mark: str, fps: int = 24) -> Path:
    """Writes a silent H.264 MP4 that can be played while it is still being fetched.

    Args:
        to: The MP4, in an existing folder that may also hold our fonts.
        width: Pixels; even.
        height: Pixels; even.
        seconds: Its length.
        mark: The word on it. An FFmpeg without libass leaves it out.
        fps: Frames per second.

    Raises:
        FFmpegMissing: There is no FFmpeg.
        FFmpegFailed: It could not encode.
    """
    source = f"gradients=s=320x{max(2, round(320 * height / width))}:{_COLOURS}:speed=0.01:type=radial:seed=7"
    script, part = to.with_suffix(".ass"), to.with_suffix(".part.mp4")
    script.write_text(_script(mark, width, height, seconds), encoding="utf-8")
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
    return f"{scale},ass=f={script}" if "ass" in find_ffmpeg().filters else scale


def _script(mark: str, width: int, height: int, seconds: float) -> str:
    size, edge = max(10, round(height * 0.06)), max(4, round(height * 0.06))
    return "\n".join(
        [
            *("[Script Info]", "ScriptType: v4.00+", f"PlayResX: {width}", f"PlayResY: {height}", "[V4+ Styles]"),
            "Format: Name, Fontname, Fontsize, PrimaryColour, OutlineColour, BorderStyle, Outline, Shadow, "
            "Alignment, MarginL, MarginR, MarginV, Spacing, Encoding",
            f"Style: Mark,Inter,{size},&H50FFFFFF,&H90301808,1,1,0,3,{edge},{edge},{edge},2,1",
            *("[Events]", "Format: Layer, Start, End, Style, Text"),
            f"Dialogue: 0,{ass_time(0)},{ass_time(seconds + 1)},Mark,{{\\b600}}{ass_text(mark)}",
            "",
        ]
    )  # fmt: skip


async def make_still(clip: Path, to: Path, *, at: float) -> Path:
    """Writes one frame of a clip; the name's ending says whether as JPEG or WebP.

    Raises:
        FFmpegFailed: There is no such frame.
    """
    return await _draw(clip, to, ["-ss", f"{at:.3f}", "-i", clip.name, "-frames:v", "1"])


async def make_sheet(clip: Path, to: Path, *, seconds: float) -> Path:
    """Writes eight frames of a clip side by side, in two rows.

    Raises:
        FFmpegFailed: They could not be read.
    """
    tiles = f"fps={8 / seconds:.4f}:round=down:eof_action=pass,scale=160:-2,tile=4x2"
    return await _draw(clip, to, ["-i", clip.name, "-vf", tiles, "-frames:v", "1"])


async def _draw(clip: Path, to: Path, args: list[str]) -> Path:
    part = to.with_name(f"part-{to.name}")
    await run_ffmpeg([*args, "-update", "1", part.name], cwd=clip.parent, timeout=_TIMEOUT)
    if not part.is_file():
        raise FFmpegFailed(f"No frame of {clip.name} could be read.", returncode=0)
    return part.replace(to)


def pad_clip(clip: Path, to: Path, size: int) -> Path:
    """Copies an MP4 and fills it up to a size in bytes with a `free` box, which players pass over.

    An MP4 that is as large already is copied as it is.
    """
    shutil.copyfile(clip, to)
    fill = size - to.stat().st_size
    if fill >= 8:
        with to.open("ab") as out:
            out.write(fill.to_bytes(4, "big") + b"free")
            out.truncate(size)
    return to
