"""The smallest provider in a package of its own: every job is one still colour, at once and for nothing."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable
from pathlib import Path

from voxweave_nb import JobState
from voxweave_nb.media.ffmpeg import find_ffmpeg
from voxweave_nb.providers.base import (
    Accepted,
    Assignment,
    Availability,
    Capabilities,
    Model,
    Provider,
    ProviderStatus,
)


class Stillness(Provider):
    """Paints a wall."""

    name = "stillness"
    capabilities = Capabilities(
        (Model("wall"),), cancel=True, poll_interval=0.01, free=True, source="its author"
    )

    def availability(self) -> Availability:
        """Always."""
        return Availability(True, "paints a wall, free and at once")

    async def upload(self, narration: Path, on_bytes: Callable[[int], None]) -> str:
        """Hears nothing."""
        return ""

    async def create(self, assignment: Assignment) -> Accepted:
        """The size is all that it has to remember."""
        width, height = assignment.config.size
        return Accepted(f"{width}x{height}", self.name, "wall", usd=0.0)

    async def status(self, job_id: str) -> ProviderStatus:
        """Done before you ask."""
        return ProviderStatus(JobState.SUCCEEDED)

    async def download(self, job_id: str, to: Path, on_bytes: Callable[[int], None]) -> None:
        """One second of a colour."""
        source = ["-f", "lavfi", "-i", f"color=c=0x204060:s={job_id}:r=10:d=1"]
        command = [find_ffmpeg().path, "-v", "error", *source, "-pix_fmt", "yuv420p", "-f", "mp4", str(to)]
        await asyncio.to_thread(subprocess.run, command, check=True)
        on_bytes(to.stat().st_size)

    async def cancel(self, job_id: str) -> bool:
        """Nothing runs."""
        return True
