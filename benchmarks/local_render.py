"""Measure the speed and memory of rendering the bundled narration, for each style and quality.

Every style is rendered by its worker and encoder as in a notebook, and a second time if it missed its goal, as other
processes may have disturbed it. It is compared with the floor, measured before each style: FFmpeg's `testsrc2`, which
draws almost nothing, through the same encoder at the same preset, size, rate and length. Memory is the sum of the
workers and their encoder (Linux only). The exit status is 1 when a goal is missed.

    python benchmarks/local_render.py [--long|--scenes] [draft|720p|1080p ...] [STYLE ...]

`--long` instead compares the memory of one minute with that of half an hour. `--scenes` compares the CPU time and
memory of a film from a list of scenes, two sentences each, with those of the film without the list.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from voxweave_nb.media.running import run_ffmpeg
from voxweave_nb.models import VideoQuality, VideoStyle
from voxweave_nb.render.job import RenderJob
from voxweave_nb.render.preview import sample_job
from voxweave_nb.render.renderer import render
from voxweave_nb.render.scene_list import FilmScene

MEMORY = 400
"""Megabytes allowed for a render."""

SCENES_COST = 1.2
"""CPU time allowed for a film of scenes, as a factor of that of a film without."""


@dataclass(frozen=True)
class Tier:
    """A quality and its goals.

    Attributes:
        size: Pixels.
        fps: Frames per second.
        quality: The renderer's quality.
        preset: The encoder's, for the floor.
        speed: Least seconds of video per second.
        share: Least speed relative to the floor, or None.
    """

    size: tuple[int, int]
    fps: int
    quality: VideoQuality
    preset: str
    speed: float
    share: float | None = None


TIERS = {
    "draft": Tier((640, 360), 24, VideoQuality.DRAFT, "ultrafast", 8.0),
    "720p": Tier((1280, 720), 30, VideoQuality.STANDARD, "superfast", 2.0, 0.5),
    "1080p": Tier((1920, 1080), 30, VideoQuality.STANDARD, "superfast", 1.0, 0.45),
}


def main(words: list[str]) -> int:
    """Measure and print; return the exit status."""
    if "--long" in words:
        return long()
    scenes = "--scenes" in words
    words = [word for word in words if word != "--scenes"]
    tiers = [word for word in words if word in TIERS] or list(TIERS)
    styles = [VideoStyle.parse(word) for word in words if word not in TIERS] or list(VideoStyle)
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        print(f"{sample_job(work, styles[0]).duration:.1f} s of narration, {os.cpu_count()} cores")
        for name in tiers:
            tier = TIERS[name]
            goal = f", {tier.share:g} of the floor" if tier.share else ""
            print(f"\n{name}" if scenes else f"\n{name}: goals {tier.speed:g} x real time{goal}")
            missed += sum((measure_scenes if scenes else measure)(style, tier, work) for style in styles)
    return int(missed > 0)


def measure(style: VideoStyle, tier: Tier, work: Path) -> bool:
    """Render the sample in a style and print the results; return True when a goal was missed."""
    job = sized(sample_job(work, style), tier)
    to = work / f"{style.value}.mp4"
    floor, least = timed(lambda: asyncio.run(encode_test_source(work, tier, job.duration)))
    took, spent, memory = rendered(job, to, work)
    if job.duration / took < tier.speed or (tier.share and floor / took < tier.share):
        again = rendered(job, to, work)
        took, spent, memory = min((took, spent, memory), again)
    speed, share = job.duration / took, floor / took
    missed = [
        *(["speed"] if speed < tier.speed else []),
        *(["share"] if tier.share and share < tier.share else []),
        *(["memory"] if memory > MEMORY else []),
    ]
    print(
        f"{style.value:12} {speed:5.2f} x real time   {share:4.2f} of testsrc2 ({job.duration / floor:5.2f} x)   "
        f"{spent / job.frames * 1000:5.1f} ms CPU a frame ({least / job.frames * 1000:4.1f})   {memory:4.0f} MB   "
        f"{to.stat().st_size * 8e-6 / job.duration:4.1f} Mbit/s   {'misses ' + ', '.join(missed) if missed else ''}",
        flush=True,
    )
    return bool(missed)


def measure_scenes(style: VideoStyle, tier: Tier, work: Path) -> bool:
    """Render a minute without and with a list of scenes and print both; return True when a goal was missed."""
    job = minute(sized(sample_job(work, style), tier), work)
    firsts = job.cues[::2]
    borders = [0.0, *(cue.start - 0.2 for cue in firsts[1:]), job.duration]
    scenes = tuple(
        FilmScene(start, end, spoken=cue.text)
        for (start, end), cue in zip(itertools.pairwise(borders), firsts, strict=True)
    )
    to = work / f"{style.value}.mp4"
    (_, plain, least), (_, spent, memory) = (
        rendered(each, to, work) for each in (job, replace(job, scenes=scenes))
    )
    missed = [
        *(["CPU"] if spent > SCENES_COST * plain else []),
        *(["memory"] if memory > max(MEMORY, least) else []),
    ]
    print(
        f"{style.value:12} {spent / plain:4.2f} of the CPU time without ({spent:5.1f}, {plain:5.1f} s)   "
        f"{len(scenes)} scenes   {memory:4.0f} MB ({least:4.0f})   {'misses ' + ', '.join(missed) if missed else ''}",
        flush=True,
    )
    return bool(missed)


def minute(job: RenderJob, work: Path) -> RenderJob:
    """Return the job with its narration and captions three times over."""
    spoken = np.fromfile(job.samples, "<i2")
    lasting = work / "minute.s16"
    np.tile(spoken, 3).tofile(lasting)
    cues = [
        replace(cue, start=cue.start + turn * job.duration, end=cue.end + turn * job.duration, words=())
        for turn in range(3)
        for cue in job.cues
    ]
    return replace(job, samples=str(lasting), duration=3 * job.duration, cues=cues)


def long() -> int:
    """Measure memory for one minute and for half an hour of the same narration, as a draft."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        job = sized(sample_job(work, VideoStyle.CYBERPUNK, cues=[]), TIERS["draft"])
        spoken = np.fromfile(job.samples, "<i2")
        found = []
        for minutes in (1, 30):
            lasting = work / "long.s16"
            np.resize(spoken, minutes * 60 * 16_000).tofile(lasting)
            asked = replace(job, samples=str(lasting), duration=minutes * 60.0)
            took, _, memory = rendered(asked, work / "long.mp4", work)
            found.append(memory)
            print(f"{minutes:3} min   {memory:4.0f} MB   {minutes * 60 / took:5.2f} x real time", flush=True)
    return int(found[1] > found[0] * 1.25)


def sized(job: RenderJob, tier: Tier) -> RenderJob:
    """Return the job at a tier's size, rate and quality."""
    width, height = tier.size
    return replace(job, width=width, height=height, fps=tier.fps, quality=tier.quality)


def rendered(job: RenderJob, to: Path, work: Path) -> tuple[float, float, float]:
    """Render; return wall-clock seconds, CPU seconds and peak megabytes."""
    with watched() as most:
        took, spent = timed(lambda: asyncio.run(render(job, to, work=work)))
    return took, spent, most[0] / 1000


def timed(act: Callable[[], object]) -> tuple[float, float]:
    """Return the wall-clock seconds of a call and the CPU seconds of the child processes that it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    act()
    took = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@contextlib.contextmanager
def watched():
    """Yield a list of one number: the peak memory of this process's children in kilobytes."""
    most, done = [0.0], threading.Event()

    def watch() -> None:
        while not done.wait(0.25):  # sampling more often would itself take a fiftieth of both cores
            most[0] = max(most[0], sum(map(own_kilobytes, descendants(os.getpid()))))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield most
    finally:
        done.set()
        thread.join()


def own_kilobytes(pid: int) -> int:
    """Return a process's memory: its proportional share of anonymous memory, and files that only it has mapped."""
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        counted = ("Pss_Anon:", "Pss_Shmem:", "Private_Clean:")
        return sum(int(line.split()[1]) for line in lines if line.startswith(counted))
    return 0


def descendants(pid: int) -> list[int]:
    """Return the ids of a process's children, their children, and so on."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    return found + [below for child in found for below in descendants(child)]


async def encode_test_source(work: Path, tier: Tier, seconds: float) -> None:
    """Encode FFmpeg's animated test source with the same encoder."""
    width, height = tier.size
    source = f"testsrc2=s={width}x{height}:r={tier.fps}:d={seconds:.3f}"
    encoder = [
        "-c:v",
        "libx264",
        "-preset",
        tier.preset,
        "-crf",
        "21",
        "-pix_fmt",
        "yuv420p",
        "-g",
        str(2 * tier.fps),
    ]
    await run_ffmpeg(["-f", "lavfi", "-i", source, *encoder, "floor.mp4"], cwd=work, timeout=300)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
