"""The time from "completed" to a verified video file, against OpenAI's own client.

Both clients request the same job from the same sandbox and download the same 20 MB. The clock starts when the server
receives the poll that it answers with "completed", and stops when the file has been probed, which both do in the same
way. The clients take turns in one run; medians are compared. Goal: not slower.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
import warnings
from pathlib import Path

from openai import AsyncOpenAI
from voxweave_nb.production import download, poll

from voxweave_nb import Settings
from voxweave_nb.media.probe import probe
from voxweave_nb.providers.openai_sora import OpenAiSora
from voxweave_nb.sandbox import Sandbox

warnings.filterwarnings(
    "ignore", "The Sora API", DeprecationWarning
)  # the sandbox goes on speaking this protocol

TURNS, BYTES = 15, 20_000_000
FORM = {"prompt": "a quiet sea", "seconds": "4", "size": "1280x720", "model": "sora-2"}


async def compare(sandbox: Sandbox, root: Path) -> dict[str, list[float]]:
    """Return the seconds of each turn, by client."""
    key, base = sandbox.key("openai_sora"), sandbox.base_url("openai_sora")
    theirs = AsyncOpenAI(api_key=key, base_url=base)
    ours = OpenAiSora(api_key=key, base_url=base)
    found: dict[str, list[float]] = {"openai": [], "voxweave_nb": []}
    for turn in range(TURNS + 1):
        await _theirs(theirs, root / f"theirs{turn}.mp4")
        since_theirs = _since_completed(sandbox)
        await _ours(ours, root / f"ours{turn}.mp4")
        since_ours = _since_completed(sandbox)
        if turn:  # in the first turn the sandbox renders the clip that it then keeps
            found["openai"].append(since_theirs)
            found["voxweave_nb"].append(since_ours)
    await ours.aclose()
    await theirs.close()
    return found


async def _theirs(client: AsyncOpenAI, to: Path) -> None:
    video = await client.videos.create_and_poll(**FORM, poll_interval_ms=50)  # type: ignore[arg-type]
    async with client.videos.with_streaming_response.download_content(video.id) as response:
        await response.stream_to_file(to)
    assert (await asyncio.to_thread(probe, to)).video
    to.unlink()


async def _ours(provider: OpenAiSora, to: Path) -> None:
    reply = await provider.http.send_once(
        "videos", files={name: (None, value) for name, value in FORM.items()}
    )
    job_id = str((reply.data or {})["id"])
    await poll(provider, job_id, Settings(), lambda _: None, interval=0.05)
    await download(provider, job_id, to)
    to.unlink()


def _since_completed(sandbox: Sandbox) -> float:
    polls = [request for request in sandbox.history if request.step == "poll"]
    return time.time() - polls[-1].at


def main() -> int:
    """Print the table; return 1 if ours is slower by more than 15 %, the noise of a shared machine."""
    with tempfile.TemporaryDirectory() as folder, Sandbox(polls=3, pad_to=BYTES) as sandbox:
        found = asyncio.run(compare(sandbox, Path(folder)))
    middle = {name: statistics.median(seconds) for name, seconds in found.items()}
    ratio = middle["voxweave_nb"] / middle["openai"]
    print(f"from 'completed' to a verified file, {BYTES / 1e6:.0f} MB, median of {TURNS} turns")
    print(f"  openai, streamed   {middle['openai'] * 1000:7.1f} ms   1.00")
    print(f"  voxweave_nb        {middle['voxweave_nb'] * 1000:7.1f} ms   {ratio:.2f}   (goal: at most 1.00)")
    return int(ratio > 1.15)


if __name__ == "__main__":
    sys.exit(main())
