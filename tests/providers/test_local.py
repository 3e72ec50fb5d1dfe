"""The local renderer as a provider: renders really, in slots, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import math
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from voxweave_nb import ConfigError, FFmpegFailed, ProviderError, ProviderUnavailable, Settings, VideoConfig
from voxweave_nb.media.probe import probe
from voxweave_nb.media.stitch import count_frames
from voxweave_nb.models import JobState
from voxweave_nb.private_folders import new_private_folder
from voxweave_nb.providers.local import LocalProvider
from voxweave_nb.providers.types import ClipRequest, FilmPart
from voxweave_nb.render.scene_list import FilmScene

T = TypeVar("T")


def run(step: Callable[[LocalProvider], Awaitable[T]]) -> T:
    async def whole() -> T:
        provider = LocalProvider(settings=Settings())
        try:
            return await step(provider)
        finally:
            await provider.aclose()

    return asyncio.run(whole())


def request_of(provider: LocalProvider, samples: Path, **config: object) -> ClipRequest:
    wanted = VideoConfig(**{"quality": "draft", "fps": 5, **config})
    return ClipRequest(
        plan=provider.plan(wanted, 1.0), config=wanted, narration=samples, duration=1.0, request_id="r"
    )


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which renders keep their files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_its_plan_is_the_config_for_free():
    plan = LocalProvider(settings=Settings()).plan(VideoConfig(resolution="4k", prompt="rain"), 7.25)
    assert (plan.size, plan.seconds, plan.prompt, plan.usd) == ((3840, 2160), 7.25, "rain", 0.0)
    assert (plan.provider, plan.fills(7.25)) == ("local", True)


def test_it_never_is_late():
    can = LocalProvider.capabilities
    assert (can.deadline, can.free, can.cancel) == (math.inf, True, True)


def test_a_render_becomes_a_clip(samples, temporary, tmp_path):
    async def step(local: LocalProvider) -> list[JobState]:
        accepted = await local.submit(request_of(local, samples))
        states = [(await local.status(accepted.job_id)).state]
        while not states[-1].final:
            await asyncio.sleep(0.01)
            states.append((status := await local.status(accepted.job_id)).state)
        assert status.extras is not None
        assert status.extras.sprite is not None
        sizes: list[int] = []
        await local.download(accepted.job_id, tmp_path / "clip.mp4", sizes.append)
        assert sizes == [(tmp_path / "clip.mp4").stat().st_size]
        return states

    assert run(step)[-1] is JobState.SUCCEEDED
    found = probe(tmp_path / "clip.mp4")
    assert (found.video.width, found.video.height, found.audio) == (640, 360, None)
    assert list(temporary.iterdir()) == []


def test_a_cancelled_render_leaves_nothing(samples, temporary):
    async def step(local: LocalProvider) -> bool:
        job_id = (await local.submit(request_of(local, samples, resolution="4k"))).job_id
        assert len(list(temporary.iterdir())) == 1
        return await local.cancel(job_id) and await local.cancel(job_id)

    assert run(step)
    assert list(temporary.iterdir()) == []


def test_more_renders_than_slots_wait(samples, temporary):
    async def step(local: LocalProvider) -> list[JobState]:
        local._slots.total = 1
        local._slots.free = asyncio.Semaphore(1)
        jobs = [(await local.submit(request_of(local, samples))).job_id for _ in range(2)]
        while (await local.status(jobs[0])).state is JobState.QUEUED:
            await asyncio.sleep(0)
        return [(await local.status(job)).state for job in jobs]

    assert run(step) == ["running", "queued"]
    assert list(temporary.iterdir()) == []


def test_a_failed_render_says_why(samples, temporary):
    async def step(local: LocalProvider) -> str:
        local._slots.free = asyncio.Semaphore(1)
        async with local._slots.free:  # it waits
            job_id = (await local.submit(request_of(local, samples))).job_id
            (local._renders[job_id].folder / "samples.s16").unlink()
        while not (status := await local.status(job_id)).state.final:
            await asyncio.sleep(0.01)
        assert status.state is JobState.FAILED
        return status.message

    assert "samples.s16" in run(step)


def test_a_render_without_room_says_so(samples, temporary, monkeypatch):
    async def full(*_: object, **__: object) -> None:
        raise FFmpegFailed("FFmpeg ended with status 228: No space left on device", returncode=228)

    async def step(local: LocalProvider) -> str:
        job_id = (await local.submit(request_of(local, samples))).job_id
        while not (status := await local.status(job_id)).state.final:
            await asyncio.sleep(0.01)
        return status.message

    monkeypatch.setattr("voxweave_nb.render.renderer.render", full)
    assert run(step).endswith(
        "device. Free some space in the temporary folder, or name another one in TMPDIR."
    )


def test_a_submission_without_room_leaves_nothing(temporary, tmp_path):
    async def step(local: LocalProvider) -> None:
        with pytest.raises(ProviderUnavailable, match="local cannot write its files"):
            await local.submit(request_of(local, tmp_path / "nowhere"))
        assert list(temporary.iterdir()) == []

    run(step)


def test_no_temporary_folder_is_not_billed(samples, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: [str(tmp_path / "nowhere")])

    async def step(local: LocalProvider) -> None:
        with pytest.raises(ProviderUnavailable, match=r"No usable temporary directory.* in TMPDIR") as caught:
            await local.submit(request_of(local, samples))
        assert "bill" not in str(caught.value)

    run(step)


def test_an_unknown_job_is_free_to_repeat():
    with pytest.raises(ProviderError, match=r"Unknown local job 'nothing'.*it is free") as caught:
        run(lambda local: local.status("nothing"))
    assert caught.value.job_id == "nothing"


def test_folders_of_a_killed_process_are_removed(samples, temporary, monkeypatch):
    left = new_private_folder("voxweave-render-")
    (left / "samples.s16").write_bytes(b"0" * 1000)
    monkeypatch.setattr("voxweave_nb.private_folders.is_alive", lambda _: False)

    async def step(local: LocalProvider) -> bool:
        await local.submit(request_of(local, samples))
        return left.exists()

    assert run(step) is False


def test_scenes_must_fill_the_narration(samples: Path):
    async def step(local: LocalProvider) -> None:
        request = replace(request_of(local, samples), scenes=(FilmScene(0.0, 0.2),))
        with pytest.raises(ConfigError, match=r"Scene 1 ends at 0.20 s, but the narration at 1.00 s"):
            await local.submit(request)

    run(step)


def test_a_part_of_a_film_keeps_its_length(samples: Path, tmp_path: Path):
    scenes = (FilmScene(0.0, 0.4), FilmScene(0.4, 1.0, "the city"))
    part = FilmPart(number=1, scenes=scenes, narration=samples, duration=1.0, prompt="dusk", title="")

    async def step(local: LocalProvider) -> tuple[int, ...]:
        request = replace(request_of(local, samples, style="cinematic"), duration=0.6, part=part)
        with pytest.raises(ConfigError, match=r"Scene 2 ends at 1.00 s, but the narration at 9.00 s"):
            await local.submit(replace(request, part=replace(part, duration=9.0)))
        job = (await local.submit(request)).job_id
        while not (status := await local.status(job)).state.final:
            await asyncio.sleep(0.01)
        assert status.extras.understood["scene 2"].startswith("city")
        await local.download(job, tmp_path / "clip.mp4", lambda _: None)
        return (count_frames(tmp_path / "clip.mp4"),)

    assert run(step) == (3,)


def test_a_place_missing_in_a_scene_is_said(samples: Path):
    async def step(local: LocalProvider) -> tuple[str, ...]:
        scenes = (FilmScene(0.0, 0.5, "the city"), FilmScene(0.5, 1.0, "the sea", spoken="A lake."))
        request = replace(request_of(local, samples, style="cinematic"), scenes=scenes)
        return (await local.submit(request)).warnings

    assert run(step) == ("Scene 2: cinematic has no sea; realistic and anime do.",)
