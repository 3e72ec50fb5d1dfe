"""Frames as they are shown."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import pytest

from voxweave_nb.media.probe import probe, probe_shown
from voxweave_nb.media.upright import View, frame_view, view_of

from .files import write_clip, write_tone

ROTATED = Path(__file__).parents[1] / "data" / "clip_rotated.mp4"


def test_a_plain_clip_is_upright(tmp_path):
    view = view_of(write_clip(tmp_path / "plain.mp4", size="64x48", seconds=0.2))
    assert view == View(64, 48)
    assert view.upright


def test_a_display_matrix_is_read():
    view = view_of(ROTATED)
    assert (view.width, view.height, view.swapped, view.upright) == (360, 640, True, False)
    assert (probe(ROTATED).video.width, probe_shown(ROTATED).video.width) == (640, 360)


@pytest.mark.parametrize(
    ("ratio", "shown", "implausible"),
    [
        (Fraction(4), (256, 48), False),
        (Fraction(1, 4), (64, 192), False),
        (Fraction(5), (64, 48), True),
        (Fraction(1, 5), (64, 48), True),
        (Fraction(2**31 - 1), (64, 48), True),
        (Fraction(1, 2**31 - 1), (64, 48), True),
    ],
)
def test_implausible_pixels_count_as_square(ratio, shown, implausible):
    view = frame_view(av.VideoFrame(64, 48, "yuv420p"), ratio)
    assert (view.width, view.height, view.upright) == (*shown, False)
    assert view.implausible is implausible


def test_stretched_frames_stay_below_the_limit():
    view = frame_view(av.VideoFrame(7680, 4320, "gray"), Fraction(2))
    assert (view.width, view.height, view.implausible) == (7680, 4320, True)


@pytest.mark.parametrize(
    ("view", "left", "top"),
    [
        (View(32, 16), 255, 255),
        (View(32, 16, mirrored=True), 0, 255),
        (View(32, 16, flipped=True), 255, 0),
        (View(16, 32, swapped=True), 255, 255),
        (View(16, 32, swapped=True, mirrored=True, flipped=True), 0, 0),
        (View(64, 16, square=False), 255, 255),
    ],
)
def test_a_frame_is_turned(view, left, top):
    frame = av.VideoFrame(32, 16, "rgb24")
    pixels = frame.to_ndarray()
    pixels[:] = 0
    pixels[:8, :16] = 255  # the upper left corner
    shown = view.apply(av.VideoFrame.from_ndarray(pixels, format="rgb24"))
    assert (shown.width, shown.height, shown.format.name) == (view.width, view.height, "yuv420p")
    grey = shown.to_ndarray(format="gray")
    middle, centre = view.height // 2, view.width // 2
    assert grey[2 if top else -3, 2 if left else -3] > 200
    assert grey[middle + 3 if top else middle - 4, 2] < 60
    assert grey[2, centre + 3 if left else centre - 4] < 60


def test_sound_alone_has_no_view(tmp_path):
    assert view_of(write_tone(tmp_path / "talk.flac", "flac", 0.5)) is None
