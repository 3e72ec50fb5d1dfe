"""Status requests that an HTTP error answers: they say nothing about the job."""

from __future__ import annotations

import json

import pytest

from voxweave_nb import ProviderError, Settings, VideoGenerationService, VoxweaveError
from voxweave_nb.models import JobState
from voxweave_nb.sandbox import Fault

from .adapter import run, statuses_of
from .canned import serving

NAMES = ["gateway", "gemini", "fal", "zai", "openai_sora"]
ERRORS = [
    (500, {"status": "error", "message": "upstream timed out"}),
    (429, {"status": "fail", "message": "too many requests"}),
    (502, {"status": "error", "id": "req_1", "message": "bad gateway"}),
    (503, {"status": "failed", "task_id": "trace-1", "id": None}),
    (500, {"status": "error", "task_status": "FAIL", "error": {"message": "no"}}),
    (404, {"status": "error", "task_status": "FAIL", "message": "no route"}),
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("status", "body"), ERRORS)
def test_an_http_error_is_no_status(name, status, body):
    with (
        serving(json.dumps(body).encode(), status=status) as server,
        pytest.raises(ProviderError, match="did not report the status") as caught,
    ):
        run(name, lambda provider: provider.status("job-1"), api_key="k", base_url=server.url)
    assert caught.value.status == status


@pytest.mark.parametrize("field", ["id", "task_id"])
def test_an_error_may_carry_the_job_itself(field):
    body = {field: "job-1", "status": "failed", "error": {"message": "out of memory"}}
    with serving(json.dumps(body).encode(), status=500) as server:
        status = run("openai_sora", lambda sora: sora.status("job-1"), api_key="k", base_url=server.url)
    assert (status.state, status.message) == (JobState.FAILED, "out of memory")


@pytest.mark.parametrize(
    "fault", [Fault.page(500), Fault.page(524), Fault.status(500, body={"status": "error"})]
)
def test_a_result_in_a_page_is_no_failure(sandbox, samples, fault):
    sandbox.next_job("fal", polls=1)
    sandbox.fault("result", fault, provider="fal")
    with pytest.raises(ProviderError, match="did not report the status"):
        statuses_of("fal", samples)


@pytest.mark.parametrize("name", NAMES)
def test_a_failed_status_request_is_repeated(sandbox, narration_file, tmp_path, name):
    sandbox.next_job(name, polls=2, fails="out of memory")
    body = {"status": "error", "task_status": "FAIL", "id": "req_1", "message": "upstream timed out"}
    sandbox.fault("poll", Fault.status(500, body=body), provider=name, times=2)
    settings = Settings(output_dir=tmp_path / "out", poll_interval=0.02, http_timeout=2)
    job = VideoGenerationService(name, settings=settings).submit(
        narration_file, config={"resolution": "720p", "fps": 4, "prompt": "a quiet sea"}
    )
    with pytest.raises(VoxweaveError, match="out of memory"):
        job.result(30)
