"""The progress of a job."""

from __future__ import annotations

import contextlib
import re
import threading

import pytest

from tests.widgets.actions import press, text, wait_for
from voxweave_nb import JobState, Settings, VideoGenerationService, VideoPanel
from voxweave_nb.models import JobEvent
from voxweave_nb.sandbox import Fault, Sandbox
from voxweave_nb.widgets.progress import JobProgress, Throttle


@pytest.mark.slow
def test_a_fallback_is_told_in_log_and_result(tmp_path, monkeypatch, narration_file):
    with Sandbox(polls=1) as sandbox:
        for name, value in sandbox.env.items():
            monkeypatch.setenv(name, value)
        sandbox.fault("create", Fault.status(503), provider="openai_sora")
        sandbox.fault("create", Fault.status(429, retry_after=0.1), provider="zai")
        settings = Settings(output_dir=tmp_path / "out", poll_interval=0.1)
        with contextlib.closing(VideoGenerationService(["openai_sora", "zai"], settings=settings)) as service:
            panel = VideoPanel(service, resolution="720p", narration=narration_file, seconds=5)
            press(panel).result(60)
    done = text(panel._progress)
    told = r"Provider: zai \(cogvideox-3\), about \$0.20; openai_sora declined: 127\.0\.0\.1:\d+ is failing"
    assert re.search(told, done)
    assert "Trying zai next." not in done
    panel._progress._log_toggle.value = True
    log = text(panel._progress)
    assert "Trying zai next." in log
    assert re.search(r"zai is rate-limited \(HTTP 429\); retrying in [01] s\.", log)
    assert "zai has accepted the job" in log


def event(progress: float) -> JobEvent:
    return JobEvent("progress", JobState.RUNNING, None, progress, "", 0.0, 0.0)


def test_updates_are_throttled_and_the_last_shown():
    shown: list[float] = []
    ended = threading.Event()

    def show(event: JobEvent) -> None:
        shown.append(event.progress)
        if event.progress == 999:
            ended.set()

    throttle = Throttle(show)
    for step in range(1000):
        throttle.update(event(float(step)), now=False)
    assert ended.wait(5)
    assert len(shown) <= 5
    assert shown == sorted(shown)


@pytest.mark.slow
def test_a_job_is_followed_to_its_end(service, narration_file):
    ended = []
    job = service.submit(narration_file, quality="draft")
    progress = JobProgress(job, on_end=ended.append)
    job.result(60)
    wait_for(lambda: ended == [job])
    assert progress.value == 100
    assert "Done in" in text(progress)
    assert text(progress).count("vx-past") == 4


def test_a_job_is_cancelled_by_its_button(service, narration_file):
    job = service.submit(narration_file, resolution="4k")
    progress = JobProgress(job)
    progress._cancel_button.click()
    wait_for(lambda: "Canceled after" in text(progress))
    assert progress._cancel_button.layout.display == "none"


def test_an_error_replaces_the_job():
    progress = JobProgress()
    assert progress.layout.display == "none"
    progress.show_error("no <sound>")
    assert "no &lt;sound&gt;" in text(progress)
    assert progress.layout.display is None
    assert progress._bar.layout.display == "none"


def test_a_panels_progress_has_no_second_button(panel):
    assert panel._progress._cancel_button.layout.visibility == "hidden"
    assert JobProgress()._cancel_button.layout.visibility is None
