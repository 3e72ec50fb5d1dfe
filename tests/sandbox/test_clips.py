"""The clips that the sandbox serves."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import httpx
import pytest

from voxweave_nb.media.probe import probe
from voxweave_nb.sandbox import Sandbox
from voxweave_nb.sandbox.clips import Clips, make_clip, pad_clip

from .clients import client_of, poll, submit


@pytest.mark.slow
def test_a_video_has_the_requested_shape(openai: httpx.Client, sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.reset()
    job = submit(openai, model="sora-2-pro", size="1024x1792", seconds="4")
    poll(openai, job, 1)
    (tmp_path / "film.mp4").write_bytes(openai.get(f"/videos/{job}/content").content)
    found = probe(tmp_path / "film.mp4")
    assert found.video
    assert (found.video.width, found.video.height) == (640, 1120)
    assert (sandbox.jobs[0].size, sandbox.jobs[0].seconds) == ((1024, 1792), 4)


@pytest.mark.slow
def test_videos_can_be_full_sized_and_padded(tmp_path: Path) -> None:
    with (
        Sandbox(polls=0, full_size=True, pad_to=3_000_000) as sandbox,
        client_of(sandbox, "openai_sora") as client,
    ):
        content = client.get(f"/videos/{submit(client)}/content").content
    assert len(content) == 3_000_000
    (tmp_path / "film.mp4").write_bytes(content)
    found = probe(tmp_path / "film.mp4").video
    assert found
    assert (found.width, found.height) == (720, 1280)


def test_the_index_of_a_video_comes_first(openai: httpx.Client) -> None:
    job = submit(openai)
    poll(openai, job, 1)
    content = openai.get(f"/videos/{job}/content").content
    assert content.index(b"moov") < content.index(b"mdat")


@pytest.mark.slow
def test_many_jobs_share_one_clip() -> None:
    with Sandbox(polls=0) as sandbox, client_of(sandbox, "openai_sora") as client:
        client.get(f"/videos/{submit(client)}/content")
        took = []
        for _ in range(100):
            before = time.monotonic()
            assert client.get(f"/videos/{submit(client)}/content").status_code == 200
            took.append(time.monotonic() - before)
        assert min(took) < 0.04  # two requests; Nagle's algorithm would hold each back for 40 ms


def test_a_clip_is_rendered_once_for_all(tmp_path: Path) -> None:
    async def work() -> list[Path]:
        clips = Clips(tmp_path)
        return await asyncio.gather(*(clips.video((1280, 720), 0.5) for _ in range(3)))

    assert len(set(asyncio.run(work()))) == 1
    assert len(list(tmp_path.glob("*.mp4"))) == 1


def test_a_clip_has_a_watermark(tmp_path: Path) -> None:
    def render(mark: str) -> bytes:
        to = tmp_path / f"{mark or 'none'}.mp4"
        asyncio.run(make_clip(to, width=320, height=180, seconds=0.2, mark=mark))
        return to.read_bytes()

    assert render("sandbox") != render("")


def test_padding_keeps_a_clip_playable(tmp_path: Path) -> None:
    clip = asyncio.run(make_clip(tmp_path / "a.mp4", width=320, height=180, seconds=0.2, mark="x"))
    padded = pad_clip(clip, tmp_path / "b.mp4", 500_000)
    assert padded.stat().st_size == 500_000
    assert probe(padded) == probe(clip)


def test_the_length_of_audio_is_measured(tmp_path: Path, sound: bytes) -> None:
    clips = Clips(tmp_path)
    assert asyncio.run(clips.audio_seconds(sound)) == pytest.approx(2.0, abs=0.01)
    assert asyncio.run(clips.audio_seconds(b"no sound")) is None
    assert list(tmp_path.iterdir()) == []
