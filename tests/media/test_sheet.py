"""A sheet shows a video's frames in the order of time."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import av
import numpy as np
import pytest

from voxweave_nb.errors import MediaError
from voxweave_nb.media.ffmpeg import find_ffmpeg
from voxweave_nb.media.sheet import brightness_of, make_sheet


def clip(to: Path, source: str) -> Path:
    command = [
        find_ffmpeg().path,
        "-v",
        "error",
        "-y",
        "-f",
        "lavfi",
        "-i",
        source,
        "-pix_fmt",
        "yuv420p",
        str(to),
    ]
    subprocess.run(command, check=True)
    return to


def pixels(jpeg: bytes) -> np.ndarray:
    with av.open(io.BytesIO(jpeg), format="mjpeg") as container:
        return next(container.decode(video=0)).to_ndarray(format="gray")


def test_frames_stand_in_the_order_of_time(tmp_path):
    # From black to white within four seconds.
    video = clip(tmp_path / "a.mp4", "color=black:s=320x180:d=4,format=gray,geq=lum='60*T'")
    sheet = pixels(make_sheet(video, frames=8, seconds=4.0, width=160))
    assert sheet.shape == (2 * 90, 4 * 160)
    tiles = [
        sheet[row * 90 : row * 90 + 90, column * 160 : column * 160 + 160].mean()
        for row in (0, 1)
        for column in range(4)
    ]
    assert tiles == sorted(tiles)
    assert tiles[0] < 40 < 200 < tiles[-1]


def test_upright_frames_stay_upright(tmp_path):
    video = clip(tmp_path / "a.mp4", "color=gray:s=180x320:d=1")
    assert pixels(make_sheet(video, frames=4, seconds=1.0, width=160)).shape == (160, 4 * 90)


def test_a_short_clip_fills_the_sheet(tmp_path):
    video = clip(tmp_path / "a.mp4", "color=white:s=64x64:d=0.1")
    assert brightness_of(make_sheet(video, frames=6, seconds=0.1, width=64)) > 100


def test_brightness_is_that_of_the_image(tmp_path):
    dark, light = (
        brightness_of(
            make_sheet(clip(tmp_path / f"{name}.mp4", f"color={name}:s=64x64:d=1"), frames=4, seconds=1.0)
        )
        for name in ("black", "white")
    )
    assert dark < 20
    assert light > 230


def test_what_is_not_a_video_gets_a_sentence(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"no video")
    with pytest.raises(MediaError, match=r"a\.mp4"):
        make_sheet(tmp_path / "a.mp4", seconds=1.0)
    with pytest.raises(MediaError, match="not a JPEG"):
        brightness_of(b"no image")


def test_sound_alone_makes_no_sheet(narration_file):
    with pytest.raises(MediaError, match="No frame"):
        make_sheet(narration_file, seconds=2.0)
