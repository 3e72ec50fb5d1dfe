"""The OpenAI Videos protocol: fields, statuses, refusals, content, delete and the list."""

from __future__ import annotations

from dataclasses import replace

import pytest

from voxweave_nb import ContentRefused, ProviderUnavailable, VideoConfig
from voxweave_nb.models import JobState
from voxweave_nb.providers.openai_sora import OpenAiSora
from voxweave_nb.sandbox import Fault, Sandbox

from .adapter import cancelled, downloaded, fields_of, request_of, run, statuses_of, submit

NAME = "openai_sora"


def test_the_form_has_exactly_these_fields(sandbox, samples):
    submit(NAME, samples, style="anime")
    fields = fields_of(sandbox)
    assert fields.pop("prompt").startswith("a quiet sea. ")
    assert fields == {"model": "sora-2-pro", "seconds": "4", "size": "1280x720"}


def test_extras_and_the_seed_are_sent(samples, monkeypatch):
    more = {
        "unknown": 1,
        "flag": True,
        "list": [1, 2],
        "prompt": "other",
        "seconds": 99,
        "size": "1x1",
        "seed": 1,
    }
    with Sandbox(self_hosted=True) as own:
        monkeypatch.setenv("OPENAI_API_KEY", own.key(NAME))
        monkeypatch.setenv("OPENAI_BASE_URL", own.base_url(NAME))
        submit(NAME, samples, seed=7, extra={"negative_prompt": "people", **more})
        fields = fields_of(own)
    assert (fields["seed"], fields["negative_prompt"], fields["seconds"]) == ("7", "people", "4")
    assert (fields["unknown"], fields["flag"], fields["list"]) == ("1", "true", "[1, 2]")
    assert fields["prompt"].startswith("a quiet sea")
    assert fields["size"] == "1280x720"


@pytest.mark.parametrize(
    ("extra", "model", "size"),
    [
        ({"width": 832, "height": 480}, "wan", (832, 480)),
        ({"width": "832"}, "wan", (832, 720)),
        ({"height": 512.0}, None, (1280, 512)),
        ({"width": "wide", "height": -2}, "wan", (1280, 720)),
        ({}, "Lightricks/LTX-2", (1280, 736)),
        ({}, "ltx2.3-dev", (1280, 736)),
        ({"width": 832, "height": 480}, "ltx-2", (832, 480)),
        ({}, "ltx-video", (1280, 720)),
    ],
)
def test_size_is_the_width_and_height(samples, extra, model, size):
    provider = OpenAiSora("sk-1", "http://127.0.0.1:1/v1")
    plan = provider.plan(VideoConfig(resolution="720p", model=model, extra=extra), 4.0)
    assert plan.size == size
    request = request_of(provider, samples, model=model, extra=extra)
    assert provider._fields(request)["size"] == f"{size[0]}x{size[1]}"
    said = [warning for warning in plan.warnings if "multiples of 32" in warning]
    assert said == (
        [
            "openai_sora makes sizes in multiples of 32: the clip is generated at 1280x736 and cropped to 1280x720."
        ]
        if size == (1280, 736)
        else []
    )


def test_status_words_and_progress_are_parsed(sandbox, samples):
    sandbox.next_job(NAME, statuses=["queued", "in_progress"], progress=[0, 40])
    statuses = statuses_of(NAME, samples)
    assert [status.state for status in statuses] == ["queued", "running", "succeeded"]
    assert [status.progress for status in statuses[:2]] == [None, 0.4]


def test_the_poll_hint_is_in_seconds(samples, monkeypatch):
    with Sandbox(polls=2, poll_after_ms=1500) as sandbox:
        for name, value in sandbox.env.items():
            monkeypatch.setenv(name, value)
        assert [status.poll_after for status in statuses_of(NAME, samples)] == [1.5, 1.5]


def test_the_reported_cost_is_read(sandbox, samples):
    sandbox.next_job(NAME, polls=1, also={"usage": {"cost": 0.31}})
    assert statuses_of(NAME, samples)[-1].usd == 0.31


def test_refused_content_is_no_failure(sandbox, samples):
    sandbox.next_job(NAME, polls=1, refused=True)
    status = statuses_of(NAME, samples)[-1]
    assert (status.state, status.refused) == (JobState.FAILED, True)
    sandbox.fault("create", Fault.refuse_content(), provider=NAME)
    with pytest.raises(ContentRefused, match="HTTP 400"):
        submit(NAME, samples)


def test_a_clip_is_downloaded_from_its_content(sandbox, samples, tmp_path):
    assert downloaded(NAME, samples, tmp_path / "clip")[4:8] == b"ftyp"
    assert [asked.step for asked in sandbox.history][-1] == "content"


def test_without_content_the_jobs_url_is_used(sandbox, samples, tmp_path):
    sandbox.next_job(NAME, polls=1, also={"url": "{cdn}"})
    sandbox.fault("content", Fault.status(404), provider=NAME)
    assert downloaded(NAME, samples, tmp_path / "clip")[4:8] == b"ftyp"
    assert sandbox.history[-1].path.startswith(f"/{NAME}/")
    assert not any(asked.leaked for asked in sandbox.history)


@pytest.mark.parametrize(
    "named",
    [
        {"metadata": {"url": "{cdn}"}},
        {"video": {"url": "{cdn}"}},
        {"metadata": {"video_url": "{cdn}"}},
        {"metadata": {"url": ["{cdn}"]}, "video": None},
    ],
    ids=["metadata.url", "video.url", "metadata.video_url", "list"],
)
def test_new_apis_url_is_found(sandbox, samples, tmp_path, named):
    sandbox.next_job(NAME, polls=1, also=named)
    sandbox.fault("content", Fault.status(404), provider=NAME)
    assert downloaded(NAME, samples, tmp_path / "clip")[4:8] == b"ftyp"
    assert sandbox.history[-1].path.startswith(f"/{NAME}/")


@pytest.mark.parametrize("answer", [{"task_id": "task_1"}, {"id": "", "task_id": "task_1"}])
def test_a_task_id_is_an_id(sandbox, samples, answer):
    answer = {"object": "video", "status": "queued", **answer}
    sandbox.fault("create", Fault.status(200, body=answer), provider=NAME)
    assert submit(NAME, samples) == "task_1"


def test_a_failed_poll_with_a_task_id_answers(sandbox, samples):
    job_id = submit(NAME, samples)
    body = {"task_id": job_id, "status": "failed", "error": {"message": "out of memory"}}
    sandbox.fault("poll", Fault.status(500, body=body), provider=NAME)
    assert run(NAME, lambda provider: provider.status(job_id)).message == "out of memory"


def test_only_a_self_hosted_server_stops_jobs(sandbox, samples, monkeypatch):
    assert not cancelled(NAME, samples)
    with Sandbox(polls=9, self_hosted=True) as own:
        monkeypatch.setenv("OPENAI_API_KEY", own.key(NAME))
        monkeypatch.setenv("OPENAI_BASE_URL", own.base_url(NAME))
        assert cancelled(NAME, samples)
        assert own.jobs[0].canceled


def test_only_one_matching_job_is_found(sandbox, samples):
    async def find(provider):
        request = request_of(provider, samples)
        found = []
        for _ in range(2):
            job = await provider.submit(request)
            found.append((job.job_id, await provider.find(request, sandbox.jobs[0].created_at)))
        other = request_of(provider, samples, prompt="a loud sea")
        return found, await provider.find(other, 0.0), await provider.find(request, 4e9)

    (first, second), other, later = run(NAME, find)
    assert first[0] == first[1]
    assert (second[1], other, later) == (None, None, None)


def test_a_missing_model_or_api_is_gone(sandbox, samples):
    sandbox.fault("create", Fault.gone(), provider=NAME)
    with pytest.raises(ProviderUnavailable, match="has no video API at") as caught:
        submit(NAME, samples)
    assert caught.value.gone


def test_at_openai_itself_prices_are_known():
    provider = OpenAiSora("sk-1")
    plan = provider.plan(VideoConfig(resolution="1080p"), 7.0)
    assert (plan.seconds, plan.size, plan.usd) == (8, (1920, 1080), pytest.approx(5.6))
    assert "OpenAI shut this API on 2026-09-24" in provider.availability().reason


def test_a_reference_fits_into_a_form_part(sandbox, samples):
    samples.write_bytes(bytes(2 * 16_000 * 120))

    async def step(provider: OpenAiSora) -> None:
        request = request_of(provider, samples, extra={"audio_reference": True})
        await provider.submit(replace(request, duration=120.0))

    run(NAME, step)
    assert fields_of(sandbox)["audio_reference"].startswith('{"audio_url": "data:audio/mpeg;base64,')
