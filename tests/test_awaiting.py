"""A call without `await` says that it wants one."""

from __future__ import annotations

import asyncio
import gc
import inspect
import warnings

import pytest

from voxweave_nb import GeneratedVideo, VideoGenerationService, run
from voxweave_nb.awaiting import tells_to_await

CALLS = {
    "generate_video": lambda service: service.generate_video("talk.mp3"),
    "upload_audio": lambda service: service.upload_audio("talk.mp3"),
    "create_video_job": lambda service: service.create_video_job("talk.mp3"),
    "poll_video_status": lambda service: service.poll_video_status("7"),
    "download_video": lambda service: service.download_video("7", "x.mp4"),
    "embed_subtitles": lambda service: service.embed_subtitles("x.mp4", "x.srt", to="y.mp4"),
    "cancel": lambda service: service.cancel("7"),
}


@tells_to_await
async def double(number: int) -> int:
    """Double a number."""
    await asyncio.sleep(0)
    return 2 * number


@pytest.mark.parametrize("name", CALLS)
def test_a_call_without_await_says_so(name):
    service = VideoGenerationService.local()
    with pytest.warns(RuntimeWarning, match=rf"Write: await service\.{name}\(\.\.\.\)$") as warned:
        CALLS[name](service)
    assert len(warned) == 1
    assert warned[0].filename == __file__


def test_every_asynchronous_method_is_covered():
    public = {name for name in dir(VideoGenerationService) if not name.startswith("_")}
    methods = {name: inspect.unwrap(getattr(VideoGenerationService, name)) for name in public}
    assert {name for name, method in methods.items() if inspect.iscoroutinefunction(method)} == set(CALLS)


def test_its_display_and_its_attributes_tell_too():
    video = double(1)
    with pytest.raises(AttributeError, match=r"no 'path' yet: .* Write: await service\.double\(\.\.\.\)"):
        video.path  # noqa: B018
    assert repr(video).startswith("service.double(...) was not awaited")


def test_what_was_told_is_not_warned_of():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        str(double(1))
        gc.collect()


async def _awaited() -> int:
    return await double(2)


async def _task() -> int:
    return await asyncio.create_task(double(2))


async def _gathered() -> int:
    return (await asyncio.gather(double(2), double(3)))[0]


async def _timed() -> int:
    return await asyncio.wait_for(double(2), 10)


@pytest.mark.parametrize("wait", [_awaited, _task, _gathered, _timed])
def test_it_is_awaited_in_every_way(wait):
    assert asyncio.run(wait()) == 4


def test_it_runs_without_a_loop():
    assert asyncio.run(double(2)) == run(double(2)) == 4


def test_cancelling_reaches_the_coroutine():
    async def cancel() -> None:
        task = asyncio.create_task(service.generate_video("nowhere.mp3"))
        task.cancel()
        await task

    service = VideoGenerationService.local()
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancel())


@pytest.mark.slow
def test_an_awaited_video_warns_of_nothing(tmp_path, narration_file):
    service = VideoGenerationService.local(output_dir=tmp_path)
    video = asyncio.run(service.generate_video(narration_file, quality="draft", fps=4))
    assert isinstance(video, GeneratedVideo)
