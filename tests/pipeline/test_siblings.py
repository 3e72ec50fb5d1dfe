"""Takes of one prompt: none adopts the job of another one, and none cancels it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from voxweave_nb import ProviderError, Settings, VideoGenerationService
from voxweave_nb.sandbox import Fault, Sandbox

SMALL = {"resolution": "720p", "fps": 4, "prompt": "a quiet sea"}
NAME = "openai_sora"

FAULTS = {
    "500": Fault.status(500),
    "502": Fault.page(502),
    "reset": Fault.reset_after(accept=False),
    "time-out": Fault.hang(accept=False),
    "500 taken": Fault.status(500, accept=True),
    "reset taken": Fault.reset_after(accept=True),
    "malformed": Fault.malformed(),
}


@pytest.fixture
def server() -> Iterator[Sandbox]:
    with Sandbox(polls=1) as sandbox:
        yield sandbox


@pytest.fixture
def service(server: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> VideoGenerationService:
    for name, value in server.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("voxweave_nb.pipeline.submission._LIST_PAUSES", (0.0, *[0.1] * 10))
    monkeypatch.setattr("voxweave_nb.pipeline.submission._LIST_PATIENCE", 0.15, raising=False)
    settings = Settings(
        home=tmp_path / "home", output_dir=tmp_path / "out", poll_interval=0.02, http_timeout=0.5
    )
    return VideoGenerationService(NAME, settings=settings)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_second_take_never_adopts_the_first(service, server, narration_file, fault):
    first = service.submit(narration_file, config=SMALL)
    first.result(60)
    server.fault("create", FAULTS[fault], provider=NAME, times=1)
    second = service.submit(narration_file, config=SMALL)
    if FAULTS[fault].accept:
        second.result(60)
    else:
        with pytest.raises(ProviderError, match="did not take the job"):
            second.result(60)
    assert second.provider_job_id != first.provider_job_id
    held = [attempt.job_id for run in service.history() for attempt in run.attempts if attempt.job_id]
    assert sorted(held) == sorted(job.id for job in server.jobs)


@pytest.mark.slow
def test_a_slow_answer_keeps_its_job(service, server, narration_file):
    server.fault("create", Fault.delay(0.4), provider=NAME)
    server.fault("create", Fault.status(500), provider=NAME)
    first = service.submit(narration_file, config=SMALL)
    while not server.jobs:
        time.sleep(0)  # until the server has taken it; its answer comes later
    second = service.submit(narration_file, config=SMALL)
    with pytest.raises(ProviderError, match="did not take the job"):
        second.result(60)
    first.result(60)
    assert [first.provider_job_id] == [job.id for job in server.jobs]


@pytest.mark.slow
def test_many_takes_under_faults_steal_nothing(service, server, narration_file):
    for after, fault in enumerate(FAULTS.values()):
        server.fault("create", fault, provider=NAME, times=1, after=after % 2)

    async def takes() -> None:
        jobs = [service.submit(narration_file, config=SMALL) for _ in range(10)]
        await asyncio.gather(*jobs, return_exceptions=True)

    asyncio.run(takes())
    held = [attempt.job_id for run in service.history() for attempt in run.attempts if attempt.job_id]
    assert len(held) == len(set(held))
    assert not any(job.canceled for job in server.jobs)
    doubts = sum(attempt.outcome == "ambiguous" for run in service.history() for attempt in run.attempts)
    assert len(server.jobs) - len(set(held)) <= doubts
