"""Makes the pictures of the styles, by the renderer itself: `python scripts/make_styles.py [STYLE ...]`.

Each style gets a contact sheet in docs/images/styles, a row for each of its three variations: start, middle, end; and
three thumbnails for the panel. Without names, docs/images/styles.jpg is made as well: all styles, all variations, side
by side. Look at every one before committing.
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

ROOT = Path(__file__).resolve().parent.parent
SHEETS = ROOT / "docs" / "images" / "styles"
CARDS = ROOT / "voxweave_nb" / "widgets" / "static" / "styles"

PROMPTS = {
    "realistic": (
        "golden hour on the open sea",
        "a rose dawn at a mountain lake",
        "the lighthouse coast at dusk",
    ),
    "anime": ("a spring meadow in the afternoon", "the coast at noon", "evening in a country town"),
    "3d": ("a knot of ribbons", "a pond of coral and teal", "a planet at dawn"),
    "cinematic": ("golden hour in the mountains", "the desert at sunset", "a city at dusk"),
    "biotech": ("the teal code of DNA", "how a virus enters", "a brain at night"),
    "cyberpunk": ("a retro grid at dusk", "a boulevard in the rain", "the harbour by night"),
    "educational": ("how the market grows", "the cycle of a year", "what a voice is made of"),
}


def main(names: list[str]) -> None:
    """Makes the pictures of the styles that are named, or of all."""
    SHEETS.mkdir(parents=True, exist_ok=True)
    CARDS.mkdir(parents=True, exist_ok=True)
    faces = []
    for style in [VideoStyle.parse(name) for name in names] or list(VideoStyle):
        rows = [filmed(style, prompt) for prompt in PROMPTS[style.value]]
        pictures = [picture for row in rows for picture in row]
        write_jpeg(sheet(pictures, columns=3, gap=24), SHEETS / f"{style.value}.jpg", width=1440, quality=5)
        faces += [row[1] for row in rows]
        thumbnails(style)
    if not names:
        write_jpeg(sheet(faces, columns=3, gap=24), SHEETS.parent / "styles.jpg", width=1440, quality=5)


def filmed(style: VideoStyle, prompt: str) -> list[Pixels]:
    """A film's start, middle and end, with its words."""
    with tempfile.TemporaryDirectory() as folder:
        return stills(sample_job(Path(folder), style.value, prompt=prompt), [0.12, 0.5, 0.88], Path(folder))


def thumbnails(style: VideoStyle) -> None:
    """A card for each variation, 256x144, without words; the first is the style's own."""
    for number, prompt in enumerate(PROMPTS[style.value]):
        write_card(pictured(style, prompt), card(style, number))


def card(style: VideoStyle, number: int) -> Path:
    """Where the card of a variation lies."""
    ending = f"-{number + 1}" if number else ""
    return CARDS / f"{style.value}{ending}.webp"


def pictured(style: VideoStyle, prompt: str) -> Pixels:
    """What a card shows."""
    with tempfile.TemporaryDirectory() as folder:
        job = sample_job(Path(folder), style.value, prompt=prompt, title="", cues=[], width=640, height=360)
        return stills(job, [0.24], Path(folder))[0]


def write_card(pixels: Pixels, to: Path) -> None:
    """Writes a small picture as WebP: the panel keeps seven of them in the notebook's state."""
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
    """Writes a picture, scaled; quality is FFmpeg's, 2 (best) to 31."""
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
