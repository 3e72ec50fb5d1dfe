"""Jobs: the one figure, the events, waiting and stopping, from every thread and loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxweave_nb import Job, JobCanceled, JobState, NarrationError, Stage, VideoConfig, runtime
from voxweave_nb.job import JobReporter
from voxweave_nb.models import JobEvent, SubtitleMode
from voxweave_nb.request import VideoRequest
from voxweave_nb.result import GeneratedVideo, Provenance

REQUEST = VideoRequest(Path("talk.mp3"), None, VideoConfig())
VIDEO = GeneratedVideo(
    path=Path("talk.mp4"),
    captions=None,
    poster=None,
    duration=1.0,
    width=1280,
    height=720,
    subtitle_mode=SubtitleMode.NONE,
    provenance=Provenance("local", None, "1", VideoConfig(), "talk.mp3", 0.0, 1.0),
)


def start(work: Callable[[JobReporter], Awaitable[GeneratedVideo]]) -> Job:
    job = Job(REQUEST, provider="local")
    runtime.submit(JobReporter(job).drive(work))
    return job


async def at_once(job: JobReporter) -> GeneratedVideo:
    job.advance(Stage.GENERATE, 0.5, "half way")
    return VIDEO


async def endless(job: JobReporter) -> GeneratedVideo:
    job.advance(Stage.GENERATE, 0.5, "under way")
    await asyncio.Event().wait()
    raise AssertionError


async def failing(job: JobReporter) -> GeneratedVideo:
    raise NarrationError("The narration is empty.")


def under_way(job: Job) -> None:
    begun = threading.Event()
    job.listen(lambda event: begun.set() if event.progress > 0 else None)
    assert begun.wait(5)


def test_a_job_that_ends_a_cell_is_displayed(monkeypatch: pytest.MonkeyPatch):
    displayed: list[Job] = []
    monkeypatch.setattr("voxweave_nb.widgets.progress.display_job", displayed.append)
    job = start(at_once)
    job._ipython_display_()
    assert displayed == [job]
    job.result()


def test_a_blocking_result_and_an_await_give_the_same_video():
    job = start(at_once)

    async def main() -> GeneratedVideo:
        return await job

    assert job.result(5) is asyncio.run(main()) is VIDEO
    assert (job.state, job.progress, job.done()) == (JobState.SUCCEEDED, 100.0, True)


def test_a_failure_reaches_whoever_waits_and_the_events():
    job = start(failing)
    with pytest.raises(NarrationError, match="is empty"):
        job.result(5)
    assert isinstance(job.exception(), NarrationError)
    assert job.state is JobState.FAILED
    assert job.message == "The narration is empty."


def test_a_cancelled_job_says_so_and_cannot_be_cancelled_again():
    job = start(endless)
    under_way(job)
    assert job.cancel()
    with pytest.raises(JobCanceled):
        job.result(5)
    assert job.state is JobState.CANCELED
    assert not job.cancel()


def test_a_job_that_is_cancelled_before_it_begins_does_nothing():
    begun = []

    async def work(job: JobReporter) -> GeneratedVideo:
        begun.append(job)
        return VIDEO

    job = Job(REQUEST, provider="local")
    job.cancel()
    runtime.submit(JobReporter(job).drive(work))
    with pytest.raises(JobCanceled):
        job.result(5)
    assert begun == []


def test_cancelling_an_await_cancels_the_job():
    job = start(endless)

    async def main() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.ensure_future(_await(job)), 0.2)

    asyncio.run(main())
    with pytest.raises(JobCanceled):
        job.result(5)


async def _await(job: Job) -> GeneratedVideo:
    return await job


def test_events_tell_the_whole_story_to_one_who_comes_late():
    job = start(at_once)
    job.result(5)

    async def collect() -> list[JobEvent]:
        return [event async for event in job.events()]

    events = asyncio.run(collect())
    assert [event.state for event in events if event.kind == "state"] == ["queued", "running", "succeeded"]
    assert "half way" in [event.message for event in events]
    assert [event.progress for event in events] == sorted(event.progress for event in events)


def test_a_listener_that_breaks_does_not_break_the_job(caplog):
    def broken(event: JobEvent) -> None:
        if event.state is JobState.RUNNING:
            raise RuntimeError("no such widget")

    job = Job(REQUEST, provider="local")
    job.listen(broken)
    runtime.submit(JobReporter(job).drive(at_once))
    assert job.result(5) is VIDEO
    assert "listener" in caplog.text


def test_a_blocking_result_on_the_background_loop_is_refused():
    job = start(endless)

    async def block() -> None:
        job.result()

    with pytest.raises(RuntimeError, match="await the job"):
        runtime.submit(block()).result(5)
    job.cancel()


def test_waiting_with_a_limit_leaves_the_job_running():
    job = start(endless)
    with pytest.raises(TimeoutError):
        job.result(timeout=0.05)
    assert not job.done()
    job.cancel()


@given(
    st.lists(
        st.tuples(st.sampled_from(list(Stage)), st.none() | st.floats(-1, 2, allow_nan=False)), max_size=30
    )
)
def test_the_figure_never_moves_backwards_and_stays_in_its_stage(steps):
    seen: list[float] = []
    job = Job(REQUEST, provider="local")
    job.listen(lambda event: seen.append(event.progress))
    for stage, fraction in steps:
        JobReporter(job).advance(stage, fraction)
    assert seen == sorted(seen)
    assert all(0 <= figure <= 100 for figure in seen)
    assert job.progress <= max([stage.span[1] for stage, _ in steps], default=0)


def test_upload_is_below_20_generation_up_to_90_and_the_rest_above():
    assert [stage.span for stage in Stage] == [(0, 20), (20, 90), (90, 94), (94, 100)]


def test_long_runs_do_not_pile_up_progress():
    job = Job(REQUEST, provider="local")
    for step in range(10_000):
        JobReporter(job).advance(Stage.GENERATE, step / 10_000)
    replayed: list[JobEvent] = []
    job.listen(replayed.append)
    assert len(replayed) < 5


def test_a_listener_may_wait_for_another_thread():
    job = Job(REQUEST, provider="local")
    reporter, seen = JobReporter(job), list[str]()

    def slow(event: JobEvent) -> None:
        helper = threading.Thread(target=lambda: seen.append(f"{job.progress} {job.warnings} {job.cancel()}"))
        helper.start()
        helper.join(5)
        assert not helper.is_alive()

    job.listen(slow)
    reporter.warn("one")
    reporter.log("two")
    assert len(seen) == 3


def test_listeners_hear_every_event_once_in_order():
    job = Job(REQUEST, provider="local")
    reporter, heard = JobReporter(job), list[str]()
    threads = [
        threading.Thread(target=lambda name=name: [reporter.log(f"{name}{count}") for count in range(200)])
        for name in "abc"
    ]
    for thread in threads:
        thread.start()
    job.listen(lambda event: heard.append(event.message))
    for thread in threads:
        thread.join()
    messages = [message for message in heard if message]
    assert len(messages) == len(set(messages)) == 600
    for name in "abc":
        own = [int(message[1:]) for message in messages if message[0] == name]
        assert own == list(range(200))
