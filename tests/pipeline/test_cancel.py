"""A job that is cancelled or detached at each step: what the person, the provider and the journal then say."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from voxweave_nb import JobCanceled, JobState, ProviderUnavailable, Settings, VideoGenerationService
from voxweave_nb.job import Job
from voxweave_nb.providers.types import Capabilities, Model, Price, ProviderStatus

from .scripted import Scripted

STEPS = ("upload", "submit", "status", "download")


class Gated(Scripted):
    """A paid provider that waits in one step, until it is cancelled or a test lets it go on."""

    def __init__(self, gate: str, *answers: Any, at_once: int | None = None) -> None:
        super().__init__("a", *answers)
        model = Model("m", price=Price(1.0, "video"), at_once=at_once)
        self.capabilities = Capabilities((model,), cancel=True, poll_interval=0.01)
        self.gate = gate
        self.reached, self.go_on = threading.Event(), threading.Event()

    async def _pass(self, step: str) -> None:
        if step == self.gate:
            self.reached.set()
            while not self.go_on.is_set():
                await asyncio.sleep(0.005)

    async def upload(self, narration, on_bytes) -> str:
        await self._pass("upload")
        return await super().upload(narration, on_bytes)

    async def submit(self, request):
        await self._pass("submit")
        return await super().submit(request)

    async def status(self, job_id: str) -> ProviderStatus:
        await self._pass("status")
        return ProviderStatus(JobState.SUCCEEDED)

    async def download(self, job_id, to, on_bytes) -> None:
        await self._pass("download")
        raise AssertionError("nobody waits for it")


def service_of(provider: Scripted, tmp_path: Path) -> VideoGenerationService:
    settings = Settings(home=tmp_path / "home", output_dir=tmp_path / "out", patience=30)
    return VideoGenerationService(provider, settings=settings)


def ended(job: Job) -> str:
    with pytest.raises(JobCanceled) as caught:
        job.result(20)
    return str(caught.value)


@pytest.mark.parametrize("step", STEPS)
def test_a_cancel_stops_the_job_at_each_step(step, narration_file, tmp_path):
    provider = Gated(step)
    service = service_of(provider, tmp_path)
    job = service.submit(narration_file)
    assert provider.reached.wait(20)
    assert job.cancel()
    if step == "submit":
        provider.go_on.set()  # the answer arrives after the cancel
    said, sent = ended(job), step != "upload"
    assert ("a has stopped job a-1" if sent else "nothing was left behind") in said
    assert provider.canceled == (["a-1"] if sent else [])
    assert (service.history()[0].state, service.resumable()) == ("canceled", [])
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("step", STEPS)
def test_a_detach_leaves_the_job_at_each_step(step, narration_file, tmp_path):
    provider = Gated(step)
    service = service_of(provider, tmp_path)
    job = service.submit(narration_file)
    assert provider.reached.wait(20)
    assert job.detach()
    if step == "submit":
        provider.go_on.set()
    said, sent = ended(job), step != "upload"
    assert (("goes on" in said), provider.canceled) == (sent, [])
    assert [run.id for run in service.resumable()] == ([job.id] if sent else [])


def test_a_cancel_without_an_answer_is_in_doubt(narration_file, tmp_path, monkeypatch):
    monkeypatch.setattr("voxweave_nb.pipeline.submission._LAST_WORD", 0.05)
    provider = Gated("submit")
    service = service_of(provider, tmp_path)
    job = service.submit(narration_file)
    assert provider.reached.wait(20)
    job.cancel()
    assert "a had not answered yet: it may have accepted the job, and may bill it" in ended(job)
    assert service.history()[0].state == "ambiguous"
    assert service.spend().rows[0].in_doubt == 1


def test_a_crash_in_cancel_says_it_may_run(narration_file, tmp_path, monkeypatch):
    provider = Gated("status")
    monkeypatch.setattr(provider, "cancel", lambda job_id: 1 / 0)
    service = service_of(provider, tmp_path)
    job = service.submit(narration_file)
    assert provider.reached.wait(20)
    job.cancel()
    assert "was asked to stop job a-1, which may still finish and be billed" in ended(job)


def test_a_cancel_ends_the_wait_for_a_slot(narration_file, tmp_path):
    provider = Gated("status", at_once=1)
    service = service_of(provider, tmp_path)
    first = service.submit(narration_file)
    assert provider.reached.wait(20)
    second = service.submit(narration_file)
    waits = threading.Event()
    second.listen(lambda event: waits.set() if "waiting for a free slot" in event.message else None)
    assert waits.wait(20)
    second.cancel()
    assert "nothing was left behind" in ended(second)
    assert (provider.submissions, first.done()) == (1, False)
    first.cancel()
    assert "has stopped job a-1" in ended(first)
    third = service.submit(narration_file)  # the slot is free again
    while provider.submissions < 2:
        assert not third.done()
        threading.Event().wait(0.01)
    third.cancel()
    ended(third)


def test_a_cancel_ends_the_wait_for_a_retry(narration_file, tmp_path):
    limited = ProviderUnavailable("busy", provider="a", status=429, overloaded=True, retry_after=20.0)
    provider = Gated("nothing", limited)
    service = service_of(provider, tmp_path)
    job = service.submit(narration_file)
    waits = threading.Event()
    job.listen(lambda event: waits.set() if "retrying in 20 s" in event.message else None)
    assert waits.wait(20)
    job.cancel()
    assert "nothing was left behind" in ended(job)
    assert (service.history()[0].state, service.spend().rows) == ("canceled", [])


def test_a_failing_listener_changes_nothing(narration_file, tmp_path, caplog):
    provider = Gated("status")
    job = service_of(provider, tmp_path).submit(narration_file)
    job.listen(lambda event: 1 / 0)
    assert provider.reached.wait(20)
    job.cancel()
    assert "has stopped job a-1" in ended(job)
    assert "is dropped" in caplog.text
