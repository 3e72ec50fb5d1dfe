"""Still frames of a style, drawn by the same path as the video: `python -m voxweave_nb.render.preview STYLE`."""

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
from ..models import Cue
from ..sample import SAMPLE_PROMPT, sample_narration, sample_subtitles
from .plan import Film, RenderJob
from .titles import lay_titles

__all__ = ["sheet", "stills", "write_png"]

Pixels = npt.NDArray[np.uint8]
"""Shape (height, width, 3), red, green, blue."""


def stills(job: RenderJob, places: Sequence[float], work: Path) -> list[Pixels]:
    """Frames at places from 0 (first) to 1 (last), as the video shows them, at full size with titles.

    Args:
        job: What to render.
        places: Where, rising.
        work: A private folder.
    """
    film = Film(job)
    titles = lay_titles(job, film.reading, work, film.shots)
    film.shade(titles.shades)
    pictures: list[Pixels] = []
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
        pictures.append(np.fromfile(target.to, np.uint8).reshape(job.height, job.width, 3))
    return pictures


def sheet(pictures: Sequence[Pixels], columns: int, gap: int = 6) -> Pixels:
    """Pictures of one size in rows, as one picture."""
    height, width = pictures[0].shape[:2]
    rows = -(-len(pictures) // columns)
    whole = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap, 3), 24, np.uint8)
    for number, picture in enumerate(pictures):
        top, left = number // columns * (height + gap), number % columns * (width + gap)
        whole[top : top + height, left : left + width] = picture
    return whole


def write_png(pixels: Pixels, to: Path) -> None:
    """Writes a picture as PNG."""
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
    """The bundled narration as a render at 720p."""
    narration = open_narration(sample_narration(), work=work, max_seconds=600, max_bytes=1 << 28)
    cues: tuple[Cue, ...] = ()
    with contextlib.suppress(OSError):
        cues = read_subtitles(sample_subtitles()).cues
    from ..models import VideoStyle

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
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m voxweave_nb.render.preview", description=__doc__)
    parser.add_argument("style")
    parser.add_argument("--at", default="0.12,0.5,0.85", help="places from 0 to 1, separated by commas")
    parser.add_argument("--to", type=Path, default=Path("preview.png"))
    parser.add_argument("--prompt", action="append", help="may be given several times: one row each")
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--title", help="the title in the picture; empty for none")
    parser.add_argument("--reduce-motion", action="store_true")
    given = parser.parse_args(arguments)
    width, height = (int(part) for part in given.size.split("x"))
    places = [float(place) for place in given.at.split(",")]
    pictures: list[Pixels] = []
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
            pictures += stills(job, places, Path(folder))
    write_png(sheet(pictures, columns=len(places)) if len(pictures) > 1 else pictures[0], given.to)


if __name__ == "__main__":
    main()
