"""Render the images of the styles: `python scripts/make_styles.py [STYLE ...]`.

For each style it makes a contact sheet in docs/images/styles with a row for each variation (start, middle, end), and
three thumbnails for the panel. Without names it also makes docs/images/styles.jpg with all styles and variations. Look
at every image before committing.
"""

from __future__ import annotations

import sys
import tempfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from voxweave_nb import VideoStyle
from voxweave_nb.render.preview import Pixels, sample_job, sheet, stills
from voxweave_nb.styles import load_style

ROOT = Path(__file__).resolve().parent.parent
SHEETS = ROOT / "docs" / "images" / "styles"
CARDS = ROOT / "voxweave_nb" / "widgets" / "static" / "styles"


def main(names: list[str]) -> None:
    """Make the images of the named styles, or of all."""
    SHEETS.mkdir(parents=True, exist_ok=True)
    CARDS.mkdir(parents=True, exist_ok=True)
    faces = []
    for style in [VideoStyle.parse(name) for name in names] or list(VideoStyle):
        rows = [film_stills(style, prompt) for prompt in prompts(style)]
        images = [image for row in rows for image in row]
        write_jpeg(sheet(images, columns=3, gap=24), SHEETS / f"{style.value}.jpg", width=1440, quality=5)
        faces += [row[1] for row in rows]
        thumbnails(style)
    if not names:
        write_jpeg(sheet(faces, columns=3, gap=24), SHEETS.parent / "styles.jpg", width=1440, quality=5)


def prompts(style: VideoStyle) -> list[str]:
    """Return the prompt of each variation."""
    return [variation["prompt"] for variation in load_style(style).variations]


def film_stills(style: VideoStyle, prompt: str) -> list[Pixels]:
    """Return frames from a film's start, middle and end, with titles."""
    with tempfile.TemporaryDirectory() as folder:
        return stills(sample_job(Path(folder), style.value, prompt=prompt), [0.12, 0.5, 0.88], Path(folder))


def thumbnails(style: VideoStyle) -> None:
    """Make a thumbnail of 256x144 for each variation, without titles; the first represents the style."""
    for number, prompt in enumerate(prompts(style)):
        write_card(card_still(style, prompt), card(style, number))


def card(style: VideoStyle, number: int) -> Path:
    """Return the path of a variation's thumbnail."""
    ending = f"-{number + 1}" if number else ""
    return CARDS / f"{style.value}{ending}.webp"


def card_still(style: VideoStyle, prompt: str) -> Pixels:
    """Return a thumbnail's frame."""
    with tempfile.TemporaryDirectory() as folder:
        job = sample_job(Path(folder), style.value, prompt=prompt, title="", cues=[], width=640, height=360)
        return stills(job, [0.24], Path(folder))[0]


def write_card(pixels: Pixels, to: Path) -> None:
    """Write a thumbnail as WebP, small because the panel keeps seven of them in the notebook's state."""
    still = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24").reformat(
        width=256, height=144, format="yuv420p", interpolation="LANCZOS"
    )
    with av.open(str(to), "w", format="webp") as out:
        stream = out.add_stream("libwebp", rate=1)
        stream.width, stream.height, stream.pix_fmt = 256, 144, "yuv420p"
        stream.codec_context.options = {"quality": "50", "compression_level": "6"}
        still.pts, still.time_base = 0, Fraction(1)
        out.mux(stream.encode(still))
        out.mux(stream.encode(None))
    print(f"{to.relative_to(ROOT)}: {to.stat().st_size / 1000:.0f} kB")


def write_jpeg(pixels: Pixels, to: Path, *, width: int, quality: int) -> None:
    """Write a scaled image as JPEG; `quality` is FFmpeg's, 2 (best) to 31."""
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
    height = round(frame.height * width / frame.width) & ~1
    still = frame.reformat(width=width, height=height, format="yuvj420p", interpolation="LANCZOS")
    with av.open(str(to), "w", format="mjpeg") as out:
        stream = out.add_stream("mjpeg", rate=1)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuvj420p"
        stream.codec_context.options = {"qmin": str(quality), "qmax": str(quality)}
        still.pts, still.time_base = 0, Fraction(1)
        out.mux(stream.encode(still))
        out.mux(stream.encode(None))
    print(f"{to.relative_to(ROOT)}: {width}x{height}, {to.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
