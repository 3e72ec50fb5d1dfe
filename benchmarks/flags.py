"""Measure the CPU seconds that the flags of a draft take, against FFmpeg's bare decoding of the same file.

The bundled narration is rendered as a draft of 640x360, about 20 s. Each turn decodes it with FFmpeg to nothing and
finds its flags in this process; the fewest CPU seconds of each count. The exit
status is 1 if 20 s of video take more than 1.5 CPU seconds; the goal is 1.0.

    python benchmarks/flags.py [STYLE ...]
"""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from voxweave_nb.lab.flags import find_flags
from voxweave_nb.media.ffmpeg import find_ffmpeg
from voxweave_nb.media.subtitles import read_subtitles
from voxweave_nb.models import VideoQuality, VideoStyle
from voxweave_nb.render.preview import sample_job
from voxweave_nb.render.renderer import render
from voxweave_nb.sample import sample_narration, sample_subtitles

TURNS = 5
GOAL, MOST = 1.0, 1.5
"""CPU seconds for 20 s of video: the goal, and what fails, since a busy machine makes them longer."""


def main(words: list[str]) -> int:
    """Measure and print; return the exit status."""
    styles = [VideoStyle.parse(word) for word in words] or [VideoStyle.REALISTIC, VideoStyle.CYBERPUNK]
    cues = read_subtitles(sample_subtitles()).cues
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        for style in styles:
            video, seconds = draft(style, Path(folder))
            find_flags(video, cues=cues)  # imports and first uses are not measured
            decodes, checks = [], []
            for _ in range(TURNS):
                decodes.append(decode(video))
                begin = time.process_time()
                flags = find_flags(video, cues=cues)
                checks.append(time.process_time() - begin)
            took, bare = min(checks) * 20 / seconds, min(decodes) * 20 / seconds
            missed |= took > MOST
            print(
                f"{style:12} {took:5.2f} CPU s for 20 s (goal: {GOAL:g})   {bare:5.2f} CPU s to decode   "
                f"ratio {took / bare:4.1f}   {len(flags)} flags",
                flush=True,
            )
    return int(missed)


def draft(style: VideoStyle, folder: Path) -> tuple[Path, float]:
    """Render the sample with its sound; return the video and its length in seconds."""
    job = replace(sample_job(folder, style), width=640, height=360, fps=24, quality=VideoQuality.DRAFT)
    silent, video = folder / f"{style}-silent.mp4", folder / f"{style}.mp4"
    asyncio.run(render(job, silent, work=folder))
    inputs = ["-i", str(silent), "-i", str(sample_narration()), "-map", "0:v", "-map", "1:a"]
    subprocess.run([find_ffmpeg().path, "-v", "error", *inputs, "-c", "copy", str(video)], check=True)
    return video, job.duration


def decode(video: Path) -> float:
    """Decode a video and its sound with FFmpeg; return the CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [find_ffmpeg().path, "-v", "error", "-i", str(video), "-f", "null", "-"]
    subprocess.run(command, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
