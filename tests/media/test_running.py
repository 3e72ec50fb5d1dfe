"""Running FFmpeg: nothing of it outlives the await."""

from __future__ import annotations

import asyncio

import pytest

from tests.systems import processes_in, shell_program
from voxweave_nb import FFmpegFailed
from voxweave_nb.media.ffmpeg import find_ffmpeg
from voxweave_nb.media.probe import probe
from voxweave_nb.media.running import join_parts, run_ffmpeg

from .files import write_clip

ENDLESS = ["-f", "lavfi", "-i", "testsrc2=s=64x64", "-f", "null", "-"]


def test_a_failure_carries_ffmpegs_own_words(tmp_path):
    with pytest.raises(FFmpegFailed, match=r"nothing\.mp4") as caught:
        asyncio.run(run_ffmpeg(["-i", "file:nothing.mp4", "-f", "null", "-"], cwd=tmp_path, timeout=20))
    assert caught.value.returncode > 0
    assert "No such file" in caught.value.stderr


@pytest.mark.slow
def test_progress_follows_the_output(tmp_path):
    seen: list[float] = []
    args = ["-f", "lavfi", "-i", "testsrc2=s=640x360:d=4", "-c:v", "libx264", "file:out.mp4"]
    asyncio.run(run_ffmpeg(args, cwd=tmp_path, timeout=60, seconds=4, on_progress=seen.append))
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1.0, abs=0.1)


def test_a_cancelled_run_leaves_no_process(tmp_path):
    async def main() -> None:
        task = asyncio.create_task(run_ffmpeg(ENDLESS, cwd=tmp_path, timeout=60))
        while not processes_in(tmp_path):
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert processes_in(tmp_path) == {}


@pytest.mark.slow
def test_a_time_out_kills_the_whole_process_group(monkeypatch, tmp_path):
    real = find_ffmpeg().path
    # A wrapper, as some installations have: killing it alone would leave the real one running.
    wrapper = shell_program(tmp_path / "ffmpeg", f'"{real}" "$@"; exit $?')
    monkeypatch.setenv("VOXWEAVE_FFMPEG", str(wrapper))
    with pytest.raises(FFmpegFailed, match="still running after"):
        asyncio.run(run_ffmpeg(ENDLESS, cwd=tmp_path, timeout=0.5))
    assert processes_in(tmp_path) == {}


def test_parts_are_joined_by_stream_copy(tmp_path):
    parts = [tmp_path / "part0.mp4", tmp_path / "part1.mp4"]
    for part in parts:
        write_clip(part, size="64x64", seconds=0.5, sound=False)
    asyncio.run(join_parts(parts, tmp_path / "whole.mp4"))
    assert probe(tmp_path / "whole.mp4").video.duration == pytest.approx(1.0, abs=0.1)
