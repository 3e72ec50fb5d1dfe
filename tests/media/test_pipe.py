"""Frames into an encoder."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from voxweave_nb import FFmpegFailed
from voxweave_nb.media.pipe import Target, open_pipe
from voxweave_nb.media.probe import probe
from voxweave_nb.models import VideoQuality


def encoded(folder: Path, **how: object) -> Path:
    """Half a second of drifting soft noise."""
    folder.mkdir()
    noise = np.random.default_rng(1).integers(0, 255, (3, 9, 32), np.uint8).repeat(10, 1).repeat(10, 2)
    to = folder / "out.mp4"
    target = Target(to=to, width=160, height=90, out_width=320, out_height=180, fps=24, cwd=folder, **how)  # type: ignore[arg-type]
    pipe, _ = open_pipe(target)
    with pipe:
        for index in range(12):
            frame = pipe.frame()
            frame[...] = noise[:, :, index : index + 160]
            pipe.send(frame)
    return to


def test_the_finer_the_quantizer_the_larger_the_file(tmp_path: Path) -> None:
    sizes = [encoded(tmp_path / str(q), quantizer=q).stat().st_size for q in (16, 22, 30)]
    assert sizes[0] > 1.2 * sizes[1]
    assert sizes[1] > 1.2 * sizes[2]


@pytest.mark.parametrize("quality", VideoQuality)
def test_every_quality_gives_a_whole_video(quality: VideoQuality, tmp_path: Path) -> None:
    stream = probe(encoded(tmp_path / "work", quality=quality)).video
    assert stream is not None
    assert (stream.width, stream.height) == (320, 180)


def test_without_ffmpeg_pyav_encodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOXWEAVE_FFMPEG", str(tmp_path / "nowhere"))
    stream = probe(encoded(tmp_path / "work")).video
    assert stream is not None
    assert (stream.codec, stream.width, stream.height) == ("h264", 320, 180)


def test_a_failing_encoder_reports_its_log(tmp_path: Path) -> None:
    with pytest.raises(FFmpegFailed, match=r"while encoding rendered frames.*nosuchfilter"):
        encoded(tmp_path / "work", filters="nosuchfilter")
    assert not (tmp_path / "work" / "out.mp4").exists()


def test_aborting_removes_the_file(tmp_path: Path) -> None:
    target = Target(
        to=tmp_path / "out.mp4", width=64, height=36, out_width=64, out_height=36, fps=24, cwd=tmp_path
    )
    pipe, _ = open_pipe(target)
    pipe.send(pipe.frame())
    pipe.abort()
    assert not target.to.exists()


@pytest.mark.parametrize("encoder", ["ffmpeg", "pyav"])
def test_frames_become_keyframes_where_asked(
    encoder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if encoder == "pyav":
        monkeypatch.setenv("VOXWEAVE_FFMPEG", str(tmp_path / "nowhere"))
    file = encoded(tmp_path / "work", keyframes=(-3, 5, 9))
    with av.open(str(file)) as container:
        keys = [index for index, frame in enumerate(container.decode(video=0)) if frame.key_frame]
    assert keys == [0, 5, 9]


def test_a_flushed_pipe_takes_more_frames(tmp_path: Path) -> None:
    target = Target(
        to=tmp_path / "out.mp4", width=64, height=36, out_width=64, out_height=36, fps=24, cwd=tmp_path
    )
    pipe, _ = open_pipe(target)
    with pipe:
        for _ in range(2):
            for _ in range(6):
                pipe.send(pipe.frame())
            pipe.flush()
    stream = probe(target.to).video
    assert stream is not None
    assert stream.duration == pytest.approx(0.5)
