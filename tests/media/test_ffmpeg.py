"""Finding and running FFmpeg; nothing of it outlives the await."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from voxweave_nb import FFmpegFailed, FFmpegMissing
from voxweave_nb.media.ffmpeg import find_ffmpeg
from voxweave_nb.media.running import run_ffmpeg

ENDLESS = ["-f", "lavfi", "-i", "testsrc2=s=64x64", "-f", "null", "-"]


def script(path: Path, body: str) -> Path:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def test_the_shipped_one_is_found_and_knows_what_it_can_do(monkeypatch):
    monkeypatch.delenv("VOXWEAVE_FFMPEG", raising=False)
    found = find_ffmpeg()
    assert "imageio_ffmpeg" in found.path
    assert {"subtitles", "scale", "ebur128"} <= found.filters
    assert {"libx264", "aac", "mov_text", "libvpx-vp9"} <= found.encoders


def test_the_variable_wins(monkeypatch, tmp_path):
    real = find_ffmpeg().path
    mine = script(tmp_path / "my ffmpeg", f'exec "{real}" "$@"')
    monkeypatch.setenv("VOXWEAVE_FFMPEG", str(mine))
    assert find_ffmpeg().path == str(mine)


@pytest.mark.parametrize("body", ["exit 1", "echo hello", None])
def test_a_variable_that_names_no_ffmpeg_is_said(monkeypatch, tmp_path, body):
    path = tmp_path / "nothing"
    if body is not None:
        script(path, body)
    monkeypatch.setenv("VOXWEAVE_FFMPEG", str(path))
    with pytest.raises(FFmpegMissing, match=rf"VOXWEAVE_FFMPEG \({path}"):
        find_ffmpeg()


def test_a_failure_carries_ffmpegs_own_words(tmp_path):
    with pytest.raises(FFmpegFailed, match=r"nothing\.mp4") as caught:
        asyncio.run(run_ffmpeg(["-i", "file:nothing.mp4", "-f", "null", "-"], cwd=tmp_path, timeout=20))
    assert caught.value.returncode > 0
    assert "No such file" in caught.value.stderr


def test_progress_follows_what_is_written(tmp_path):
    seen: list[float] = []
    args = ["-f", "lavfi", "-i", "testsrc2=s=640x360:d=4", "-c:v", "libx264", "file:out.mp4"]
    asyncio.run(run_ffmpeg(args, cwd=tmp_path, timeout=60, seconds=4, on_progress=seen.append))
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1.0, abs=0.1)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_cancelled_run_leaves_no_process(tmp_path):
    async def main() -> None:
        task = asyncio.create_task(run_ffmpeg(ENDLESS, cwd=tmp_path, timeout=60))
        while not _running_in(tmp_path):
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert _running_in(tmp_path) == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_run_that_takes_too_long_is_ended_with_all_that_it_started(monkeypatch, tmp_path):
    real = find_ffmpeg().path
    # A wrapper, as some installations have: killing it alone would leave the real one running.
    wrapper = script(tmp_path / "ffmpeg", f'"{real}" "$@"; exit $?')
    monkeypatch.setenv("VOXWEAVE_FFMPEG", str(wrapper))
    with pytest.raises(FFmpegFailed, match="still running after"):
        asyncio.run(run_ffmpeg(ENDLESS, cwd=tmp_path, timeout=0.5))
    assert _running_in(tmp_path) == []


def _running_in(folder: Path) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "cwd").readlink() == folder and "Z" not in _state(entry):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def _state(entry: Path) -> str:
    return (entry / "stat").read_text().rsplit(")", 1)[1].split()[0]
