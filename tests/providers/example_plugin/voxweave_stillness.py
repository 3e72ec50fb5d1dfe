"""The smallest provider in a package of its own: every clip is one still colour, at once and for free."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from voxweave_nb import (
    Accepted,
    Availability,
    Capabilities,
    ClipRequest,
    JobState,
    Model,
    Provider,
    ProviderError,
    ProviderStatus,
)
from voxweave_nb.media.ffmpeg import find_ffmpeg


class Stillness(Provider):
    """Paints a wall."""

    name = "stillness"
    capabilities = Capabilities(
        (Model("wall"),), cancel=True, poll_interval=0.01, free=True, source="its author"
    )

    def availability(self) -> Availability:
        """Always ready."""
        return Availability(True, "paints a wall, free and at once")

    async def upload(self, narration: Path, on_bytes: Callable[[int], None]) -> str:
        """Do nothing: the narration is not used."""
        return ""

    async def submit(self, request: ClipRequest) -> Accepted:
        """Return a job id that is the size: nothing else has to be remembered."""
        width, height = request.plan.size
        return Accepted(f"{width}x{height}")

    async def status(self, job_id: str) -> ProviderStatus:
        """Return success at once, for an id of ours."""
        if not re.fullmatch(r"\d+x\d+", job_id):
            raise ProviderError(f"There is no job {job_id!r}.", provider=self.name, job_id=job_id)
        return ProviderStatus(JobState.SUCCEEDED)

    async def download(self, job_id: str, to: Path, on_bytes: Callable[[int], None]) -> None:
        """Write one second of a colour."""
        source = ["-f", "lavfi", "-i", f"color=c=0x204060:s={job_id}:r=10:d=1"]
        command = [find_ffmpeg().path, "-v", "error", *source, "-pix_fmt", "yuv420p", "-f", "mp4", str(to)]
        await asyncio.to_thread(subprocess.run, command, check=True)
        on_bytes(to.stat().st_size)

    async def cancel(self, job_id: str) -> bool:
        """Return True: nothing is running."""
        return True
