"""Still frames of a style, drawn like the video's: `python -m voxweave_nb.render.preview STYLE`."""

from __future__ import annotations

import argparse
import contextlib
import struct
import tempfile
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..media.narration import RATE, open_narration
from ..media.pipe import Target, open_pipe
from ..media.subtitles import read_subtitles
from ..models import Cue, VideoStyle
from ..sample import SAMPLE_PROMPT, sample_narration, sample_subtitles
from .film import Film
from .job import RenderJob
from .titles import write_titles

__all__ = ["sheet", "stills", "write_png"]

Pixels = npt.NDArray[np.uint8]
"""Shape (height, width, 3), red, green, blue."""


def stills(job: RenderJob, places: Sequence[float], work: Path) -> list[Pixels]:
    """Return frames as the video shows them, at full size with titles.

    Args:
        job: The parameters.
        places: Positions in the film, rising, from 0 (first frame) to 1 (last).
        work: A private folder.
    """
    film = Film(job)
    titles = write_titles(job, film.reading, work, film.shots)
    film.set_shades(titles.shades)
    frames: list[Pixels] = []
    for place in places:
        index = round(place * (job.frames - 1))
        target = Target(
            to=work / "still.rgb",
            width=film.width,
            height=film.height,
            out_width=job.width,
            out_height=job.height,
            fps=job.fps,
            cwd=work,
            codec="rgb24",
            filters=titles.filters_from(index / job.fps),
            env=titles.env,
        )
        pipe, _ = open_pipe(target)
        with pipe:
            frame = pipe.frame()
            film.draw(index, frame)
            pipe.send(frame)
        frames.append(np.fromfile(target.to, np.uint8).reshape(job.height, job.width, 3))
    return frames


def sheet(images: Sequence[Pixels], columns: int, gap: int = 6) -> Pixels:
    """Return a contact sheet of images of one size."""
    height, width = images[0].shape[:2]
    rows = -(-len(images) // columns)
    whole = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap, 3), 24, np.uint8)
    for number, image in enumerate(images):
        top, left = number // columns * (height + gap), number % columns * (width + gap)
        whole[top : top + height, left : left + width] = image
    return whole


def write_png(pixels: Pixels, to: Path) -> None:
    """Write an image as PNG."""
    height, width = pixels.shape[:2]
    rows = np.zeros((height, 1 + 3 * width), np.uint8)
    rows[:, 1:] = pixels.reshape(height, 3 * width)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(rows.tobytes(), 4)), (b"IEND", b"")]
    with to.open("wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        for kind, data in chunks:
            file.write(
                struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
            )


def sample_job(work: Path, style: str, **changes: object) -> RenderJob:
    """Return a render of the bundled narration at 720p, with `changes` to its parameters."""
    narration = open_narration(sample_narration(), work=work, max_seconds=600, max_bytes=1 << 28)
    cues: tuple[Cue, ...] = ()
    with contextlib.suppress(OSError):
        cues = read_subtitles(sample_subtitles()).cues
    job = RenderJob(
        samples=str(narration.samples),
        duration=narration.samples.stat().st_size / 2 / RATE,
        cues=list(cues),
        style=VideoStyle.parse(style),
        width=1280,
        height=720,
        fps=30,
        prompt=SAMPLE_PROMPT,
    )
    return replace(job, **changes)  # type: ignore[arg-type]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m voxweave_nb.render.preview", description=__doc__)
    parser.add_argument("style")
    parser.add_argument(
        "--at", default="0.12,0.5,0.85", help="positions in the film from 0 to 1, separated by commas"
    )
    parser.add_argument("--to", type=Path, default=Path("preview.png"))
    parser.add_argument("--prompt", action="append", help="repeat the option for several rows")
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--title", help="the title; empty for none")
    parser.add_argument("--reduce-motion", action="store_true")
    given = parser.parse_args(arguments)
    width, height = (int(part) for part in given.size.split("x"))
    places = [float(place) for place in given.at.split(",")]
    frames: list[Pixels] = []
    with tempfile.TemporaryDirectory(prefix="voxweave-") as folder:
        for prompt in given.prompt or [SAMPLE_PROMPT]:
            changes = {
                "prompt": prompt,
                "seed": given.seed,
                "title": given.title,
                "width": width,
                "height": height,
            }
            job = sample_job(Path(folder), given.style, reduce_motion=given.reduce_motion, **changes)
            frames += stills(job, places, Path(folder))
    write_png(sheet(frames, columns=len(places)) if len(frames) > 1 else frames[0], given.to)


if __name__ == "__main__":
    main()
