"""A job's progress in one widget: its bar, its end, its cancellation."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.samples import finished_video
from voxweave_nb import Job, NarrationError, Stage, VideoConfig
from voxweave_nb.job import JobReporter
from voxweave_nb.request import VideoRequest
from voxweave_nb.widgets.job_bar import JobBar


@pytest.fixture
def job() -> Job:
    return Job(VideoRequest(Path("talk.mp3"), None, VideoConfig()), provider="local")


async def give(video):
    return video


def test_a_running_job_has_bar_and_warnings(job):
    bar = JobBar(job)
    reporter = JobReporter(job)
    reporter.warn("The clip is shorter.")
    reporter.advance(Stage.GENERATE, 0.5, "a <half>")
    bar._show(job.last_event)
    assert '<progress max="100" value="55.0"' in bar._html
    assert "a &lt;half&gt;" in bar._html
    assert "The clip is shorter." in bar._html
    assert bar._running


def test_unknown_progress_has_no_value(job):
    bar = JobBar(job)
    JobReporter(job).advance(Stage.GENERATE, None, "queued")
    bar._show(job.last_event)
    assert '<progress max="100" aria-label' in bar._html


def test_a_finished_job_tells_how_to_play(job, tmp_path):
    bar = JobBar(job)
    asyncio.run(JobReporter(job).drive(lambda _: give(finished_video(tmp_path / "out"))))
    assert "Done in 0:00 · Provider: local" in bar._html
    assert f"{tmp_path / 'out' / 'a b.mp4'} · Player(job.video) plays it." in bar._html
    assert not bar._running


def test_a_click_cancels_the_job(job):
    bar = JobBar(job)
    bar._handle_custom_msg({"kind": "cancel"}, [])
    assert job._cancel_requested


def test_a_failed_job_shows_its_error(job):
    bar = JobBar(job)

    async def fail(_: JobReporter):
        raise NarrationError("The narration is <empty>.")

    asyncio.run(JobReporter(job).drive(fail))
    assert "The narration is &lt;empty&gt;." in bar._html
    assert not bar._running
