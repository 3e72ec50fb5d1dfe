"""The cost that a provider reports: journaled, counted as spent, and part of the result."""

from __future__ import annotations

import pytest

from voxweave_nb import GenerationFailed, Settings, VideoGenerationService

SMALL = {"resolution": "720p", "fps": 4, "prompt": "a quiet sea"}


@pytest.fixture
def service(sandbox, tmp_path) -> VideoGenerationService:
    settings = Settings(
        output_dir=tmp_path / "out", poll_interval=0.02, http_timeout=2, home=tmp_path / "home"
    )
    return VideoGenerationService("openai_sora", settings=settings)


@pytest.mark.slow
def test_a_reported_cost_counts_as_spent(service, sandbox, narration_file):
    sandbox.next_job("openai_sora", polls=1, also={"usage": {"cost": 0.42}})
    job = service.submit(narration_file, config=SMALL)
    video = job.result(60)
    assert video.provenance.usd == 0.42
    (run,) = service.history()
    assert (run.attempt.usd, run.attempt.usd_actual, run.usd) == (job.plan.usd, 0.42, 0.42)
    assert service.spend().usd == pytest.approx(0.42)


def test_a_failed_jobs_cost_counts_as_spent(service, sandbox, narration_file):
    sandbox.next_job("openai_sora", polls=1, fails="boom", also={"usage": {"cost": 3.0}})
    with pytest.raises(GenerationFailed, match="boom"):
        service.submit(narration_file, config=SMALL).result(60)
    (run,) = service.history()
    assert run.attempt.usd_actual == 3.0
    assert service.spend().usd == pytest.approx(3.0)


@pytest.mark.parametrize(
    "cost", [-1, *(pytest.param(cost, marks=pytest.mark.slow) for cost in ("0.42", True, None))]
)
def test_a_cost_that_cannot_be_is_ignored(service, sandbox, narration_file, cost):
    sandbox.next_job("openai_sora", polls=1, also={"usage": {"cost": cost}})
    service.submit(narration_file, config=SMALL).result(60)
    (run,) = service.history()
    assert run.attempt.usd_actual is None
