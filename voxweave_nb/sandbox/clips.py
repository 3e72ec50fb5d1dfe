"""The videos that the sandbox serves, made when they are first asked for and kept for all jobs alike."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from ..errors import MediaError
from ..media.clip import make_clip, make_sheet, make_still, pad_clip
from ..media.probe import probe

__all__ = ["Clips"]

_WIDEST = 640


class Clips:
    """Films by size and length, in one folder.

    Args:
        folder: A private folder.
        full_size: Whether pictures are as large as asked; else they are scaled down to 640 pixels of width.
        pad_to: Bytes that each video has at least.
    """

    def __init__(self, folder: Path, *, full_size: bool = False, pad_to: int | None = None) -> None:
        self._folder = folder
        self._full_size = full_size
        self._pad_to = pad_to
        self._made: dict[str, asyncio.Task[Path]] = {}

    async def video(
        self, size: tuple[int, int], seconds: float, exact: tuple[int, int] | None = None
    ) -> Path:
        """An MP4 of about this size; of exactly the size `exact` where that is given."""
        width, height = exact or self._fit(size)
        name = f"{width}x{height}-{seconds:.2f}.mp4"
        return await self._once(name, lambda to: self._film(to, width, height, seconds))

    async def still(self, video: Path, ending: str) -> Path:
        """A frame of a video of ours, as `.jpg` or `.webp`."""
        return await self._once(f"{video.stem}{ending}", lambda to: make_still(video, to, at=0))

    async def sheet(self, video: Path, seconds: float) -> Path:
        """Eight frames of a video of ours, as JPEG."""
        return await self._once(f"{video.stem}-sheet.jpg", lambda to: make_sheet(video, to, seconds=seconds))

    def _fit(self, size: tuple[int, int]) -> tuple[int, int]:
        scale = 1.0 if self._full_size else min(1.0, _WIDEST / size[0])
        return max(2, round(size[0] * scale / 2) * 2), max(2, round(size[1] * scale / 2) * 2)

    async def _film(self, to: Path, width: int, height: int, seconds: float) -> Path:
        clip = await make_clip(to, width=width, height=height, seconds=seconds, mark="sandbox")
        if self._pad_to is None:
            return clip
        return await asyncio.to_thread(pad_clip, clip, to.with_suffix(".padded.mp4"), self._pad_to)

    async def _once(self, name: str, make: Callable[[Path], Awaitable[Path]]) -> Path:
        async def work() -> Path:
            return await make(self._folder / name)

        if name not in self._made:
            self._made[name] = asyncio.create_task(work())
        return await asyncio.shield(self._made[name])

    async def audio_seconds(self, sound: bytes) -> float | None:
        """The length of audio in seconds, or None where the bytes are no audio."""
        return await asyncio.to_thread(_listen, sound, self._folder / f"heard-{id(sound)}")


def _listen(sound: bytes, to: Path) -> float | None:
    to.write_bytes(sound)
    try:
        found = probe(to)
    except MediaError:
        return None
    finally:
        to.unlink()
    return (found.duration or found.audio.duration) if found.audio else None
