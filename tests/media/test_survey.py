"""Reading a video for its checks: times, brightness, colours and levels, also of odd files."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from voxweave_nb import JobCanceled, MediaError
from voxweave_nb.media.ffmpeg import find_ffmpeg
from voxweave_nb.media.survey import LEVEL_SECONDS, FrameSurvey, SoundSurvey

from .files import write_clip, write_silent_video, write_tone


def write(path: Path, *args: str) -> Path:
    subprocess.run([find_ffmpeg().path, "-v", "error", *args, str(path)], check=True)
    return path


def test_frames_have_times_and_small_sizes(tmp_path: Path):
    survey = FrameSurvey(write_clip(tmp_path / "a.mp4", size="640x360", seconds=1.5, rate=20))
    frames = list(survey)
    assert [frame.time for frame in frames] == pytest.approx(np.arange(30) / 20)
    assert survey.end == pytest.approx(1.5)
    assert {frame.luma.shape for frame in frames} == {(90, 160)}
    assert {frame.light.shape for frame in frames} == {(3, 45, 80)}
    detailed = [frame for frame in frames if frame.detail is not None]
    assert [frame.time for frame in detailed] == pytest.approx([0.0, 0.5, 1.0])
    assert {frame.detail.shape for frame in detailed} == {(360, 640)}


def test_portrait_and_small_videos_keep_their_shape(tmp_path: Path):
    frame = next(iter(FrameSurvey(write_clip(tmp_path / "a.mp4", size="90x160", seconds=0.2))))
    assert (frame.luma.shape, frame.detail.shape) == ((160, 90), (160, 90))


@pytest.mark.parametrize(
    ("color", "light"),
    [
        ("red", (1, 0, 0)),
        ("lime", (0, 1, 0)),
        ("blue", (0, 0, 1)),
        ("white", (1, 1, 1)),
        ("gray", (0.216,) * 3),
    ],
)
@pytest.mark.parametrize("tags", [("bt709", "tv"), ("bt470bg", "tv"), ("bt709", "pc")], ids=" ".join)
def test_colors_are_linear_light(tmp_path: Path, color: str, light: tuple[float, ...], tags: tuple[str, str]):
    matrix, range_ = tags
    scale = f"scale=out_color_matrix={matrix}:out_range={range_},format=yuv420p"
    encode = ["-c:v", "libx264", "-qp", "0", "-colorspace", matrix, "-color_range", range_]
    source = ["-f", "lavfi", "-i", f"color={color}:s=64x64:d=0.2", "-vf", scale]
    frame = next(iter(FrameSurvey(write(tmp_path / "a.mp4", *source, *encode))))
    assert frame.light.mean(axis=(1, 2)) == pytest.approx(light, abs=0.03)


@pytest.mark.parametrize("range_", ["tv", "pc"])
def test_black_is_0_and_white_255(tmp_path: Path, range_: str):
    for color, luma in (("black", 0), ("white", 255)):
        scale = f"scale=out_range={range_},format=yuv420p"
        source = ["-f", "lavfi", "-i", f"color={color}:s=64x64:d=0.2", "-vf", scale, "-color_range", range_]
        frame = next(iter(FrameSurvey(write(tmp_path / f"{color}.mp4", *source))))
        assert frame.luma.mean() == pytest.approx(luma, abs=1)


@pytest.mark.parametrize("pixels", ["yuv444p10le", "gray", "gbrp"])
def test_other_pixel_formats_are_read(tmp_path: Path, pixels: str):
    source = ["-f", "lavfi", "-i", "color=white:s=64x64:d=0.2", "-pix_fmt", pixels, "-c:v", "ffv1"]
    frame = next(iter(FrameSurvey(write(tmp_path / "a.mkv", *source))))
    assert frame.light.mean() == pytest.approx(1, abs=0.03)


def test_times_begin_with_the_first_frame(tmp_path: Path):
    source = ["-f", "lavfi", "-i", "testsrc2=s=64x64:d=0.5:r=10", "-output_ts_offset", "5"]
    survey = FrameSurvey(write(tmp_path / "a.mkv", *source))
    assert [frame.time for frame in survey] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])


def test_a_flood_of_frames_is_thinned_out(tmp_path: Path):
    source = ["-f", "lavfi", "-i", "testsrc2=s=64x64:d=0.5:r=2000", "-c:v", "ffv1"]
    frames = list(FrameSurvey(write(tmp_path / "a.mkv", *source)))
    assert 100 <= len(frames) <= 126


def test_a_long_last_frame_counts_whole(tmp_path: Path):
    source = ["-f", "lavfi", "-i", "testsrc2=s=64x64:d=4:r=1", "-vf", "select=lt(n\\,2)", "-fps_mode", "vfr"]
    survey = FrameSurvey(write(tmp_path / "a.mp4", *source))
    assert len(list(survey)) == 2
    assert survey.end == pytest.approx(2.0)


def test_a_file_without_video_is_an_error(tmp_path: Path):
    path = write_tone(tmp_path / "a.mp3", "libmp3lame", 0.5)
    with pytest.raises(MediaError, match=r"a\.mp3 has no video in it"):
        list(FrameSurvey(path))


@pytest.mark.parametrize("reader", [FrameSurvey, SoundSurvey])
def test_reading_stops_when_canceled(tmp_path: Path, reader: type):
    path = write_clip(tmp_path / "a.mp4", size="64x64", seconds=1)
    answers = iter([False] * 3)
    with pytest.raises(JobCanceled):
        list(reader(path, canceled=lambda: next(answers, True)))


def test_levels_are_in_decibels(tmp_path: Path):
    tone = ["-f", "lavfi", "-i", "sine=f=440:d=1,volume=8", "-af", "volume=0:enable='gte(t,0.5)'"]
    levels = np.concatenate(list(SoundSurvey(write(tmp_path / "a.wav", *tone))))
    assert len(levels) == 1 / LEVEL_SECONDS
    # FFmpeg's tone has an amplitude of 1/8: full scale here, and a sine's power is half.
    assert levels[1:9] == pytest.approx([-3.0] * 8, abs=0.2)
    assert levels[11:] == pytest.approx([-120.0] * 9)


def test_a_video_without_sound_says_so(tmp_path: Path):
    survey = SoundSurvey(write_silent_video(tmp_path / "a.mp4"))
    assert list(survey) == []
    assert survey.present is False
