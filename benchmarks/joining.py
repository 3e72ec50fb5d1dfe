"""Measure joining: a film of takes, one clip repeated, and one scene redone, against bare FFmpeg.

CPU seconds of FFmpeg and of this process count, as other processes disturb wall-clock time. The peer is bare FFmpeg
with the same filters, encoder and narration. The exit status is 1 when a goal is missed.

- A film: frames exactly as planned; no cut more than half a frame from its place; at most 1.15 of bare FFmpeg's
  normalising and joining.
- A clip of 10 s and another size, repeated to 10 minutes at 1080p: at most 1.3 of bringing it to form once and a stream
  copy.
- The film again after one scene was redone: at most 1.3 of one take's cost and a stream copy.

    python benchmarks/joining.py [film] [repeat] [SECONDS of the film]
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import resource
import subprocess
import sys
import tempfile
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voxweave_nb import Cue, VideoConfig
from voxweave_nb.media.assemble import assemble
from voxweave_nb.media.ffmpeg import find_ffmpeg
from voxweave_nb.media.form import Form
from voxweave_nb.media.narration import Narration, open_narration
from voxweave_nb.models import SubtitleMode, VideoFormat
from voxweave_nb.pipeline.film import FilmScene, assemble_film
from voxweave_nb.pipeline.script import ReadScript

FILM, REPEATED, REDONE = 1.15, 1.3, 1.3
SECONDS, TAKES, TAKE_SECONDS, FPS = 281.3, 6, 8.0, 24
SOUND = ["-c:a", "aac", "-b:a", "192k", "-ac", "2", "-ar", "48000"]


@dataclass(frozen=True)
class Cost:
    """CPU seconds of a call; `share` compares it with a peer."""

    seconds: float

    def share(self, peer: Cost) -> float:
        """Return this cost in those of a peer."""
        return self.seconds / peer.seconds


def main(words: list[str]) -> int:
    """Measure and print; return the exit status."""
    asked = [word for word in words if not word.isdecimal()] or ["film", "repeat"]
    seconds = next((float(word) for word in words if word.isdecimal()), SECONDS)
    missed = []
    with tempfile.TemporaryDirectory() as folder:
        if "film" in asked:
            missed += film(Path(folder), seconds)
        if "repeat" in asked:
            missed += repeat(Path(folder))
    print(f"missed: {', '.join(missed)}" if missed else "all goals met")
    return bool(missed)


# A film of takes


def film(root: Path, seconds: float) -> list[str]:
    """Join a film of takes, then once more with one take redone; return the goals that were missed."""
    takes = [write_take(root / f"take{n}.mp4", n, "1280x720", TAKE_SECONDS, 30) for n in range(TAKES)]
    talk = write_talk(root / "talk.wav", seconds)
    scenes = plan(takes, seconds)
    config = VideoConfig(resolution="720p", fps=FPS, subtitle_mode="none")
    bare = cpu(lambda: bare_film(scenes, talk, config.size, root / "bare"))
    paths = []
    ours = cpu(lambda: paths.append(our_film(scenes, talk, config, root / "ours")))
    frames, worst = exactness(paths[0], scenes)
    wanted = round(seconds * FPS)
    share = ours.share(bare)
    print(f"film: {len(scenes)} scenes, {seconds:.1f} s at 1280x720, load {os.getloadavg()[0]:.1f}")
    print(f"  frames {frames} (planned {wanted}), worst cut {worst * 1000:.1f} ms (limit {500 / FPS:.1f})")
    print(f"  CPU {ours.seconds:.1f} s, bare FFmpeg {bare.seconds:.1f} s   {share:.2f} (goal {FILM})")
    redone, again = redo(scenes, talk, config, root)
    print(
        f"  redone {redone.seconds:.1f} s, one take and a copy {again.seconds:.1f} s   {redone.share(again):.2f}"
    )
    print(f"    (goal {REDONE})")
    return [
        *(["frames"] if frames != wanted or worst > 0.5 / FPS + 1e-6 else []),
        *(["film"] if share > FILM else []),
        *(["redone"] if redone.share(again) > REDONE else []),
    ]


def plan(takes: Sequence[Path], seconds: float) -> list[FilmScene]:
    """Return scenes of 4 to 8.6 s, as cutting makes them for clips of 8 s: a few are slowed down."""
    chance, ends = random.Random(7), [0.0]
    while ends[-1] < seconds - 12:
        ends.append(ends[-1] + chance.uniform(4.0, 8.6))
    ends += [(ends[-1] + seconds) / 2, seconds]
    return [
        FilmScene(start=start, end=end, source=takes[n % len(takes)], title=f"Scene {n + 1}")
        for n, (start, end) in enumerate(itertools.pairwise(ends))
    ]


def our_film(scenes: Sequence[FilmScene], talk: Path, config: VideoConfig, work: Path) -> Path:
    """Make the film as the package does; parts are kept in a cache beside the work folder."""
    work.mkdir()
    cache = work.parent / "cache"
    script = ReadScript(narration(talk, work), ())
    return asyncio.run(assemble_film(scenes, script, config, cache=cache, work=work, metadata={})).path


def bare_film(scenes: Sequence[FilmScene], talk: Path, size: tuple[int, int], work: Path) -> None:
    """Bring each take to form with one command, join by copy, and mux the narration."""
    work.mkdir()
    names = []
    for number, scene in enumerate(scenes):
        frames = round(scene.end * FPS) - round(scene.start * FPS)
        slow = max(1.0, frames / FPS / TAKE_SECONDS)
        names.append(bare_form(scene.source, frames, slow, size, work / f"{number}.mp4"))
    (work / "list.txt").write_text("".join(f"file {name}\n" for name in names))
    joined = ["-f", "concat", "-i", str(work / "list.txt"), "-i", str(talk)]
    ffmpeg(*joined, *measured(talk), "-c:v", "copy", *SOUND, "-movflags", "+faststart", str(work / "out.mp4"))


def bare_form(source: Path, frames: int, slow: float, size: tuple[int, int], to: Path) -> str:
    """Bring a clip to form with one command; return its file's name."""
    width, height = size
    how = "flags=lanczos:out_color_matrix=bt709:out_range=tv"
    cover = f"scale={width}:{height}:force_original_aspect_ratio=increase:{how},crop={width}:{height}"
    filters = f"setpts={slow:.5f}*PTS,fps={FPS},tpad=stop_mode=clone:stop=2,{cover},setsar=1,format=yuv420p"
    encode = Form(size, FPS).part
    ffmpeg("-i", str(source), "-an", "-vf", filters, "-frames:v", str(frames), *encode, str(to))
    return to.name


def redo(scenes: Sequence[FilmScene], talk: Path, config: VideoConfig, root: Path) -> tuple[Cost, Cost]:
    """Redo the fourth scene: return the cost of the film, and of one take and a stream copy."""
    take = write_take(root / "redone.mp4", 99, "1280x720", TAKE_SECONDS, 30)
    old = scenes[3]
    new = FilmScene(start=old.start, end=old.end, source=take, title=old.title)
    changed = [*scenes[:3], new, *scenes[4:]]
    ours = cpu(lambda: our_film(changed, talk, config, root / "redone"))

    def bare() -> None:
        work = root / "bare"
        frames = round(new.end * FPS) - round(new.start * FPS)
        bare_form(take, frames, max(1.0, frames / FPS / TAKE_SECONDS), config.size, work / "3.mp4")
        joined = ["-f", "concat", "-i", str(work / "list.txt"), "-i", str(talk)]
        ffmpeg(
            *joined, *measured(talk), "-c:v", "copy", *SOUND, "-movflags", "+faststart", str(work / "b.mp4")
        )

    return ours, cpu(bare)


def exactness(path: Path, scenes: Sequence[FilmScene]) -> tuple[int, float]:
    """Return the number of frames, and the distance of the worst cut from its time, read from the frames' colours."""
    import av

    with av.open(str(path)) as video:
        small = [
            frame.reformat(width=16, height=9, format="rgb24").to_ndarray().reshape(-1, 3).mean(axis=0)
            for frame in video.decode(video=0)
        ]
    jumps = np.abs(np.diff(np.array(small), axis=0)).max(axis=1)
    cuts = np.flatnonzero(jumps > 12) + 1
    starts = [scene.start for scene in scenes[1:]]
    if len(cuts) != len(starts):
        return len(small), float("inf")
    return len(small), max(abs(cut / FPS - start) for cut, start in zip(cuts, starts, strict=True))


# One clip, repeated


def repeat(root: Path) -> list[str]:
    """Repeat a clip of 10 s to 10 minutes; return the goals that were missed."""
    clip = write_take(root / "clip.mp4", 5, "1280x720", 10.0, 24)
    talk = write_talk(root / "long.wav", 600.0)
    size = (1920, 1080)

    def bare() -> None:
        one = root / "one.mp4"
        bare_form(clip, 10 * FPS, 1.0, size, one)
        looped = [
            "-stream_loop",
            "-1",
            "-i",
            str(one),
            "-i",
            str(talk),
            *measured(talk),
            "-c:v",
            "copy",
            *SOUND,
        ]
        ffmpeg(*looped, "-t", "600", "-movflags", "+faststart", str(root / "bare-long.mp4"))

    def ours() -> None:
        work = root / "repeated"
        work.mkdir()
        done = asyncio.run(
            assemble(
                clip, narration(talk, work), (Cue(0, 1, "Sea"),), size=size, format=VideoFormat.MP4,
                subtitle_mode=SubtitleMode.SOFT, fps=FPS, metadata={}, work=work,
            )
        )  # fmt: skip
        assert abs(done.info.duration - 600) < 0.1

    least, spent = cpu(bare), cpu(ours)
    share = spent.share(least)
    print(f"repeated: 10 s of 720p to 600 s of 1080p, load {os.getloadavg()[0]:.1f}")
    print(
        f"  CPU {spent.seconds:.1f} s, one form and a copy {least.seconds:.1f} s   {share:.2f} (goal {REPEATED})"
    )
    return ["repeated"] if share > REPEATED else []


# Files and figures


def write_take(path: Path, number: int, size: str, seconds: float, fps: int) -> Path:
    """Write a clip that looks like a filmed one: a tinted, slowly moving texture with grain."""
    source = f"gradients=s=320x180:r={fps}:d={seconds}:speed=0.01:n=4:seed={number + 3}"
    source += f",hue=h={number * 57 % 360},scale={size.replace('x', ':')},noise=alls=7:allf=t"
    ffmpeg(
        "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", "-preset", "ultrafast", "-crf", "18", str(path)
    )
    return path


def write_talk(path: Path, seconds: float) -> Path:
    """Write a narration: bursts of a tone, at the loudness of speech."""
    rate = 16_000
    time = np.arange(int(seconds * rate)) / rate
    sound = 6000 * np.sin(2 * np.pi * 180 * time) * (np.sin(2 * np.pi * 2.1 * time) > 0)
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, rate, 0, "NONE", ""))
        out.writeframes(sound.astype("<i2").tobytes())
    return path


def narration(talk: Path, work: Path) -> Narration:
    """Open a narration."""
    return open_narration(talk, work=work, max_seconds=3600, max_bytes=10**9)


def measured(talk: Path) -> list[str]:
    """Measure the loudness, as the package does, and return the filter that sets it."""
    ffmpeg("-i", str(talk), "-af", "ebur128=framelog=quiet", "-f", "null", "-")
    return ["-map", "0:v", "-map", "1:a", "-af", "aresample=48000,volume=3dB,alimiter=limit=0.891:level=false,apad",
            "-shortest"]  # fmt: skip


def ffmpeg(*args: str) -> None:
    """Run FFmpeg."""
    subprocess.run([find_ffmpeg().path, "-v", "error", "-y", *args], check=True)


def cpu(act: Callable[[], object]) -> Cost:
    """Return the CPU seconds of a call, with those of the processes that it starts."""
    before = spent()
    act()
    return Cost(spent() - before)


def spent() -> float:
    """Return the CPU seconds of this process and of its ended children."""
    both = (resource.getrusage(resource.RUSAGE_CHILDREN), resource.getrusage(resource.RUSAGE_SELF))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
