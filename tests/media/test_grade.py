"""Colours: measured, matched to the first of a chain, and the last frame that is handed on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import av
import numpy as np
import pytest

from voxweave_nb import MediaError
from voxweave_nb.media.form import Form
from voxweave_nb.media.grade import Colors, last_frame, measure_colors, measure_image
from voxweave_nb.media.poster import write_png
from voxweave_nb.media.stills import open_image
from voxweave_nb.media.stitch import Shot, stitch

from .files import write_counted, write_tone

SIZE = (160, 96)


def landscape(rng: np.random.Generator) -> np.ndarray:
    coarse = rng.integers(60, 200, (6, 10, 3)).astype(np.uint8)
    return coarse.repeat(16, axis=0).repeat(16, axis=1)


def drifted(pixels: np.ndarray) -> np.ndarray:
    """Return pixels as a clip that continues others often has them: flatter, darker, and warmer."""
    return np.clip((pixels.astype(float) - 128) * 0.88 + 128 + np.array([6.0, -6.0, -14.0]), 0, 255).astype(
        np.uint8
    )


def write_video(path: Path, pixels: np.ndarray, *, frames: int = 24) -> Path:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=24, options={"crf": "10", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(np.roll(pixels, number, axis=1), format="rgb24")
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


@pytest.fixture
def chain(tmp_path: Path) -> tuple[Path, Path]:
    """The first clip of a chain, and one that continues it in other colours."""
    pixels = landscape(np.random.default_rng(8))
    first = write_video(tmp_path / "first.mp4", pixels)
    return first, write_video(tmp_path / "next.mp4", drifted(pixels))


def apart(a: Colors, b: Colors) -> float:
    return float(np.abs(np.array([*a.means, *a.spreads]) - np.array([*b.means, *b.spreads])).max())


def test_a_drifted_clip_gets_the_first_ones_colors(chain, tmp_path):
    first, later = chain
    wanted = measure_colors(first)
    assert apart(measure_colors(later), wanted) > 5
    shot = Shot(source=later, frames=24, colors=wanted)
    made = asyncio.run(stitch([shot], Form(SIZE, 24), cache=tmp_path / "cache", work=tmp_path))
    assert apart(measure_colors(made.parts[0].path), wanted) < 2.5


def test_another_subject_is_not_forced(chain):
    night = Colors((30.0, 128.0, 128.0), (4.0, 1.0, 1.0))
    grade = measure_colors(chain[0]).grade_to(night)
    assert min(grade.gains) >= 0.8
    mean = measure_colors(chain[0]).means[0]
    assert grade.gains[0] * mean + grade.shifts[0] >= mean - 24.1


def test_a_grey_clip_has_nothing_to_scale():
    grey = Colors((120.0, 128.0, 128.0), (0.0, 0.0, 0.0))
    colorful = Colors((120.0, 120.0, 140.0), (50.0, 20.0, 20.0))
    assert grey.grade_to(colorful).gains == (1.0, 1.0, 1.0)


def test_the_last_frame_is_the_one_shown_last(tmp_path):
    clip = write_counted(tmp_path / "clip.mp4", frames=60, fps=24)
    for end, wanted in ((None, 59), (2.0, 47), (1 / 24, 0), (9.0, 59)):
        assert number_of(last_frame(clip, tmp_path / "last.png", end=end)) == wanted


def number_of(image: Path) -> int:
    row = open_image(image)[48].mean(axis=-1)
    return sum(int(row[160 * (2 * bit + 1) // 16] > 125) << bit for bit in range(8))


def test_the_handed_on_frame_is_matched_too(chain, tmp_path):
    first, later = chain
    plain = measure_image(last_frame(later, tmp_path / "plain.png"))
    matched = measure_image(last_frame(later, tmp_path / "matched.png", colors=measure_colors(first)))
    wanted = measure_image(last_frame(first, tmp_path / "first.png"))
    assert apart(matched, wanted) < 3 < apart(plain, wanted)


def test_an_image_and_its_video_measure_alike(tmp_path):
    pixels = landscape(np.random.default_rng(4))
    write_png(pixels, tmp_path / "a.png")
    video = write_video(tmp_path / "a.mp4", pixels)
    assert apart(measure_image(tmp_path / "a.png"), measure_colors(video)) < 2


def test_a_sound_has_no_colors(tmp_path):
    sound = write_tone(tmp_path / "a.wav", "pcm_s16le", 0.5)
    with pytest.raises(MediaError, match="a video file was expected"):
        measure_colors(sound)
    with pytest.raises(MediaError, match="a video file was expected"):
        last_frame(sound, tmp_path / "a.png")
