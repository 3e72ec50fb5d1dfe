"""Images as shots: a calm, even move that never shows an edge, and images as people have them."""

from __future__ import annotations

import asyncio
import itertools
import struct
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxweave_nb import MediaError
from voxweave_nb.media import fitting
from voxweave_nb.media.ffmpeg import find_ffmpeg
from voxweave_nb.media.form import Form
from voxweave_nb.media.grade import rgb_of
from voxweave_nb.media.poster import write_png, write_still
from voxweave_nb.media.stills import MOVES, open_image, plan_move, write_last_view
from voxweave_nb.media.stitch import Shot, stitch

SHAPES = [(320, 180), (300, 500), (900, 200), (200, 200), (31, 17), (1601, 1201)]


def shown(work: Path, image: Path, *, frames: int = 24, move: int = 0, size=(160, 90)) -> list[np.ndarray]:
    """Return the frames of an image's shot, in red, green, blue."""
    shot = Shot(source=image, frames=frames, still=True, move=move)
    made = asyncio.run(stitch([shot], Form(size, 24), cache=work / "cache", work=work))
    with av.open(str(made.parts[0].path)) as container:
        return [rgb_of(frame) for frame in container.decode(video=0)]


@pytest.mark.parametrize("move", range(MOVES))
@pytest.mark.parametrize("shape", SHAPES)
def test_no_move_ever_shows_an_edge(tmp_path, shape, move):
    image = tmp_path / "white.png"
    write_png(np.full((shape[1], shape[0], 3), 255, np.uint8), image)
    frames = shown(tmp_path, image, move=move)
    assert len(frames) == 24
    assert min(int(frame.min()) for frame in frames) >= 250


@given(
    st.integers(2, 9000),
    st.integers(2, 9000),
    st.sampled_from([(1920, 1080), (1080, 1920), (1080, 1080)]),
    st.floats(0.05, 60),
    st.integers(0, 9),
)
def test_every_window_lies_inside_its_image(width, height, size, seconds, kind):
    move = plan_move((width, height), size, seconds, kind)
    for window in (move.first, move.last):
        assert window.left >= -1e-6
        assert window.top >= -1e-6
        assert window.left + window.width <= width + 1e-6
        assert window.top + window.height <= height + 1e-6
        assert window.width / window.height == pytest.approx(size[0] / size[1], rel=1e-6)


@pytest.mark.parametrize("move", range(MOVES))
def test_a_move_is_even_and_calm(tmp_path, move):
    y, x = np.mgrid[0:360, 0:640]
    disc = np.clip(30 - np.hypot(x - 200, y - 150), 0, 1) * 255
    image = tmp_path / "disc.png"
    write_png(np.stack([disc] * 3, axis=-1).astype(np.uint8), image)
    frames = shown(tmp_path, image, frames=48, move=move, size=(640, 360))
    steps = np.diff([center(frame) for frame in frames], axis=0)
    assert np.abs(steps - steps.mean(axis=0)).max() < 0.12  # pixels: it does not tremble
    speed = np.hypot(*steps.mean(axis=0)) * 24 / 640
    assert 0.001 < speed < 0.02  # of the frame's width in a second


def center(frame: np.ndarray) -> tuple[float, float]:
    light = frame.astype(float).mean(axis=-1)
    light[light < 40] = 0
    y, x = np.mgrid[0 : light.shape[0], 0 : light.shape[1]]
    return (light * x).sum() / light.sum(), (light * y).sum() / light.sum()


def test_neighbours_move_in_different_ways():
    moves = [plan_move((1600, 900), (1280, 720), 6.0, kind) for kind in range(MOVES)]
    assert all(a != b for a, b in itertools.combinations(moves, 2))


def test_a_tall_image_is_shown_along_its_height():
    move = plan_move((1000, 3000), (1280, 720), 8.0, 0)
    assert move.first.left == move.last.left == 0
    assert move.last.top - move.first.top > 100


def test_colors_of_an_image_stay(tmp_path):
    image = tmp_path / "red.png"
    write_png(np.full((180, 320, 3), (200, 30, 60), np.uint8), image)
    frames = shown(tmp_path, image, frames=3)
    assert np.abs(frames[1].reshape(-1, 3).mean(axis=0) - (200, 30, 60)).max() < 5


def test_a_photo_from_a_phone_is_turned(tmp_path):
    pixels = np.zeros((64, 128, 3), np.uint8)
    pixels[:, :64] = (255, 0, 0)
    photo = tmp_path / "photo.jpg"
    write_still(av.VideoFrame.from_ndarray(pixels, format="rgb24"), photo, width=128)
    turned = tmp_path / "turned.jpg"
    turned.write_bytes(with_orientation(photo.read_bytes(), 6))
    seen = open_image(turned)
    assert seen.shape[:2] == (128, 64)
    assert seen[20, 32, 0] > 200  # the left half is on top
    assert seen[100, 32, 0] < 60


def with_orientation(jpeg: bytes, value: int) -> bytes:
    """Return a JPEG with an EXIF block that says how it is to be turned."""
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, value, 0)
    exif = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1) + entry + b"\0\0\0\0"
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


@pytest.mark.parametrize(
    "content", [b"", b"<svg/>", b"ffconcat version 1.0\nfile a.png\n", b"\x89PNG\r\n\x1a\n" + b"0" * 40]
)
def test_what_is_no_image_is_refused(tmp_path, content):
    path = tmp_path / "map.png"
    path.write_bytes(content)
    with pytest.raises(MediaError, match="Give a PNG, JPEG, WebP, BMP or TIFF"):
        open_image(path)


def test_a_missing_image_is_named(tmp_path):
    with pytest.raises(MediaError, match=r"map\.png cannot be opened"):
        open_image(tmp_path / "map.png")


def test_a_small_image_is_said_to_be_soft(tmp_path):
    image = tmp_path / "small.png"
    write_png(np.full((50, 80, 3), 90, np.uint8), image)
    shot = Shot(source=image, frames=10, still=True, name="Scene 2")
    done = fitting.fit_shot(shot, Form((1280, 720), 24), tmp_path)
    assert "Scene 2: the image of 80x50 is enlarged" in done.warnings[0]


def test_without_the_filter_an_image_stands_still(tmp_path, monkeypatch):
    image = tmp_path / "a.png"
    write_png(np.full((180, 320, 3), 90, np.uint8), image)
    found = find_ffmpeg()
    poor = type(found)(found.path, found.version, found.filters - {"perspective"}, found.encoders)
    monkeypatch.setattr(fitting, "find_ffmpeg", lambda: poor)
    done = fitting.fit_shot(Shot(source=image, frames=10, still=True), Form((160, 90), 24), tmp_path)
    assert "does not move" in done.warnings[0]
    assert "perspective" not in done.chain(0, 10)


def test_the_last_view_is_what_is_shown_last(tmp_path):
    rng = np.random.default_rng(3)
    image = tmp_path / "noise.png"
    coarse = rng.integers(0, 255, (9, 16, 3)).astype(np.uint8)
    write_png(coarse.repeat(40, axis=0).repeat(40, axis=1), image)
    last = shown(tmp_path, image, frames=72, move=0, size=(640, 360))[-1]
    view = open_image(write_last_view(image, tmp_path / "view.png", (640, 360), 3.0, 0))
    frame = av.VideoFrame.from_ndarray(view, format="rgb24").reformat(width=640, height=360)
    apart = np.abs(frame.to_ndarray(format="rgb24").astype(int) - last.astype(int))
    assert apart.mean() < 6
