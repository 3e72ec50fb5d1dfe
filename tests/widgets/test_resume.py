"""The offer to resume unfinished jobs."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.widgets.actions import text, wait_for
from voxweave_nb import Settings, VideoGenerationService, VideoPanel

pytestmark = pytest.mark.slow


@pytest.fixture
def serve(tmp_path) -> Callable[..., VideoGenerationService]:
    settings = Settings(home=tmp_path / "home", output_dir=tmp_path / "out", poll_interval=0.02)
    return lambda provider="local": VideoGenerationService(provider, settings=settings)


@pytest.fixture
def panel(serve, narration_file) -> VideoPanel:
    return VideoPanel(serve(), narration=narration_file, resolution="720p", fps=4, prompt="rain")


def leave_unfinished(service: VideoGenerationService, narration_file, prompt: str = "a quiet sea") -> str:
    """Start a job at zai, detach from it while it runs there, and return its id."""
    job = service.submit(narration_file, prompt=prompt, poll_interval=30)
    wait_for(lambda: job.provider_job_id)
    job.detach()
    wait_for(job.done)
    return job.id


def test_nothing_unfinished_shows_nothing(panel):
    panel._resume._show_offer(panel.service.resumable())
    assert panel._resume.layout.display == "none"


def test_an_unfinished_job_is_resumed_and_shown(serve, sandbox, narration_file):
    service = serve("zai")
    job_id = leave_unfinished(service, narration_file)
    panel = VideoPanel(service)
    panel._resume.check_journal()
    wait_for(lambda: panel._resume.layout.display is None)
    assert "“a quiet sea” (zai) is unfinished" in text(panel._resume)
    panel._resume._button.click()
    wait_for(lambda: panel.video)
    assert panel._resume.jobs[0].id == job_id
    assert panel._resume._offer.layout.display == "none"
    assert service.resumable() == []


@pytest.mark.slow
def test_several_jobs_are_resumed_together(serve, sandbox, narration_file):
    service = serve("zai")
    left = {leave_unfinished(service, narration_file, prompt) for prompt in ("a lake", "")}
    panel = VideoPanel(service)
    panel._resume._show_offer(service.resumable())
    assert "2 jobs are unfinished" in text(panel._resume)
    assert panel._resume._button.description == "Resume all"
    panel._resume._button.click()
    wait_for(lambda: {job.id for job in panel._resume.jobs} == left)
    for job in panel._resume.jobs:
        job.result(60)


def test_a_failed_resume_is_shown(serve, sandbox, narration_file, monkeypatch):
    service = serve("zai")
    leave_unfinished(service, narration_file)
    panel = VideoPanel(service)
    (run,) = service.resumable()
    monkeypatch.setattr(service, "resume", lambda name: 1 / 0)
    panel._resume.resume_one(run)
    wait_for(lambda: "division by zero" in text(panel._resume))
    assert not panel._resume._button.disabled


def test_an_unreadable_journal_leaves_the_panel_usable(panel, monkeypatch):
    def broken(limit: int = 0) -> None:
        raise OSError("no <disk>")

    monkeypatch.setattr(panel.service, "resumable", broken)
    monkeypatch.setattr(panel.service, "history", broken)
    panel._resume.check_journal()
    panel._history.unfolded = True
    wait_for(lambda: "no &lt;disk&gt;" in text(panel._history))
    assert panel._resume.layout.display == "none"


def test_a_perhaps_running_job_is_checked_again(serve, sandbox, narration_file, monkeypatch):
    service = serve("zai")
    job_id = leave_unfinished(service, narration_file)
    with service.journal.transaction() as db:
        values = ("another-machine 77 -", time.time() - 29.0, job_id)
        db.execute("UPDATE runs SET owner = ?, beat = ? WHERE id = ?", values)
    panel = VideoPanel(service)
    panel._resume.check_journal()
    wait_for(lambda: panel._resume.layout.display is None)
    assert "may still be running in another process. Checking again in 1 s" in text(panel._resume)
    assert panel._resume._button.layout.display == "none"
    wait_for(lambda: panel._resume._button.layout.display is None)
    assert "is unfinished" in text(panel._resume)
