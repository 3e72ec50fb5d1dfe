"""The VoxWeave gateway: upload, fields by name, statuses, and its own URL of the video."""

from __future__ import annotations

import pytest

from voxweave_nb import ContentRefused, ProviderUnavailable, RequestRefused, SubmissionInDoubt
from voxweave_nb.providers.gateway import Gateway
from voxweave_nb.sandbox import Fault

from .adapter import fields_of, polled, request_of, run

NAME = "gateway"


@pytest.fixture
def reference(sandbox, narration_file) -> str:
    """The URL of an uploaded narration."""
    sent: list[int] = []
    url = run(NAME, lambda gateway: gateway.upload(narration_file, sent.append))
    assert sent[-1] >= narration_file.stat().st_size
    return url


def submit_with(reference, samples, **config):
    async def step(gateway):
        return await gateway.submit(request_of(gateway, samples, reference=reference, **config))

    return run(NAME, step)


def test_the_body_has_exactly_these_fields(sandbox, samples, reference):
    submit_with(reference, samples, style="anime", resolution="1080p", aspect="9:16")
    assert fields_of(sandbox) == {
        "audio_url": reference,
        "style": "anime",
        "resolution": "1080x1920",
        "model": "sora-2-pro",
        "prompt": "a quiet sea",
    }


def test_other_models_take_a_named_resolution(sandbox, samples, reference):
    submit_with(reference, samples, model="wan", resolution="1080p", prompt="")
    assert fields_of(sandbox) == {
        "audio_url": reference,
        "style": "cyberpunk",
        "resolution": "1080p",
        "model": "wan",
    }


@pytest.mark.parametrize("fault", [Fault.status(401), Fault.malformed()], ids=str)
def test_a_failed_upload_hands_over(sandbox, narration_file, fault):
    sandbox.fault("upload", fault, provider=NAME, times=None)
    with pytest.raises(ProviderUnavailable):
        run(NAME, lambda gateway: gateway.upload(narration_file, lambda _: None))


def test_a_refused_upload_goes_to_nobody_else(sandbox, narration_file):
    sandbox.fault("upload", Fault.status(413), provider=NAME)
    with pytest.raises(RequestRefused, match="HTTP 413"):
        run(NAME, lambda gateway: gateway.upload(narration_file, lambda _: None))


def submitted_statuses(reference, samples):
    async def step(gateway):
        job = await gateway.submit(request_of(gateway, samples, reference=reference))
        return await polled(gateway, job.job_id)

    return run(NAME, step)


def test_status_progress_and_cost_are_parsed(sandbox, samples, reference):
    sandbox.next_job(
        NAME, statuses=["queued", "processing"], progress=[0, "55%"], also={"usage": {"cost": 2}}
    )
    statuses = submitted_statuses(reference, samples)
    assert [status.state for status in statuses] == ["queued", "running", "succeeded"]
    assert [status.progress for status in statuses[:2]] == [None, 0.55]
    assert statuses[-1].usd == 2.0


def test_refused_content_is_recognised(sandbox, samples, reference):
    sandbox.next_job(NAME, polls=1, refused=True)
    assert submitted_statuses(reference, samples)[-1].refused
    sandbox.fault("create", Fault.refuse_content(), provider=NAME)
    with pytest.raises(ContentRefused, match="HTTP 400"):
        submit_with(reference, samples)


def test_an_answer_without_id_is_in_doubt(sandbox, samples, reference):
    sandbox.fault("create", Fault.status(200, body={"job_id": True}), provider=NAME)
    sandbox.fault("create", Fault.status(200, body={"job_id": ""}), provider=NAME)
    for _ in range(2):
        with pytest.raises(SubmissionInDoubt, match="no job id"):
            submit_with(reference, samples)


def test_a_relative_video_url_is_downloaded(sandbox, samples, reference, tmp_path):
    async def step(gateway):
        job = await gateway.submit(request_of(gateway, samples, reference=reference))
        await polled(gateway, job.job_id)
        await gateway.download(job.job_id, tmp_path / "clip", lambda _: None)

    run(NAME, step)
    assert (tmp_path / "clip").read_bytes()[4:8] == b"ftyp"
    assert sandbox.history[-1].path.startswith("/gateway/files/")


def test_a_job_cannot_be_cancelled(sandbox):
    assert not run(NAME, lambda gateway: gateway.cancel("job_1"))
    assert sandbox.history == ()


def test_without_an_address_it_is_not_ready():
    assert "has no address: set VOXWEAVE_BASE_URL" in Gateway("k").availability().reason
