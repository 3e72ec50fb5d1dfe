"""A process to be killed: it resumes the runs of the one before, then submits two more videos.

Usage: python -m tests.journal.victim HOME OUT NARRATION NAME PROVIDER [POINT TIMES]
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.systems import KILL
from voxweave_nb import Settings, VideoGenerationService, VoxweaveError
from voxweave_nb.journal import failpoints


def main(
    home: str, out: str, narration: str, name: str, provider: str, point: str = "", times: str = "1"
) -> None:
    """Work until done or killed."""
    left = [int(times)]

    def die(reached: str) -> None:
        if reached == point:
            left[0] -= 1
            if left[0] <= 0:
                os.kill(os.getpid(), KILL)

    failpoints.listeners.append(die)
    settings = Settings(home=Path(home), output_dir=Path(out), poll_interval=0.02, http_timeout=10)
    service = VideoGenerationService(provider, settings=settings)
    print("begun", flush=True)
    jobs = VideoGenerationService(["openai_sora", "zai"], settings=settings).resume()
    if name:
        jobs += [
            service.submit(narration, prompt=f"{name}, number {number}", resolution="720p", fps=10)
            for number in range(2)
        ]
    for job in jobs:
        try:
            job.result(120)
        except VoxweaveError as error:
            print(f"{job.id}: {type(error).__name__}: {error}", flush=True)
    print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
