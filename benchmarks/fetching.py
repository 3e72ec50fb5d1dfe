"""The time from "completed" to a verified video file, against OpenAI's own client.

Both clients take turns in one process, against a sandbox in another: they submit the same job, poll it, download the
same 20 MB and probe the file in the same way. The clock starts when the server receives the poll that it answers with
"completed"; CPU time counts from the client's side of that answer. Medians are compared. Goal: at most 0.9 of the CPU
time, and not slower by the clock.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from openai import AsyncOpenAI

from voxweave_nb import Settings
from voxweave_nb.media.probe import probe
from voxweave_nb.pipeline.polling import download, poll
from voxweave_nb.providers.openai_sora import OpenAiSora
from voxweave_nb.sandbox import Sandbox

warnings.filterwarnings(
    "ignore", "The Sora API", DeprecationWarning
)  # the sandbox goes on speaking this protocol

TURNS, BYTES = 15, 20_000_000
GOAL = 0.9
"""Largest share of the other client's CPU time."""

NOISE = 1.15
"""Largest ratio by the clock, which a shared machine disturbs more."""

THEIRS, OURS = "openai, streamed", "voxweave_nb"
FORM = {"prompt": "a quiet sea", "seconds": "4", "size": "1280x720", "model": "sora-2"}

Fetch = Callable[[Path], Coroutine[Any, Any, float]]
"""Makes a clip and returns the process's CPU seconds as they were when the job was completed."""


async def measure(base: str, key: str, root: Path) -> list[dict[str, Any]]:
    """Return each turn: the client, the time of its end in seconds since 1970, and its CPU seconds."""
    theirs = AsyncOpenAI(api_key=key, base_url=base)
    ours = OpenAiSora(api_key=key, base_url=base)
    clients: dict[str, Fetch] = {
        THEIRS: lambda to: _theirs(theirs, to),
        OURS: lambda to: _ours(ours, to),
    }
    turns: list[dict[str, Any]] = []
    for turn in range(TURNS + 1):
        for name, fetch in clients.items():
            since = await fetch(root / f"{turn}.mp4")
            end = {"client": name, "at": time.time(), "cpu": time.process_time() - since}
            (root / f"{turn}.mp4").unlink()
            if turn:  # in the first turn the sandbox renders the clip that it then keeps
                turns.append(end)
    await ours.aclose()
    await theirs.close()
    return turns


async def _theirs(client: AsyncOpenAI, to: Path) -> float:
    video = await client.videos.create_and_poll(**FORM, poll_interval_ms=50)  # type: ignore[arg-type]
    since = time.process_time()
    async with client.videos.with_streaming_response.download_content(video.id) as response:
        await response.stream_to_file(to)
    assert (await asyncio.to_thread(probe, to)).video
    return since


async def _ours(provider: OpenAiSora, to: Path) -> float:
    reply = await provider.http.send_once(
        "videos", files={name: (None, value) for name, value in FORM.items()}
    )
    job_id = str((reply.data or {})["id"])
    await poll(provider, job_id, Settings(), lambda _: None, interval=0.05)
    since = time.process_time()
    await download(provider, job_id, to)
    return since


def main() -> int:
    """Print the table; return 1 if ours takes more CPU time than the goal, or is slower by the clock."""
    with tempfile.TemporaryDirectory() as folder, Sandbox(polls=3, pad_to=BYTES) as sandbox:
        access = [sandbox.base_url("openai_sora"), sandbox.key("openai_sora"), folder]
        done = subprocess.run([sys.executable, __file__, *access], capture_output=True, text=True, check=True)
        polls = [request.at for request in sandbox.history if request.step == "poll"]
    wall: dict[str, list[float]] = {THEIRS: [], OURS: []}
    cpu: dict[str, list[float]] = {THEIRS: [], OURS: []}
    for turn in json.loads(done.stdout):
        completed = max(at for at in polls if at < turn["at"])
        wall[turn["client"]].append(turn["at"] - completed)
        cpu[turn["client"]].append(turn["cpu"])
    print(f"from 'completed' to a verified file, {BYTES / 1e6:.0f} MB, median of {TURNS} turns")
    print("                            CPU ms             wall ms")
    ratios = {}
    for name in (THEIRS, OURS):
        columns = []
        for what, found in (("cpu", cpu), ("wall", wall)):
            middle, peer = statistics.median(found[name]), statistics.median(found[THEIRS])
            ratios[what] = middle / peer
            columns.append(f"{middle * 1000:9.1f} ({middle / peer:.2f})")
        print(f"  {name:<18} {'  '.join(columns)}")
    print(f"  CPU time: {ratios['cpu']:.2f} of the openai client's (goal: at most {GOAL})")
    return int(ratios["cpu"] > GOAL or ratios["wall"] > NOISE)


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.exit(main())
    print(json.dumps(asyncio.run(measure(sys.argv[1], sys.argv[2], Path(sys.argv[3])))))
