"""Posters: one frame of a video as a JPEG."""

from __future__ import annotations

import asyncio

import av
import numpy as np
import pytest

from voxweave_nb import MediaError
from voxweave_nb.media.poster import make_poster, rgb_frame, tiny_still, write_still

from .files import image_size, write_tone


def grey(path) -> float:
    with av.open(str(path)) as container:
        return float(next(container.decode(video=0)).to_ndarray(format="rgb24").mean())


def test_a_poster_is_a_jpeg_shaped_alike(clips, tmp_path):
    still = asyncio.run(make_poster(clips / "long.mp4", tmp_path / "p.jpg", at=1.0))
    assert image_size(still) == (960, 540)


def test_beyond_the_end_the_last_frame_counts(clips, tmp_path):
    last = asyncio.run(make_poster(clips / "long.mp4", tmp_path / "a.jpg", at=2.97, exact=True))
    beyond = asyncio.run(make_poster(clips / "long.mp4", tmp_path / "b.jpg", at=9.0, exact=True))
    assert beyond.read_bytes() == last.read_bytes()


def test_sound_alone_has_no_poster(tmp_path):
    sound = write_tone(tmp_path / "a.wav", "pcm_s16le", 0.5)
    with pytest.raises(MediaError, match=r"No frame of a\.wav could be read"):
        asyncio.run(make_poster(sound, tmp_path / "p.jpg", at=0.0))


def test_a_tiny_still_keeps_its_shape_and_brightness(tmp_path):
    write_still(rgb_frame(np.full((90, 160, 3), 200, np.uint8)), tmp_path / "still.jpg", width=160)
    (tmp_path / "tiny.webp").write_bytes(tiny_still(tmp_path / "still.jpg", width=80))
    assert image_size(tmp_path / "tiny.webp") == (80, 44)
    assert grey(tmp_path / "tiny.webp") == pytest.approx(200, abs=4)


def test_other_files_are_not_stills(tmp_path):
    (tmp_path / "still.jpg").write_text("no image")
    with pytest.raises(MediaError, match=r"still\.jpg could not be read"):
        tiny_still(tmp_path / "still.jpg", width=80)


def test_a_tiny_still_is_a_small_webp(tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (9, 16, 3)).astype(np.uint8)
    write_still(rgb_frame(noise.repeat(40, 0).repeat(40, 1)), tmp_path / "still.jpg", width=640)
    (tmp_path / "tiny.webp").write_bytes(tiny_still(tmp_path / "still.jpg", width=96))
    assert image_size(tmp_path / "tiny.webp") == (96, 54)
    write_still(rgb_frame(noise.repeat(6, 0).repeat(6, 1)), tmp_path / "small.jpg", width=96)
    assert (tmp_path / "small.jpg").stat().st_size > 2 * (tmp_path / "tiny.webp").stat().st_size
