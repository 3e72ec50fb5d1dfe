"""Measure what a lab adds to twelve local drafts, and what two Dask workers do with them on this machine.

One draft is the bundled narration, about 20 s, made by `service.submit` and checked by `find_flags`; the median of
three counts. Then `lab.run` makes twelve, side by side, and checks them too. CPU seconds are those of all processes.
The exit status is 1 if the lab takes more than 1.1 times twelve drafts.

With Dask, two worker processes share this machine's cores with all else. That is for other machines; here it is printed
and has no limit. Without the extra it is left out.

    python benchmarks/lab_run.py [STYLE]
"""

from __future__ import annotations

import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from voxweave_nb import Settings, VideoConfig, VideoGenerationService
from voxweave_nb.lab.flags import find_flags
from voxweave_nb.lab.prompt_lab import PromptLab
from voxweave_nb.models import VideoStyle
from voxweave_nb.sample import sample_narration, sample_subtitles

DRAFTS, ALONE = 12, 3
MOST = 1.1
"""Times twelve drafts that a lab's run may take."""


def main(words: list[str]) -> int:
    """Measure and print; return the exit status."""
    style = VideoStyle.parse(words[0]) if words else VideoStyle.CYBERPUNK
    base = VideoConfig(quality="draft", style=style, prompt="a harbour at dusk")
    print(f"{style}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        draft(root / "warm", base.replace(seed=99))  # imports and first uses are not measured
        turns = [
            measured(lambda seed=seed: draft(root / f"{seed}", base.replace(seed=seed)))
            for seed in range(ALONE)
        ]
        alone = statistics.median(cpu for _, cpu in turns)
        print(
            f"one draft     {statistics.median(wall for wall, _ in turns):6.1f} s   {alone:6.1f} CPU s",
            flush=True,
        )
        wall, cpu = measured(lambda: run(root / "here", base))
        ratio = cpu / (DRAFTS * alone)
        print(
            f"{DRAFTS} in a lab   {wall:6.1f} s   {cpu:6.1f} CPU s   {ratio:4.2f} of {DRAFTS} drafts "
            f"(limit: {MOST:g})   load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
        with_dask(root / "there", base)
    return int(ratio > MOST)


def draft(root: Path, config: VideoConfig) -> None:
    """Make and check one video, without a lab."""
    with service(root) as maker:
        video = maker.submit(sample_narration(), subtitles=sample_subtitles(), config=config).result()
    find_flags(video.path, cues=video.cues)


def run(root: Path, base: VideoConfig, **more: Any) -> None:
    """Make twelve variants in a lab."""
    with service(root) as maker:
        lab = PromptLab(
            "drafts",
            sample_narration(),
            subtitles=sample_subtitles(),
            base=base,
            service=maker,
            folder=root / "labs",
        )
        lab.grid(seed=list(range(DRAFTS)))
        progress = lab.run(**more).result()
        assert progress.made == DRAFTS, progress


def service(root: Path) -> VideoGenerationService:
    """Return a service with a journal of its own, so that nothing is reused."""
    return VideoGenerationService("local", settings=Settings(home=root / "home", output_dir=root / "out"))


def with_dask(root: Path, base: VideoConfig) -> None:
    """Print what two Dask workers take for the same."""
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        print("Dask is not installed (extra `dask`)")
        return
    took: list[float] = []

    def act() -> None:
        with ExitStack() as stack:  # its processes count once they have ended
            cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0")
            client = stack.enter_context(Client(stack.enter_context(cluster)))
            client.wait_for_workers(2)
            took.append(measured(lambda: run(root, base, render_on=client))[0])

    _, cpu = measured(act)
    print(
        f"{DRAFTS} with Dask {took[0]:6.1f} s   {cpu:6.1f} CPU s with the cluster's start   "
        f"load {os.getloadavg()[0]:.1f}"
    )


def measured(act: Callable[[], object]) -> tuple[float, float]:
    """Return the wall-clock seconds of a call, and the CPU seconds of this process and of children that ended."""
    before, begin = cpu_seconds(), time.perf_counter()
    act()
    return time.perf_counter() - begin, cpu_seconds() - before


def cpu_seconds() -> float:
    """Return the CPU seconds of this process and of the children that ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
