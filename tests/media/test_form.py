"""The canonical form: frames of any shape cover it, and every part fits every other."""

from __future__ import annotations

import subprocess

import av
import pytest

from voxweave_nb import VideoFormat
from voxweave_nb.media.ffmpeg import find_ffmpeg
from voxweave_nb.media.form import Form
from voxweave_nb.media.probe import probe_shown

from .files import write_clip


@pytest.mark.parametrize("size", ["64x200", "320x48", "160x96"])
def test_frames_of_any_shape_cover_the_form(tmp_path, size):
    form = Form((160, 96), 24)
    clip = write_clip(tmp_path / "clip.mp4", size=size, seconds=0.2)
    filters = ",".join(["fps=24", *form.filters(probe_shown(clip).video)])
    command = ["-i", str(clip), "-an", "-vf", filters, *form.part, str(tmp_path / "part.mp4")]
    subprocess.run([find_ffmpeg().path, "-v", "error", *command], check=True)
    stream = probe_shown(tmp_path / "part.mp4").video
    assert (stream.width, stream.height, stream.pix_fmt) == (160, 96, "yuv420p")
    assert stream.color_space == "bt709"
    with av.open(str(tmp_path / "part.mp4")) as part:
        frame = next(part.decode(video=0)).to_ndarray(format="yuv420p")[:96]
    assert min(edge.mean() for edge in (frame[0], frame[-1], frame[:, 0], frame[:, -1])) > 25  # no black bars


@pytest.mark.parametrize("fps", [1, 7, 24, 30, 59])
@pytest.mark.parametrize("container", [VideoFormat.MP4, VideoFormat.WEBM])
def test_each_frame_lasts_whole_ticks(tmp_path, fps, container):
    part = tmp_path / "part.mp4"
    source = ["-f", "lavfi", "-i", f"testsrc2=s=64x48:r={fps}", "-frames:v", "9", "-pix_fmt", "yuv420p"]
    command = [*source, *Form((64, 48), fps, container).part, str(part)]
    subprocess.run([find_ffmpeg().path, "-v", "error", *command], check=True)
    with av.open(str(part)) as opened:
        stream = opened.streams.video[0]
        times = [packet.pts * stream.time_base * fps for packet in opened.demux(stream) if packet.size]
    assert times == list(range(9))
