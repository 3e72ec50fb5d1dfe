"""200 jobs at once with 20 MB clips: CPU seconds and peak memory, against OpenAI's own async client.

Each client runs in its own process against a sandbox: it submits the jobs, polls them, downloads the clips to disk and
probes each file. Ours runs once more with 2 MB clips, to show that its memory does not grow with their size.
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path

from voxweave_nb.sandbox import Sandbox

JOBS = 200


async def _openai(base: str, key: str, root: Path) -> None:
    from openai import AsyncOpenAI

    from voxweave_nb.media.probe import probe

    warnings.filterwarnings(
        "ignore", "The Sora API", DeprecationWarning
    )  # the sandbox goes on speaking this protocol
    client = AsyncOpenAI(api_key=key, base_url=base)

    async def one(number: int) -> None:
        video = await client.videos.create_and_poll(
            prompt=f"sea {number}", seconds="4", size="1280x720", model="sora-2", poll_interval_ms=1000
        )
        path = root / f"{number}.mp4"
        async with client.videos.with_streaming_response.download_content(video.id) as response:
            await response.stream_to_file(path)
        assert (await asyncio.to_thread(probe, path)).video
        path.unlink()

    await _all(one)
    await client.close()


async def _voxweave(base: str, key: str, root: Path) -> None:
    from voxweave_nb.production import download, poll

    from voxweave_nb import Settings
    from voxweave_nb.providers.openai_sora import OpenAiSora

    provider = OpenAiSora(api_key=key, base_url=base)

    async def one(number: int) -> None:
        form = {"prompt": f"sea {number}", "seconds": "4", "size": "1280x720", "model": "sora-2"}
        reply = await provider.http.send_once(
            "videos", files={name: (None, value) for name, value in form.items()}
        )
        job_id = str((reply.data or {})["id"])
        await poll(provider, job_id, Settings(), lambda _: None)
        (await download(provider, job_id, root / f"{number}.mp4")).unlink()

    await _all(one)
    await provider.aclose()


async def _all(one: Callable[[int], Awaitable[None]]) -> None:
    await asyncio.gather(*(one(number) for number in range(JOBS)))


def measured(client: str, size: int) -> dict[str, float]:
    """Run one client in its own process and return its figures.

    Args:
        client: `"openai"` or `"voxweave"`.
        size: The size of each clip in bytes.
    """
    with tempfile.TemporaryDirectory() as folder, Sandbox(seconds=3.0, pad_to=size) as sandbox:
        command = [
            sys.executable,
            __file__,
            client,
            sandbox.base_url("openai_sora"),
            sandbox.key("openai_sora"),
            folder,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert sandbox.accepted("openai_sora") == JOBS
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> int:
    """Print the table; return 1 if memory grows with the clips' size, or ours takes over 15 % more CPU."""
    theirs, ours, small = (
        measured("openai", 20_000_000),
        measured("voxweave", 20_000_000),
        measured("voxweave", 2_000_000),
    )
    print(f"{JOBS} jobs at once                    CPU s          peak MB        wall s")
    for name, found in (
        ("openai, 20 MB each", theirs),
        ("voxweave_nb, 20 MB", ours),
        ("voxweave_nb, 2 MB", small),
    ):
        cpu, peak = found["cpu"] / theirs["cpu"], found["peak"] / theirs["peak"]
        print(
            f"  {name:<22} {found['cpu']:9.2f} ({cpu:.2f}) {found['peak']:9.0f} ({peak:.2f}) {found['wall']:9.1f}"
        )
    grows = ours["peak"] / small["peak"]
    print(f"  peak memory at 20 MB / at 2 MB: {grows:.2f} (goal: at most 1.2)")
    return int(grows > 1.2 or ours["cpu"] > 1.15 * theirs["cpu"])


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.exit(main())
    work = {"openai": _openai, "voxweave": _voxweave}[sys.argv[1]]
    began = time.monotonic()
    asyncio.run(work(sys.argv[2], sys.argv[3], Path(sys.argv[4])))
    used = resource.getrusage(resource.RUSAGE_SELF)
    figures = {
        "cpu": used.ru_utime + used.ru_stime,
        "peak": used.ru_maxrss / 1024,
        "wall": time.monotonic() - began,
    }
    print(json.dumps(figures))
