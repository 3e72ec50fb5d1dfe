"""Finding FFmpeg."""

from __future__ import annotations

import pytest

from tests.systems import shell_program
from voxweave_nb import FFmpegMissing
from voxweave_nb.media.ffmpeg import failure, find_ffmpeg


def test_the_shipped_ffmpeg_is_found_with_its_features(monkeypatch):
    monkeypatch.delenv("VOXWEAVE_FFMPEG", raising=False)
    found = find_ffmpeg()
    assert "imageio_ffmpeg" in found.path
    assert {"subtitles", "scale", "ebur128"} <= found.filters
    assert {"libx264", "aac", "mov_text", "libvpx-vp9"} <= found.encoders


def test_the_environment_variable_comes_first(monkeypatch, tmp_path):
    real = find_ffmpeg().path
    mine = shell_program(tmp_path / "my ffmpeg", f'exec "{real}" "$@"')
    monkeypatch.setenv("VOXWEAVE_FFMPEG", str(mine))
    assert find_ffmpeg().path == str(mine)


@pytest.mark.parametrize("body", ["exit 1", "echo hello", None])
def test_a_wrong_environment_variable_is_reported(monkeypatch, tmp_path, body):
    path = tmp_path / "nothing"
    if body is not None:
        shell_program(path, body)
    monkeypatch.setenv("VOXWEAVE_FFMPEG", str(path))
    with pytest.raises(FFmpegMissing, match=rf"VOXWEAVE_FFMPEG \({path}"):
        find_ffmpeg()


def test_a_status_without_words_is_explained():
    assert str(failure(228, "", " while encoding")).endswith("228 while encoding: No space left on device")
    assert str(failure(1, "\n")).endswith("1: no message in its log")
