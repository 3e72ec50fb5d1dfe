"""A lab with finished videos that no provider has made: small clips, each of another colour."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.samples import finished_video
from voxweave_nb import Cue, Provenance, VideoConfig
from voxweave_nb.lab.prompt_lab import LabVariant, PromptLab
from voxweave_nb.lab.records import Made
from voxweave_nb.lab.videos import stored
from voxweave_nb.media.ffmpeg import find_ffmpeg

CUES = (Cue(0.0, 2.0, "Far below the waves"), Cue(2.0, 4.0, "it <glows>"))


def make_clip(path: Path, number: int, seconds: float = 4.0) -> None:
    """Write a clip of 640x360 with sound, a poster beside it."""
    colour = f"hue=h={number * 47 % 360}"
    source = [
        "-f",
        "lavfi",
        "-i",
        f"testsrc2=s=640x360:r=24:d={seconds}",
        "-f",
        "lavfi",
        "-i",
        f"sine=d={seconds}",
    ]
    encode = [
        "-vf",
        colour,
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-pix_fmt",
        "yuv420p",
        "-g",
        "24",
        "-c:a",
        "aac",
    ]
    still = ["-ss", "1", "-i", str(path), "-frames:v", "1", "-q:v", "6", str(path.with_suffix(".jpg"))]
    quiet = [find_ffmpeg().path, "-v", "error", "-y"]
    subprocess.run([*quiet, *source, *encode, str(path)], check=True)
    subprocess.run([*quiet, *still], check=True)


def stock(
    lab: PromptLab, variants: Sequence[LabVariant] | None = None, *, real: bool = False, clips: int = 6
) -> None:
    """Record variants of a lab as made; all of them by default.

    Args:
        lab: The lab.
        variants: The variants.
        real: Write clips that play; otherwise files of a few bytes.
        clips: The number of different clips; variants share them.
    """
    videos = lab.path / "videos"
    made = []
    chosen = lab.variants if variants is None else variants
    for number, variant in enumerate(chosen):
        name = f"clip-{number % clips}" if real else variant.id
        if real:
            videos.mkdir(exist_ok=True)
            path = videos / f"{name}.mp4"
            if not path.exists():
                make_clip(path, number)
            video = replace(
                finished_video(lab.path / f"spare-{variant.id}"), path=path, poster=path.with_suffix(".jpg"),
                captions=None, duration=4.0, width=640, height=360, cues=CUES,
            )  # fmt: skip
        else:
            video = finished_video(videos.parent / f"files-{variant.id}")
        origin = Provenance(
            "local", None, "1", VideoConfig(prompt=variant.config.prompt), "talk.mp3", 0.0, 3.0, usd=0.1
        )
        usd = None if number % 4 == 3 else number % 4 * 0.1
        made.append(Made(variant.id, "run", stored(replace(video, provenance=origin), lab.path), usd))
    lab._folder._write("variants", [each.as_line() for each in made])
