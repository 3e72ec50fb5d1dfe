"""How fast each style renders the bundled narration at 1280x720 and 30 frames a second, without a key.

Every style is rendered by its worker and encoder as in a notebook (once more if the first time was too slow, since
others may be at work on the machine), and set beside `testsrc2` into the same encoder
with the same preset, size, rate and length: the floor, since it draws next to nothing. All in one run. Exits with 1
when a style is slower than the limit.

    python benchmarks/local_render.py [STYLE ...]
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from voxweave_nb.media.ffmpeg import run_ffmpeg
from voxweave_nb.models import VideoStyle
from voxweave_nb.render.preview import sample_job
from voxweave_nb.render.renderer import render

LIMIT = 2.0
"""How many seconds of video a second must give."""

ENCODER = ["-c:v", "libx264", "-preset", "superfast", "-crf", "21", "-pix_fmt", "yuv420p", "-g", "60"]


def main(names: list[str]) -> int:
    """Measures, prints, judges."""
    styles = [VideoStyle.parse(name) for name in names] or list(VideoStyle)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        seconds = sample_job(work, styles[0]).duration
        print(f"{seconds:.1f} s of 1280x720 at 30 frames a second, {os.cpu_count()} cores")
        floor, spent = timed(lambda: asyncio.run(encode_test_picture(work, seconds)))
        print(
            f"{'testsrc2':12} {seconds / floor:5.2f} x real time   {spent / seconds / 30 * 1000:5.1f} ms CPU a frame"
        )
        return int(min([measure(style, work, floor) for style in styles]) < LIMIT)


def measure(style: VideoStyle, work: Path, floor: float) -> float:
    """Renders the sample in a style and prints the figures.

    Returns:
        How many seconds of video a second gave.
    """
    job = sample_job(work, style)
    to = work / f"{style.value}.mp4"
    took, spent = timed(lambda: asyncio.run(render(job, to, work=work)))
    if job.duration / took < LIMIT:
        took, spent = min((took, spent), timed(lambda: asyncio.run(render(job, to, work=work))))
    ratio = job.duration / took
    megabits = to.stat().st_size * 8e-6 / job.duration
    print(
        f"{style.value:12} {ratio:5.2f} x real time   {spent / job.frames * 1000:5.1f} ms CPU a frame   "
        f"{floor / took:4.2f} of testsrc2   {megabits:4.1f} Mbit/s   {'' if ratio >= LIMIT else f'below {LIMIT:g}'}",
        flush=True,
    )
    return ratio


def timed(act: object) -> tuple[float, float]:
    """The seconds that something takes on the clock, and on all processors by the processes that it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    act()  # type: ignore[operator]
    took = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


async def encode_test_picture(work: Path, seconds: float) -> None:
    """FFmpeg's own moving test picture through the same encoder."""
    source = f"testsrc2=s=1280x720:r=30:d={seconds:.3f}"
    await run_ffmpeg(["-f", "lavfi", "-i", source, *ENCODER, "floor.mp4"], cwd=work, timeout=300)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
